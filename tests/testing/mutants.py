"""Make small mistakes in a workflow, one at a time, as somebody might who edits it."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy

from engine.language.yaml12 import load
from engine.language.yaml_text import dump

_FLIPPED = {" == ": " != ", " > ": " <= ", " in ": " not in "}
_CONDITIONS = {"if", "while", "switch"}

#: What is done to the mapping or list that holds the key.
Change = Callable[[object, object], None]


def mutants(text: str) -> Iterator[tuple[str, str]]:
    """Yield workflows with one mistake each: what was done, and the text."""
    whole = load(text).value
    for path in paths(whole):
        for words, change in changes(path, value_at(whole, path)):
            mutant = deepcopy(whole)
            change(value_at(mutant, path[:-1]), path[-1])
            yield f"{'.'.join(map(str, path))}: {words}", dump(mutant)


def paths(value: object, at: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*at, key)
        yield from paths(child, (*at, key))


def value_at(value: object, path: tuple[object, ...]) -> object:
    for key in path:
        value = value[key]
    return value


def changes(path: tuple[object, ...], value: object) -> Iterator[tuple[str, Change]]:
    key = path[-1]
    if key in {"if", "event", "on_error", "for_each"}:
        yield f"without `{key}`", remove
    if key == "if":
        yield "turned round", put(f"not ({value})")
    if key == "attempts":
        yield "one attempt fewer", put(value - 1)
    if key == "then":
        yield "the other `then`", put("continue")
    if isinstance(key, int) and path[-2] in {"steps", "else"}:
        yield "without the step", remove
    if isinstance(value, str) and (key in _CONDITIONS or "${{" in value):
        yield from ((f"another {words}", put(text)) for words, text in edits(value))
    if not isinstance(value, dict | list) and {"with", "vars", "outputs", "event"} & set(path):
        yield "another value", put(f"{value}-changed" if isinstance(value, str) else "changed")


def edits(text: str) -> Iterator[tuple[str, str]]:
    """Yield a text with one comparison or one literal of its expressions changed."""
    for old, new in _FLIPPED.items():
        for found in re.finditer(old, text):
            yield "comparison", text[: found.start()] + new + text[found.end() :]
    for hole in re.finditer(r"\$\{\{.*?\}\}", text) if "${{" in text else [re.match(".*", text)]:
        for found in re.finditer(r"(?<=[\[ (,])'([^']+)'|(?<![\w.])[0-9]+(?![\w.])", hole.group()):
            literal = f"'{found[1]}x'" if found[1] else str(int(found[0]) + 1)
            start, end = hole.start() + found.start(), hole.start() + found.end()
            yield "literal", text[:start] + literal + text[end:]


def remove(holder: object, key: object) -> None:
    del holder[key]
    if isinstance(holder, dict) and key == "if":
        holder.pop("else", None)
    if isinstance(holder, dict) and key == "for_each":
        holder.pop("as", None)
        holder.pop("at_once", None)


def put(value: object) -> Change:
    return lambda holder, key: holder.__setitem__(key, value)
