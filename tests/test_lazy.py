"""What is made when it is asked for, and what a start must not load."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from engine.errors import Invalid
from engine.lazy import Lazy, load, once

ROOT = Path(__file__).parents[1]

#: Long to import, or large, and needed by few or later: pages, calls, schemas, patterns, upgrades, terminals, clusters.
SELDOM = (
    *(
        "aiosmtplib",
        "alembic",
        "celery",
        "cryptography.x509",
        "flask",
        "genson",
        "jinja2",
        "jsonschema",
        "jsonschema_rs",
    ),
    *("kombu", "psycopg", "pydantic_monty", "pyreqwest", "re2", "rich"),
)

#: Begins as ``wink serve`` does, up to its greeting, without any trigger or workflow.
STARTS = """
import sys
from engine.cli import main
main(["serve", "--help"], standalone_mode=False)
from engine.app import build
from engine.cli.options import load_settings
from engine.cli.serve import tell_mistakes
with build(load_settings()) as engine:
    tell_mistakes(engine)
print(*sys.modules)
"""


def test_a_value_is_made_once_and_when_it_is_asked_for():
    made = []
    lazy = Lazy(["a", "b"], lambda name: made.append(name) or name.upper())

    assert (lazy["b"], lazy["b"], made) == ("B", "B", ["b"])
    assert (list(lazy), len(lazy), "a" in lazy, made) == (["a", "b"], 2, True, ["b", "a"])


def _of_a_mapping(make):
    lazy = Lazy(["a"], lambda _: make())
    return lambda: lazy["a"]


@pytest.mark.parametrize("lazily", [once, _of_a_mapping])
def test_what_two_ask_for_at_once_is_made_once(lazily):
    made, begun, twice = [], Event(), Event()

    def make():
        made.append(object())
        (twice if begun.is_set() else begun).set()
        twice.wait(0.2)  # the other one comes meanwhile, and either waits or makes a second
        return made[-1]

    def ask_second():
        begun.wait(5)
        return give()

    give = lazily(make)
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(give), threads.submit(ask_second)]
        assert asked[0].result(5) is asked[1].result(5)
    assert len(made) == 1


def test_what_is_made_of_another_one_asks_for_it():
    lazy = Lazy(["a", "ab"], lambda name: f"{lazy['a']}b" if name == "ab" else name)

    assert lazy["ab"] == "ab"


def test_a_name_that_is_not_there_is_never_made():
    lazy = Lazy(["a"], pytest.fail)

    assert lazy.get("b") is None


def test_a_value_with_mistakes_is_not_there_and_keeps_nobody_from_the_others():
    def make(name):
        if name == "b":
            raise Invalid("b.yaml: line 1")
        return name.upper()

    lazy = Lazy(["a", "b", "c"], make)

    assert (lazy.get("a"), lazy.mistakes_so_far()) == ("A", {})
    assert dict(lazy) == {"a": "A", "c": "C"}
    assert lazy.mistakes_so_far() == lazy.mistakes() == {"b": "b.yaml: line 1"}


def test_a_value_of_which_there_is_none_is_no_mistake():
    lazy = Lazy(["a"], lambda name: None)

    assert (dict(lazy), lazy.mistakes()) == ({}, {})


def test_what_is_left_out_of_an_import_is_there_again_afterwards(tmp_path, monkeypatch):
    (tmp_path / "asks.py").write_text("try:\n    import colorsys\nexcept ImportError:\n    colorsys = None\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)

    assert load("asks:colorsys", without=["colorsys"]) is None
    assert load("colorsys:rgb_to_hsv")
    del sys.modules["asks"]  # by hand: what is taken out with monkeypatch is put back


def test_what_is_imported_already_is_left_out_of_nothing():
    assert load("sys:modules", without=["json"])["json"] is json


def test_a_start_imports_nothing_that_it_does_not_need(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WINK_")}
    environment = {**kept, "PYTHONPATH": str(ROOT)}

    shown = subprocess.run(
        [sys.executable, "-c", STARTS], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )

    assert "engine.executors.embedded" in shown.stdout.split()
    assert {*SELDOM} & set(shown.stdout.split()) == set()
