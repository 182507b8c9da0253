"""Properties that hold for any input: a value or one of our errors, never another exception."""

import json
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from engine.errors import ExpressionError, Mistakes, UnknownPath
from engine.language.condition import compile_condition
from engine.language.expression import Expression, Unknown, compile_expression
from engine.language.forms import Form
from engine.language.functions import FUNCTIONS
from engine.language.functions.function import Function
from engine.language.operators import OPERATORS, Operator, Right
from engine.language.source import quote
from engine.language.template import compile_template
from engine.language.yaml12 import Document, load

NOW = datetime(2026, 11, 21, tzinfo=UTC)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["2026-11-21T04:00:00Z", "1h", "10.0.0.1", "10.0.0.0/8", "[1]", "(", "a.b", "a"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcx"), inner, max_size=4),
    max_leaves=12,
)
#: Text that YAML holds as it is: no controls, no line breaks, no code points without a character.
printable = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"]), max_size=40)

leaves = st.sampled_from(
    [
        "a",
        "b",
        "a.b",
        "a[0]",
        "a[b]",
        "a.x['c']",
        "1",
        "0",
        "2.5",
        "-1",
        "'a'",
        "''",
        "true",
        "null",
        "[]",
        "now()",
        "'1h'",
    ]
)


def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(list(FUNCTIONS.values())).flatmap(lambda function: calls_of(function, inner))


def calls_of(function: Function | Form, inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return calls with as many arguments as the function takes."""
    least, most = (function.arity,) * 2 if isinstance(function, Form) else (function.required, len(function.parameters))
    arguments = st.lists(leaves if function.name == "exists" else inner, min_size=least, max_size=most)
    return arguments.map(lambda given: f"{function.name}({', '.join(given)})")


def operations(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sign = st.sampled_from(["+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "in", "and", "or"])
    return st.builds("({} {} {})".format, inner, sign, inner)


texts = st.recursive(
    leaves,
    lambda inner: (
        calls(inner)
        | operations(inner)
        | st.builds("(not {})".format, inner)
        | st.builds("-{}".format, inner)
        | st.builds("[{} for x in {} if {}]".format, inner, inner, inner)
        | st.builds("any({} for a in {})".format, inner, inner)
        | st.builds("({} if {} else {})".format, inner, inner, inner)
        | st.builds("[{}, {}]".format, inner, inner)
        | st.builds("{{'a': {}}}.a".format, inner)
    ),
    max_leaves=8,
)
words = ["${{", "}}", " and ", " or ", "not ", "==", " for ", " in ", " if ", "0x", "r'", "f'", "any("]
fragments = st.lists(st.sampled_from([*"ab.[](){}'\"\\<-+,:10é\n\0", *words]), max_size=25).map("".join)


@given(st.text() | fragments)
@example("'" * 3)
@example("\ud800")
@example("\f1")
def test_any_text_is_an_expression_or_is_refused(text):
    try:
        compiled = compile_expression(text)
    except ExpressionError as error:
        compiled = error

    assert isinstance(compiled, Expression | ExpressionError)


@given(texts, values, values)
def test_any_expression_over_any_values_has_a_value_or_is_unknown(text, a, b):
    scope = {"a": a, "b": b}
    try:
        expression = compile_expression(text)
    except ExpressionError:
        return

    value, explanation = expression.explain(scope, NOW)
    plain = expression.evaluate(scope, NOW)

    assert isinstance(plain, Unknown) is isinstance(value, Unknown)
    assert plain == value or isinstance(value, Unknown)
    assert json.dumps(explanation.to_json())
    assert value.reason if isinstance(value, Unknown) else json.dumps(value) is not None


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_can_be_quoted(text):
    assert compile_expression(quote(text)).evaluate({}, NOW) == text


@given(st.text() | fragments, values)
def test_any_text_is_a_template_or_is_refused(text, a):
    try:
        rendered = compile_template({"key": text}).render({"a": a}, NOW)
    except (ExpressionError, UnknownPath) as error:
        rendered = error

    assert isinstance(rendered, dict | ExpressionError | UnknownPath)


@given(values)
def test_a_template_without_holes_is_its_value(value):
    assert compile_template(value).render({}, NOW) == value


@given(st.binary(max_size=300) | st.text(max_size=300) | fragments)
@example("? ? ? a")
@example("- &a [*a]")
@example("a: |1\n x")
def test_any_bytes_are_a_document_or_mistakes(text):
    try:
        read = load(text)
    except Mistakes as error:
        read = error

    assert isinstance(read, Document) or read.mistakes


@given(st.recursive(scalars.filter(lambda value: not isinstance(value, str)) | printable, st.lists, max_leaves=20))
def test_json_is_yaml(value):
    assert load(json.dumps(value, ensure_ascii=False)).value == value


RIGHTS = {
    Right.VALUE: st.one_of(st.booleans(), st.integers(), st.text(max_size=10), st.lists(st.integers(), max_size=3)),
    Right.TEXT: st.text(max_size=10),
    Right.NUMBER: st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    Right.COUNT: st.integers(min_value=1),
    Right.LIST: st.lists(scalars, max_size=4),
    Right.RANGE: st.tuples(st.integers(), st.floats(allow_nan=False, allow_infinity=False)).map(list),
    Right.TIME: st.datetimes().map(datetime.isoformat),
    Right.LENGTH: st.integers(0, 1000).map("{}m".format),
    Right.KIND: st.sampled_from(["text", "number", "boolean", "null", "list", "mapping"]),
    Right.NETWORKS: st.just("10.0.0.0/8") | st.just(["10.0.0.0/8", "fd00::/8"]),
}
paths = st.sampled_from(["event.data.x", "event.data['x-id'][0]", "a"])
lefts = paths | st.sampled_from(["lower(a)", "a + 1", "a if b else c", "not a", "a == b"])


def rows_with(operator: Operator) -> st.SearchStrategy[dict[str, object]]:
    row = {"left": paths if "exists" in operator.name else lefts, "op": st.just(operator.name)}
    if operator.right is not Right.NOTHING:
        row["right"] = RIGHTS[operator.right].filter(lambda right: "${{" not in repr(right))
    return st.fixed_dictionaries(row)


#: Any text fits where text is asked for, but for a pattern.
any_operator = st.sampled_from([operator for operator in OPERATORS.values() if operator.name != "regex"])
rows = st.recursive(
    any_operator.flatmap(rows_with),
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: {"all": parts})
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: {"any": parts})
        | inner.map(lambda part: {"not": part})
    ),
    max_leaves=4,
)


@given(rows)
def test_rows_become_text_and_the_same_rows_again(rows):
    condition = compile_condition(rows)

    again = condition.rows()

    assert again == rows
    assert compile_condition(again).text == condition.text
