"""A page for every key of a workflow file, of its ``on`` and ``limits``, and of a step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.definitions import dialect
from engine.definitions.dialect import Key, Table
from engine.definitions.example import Example
from engine.definitions.kinds import CONDITION
from tests.reference.example_section import example_section, steps_of
from tests.reference.markdown import link, page, section, table
from tests.reference.stage import Ran
from tests.reference.value_words import value_words


@dataclass(frozen=True, slots=True)
class Chapter:
    """A table whose keys have pages."""

    table: Table
    #: Of its pages.
    folder: str
    #: Where the guide tells more.
    guide: str
    #: The file in which a missing example is added.
    home: str


CHAPTERS = (
    Chapter(dialect.FILE, "workflow", "workflows.md#the-file", "engine/definitions/file_examples.py"),
    Chapter(dialect.ON_TABLE, "on", "workflows.md#on", "engine/definitions/file_examples.py"),
    Chapter(dialect.LIMITS_TABLE, "limits", "workflows.md#limits", "engine/definitions/file_examples.py"),
    Chapter(dialect.STEP, "step", "workflows.md#a-step", "engine/definitions/step_examples.py"),
)
#: By a key's name and its table's title, the keys that its value has.
_BELOW: Mapping[tuple[str, str], Table] = {
    (dialect.FILE.title, dialect.ON.name): dialect.ON_TABLE,
    (dialect.FILE.title, dialect.LIMITS.name): dialect.LIMITS_TABLE,
    (dialect.ON_TABLE.title, dialect.SCHEDULE.name): dialect.SCHEDULE_TABLE,
    (dialect.STEP.title, dialect.PARALLEL.name): dialect.BRANCH,
    (dialect.STEP.title, dialect.RETRY.name): dialect.RETRY_TABLE,
    (dialect.STEP.title, dialect.ON_ERROR.name): dialect.ON_ERROR_TABLE,
}


def path_of(chapter: Chapter, key: Key[object]) -> str:
    """Return where a key's page stands."""
    return f"{chapter.folder}/{key.name}.md"


def key_page(chapter: Chapter, key: Key[object], example: Example, ran: Ran) -> str:
    """Return the page of a key."""
    return page(
        f"`{key.name}`, a key of {chapter.table.title}",
        key.doc,
        f"Its value is {value_words(key.kind.schema)}.",
        _parts(chapter, key),
        section("Rules", "\n".join(f"- {rule}" for rule in _rules(chapter.table, key))),
        example_section(example, ran, steps_of(ran)),
        section("See also", _see_also(chapter, key)),
    )


def _parts(chapter: Chapter, key: Key[object]) -> str:
    below = _BELOW.get((chapter.table.title, key.name))
    if below is None:
        return ""
    rows = [(f"`{one.name}`", value_words(one.kind.schema), _yes(one.required), one.doc) for one in below.keys.values()]
    return section("Keys", table(["key", "value", "required", "meaning"], rows))


def _yes(required: bool) -> str:  # noqa: FBT001 - what the column says
    return "yes" if required else ""


def _rules(whole: Table, key: Key[object]) -> Iterator[str]:
    title = f"{whole.title[0].upper()}{whole.title[1:]}"
    if key.required:
        yield f"{title} needs it."
    if key.name in whole.one_of:
        yield f"{title} has exactly one of {', '.join(f'`{name}`' for name in whole.one_of)}."
    if key.companions:
        yield f"It means nothing without {' or '.join(f'`{name}`' for name in key.companions)} beside it."
    for apart in whole.apart:
        if key.name in apart.keys:
            *most, last = (f"`{name}`" for name in apart.keys)
            yield f"Not {', '.join(most)} and {last} together: {apart.why}."


def _see_also(chapter: Chapter, key: Key[object]) -> str:
    keys = chapter.table.keys
    near = [name for name, one in keys.items() if name in key.companions or key.name in one.companions]
    links = [link(f"`{name}`", f"{name}.md") for name in near]
    links += [link("operators of rows", "../operators.md")] if key.kind is CONDITION else []
    guide = link("How to write a workflow", f"../../{chapter.guide}")
    return ", ".join([*links, guide, link("all keys, actions and functions", "../README.md")])
