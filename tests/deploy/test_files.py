"""What is shipped names what there is: commands, settings, files, secrets, sizes."""

import json
import re
from fnmatch import fnmatch
from shutil import copy, which
from subprocess import run

import pytest
import yaml
from sqlalchemy import make_url

from engine.executors import embedded
from engine.intake import EACH, LATEST, LONGEST, ROOM, SOONEST
from engine.metrics import build_metrics
from engine.settings import PREFIX, Settings
from engine.store.database import open_database
from tests.cli.test_reference import parsed
from tests.deploy.files import COMPOSE, OURS, PAGE, ROOT, UNITS, block, dockerfile
from web import rsgi, server

DOCKERFILE = (ROOT / "Dockerfile").read_text()
CADDYFILE = (ROOT / "deploy/Caddyfile").read_text()
NGINX = (ROOT / "deploy/nginx.conf").read_text()
IGNORED = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]


def _is_setting(variable: str) -> bool:
    return variable.removeprefix(PREFIX).removesuffix("_FILE").lower() in Settings.model_fields


def _stop_of(unit) -> int:
    return int(re.findall(r"^TimeoutStopSec=(\d+)$", unit.read_text(), re.MULTILINE)[0])


@pytest.mark.parametrize("file", [ROOT / "compose.yaml", ROOT / "Dockerfile", *UNITS, ROOT / "docs/operations.md"])
def test_every_variable_is_a_setting(file):
    named = set(re.findall(r"\bWINK_[A-Z_]+", file.read_text()))

    assert named
    assert [name for name in named if not _is_setting(name)] == []


@pytest.mark.parametrize("service", OURS)
def test_every_service_calls_a_command(service):
    assert parsed(" ".join(OURS[service]["command"])).startswith("wink ")


def test_two_receive_and_two_run():
    assert [service["command"][0] for service in OURS.values()] == ["serve", "serve", "worker", "worker"]


def test_every_secret_network_volume_and_neighbour_that_a_service_names_is_there():
    for service in COMPOSE["services"].values():
        for secret in service.get("secrets", []):
            assert (secret if isinstance(secret, str) else secret["source"]) in COMPOSE["secrets"]
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
        named = [volume.split(":")[0] for volume in service.get("volumes", [])]
        assert all((ROOT / name).exists() if name[0] == "." else name in COMPOSE["volumes"] for name in named)


@pytest.mark.parametrize("service", OURS)
def test_a_secret_of_ours_is_read_from_the_file_that_it_is_handed_as(service):
    files = [value for name, value in OURS[service]["environment"].items() if name.endswith("_FILE")]

    assert sorted(files) == sorted(f"/run/secrets/{name}" for name in OURS[service]["secrets"])


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_every_service_comes_again_and_has_its_share(service):
    made = COMPOSE["services"][service]

    assert made["restart"] == "unless-stopped"
    assert "memory" in made["deploy"]["resources"]["limits"]


def test_the_block_makes_every_secret_that_compose_hands_out(tmp_path):
    run(["sh", "-eu", "-c", block("secrets")], cwd=tmp_path, check=True)  # noqa: S607 - as a reader types it

    assert all((tmp_path / secret["file"]).read_text().strip() for secret in COMPOSE["secrets"].values())
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    database = make_url((tmp_path / "secrets/database_url").read_text().strip())
    assert (database.host, database.database) == (
        "postgresql",
        COMPOSE["services"]["postgresql"]["environment"]["POSTGRES_DB"],
    )
    assert database.password == (tmp_path / "secrets/postgresql_password").read_text().strip()
    made = {name: (tmp_path / f"secrets/{name}").read_text() for name in ("database_url", "broker_url", "secret_key")}
    assert Settings.load({f"WINK_{name.upper()}": value.strip() for name, value in made.items()}, tmp_path)


def test_what_the_image_copies_is_there_and_is_not_kept_from_it():
    copied = [words.split()[:-1] for word, words in dockerfile() if word == "COPY" and not words.startswith("--from")]

    for name in {name.rstrip("/") for names in copied for name in names}:
        assert (ROOT / name).exists(), name
        assert any(fnmatch(name, f"{kept[1:].rstrip('/')}*") for kept in IGNORED if kept[0] == "!"), name


def test_nothing_but_what_is_named_gets_into_the_image():
    assert IGNORED[0] == "*"
    assert {"web/static/", "**/node_modules/"} <= set(IGNORED)


@pytest.mark.parametrize("folder", ["engine", "web", "connectors", "workflows"])
def test_the_image_holds_what_the_package_is_made_of(folder):
    assert ("COPY", f"{folder}/ {folder}/") in dockerfile()


def test_the_image_begins_with_wink_as_nobody_in_particular():
    last = dict(dockerfile())

    assert (last["USER"], json.loads(last["ENTRYPOINT"])) == ("wink", ["wink"])
    assert parsed(" ".join(json.loads(last["CMD"]))).startswith("wink ")
    assert "/healthz" in last["HEALTHCHECK"]
    compile(json.loads(last["HEALTHCHECK"].partition("CMD ")[2])[2], "HEALTHCHECK", "exec")


def test_the_image_has_no_package_that_is_not_pinned_by_hash():
    installs = [words for word, words in dockerfile() if word == "RUN" and "pip install" in words]

    assert all("--require-hashes" in words or "--no-deps --no-build-isolation" in words for words in installs)
    assert re.search(r"^FROM node:(\d+)", DOCKERFILE, re.MULTILINE)[1] >= "20"


def test_the_page_installs_as_the_image_does():
    image = {words.replace(" --no-cache-dir", "") for word, words in dockerfile() if word == "RUN"}

    assert {line for line in block("install").splitlines() if "pip install" in line} <= image
    assert all(part in image for part in ("npm ci --ignore-scripts", "node build.mjs"))
    assert "npm ci --ignore-scripts && node build.mjs" in block("install")


@pytest.mark.parametrize("unit", UNITS, ids=[unit.name for unit in UNITS])
def test_a_unit_calls_a_command(unit):
    (command,) = re.findall(r"^ExecStart=/opt/wink/bin/wink (.+)$", unit.read_text(), re.MULTILINE)

    assert parsed(command.replace("%i", "1")).startswith("wink ")


@pytest.mark.skipif(which("systemd-analyze") is None, reason="there is no systemd-analyze")
@pytest.mark.parametrize("unit", UNITS, ids=[unit.name for unit in UNITS])
def test_systemd_finds_no_mistake_in_a_unit(unit, tmp_path):
    made = tmp_path / unit.name.replace("@", "@1")
    made.write_text(unit.read_text().replace("/opt/wink/bin/wink", "/bin/true"))

    found = run(["systemd-analyze", "verify", "--man=no", str(made)], capture_output=True, text=True, check=False)  # noqa: S607

    assert (found.returncode, [line for line in found.stderr.splitlines() if unit.stem in line]) == (0, [])


@pytest.mark.skipif(which("caddy") is None, reason="there is no caddy")
def test_caddy_finds_no_mistake_in_the_proxys_file(tmp_path):
    copy(ROOT / "deploy/Caddyfile", tmp_path)

    run(["caddy", "validate", "--adapter", "caddyfile", "--config", "Caddyfile"], cwd=tmp_path, check=True)  # noqa: S607


def test_a_stop_is_given_more_time_than_it_takes():
    takes = embedded.GRACE.total_seconds() + rsgi.GRACE + 1
    given = [int(str(service["stop_grace_period"]).rstrip("s")) for service in OURS.values()]

    assert min([*given, *map(_stop_of, UNITS)]) >= 1.5 * takes
    assert f"takes up to {takes + 1:.0f} s" in PAGE
    assert f"lets steps end for {embedded.GRACE.total_seconds():.0f} s" in PAGE


def test_the_proxy_keeps_no_connection_that_wink_might_end():
    assert "keepalive off" in CADDYFILE
    assert "proxy_set_header Connection close" in NGINX
    assert f"less than {server.HEADERS_WITHIN // 1000} s" in PAGE


def test_the_proxy_takes_what_wink_takes():
    (caddy,), (nginx,) = re.findall(r"max_size (\d+)MB", CADDYFILE), re.findall(r"max_body_size (\d+)m;", NGINX)

    assert min(int(caddy) * 1_000_000, int(nginx) << 20) > Settings.model_fields["max_body"].default


def test_the_proxy_asks_the_services_that_receive():
    (upstreams,) = re.findall(r"UPSTREAMS:([^}]+)}", CADDYFILE)

    assert upstreams.split() == [f"{name}:8080" for name, service in OURS.items() if service["command"][0] == "serve"]


def test_the_sizes_are_those_of_the_code():
    page = " ".join(PAGE.split())

    assert f"share {ROOM >> 20} MiB, each counting at least {EACH >> 10} KiB" in page
    assert f"a write would wait for more than {LONGEST:.0f} s" in page
    assert f"a `Retry-After` of {SOONEST:.0f} to {LATEST:.0f} s" in page
    assert f"{server.CONNECTIONS + server.OTHER_FILES:,} for each `wink serve`" in page
    assert f"Wink gives a body {rsgi.PATIENCE:.0f} s" in page


def test_prometheus_is_told_of_every_process_where_it_answers():
    (text,) = re.findall(r"^```yaml prometheus\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (job,) = yaml.safe_load(text)["scrape_configs"]
    words = [service["command"] for service in OURS.values()]

    assert job["static_configs"] == [{"targets": [f"{name}:8080" for name in OURS]}]
    assert all(each[-2:] == ["--metrics-port", "8080"] for each in words if each[0] == "worker")


def test_the_connections_are_those_of_the_pools():
    database = open_database("postgresql://wink@127.0.0.1:1/wink")
    pools = [database.writing.pool, database.reading.pool]
    most = sum(pool.size() + pool._max_overflow for pool in pools)
    database.close()

    assert f"at most {most} for each process" in PAGE


def test_every_metric_is_one():
    there = build_metrics()
    names = {sample.name for family in there.registry.collect() for sample in family.samples}
    names |= {f"{family.name}_total" for family in there.registry.collect() if family.type == "counter"}
    named = set(re.findall(r"\b(wink_[a-z_]+)", PAGE)) - {"wink_bin"}

    assert named
    assert named <= names


@pytest.mark.parametrize("line", re.findall(r"`wink ((?:runs|ledger) [^`]+)`", PAGE))
def test_every_command_can_be_called(line):
    assert parsed(line).startswith("wink ")


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", PAGE))
def test_every_link_leads_somewhere(target):
    assert (ROOT / "docs" / target).exists()
