"""A page for every function of expressions, and one for the operators of a condition's rows."""

from engine.language.forms import Form
from engine.language.functions import FUNCTIONS
from engine.language.functions.function import ANYTHING, Function
from engine.language.operator_examples import ROWS
from engine.language.operators import OPERATORS, Operator
from engine.language.values import PHRASES, Kind
from tests.reference.markdown import code, link, page, section, table

#: What a condition can be asked of in rows; the others only come from functions.
_GENERAL = set(Kind) - {Kind.TIME, Kind.DURATION, Kind.OTHER}


def path_of(function: Function | Form) -> str:
    """Return where a function's page stands."""
    return f"functions/{function.name}.md"


def function_page(function: Function | Form) -> str:
    """Return the page of a function."""
    return page(
        f"`{function.signature}`",
        function.doc,
        section("Arguments", _arguments(function)),
        section("Result", _result(function)),
        section("Example", _event(function), code("", function.example), f"gives the same as `{function.result}`."),
        section("See also", _see_also(function)),
    )


def operator_page() -> str:
    """Return the page of all operators."""
    rows = [_row(operator) for _, operator in sorted(OPERATORS.items())]
    return page(
        "Operators of rows",
        "A condition can be written as rows, each of `left`, an expression; `op`; and `right`, a value or one "
        "`${{ }}`. They stand in groups: `all`, `any` and `not`. Each example is true of the event in "
        "[Expressions](../expressions.md). What cannot be compared is unknown, and so is a path that is not there.",
        table(["op", "offered for", "right", "as an expression", "example"], rows),
        section("See also", "[`if`](step/if.md), [Conditions as rows](../expressions.md#conditions-as-rows)"),
    )


def _row(operator: Operator) -> tuple[str, ...]:
    kinds = "anything" if operator.kinds == _GENERAL else " ".join(sorted(operator.kinds))
    return f"`{operator.name}`", kinds, str(operator.right), f"`{operator.form}`", f"`{ROWS[operator.name]}`"


def _arguments(function: Function | Form) -> str:
    if isinstance(function, Form):
        return "Only what is needed is evaluated."
    rows = [
        (
            f"`{parameter.name}`",
            "anything" if parameter.kinds == ANYTHING else parameter.phrase,
            "yes" if place < function.required else "",
        )
        for place, parameter in enumerate(function.parameters)
    ]
    return table(["argument", "takes", "required"], rows) or "None."


def _result(function: Function | Form) -> str:
    if isinstance(function, Form):
        return "Unknown where what it needs is unknown."
    kinds = (PHRASES[kind] for kind in Kind if kind in function.kinds)
    given = "anything" if function.kinds == ANYTHING else " or ".join(kinds)
    unknown = "Unknown where an argument is unknown, or nothing that the function takes." if function.parameters else ""
    checked = "A literal that cannot be used is a mistake of the file." if _judges_literals(function) else ""
    return " ".join(filter(None, (f"It gives {given}.", unknown, checked)))


def _event(function: Function | Form) -> str:
    return "With the event in [Expressions](../../expressions.md)," if "event." in function.example else ""


def _judges_literals(function: Function) -> bool:
    return any(parameter.check for parameter in function.parameters)


def _see_also(function: Function | Form) -> str:
    near = [one for one in FUNCTIONS.values() if _home(one) == _home(function) and one.name != function.name]
    links = [link(f"`{one.name}`", f"{one.name}.md") for one in sorted(near, key=lambda one: one.name)]
    return ", ".join([*links, link("Expressions", "../../expressions.md")])


def _home(function: Function | Form) -> str:
    """Return the module that a function is from, which holds those of its kind."""
    return (function.build if isinstance(function, Form) else function.run).__module__
