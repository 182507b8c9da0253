"""The inputs of ``core.code`` that are written out are compared with what ``main`` takes, without running it."""

import pytest

from engine.actions.signature import judge_inputs

TAKES = "def main(hosts, least=7, *, by): return by"


@pytest.mark.parametrize(
    ("code", "inputs", "found"),
    [
        (TAKES, {"hosts": [], "by": "name"}, []),
        (TAKES, {"hosts": [], "by": "name", "least": 3}, []),
        (TAKES, {"by": "name"}, [(("inputs",), "`main` needs `hosts`, which `inputs` does not give")]),
        (
            "def main(hostz): return 1",
            {"hosts": []},
            [(("inputs", "hosts"), "`main` takes no `hosts`; did you mean `hostz`?")],
        ),
        ("def main(**given): return 1", {"hosts": []}, []),
        ("def main(): return '\\d'", {"at": 1}, [(("inputs", "at"), "`main` takes no `at`")]),
        ("def main(", {"at": 1}, []),
        ("main = print", {"at": 1}, []),
        (TAKES, "${{ vars }}", []),
        ("def main():\n return " + "(" * 300 + ")" * 300, {"at": 1}, []),
    ],
)
def test_what_main_takes_is_compared_with_what_it_is_given(code, inputs, found):
    assert list(judge_inputs({"code": code, "inputs": inputs})) == found


def test_without_inputs_main_may_need_none():
    assert len(list(judge_inputs({"code": TAKES}))) == 2
