"""What the ``main`` of a piece of code takes, read without running it: do the inputs that are written out fit?"""

import ast
import warnings
from collections.abc import Iterator, Mapping

from engine.definitions.remarks import did_you_mean, meant
from engine.language.values import Path


def judge_inputs(given: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    """Yield inputs that ``main`` does not take, and those that it needs and is not given, each with its place."""
    code, inputs = given.get("code"), given.get("inputs", {})
    main = _main_of(code) if isinstance(code, str) else None
    if main is None or not isinstance(inputs, dict):
        return
    required, takes = _parameters(main)
    strangers = [] if main.kwarg else [name for name in inputs if name not in takes]
    for name in strangers:
        yield ("inputs", name), f"`main` takes no `{name}`{did_you_mean(name, takes)}"
    for name in required:
        if name not in inputs and name not in meant(strangers, takes):
            yield ("inputs",), f"`main` needs `{name}`, which `inputs` does not give"


def _parameters(main: ast.arguments) -> tuple[list[str], list[str]]:
    """Return the parameters that have no default, and all of them."""
    named, only = [each.arg for each in main.args], [each.arg for each in main.kwonlyargs]
    needed = [name for name, default in zip(only, main.kw_defaults, strict=True) if default is None]
    return [*named[: len(named) - len(main.defaults)], *needed], [*named, *only]


def _main_of(code: str) -> ast.arguments | None:
    """Return what ``main`` takes; None where that cannot be told, such as of one that is no plain function."""
    try:
        with warnings.catch_warnings(action="ignore"):  # those are the author's to see where the code runs
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    named = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "main"]
    is_plain = len(named) == 1 and not named[0].decorator_list and not named[0].args.posonlyargs
    return named[0].args if is_plain else None
