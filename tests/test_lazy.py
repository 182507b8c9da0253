"""What is made when it is asked for, and what a start must not load."""

import subprocess
import sys

import pytest

from engine.errors import Invalid
from engine.lazy import Lazy

#: What a server imports before its first answer, of what it should not: long to import, and seldom needed.
SELDOM = ("alembic", "cryptography.x509", "flask", "genson", "jsonschema")


def test_a_value_is_made_once_and_when_it_is_asked_for():
    made = []
    lazy = Lazy(["a", "b"], lambda name: made.append(name) or name.upper())

    assert (lazy["b"], lazy["b"], made) == ("B", "B", ["b"])
    assert (list(lazy), len(lazy), "a" in lazy, made) == (["a", "b"], 2, True, ["b", "a"])


def test_a_name_that_is_not_there_is_never_made():
    lazy = Lazy(["a"], pytest.fail)

    assert lazy.get("b") is None


def test_a_value_with_mistakes_is_not_there_and_keeps_nobody_from_the_others():
    def make(name):
        if name == "b":
            raise Invalid("b.yaml: line 1")
        return name.upper()

    lazy = Lazy(["a", "b", "c"], make)

    assert dict(lazy) == {"a": "A", "c": "C"}
    assert lazy.mistakes() == {"b": "b.yaml: line 1"}


def test_a_value_of_which_there_is_none_is_no_mistake():
    lazy = Lazy(["a"], lambda name: None)

    assert (dict(lazy), lazy.mistakes()) == ({}, {})


def test_a_server_imports_nothing_that_the_first_answer_does_not_need():
    code = f"import sys, engine.cli.serve; print(sorted(sys.modules.keys() & {set(SELDOM)}))"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout == "[]\n"
