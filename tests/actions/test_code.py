"""``core.code`` in the real sandbox: what goes in, what comes out, and what is told of mistakes."""

import asyncio
import re
from pathlib import Path

import pytest

from engine.actions.code import code_action
from engine.actions.sandbox import MOST_PRINTED, Sandbox
from engine.errors import ActionFailed, ExpressionError
from tests.sandboxes import SPIN, returning


def test_main_gets_the_inputs_by_name_and_returns_the_result(run_code):
    code = """
        def main(findings, least=7):
            return {"grave": [one["id"] for one in findings if one["score"] >= least]}
    """

    ended = run_code(code, findings=[{"id": "a", "score": 9}, {"id": "b", "score": 2}])

    assert ended == {"result": {"grave": ["a"]}, "printed": ""}


def test_the_code_can_import_and_divide_its_work(run_code):
    code = """
        import re

        WORD = re.compile("[a-z]+")

        def words(text):
            return WORD.findall(text)

        def main(text):
            return len(words(text))
    """

    assert run_code(code, text="one two three")["result"] == 3


@pytest.mark.parametrize(
    "value", [None, True, 0, -1.5, 2**70, "é\U0001f600\n\x00", [1, [2, []]], {"a-b": {"": None}}, "x" * 900_000]
)
def test_what_json_can_say_goes_in_and_comes_out_as_it_is(run_code, value):
    assert run_code("def main(value): return value", value=value)["result"] == value


def test_half_of_a_surrogate_pair_is_replaced_on_its_way(run_code):
    ended = run_code("def main(value):\n    print('\\udc00')\n    return [value, '\\ud800']", value="\ud800")

    assert ended == {"result": ["\ufffd", "\ufffd"], "printed": "\ufffd\n"}


def test_what_it_prints_stands_beside_the_result(run_code):
    ended = run_code("print('begun')\ndef main():\n    print('working', 1)\n    return 5")

    assert ended == {"result": 5, "printed": "begun\nworking 1\n"}


def test_of_much_that_it_prints_the_first_is_kept(run_code):
    ended = run_code(returning("[print('x' * 99) for _ in range(10_000)] and 1"))

    assert ended["result"] == 1
    assert len(ended["printed"]) == MOST_PRINTED + len(" ..")


def test_a_failure_says_the_line_and_keeps_what_was_printed(fail_code):
    code = """\
        def share(total, count):
            return total / count

        def main(count):
            print("sharing")
            return share(1, count)
    """

    failure = fail_code(code, count=0)

    assert (failure.kind, failure.detail) == ("failed", "line 2: ZeroDivisionError: division by zero")
    assert failure.output == {"printed": "sharing\n"}


def test_without_the_sandbox_the_step_says_what_to_install(call):
    action = code_action(Sandbox(package="no_such_package"))

    with pytest.raises(ActionFailed, match=r"needs the extra `code`.*pip install 'wink\[code\]'") as failure:
        asyncio.run(action.run(call(code=returning("1"))))

    assert failure.value.kind == "invalid"
    Sandbox(package="no_such_package").read("x = )")


@pytest.mark.parametrize(
    ("code", "offset", "words"),
    [
        ("x = )", 4, "Expected an expression"),
        ("\n\ndef main():\n    return 1 2\n", 27, "Simple statements"),
        ("x = 1\ndel x", 6, "'del' statement"),
        ("x = (", 5, "unexpected EOF"),
        ("1+" * 1_000_000 + "1", 0, "memory limit"),
        ("(" * 100_000, 200, "too deeply nested"),
        ("'\ud800'", 0, "surrogates"),
    ],
)
def test_code_is_read_without_being_run(code, offset, words):
    with pytest.raises(ExpressionError, match=words) as error:
        Sandbox().read(code)

    assert error.value.column == offset


@pytest.mark.parametrize("code", ["", "raise ValueError", SPIN, "from __future__ import annotations\nprint(5)"])
def test_code_that_can_be_read_is_not_run(code, capfd):
    Sandbox().read(code)

    assert capfd.readouterr().out == ""


def test_the_example_of_the_documentation_does_what_it_says(run_code):
    text = (Path(__file__).parents[2] / "docs" / "workflows.md").read_text("utf-8")
    (example,) = re.findall(r"code: \|\n((?: {6}.*\n|\n)+)", text)
    findings = [
        {"host": "a", "severity": "low"},
        {"host": "b", "severity": "high"},
        {"host": "a", "severity": "medium"},
    ]

    assert run_code(example, findings=findings) == {"result": {"a": "medium", "b": "high"}, "printed": "2 hosts\n"}
    with pytest.raises(ActionFailed, match=r"^line 6: ValueError: list\.index\(x\): x not in list$"):
        run_code(example, findings=[{"host": "a", "severity": "grave"}])
