"""Whatever code does, it stays in the sandbox, and its step alone fails."""

from time import monotonic

import pytest

from engine.errors import ActionFailed
from tests.sandboxes import SPIN, returning


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def main(:\n    pass", "line 1: SyntaxError: Expected"),
        ("x = 1", "calling main(): NameError: name 'main' is not defined"),
        ("return 5", "calling main(): NameError: name 'main' is not defined"),
        ("def main(absent): pass", "line 1: TypeError: main() missing 1 required positional argument: 'absent'"),
        ("x = (", "line 2: SyntaxError: unexpected EOF while parsing"),
        (returning("1", "raise ValueError('x' * 10_000_000)"), f"line 1: ValueError: {'x' * 488}"),
    ],
)
def test_code_that_cannot_be_run_says_why(fail_code, code, words):
    failure = fail_code(code)

    assert failure.kind == "failed"
    assert failure.detail.startswith(words)
    assert len(failure.detail) < 520


@pytest.mark.parametrize(
    "code",
    [
        SPIN,
        returning("1", f"try:\n    {SPIN.replace('pass', '1')}\nfinally:\n    {SPIN}"),
        f"def main():\n    {SPIN}",
        "def main():\n    while True: print('x' * 1_000_000)",
        "import re\ndef main(): return [re.search('(x+x+)+y', 'x' * 100_000) for _ in range(10**9)]",
    ],
)
def test_code_without_end_is_stopped(fail_code, code):
    begun = monotonic()

    failure = fail_code(code)

    assert (failure.kind, failure.detail) == ("failed", "the code ran longer than 2 s")
    assert monotonic() - begun < 10


@pytest.mark.parametrize(
    "code",
    [
        returning("1", "a = [1]\nwhile True: a = a + a"),
        returning("1", "a = 'x'\nwhile True: a += a"),
        returning("1", "a = {}\nfor n in range(10**9): a[n] = n"),
        returning("'x' * 10**9"),
        returning("[0] * 10**9"),
        returning("2 ** 10**9"),
        returning("10 ** 10**8"),
        returning("f'{1:>1000000000}'"),
        returning("list(range(10**9))"),
        returning("[one for one in range(10**9)]"),
        returning("'\\u20ac' * 20_000_000"),
        returning("'x' * 50_000_000"),
    ],
)
def test_code_that_wants_all_the_memory_gets_none_of_it(fail_code, code):
    failure = fail_code(code)

    assert failure.kind == "failed"
    assert "MemoryError" in failure.detail


def test_a_result_that_holds_another_twice_and_so_on_does_not_come_out(fail_code):
    failure = fail_code(returning("a", "a = [1]\nfor _ in range(60): a = [a, a]"))

    assert failure.kind == "failed"
    assert "MemoryError" in failure.detail or "longer than 2 s" in failure.detail  # what comes first


def test_what_would_come_out_without_being_asked_for_stays_inside(run_code):
    doubled = "a = [1]\nfor _ in range(60): a = [a, a]\n"

    assert run_code(f"{returning('1', doubled)}\na")["result"] == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def f(n): return f(n + 1)\ndef main(): return f(0)", "line 1: RecursionError"),
        (returning("a", "a = []\nfor _ in range(500): a = [a]"), "RecursionError"),
        (returning("a", "a = []\na.append(a)"), "ValueError: Circular reference detected"),
        (returning("float('nan')"), "ValueError: Out of range float values are not JSON compliant"),
        (returning("[float('inf')]"), "ValueError: Out of range float values are not JSON compliant"),
        (returning("b'ab'"), "TypeError: Object of type bytes is not JSON serializable"),
        (returning("{1, 2}"), "TypeError: Object of type set is not JSON serializable"),
        (returning("main"), "TypeError: Object of type function is not JSON serializable"),
        (returning("A()", "class A: pass"), "TypeError: Object of type A is not JSON serializable"),
        (returning("{(1, 2): 3}"), "TypeError: keys must be str"),
        (returning("10 ** 5000"), "ValueError: Exceeds the limit (4300 digits)"),
        (returning("'x' * 1_000_000"), "the result is larger than 1,000,000 characters of JSON"),
        (returning("list(range(300_000))"), "the result is larger than 1,000,000 characters of JSON"),
        (returning("'x' * 3_000_000", "def len(_): return 0"), "the result is larger than 1,000,000 characters"),
        ("async def main(): return 1", "TypeError: Object of type coroutine is not JSON serializable"),
    ],
)
def test_a_result_that_cannot_be_kept_fails_the_step(fail_code, code, words):
    failure = fail_code(code)

    assert failure.kind == "failed"
    assert words in failure.detail


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("open('/etc/passwd')", "PermissionError"),
        ("import pathlib\npathlib.Path('/etc/passwd').read_text()", "PermissionError"),
        ("import os\nos.listdir('/')", "PermissionError"),
        ("import os\nos.environ['PATH']", "'os.environ' is not supported"),
        ("import os\nos.getenv('PATH')", "'os.getenv' is not supported"),
        ("import os\nos.system('true')", "AttributeError"),
        ("import socket", "No module named 'socket'"),
        ("import subprocess", "No module named 'subprocess'"),
        ("import ctypes", "No module named 'ctypes'"),
        ("import urllib.request", "No module named 'urllib'"),
        ("__import__('os')", "NameError"),
        ("input()", "NameError"),
        ("import time\ntime.sleep(1)", "sleep limit exceeded"),
        ("import asyncio\nawait asyncio.sleep(1)", "sleep limit exceeded"),
    ],
)
def test_there_is_nothing_outside_to_reach(fail_code, code, words):
    failure = fail_code(code)

    assert failure.kind == "failed"
    assert words in failure.detail


def test_nothing_is_left_for_the_next_code(run_code):
    run_code(returning("1", "import json\nkept = 5"))

    assert run_code(returning("1")) == {"result": 1, "printed": ""}
    with pytest.raises(ActionFailed, match="name 'kept' is not defined"):
        run_code(returning("kept"))
