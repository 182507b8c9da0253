"""The two commands: what they pass on, when they install, what they say when they cannot."""

import json
import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import dev

PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; .+)? \\$", re.MULTILINE)
PASSES = [sys.executable, "-c", ""]
FAILS = [sys.executable, "-c", "raise SystemExit(1)"]


def pins(name):
    return dict(PINNED.findall((dev.ROOT / f"requirements/{name}.txt").read_text()))


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return an empty checkout that dev.py works in."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / ".venv").mkdir()
    for name in ("pyproject.toml", *(f"requirements/{name}.txt" for name in dev.LOCKS)):
        (tmp_path / name).write_text(name)
    for name in (
        "tests/clients/package-lock.json",
        "web/frontend/package-lock.json",
        "web/frontend/js/app.js",
        "web/static/manifest.json",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(dev, "BIN", tmp_path / ".venv/bin")
    monkeypatch.setattr(dev, "STAMP", tmp_path / ".venv/wink-stamp")
    monkeypatch.setattr(dev, "CLIENTS_STAMP", tmp_path / ".venv/wink-clients-stamp")
    monkeypatch.setattr(dev, "ASSETS_STAMP", tmp_path / ".venv/wink-assets-stamp")
    dev.ASSETS_STAMP.write_text(dev.fingerprint_assets())
    return tmp_path


@pytest.fixture
def called(monkeypatch):
    """Return what dev.py calls, which does nothing."""
    calls = []
    monkeypatch.setattr(dev, "_call", lambda command, failure, folder=None: calls.append([*command]))
    monkeypatch.setattr(dev, "_find_node", lambda: ("node", ["npm"]))
    return calls


@pytest.mark.parametrize(
    "words",
    [["--help"], ["run", "--help"], ["test", "--help"], ["bench", "--help"], ["docs", "--help"], ["lock", "--help"]],
)
def test_every_command_has_its_help(words):
    ended = subprocess.run([sys.executable, dev.ROOT / "dev.py", *words], capture_output=True, text=True, check=False)

    assert ended.returncode == 0
    assert ended.stdout.startswith("usage: dev.py")


def test_words_that_are_not_ours_go_to_pytest_in_their_order(monkeypatch):
    heard = []
    monkeypatch.setattr(dev, "test", lambda words, strict, times: heard.extend([words, strict]) or 0)

    dev.main(["test", "-k", "receive", "--strict", "tests/path", "--pdb"])

    assert heard == [["-k", "receive", "tests/path", "--pdb"], True]


def test_words_that_are_not_ours_go_to_serve(monkeypatch):
    heard = []
    monkeypatch.setattr(dev, "run", lambda words: heard.extend(words) or 0)

    dev.main(["run", "--port", "9000", "--no-examples"])

    assert heard == ["--port", "9000", "--no-examples"]


def test_words_that_are_not_ours_go_to_the_benchmark(monkeypatch):
    heard = []
    monkeypatch.setattr(dev, "bench", lambda words: heard.extend(words) or 0)

    dev.main(["bench", "--seconds", "2", "--peers"])

    assert heard == ["--seconds", "2", "--peers"]


def test_the_docs_are_written_by_the_python_of_the_checkout_without_a_front_end(checkout, monkeypatch):
    prepared, become = [], []
    monkeypatch.setattr(dev, "prepare_packages", prepared.append)
    monkeypatch.setattr(dev.os, "chdir", lambda folder: None)
    monkeypatch.setattr(dev.os, "execv", lambda program, words: become.append((program, words)))

    dev.main(["docs"])

    assert prepared == ["test"]
    assert become == [(dev._tool("python"), [dev._tool("python"), "-m", "tests.reference"])]


def test_an_older_python_is_told_what_is_needed(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))

    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or later, and this is Python 3\.10"):
        runpy.run_path(str(dev.ROOT / "dev.py"))


def test_a_python_that_cannot_make_environments_is_told_what_to_install(checkout, monkeypatch):
    monkeypatch.setattr(dev, "find_spec", lambda name: None)

    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        dev.prepare("run")


@pytest.mark.parametrize(("made_for", "asked"), [("run", "run"), ("test", "test"), ("test", "run")])
def test_what_is_installed_is_not_installed_again(checkout, monkeypatch, made_for, asked):
    dev.STAMP.write_text(dev.fingerprint(made_for))
    monkeypatch.setattr(dev, "_make_venv", lambda: pytest.fail("nothing has changed"))

    dev.prepare(asked)


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements/run.txt"])
def test_what_has_changed_is_installed(checkout, monkeypatch, changed):
    dev.STAMP.write_text(dev.fingerprint("run"))
    (checkout / changed).write_text("changed")
    installed = []
    monkeypatch.setattr(dev, "_make_venv", lambda: None)
    monkeypatch.setattr(dev, "_install_uv", lambda: None)
    monkeypatch.setattr(dev, "_install_packages", installed.append)

    dev.prepare("run")

    assert installed == ["run"]
    assert dev.STAMP.read_text() == dev.fingerprint("run")


def test_what_is_enough_to_run_is_not_enough_to_test(checkout):
    assert dev.fingerprint("run") not in map(dev.fingerprint, dev.ENOUGH["test"])


def test_an_installation_that_failed_says_what_to_do_and_is_tried_again(checkout, monkeypatch):
    dev.STAMP.write_text("of another time")
    monkeypatch.setattr(dev, "_make_venv", lambda: None)
    monkeypatch.setattr(dev, "_tool", lambda name: "false")

    with pytest.raises(SystemExit, match=r"uv could not be installed.* PyPI"):
        dev.prepare("run")

    assert not dev.STAMP.exists()


def test_a_front_end_that_is_built_is_not_built_again(checkout, called):
    (checkout / "web/frontend/node_modules").mkdir()
    (checkout / "web/frontend/node_modules/of-npm.js").write_text("no source of ours")

    dev.prepare_assets()

    assert called == []


@pytest.mark.parametrize(
    "changed", ["web/frontend/js/app.js", "web/frontend/css/new.css", "web/frontend/package-lock.json"]
)
def test_a_front_end_whose_sources_have_changed_is_built(checkout, called, changed):
    (checkout / changed).parent.mkdir(exist_ok=True)
    (checkout / changed).write_text("changed")

    dev.prepare_assets()

    assert called == [["npm", "ci", "--ignore-scripts"], ["node", "build.mjs"]]
    assert dev.ASSETS_STAMP.read_text() == dev.fingerprint_assets()


def test_a_front_end_that_was_taken_away_is_built(checkout, called):
    (checkout / "web/static/manifest.json").unlink()

    dev.prepare_assets()

    assert called[-1] == ["node", "build.mjs"]


@pytest.mark.parametrize(("age", "again"), [(-10, True), (0, False), (10, False)])
def test_packages_of_npm_are_installed_again_when_the_lock_is_newer(checkout, called, age, again):
    (checkout / "web/frontend/node_modules").mkdir()
    for name, moment in (("package-lock.json", 1000), ("node_modules/.package-lock.json", 1000 + age)):
        (checkout / "web/frontend" / name).touch()
        os.utime(checkout / "web/frontend" / name, (moment, moment))
    dev.ASSETS_STAMP.unlink()

    dev.prepare_assets()

    assert (["npm", "ci", "--ignore-scripts"] in called) == again


def test_a_front_end_that_cannot_be_built_says_what_to_do_and_is_tried_again(checkout, monkeypatch):
    dev.ASSETS_STAMP.write_text("of another time")
    monkeypatch.setattr(dev, "_find_node", lambda: ("false", ["false"]))

    with pytest.raises(SystemExit, match=r"front end could not be built.* npm registry"):
        dev.prepare_assets()

    assert not dev.ASSETS_STAMP.exists()


@pytest.mark.parametrize("said", ["v20.20.2", "v24.0.0"])
def test_a_node_of_the_system_that_is_recent_enough_is_taken(checkout, monkeypatch, said):
    node = a_tool(checkout, said)
    monkeypatch.setattr(dev.shutil, "which", lambda name: str(node))

    assert dev._find_node() == (str(node), [str(node)])


@pytest.mark.parametrize("said", ["v18.20.4", "what?", None])
def test_without_a_recent_node_one_comes_from_pypi(checkout, monkeypatch, said):
    found = said and str(a_tool(checkout, said))
    monkeypatch.setattr(dev.shutil, "which", lambda name: found)
    installed = []
    monkeypatch.setattr(dev, "_call", lambda command, failure: installed.append(command))

    node, npm = dev._find_node()

    assert installed[0][-1] == "requirements/node.txt"
    assert node.startswith(str(dev.VENV))
    assert npm[0] == node
    assert npm[1].endswith("npm-cli.js")


def a_tool(folder, said):
    tool = folder / "tool"
    tool.write_text(f"#!/bin/sh\necho {said}\n")
    tool.chmod(0o755)
    return tool


@pytest.mark.parametrize(("commands", "status"), [([PASSES, PASSES], 0), ([FAILS, PASSES], 1), ([PASSES, FAILS], 1)])
def test_one_check_that_fails_fails_them_all(monkeypatch, capfd, commands, status):
    monkeypatch.setattr(dev, "prepare", lambda purpose: None)
    monkeypatch.setattr(dev, "checks", lambda words: dict(zip(["lint", "tests"], commands, strict=True)))

    assert dev.test([], strict=False, times=1) == status
    assert capfd.readouterr().out.count("FAILED") == status


def test_the_vendors_packages_are_installed_apart_from_ours_and_once(checkout, called):
    (checkout / "tests/clients/node_modules").mkdir()

    dev.prepare_clients()
    dev.prepare_clients()

    assert [command[1:3] for command in called] == [["venv", "--quiet"], ["pip", "sync"], ["ci", "--ignore-scripts"]]
    assert str(dev.CLIENTS_VENV / "bin/python") in called[1]


@pytest.mark.parametrize("changed", ["requirements/clients.txt", "tests/clients/package-lock.json"])
def test_the_vendors_packages_are_installed_again_when_their_pins_have_changed(checkout, called, changed):
    (checkout / "tests/clients/node_modules").mkdir()
    dev.CLIENTS_STAMP.write_text(dev.fingerprint_clients())
    (checkout / changed).write_text("changed")

    dev.prepare_clients()

    assert called
    assert dev.CLIENTS_STAMP.read_text() == dev.fingerprint_clients()


def test_the_clients_are_tests_of_their_own_that_are_told_where_the_packages_are(monkeypatch, capfd):
    prepared, asked = [], []
    monkeypatch.setattr(dev, "prepare", prepared.append)
    monkeypatch.setattr(dev, "prepare_clients", lambda: prepared.append("clients"))
    monkeypatch.setattr(dev, "_find_node", lambda: ("node", ["npm"]))
    monkeypatch.setattr(
        dev, "_check", lambda name, command, env: asked.append(command) or dev.Result(name, passed=True, seconds=1)
    )

    assert dev.main(["test", "clients", "-k", "stripe"]) == 0

    assert prepared == ["test", "clients"]
    assert asked[0][0] == "env"
    assert asked[0][-3:] == ["tests/clients", "-k", "stripe"]
    assert capfd.readouterr().out.split()[:2] == ["clients", "passed"]


def test_faults_strike_as_often_as_wanted_and_each_time_is_told(monkeypatch, capfd):
    asked = []
    monkeypatch.setattr(dev, "prepare", lambda purpose: None)
    monkeypatch.setattr(
        dev, "_check", lambda name, command, env: asked.append(command) or dev.Result(name, len(asked) != 2, seconds=1)
    )

    assert dev.main(["test", "faults", "--times", "3", "-k", "killed"]) == 1

    assert asked[0][-5:] == [*dev.FAULTS, "-k", "killed"]
    assert capfd.readouterr().out.split("\n")[1:-1] == [
        "faults 1  passed     1.0 s",
        "faults 2  FAILED     1.0 s",
        "faults 3  passed     1.0 s",
    ]


def test_the_faults_are_those_that_there_are():
    assert sorted(dev.FAULTS) == sorted(
        str(file.relative_to(dev.ROOT)) for file in dev.ROOT.glob("tests/crash/test_faults_*")
    )


@pytest.mark.parametrize("strict", [True, False])
def test_strict_reaches_the_tests(monkeypatch, strict):
    monkeypatch.delenv("TEST_STRICT", raising=False)
    monkeypatch.setattr(dev, "prepare", lambda purpose: None)
    ask = [sys.executable, "-c", "import os; raise SystemExit('TEST_STRICT' not in os.environ)"]
    monkeypatch.setattr(dev, "checks", lambda words: {"tests": ask})

    assert dev.test([], strict=strict, times=1) == int(not strict)


@pytest.mark.parametrize(("strict", "status"), [("1", 1), (None, 0)])
def test_a_skipped_test_fails_where_strict(tmp_path, monkeypatch, strict, status):
    (tmp_path / "test_it.py").write_text("import pytest\ndef test_it():\n    pytest.skip('no service')\n")
    (tmp_path / "conftest.py").write_bytes(Path(__file__).with_name("conftest.py").read_bytes())
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("TEST_STRICT", raising=False)
    if strict:
        monkeypatch.setenv("TEST_STRICT", strict)

    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ended.returncode == status
    assert "no service" in ended.stdout


@pytest.mark.parametrize("name", dev.LOCKS)
def test_every_package_is_pinned_by_hash_and_none_names_where_it_comes_from(name):
    text = (dev.ROOT / f"requirements/{name}.txt").read_text()

    entries = re.sub(r" \\\n +", " ", text).splitlines()

    assert all(re.fullmatch(r"[a-z0-9-]+==[^ ]+( ; [^-]+)?( --hash=sha256:[0-9a-f]{64})+", entry) for entry in entries)


@pytest.mark.parametrize("name", ["run", "bootstrap"])
def test_what_runs_is_what_was_tested(name):
    assert pins(name).items() <= pins("test").items()


@pytest.mark.parametrize("folder", [dev.FRONT_END, dev.CLIENTS])
def test_no_package_of_npm_says_where_it_was_fetched_and_each_has_its_hash(folder):
    packages = json.loads((dev.ROOT / folder / "package-lock.json").read_text())["packages"]
    installed = [package for path, package in packages.items() if path]

    assert installed
    assert all("resolved" not in package and package["integrity"].startswith("sha512-") for package in installed)


@pytest.mark.parametrize("folder", [dev.FRONT_END, dev.CLIENTS])
def test_every_dependency_from_npm_is_pinned(folder):
    package = json.loads((dev.ROOT / folder / "package.json").read_text())

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())


def test_every_dependency_of_the_project_is_pinned():
    project = tomllib.loads((dev.ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["cluster"]]

    names = {re.split(r"[\[>=<]", requirement)[0] for requirement in wanted}

    assert names <= pins("run").keys()
