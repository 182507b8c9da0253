"""All pages of the reference, from the definitions; every example is run while they are written."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from engine.definitions.dialect import STEP
from engine.definitions.example import Example
from engine.language.functions import FUNCTIONS
from tests.connectors.subjects import CONNECTORS
from tests.reference import action_pages, function_pages, key_pages
from tests.reference.catalogue_page import catalogue_page
from tests.reference.key_pages import CHAPTERS, Chapter
from tests.reference.markdown import link, page, section, table
from tests.reference.stage import Stage

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "reference"
INDEX = "README.md"
OPERATORS = "operators.md"
CATALOGUE = "connectors.md"


class NoExample(Exception):
    """Something has no example; the message says where to add one."""


def pages(stage: Stage) -> Mapping[str, str]:
    """Return the text of every page by its path below :data:`FOLDER`.

    Raises:
        NoExample: something has none.
        Wrong: an example does not do what it is to show.
    """
    functions = {function_pages.path_of(one): function_pages.function_page(one) for one in FUNCTIONS.values()}
    keys = {path: text for chapter in CHAPTERS for path, text in _of_keys(stage, chapter)}
    index, operators = _index(stage), function_pages.operator_page()
    return {
        INDEX: index,
        OPERATORS: operators,
        CATALOGUE: catalogue_page(CONNECTORS),
        **keys,
        **dict(_of_actions(stage)),
        **functions,
    }


def home_of(action: str) -> str:
    """Return the file in which an action's example is added."""
    family = action.partition(".")[0]
    manifest = f"connectors/{family}/connector.yaml"
    return manifest if (ROOT / manifest).is_file() else f"the `ActionSpec` of `{action}` in engine/actions/"


def _of_keys(stage: Stage, chapter: Chapter) -> Iterator[tuple[str, str]]:
    for key in chapter.table.keys.values():
        example = example_of(key.example, key.name, chapter.home)
        yield key_pages.path_of(chapter, key), key_pages.key_page(chapter, key, example, stage.run(example))


def _of_actions(stage: Stage) -> Iterator[tuple[str, str]]:
    for name, action in stage.actions.items():
        example = example_of(action.spec.example, name, home_of(name))
        ran = stage.run(example)
        yield action_pages.path_of(action.spec), action_pages.action_page(action.spec, example, ran, stage.actions)


def example_of(example: Example | None, name: str, home: str) -> Example:
    """Return the example that a definition has; home: the file in which one is added.

    Raises:
        NoExample: it has none.
    """
    if example is None:
        raise NoExample(f"`{name}` has no example: add one in {home}, then run `python3 dev.py docs`")
    return example


def _index(stage: Stage) -> str:
    file, on, limits, step = CHAPTERS
    return page(
        "Reference",
        "One page for each kind of step, modifier, action and function. `python3 dev.py docs` makes them from the "
        "definitions that the checker, the editor and the JSON Schema use, and runs each example for what it shows.",
        section("Kinds of steps", _key_rows(step, lambda name: name in STEP.one_of)),
        section("Modifiers of steps", _key_rows(step, lambda name: name not in STEP.one_of)),
        section("Keys of a workflow", _key_rows(file)),
        section("Keys of `on`", _key_rows(on)),
        section("Keys of `limits`", _key_rows(limits)),
        section("Actions", _action_rows(stage)),
        section("Functions of expressions", _function_rows()),
        section("Connectors", link("The catalogue of connectors", CATALOGUE) + "."),
        section("Operators of conditions", link("All operators of rows", OPERATORS) + "."),
    )


def _key_rows(chapter: Chapter, wanted: Callable[[str], bool] = lambda _name: True) -> str:
    keys = [key for key in chapter.table.keys.values() if wanted(key.name)]
    return table(["key", "meaning"], [(_linked(key.name, key_pages.path_of(chapter, key)), key.doc) for key in keys])


def _action_rows(stage: Stage) -> str:
    specs = [stage.actions[name].spec for name in sorted(stage.actions)]
    return table(["action", "does"], [(_linked(spec.name, action_pages.path_of(spec)), spec.title) for spec in specs])


def _function_rows() -> str:
    functions = [FUNCTIONS[name] for name in sorted(FUNCTIONS)]
    rows = [(_linked(one.signature, function_pages.path_of(one)), one.doc) for one in functions]
    return table(["call", "gives"], rows)


def _linked(name: str, path: str) -> str:
    return link(f"`{name}`", path)
