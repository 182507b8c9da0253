import shutil
from pathlib import Path

import pytest

from engine.definitions.catalog import read_connector, read_connectors
from engine.errors import Invalid

MANIFEST = """\
name: acme
title: Acme
category: other
source: https://example.com/docs/webhooks
checked: "2026-01-02"
auth:
  key:
    - scheme: shared_secret
      places: [{header: X-Key}]
event:
  type: acme.${{ body.type }}
types:
  acme.ping: {title: Ping, sample: ping}
"""
SAMPLE = """\
source: https://example.com/docs/webhooks
made: by hand
body: '{"type": "ping"}'
events: [{type: acme.ping}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme" / "samples").mkdir(parents=True)
    (tmp_path / "acme" / "connector.yaml").write_text(MANIFEST)
    (tmp_path / "acme" / "samples" / "ping.yaml").write_text(SAMPLE)
    return tmp_path / "acme"


def refusal(folder: Path, old: str, new: str, *, file: str = "connector.yaml") -> str:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    with pytest.raises(Invalid) as refused:
        read_connector(folder)
    return refused.value.detail


def test_a_folder_is_all_that_a_connector_takes(folder: Path) -> None:
    connectors = read_connectors(folder.parent)

    assert list(connectors) == ["acme"]
    assert connectors["acme"].sample().body == b'{"type": "ping"}'


def test_a_connector_with_mistakes_keeps_nobody_from_the_others(folder: Path) -> None:
    shutil.copytree(folder, folder.parent / "broken")

    connectors = read_connectors(folder.parent)

    assert list(connectors) == ["acme"]
    assert "the folder 'broken'" in connectors.mistakes()["broken"]


def test_a_connector_is_read_once(folder: Path) -> None:
    connectors = read_connectors(folder.parent)
    read = connectors["acme"]

    (folder / "connector.yaml").write_text("not one any more")

    assert connectors["acme"] is read


def test_a_folder_that_is_gone_by_then_is_told(folder: Path) -> None:
    connectors = read_connectors(folder.parent)
    shutil.rmtree(folder)

    assert "acme" not in connectors
    assert "acme/connector.yaml: No such file" in connectors.mistakes()["acme"]


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("title: Acme", "titel: Acme", "line 1, column 1: title:", "Field required"),
        ("X-Key", "X-Key, prefx: Bearer", "line 9, column 32: auth.key.0.places.0.prefx:", "Extra inputs"),
        ("scheme: shared_secret", "scheme: shared", "line 8, column 7: auth.key.0:", "no such scheme"),
        ("{{ body.type }}", "{{ bdy.type }}", "line 11, column 3: event.type:", "there is no bdy here"),
        ("type: acme", "type: acne", "line 1, column 1:", "start with 'acme.'"),
        ("title: Acme", "title: Acme\ntitle: Acme", "line 3, column 1:", ""),
    ],
)
def test_a_mistake_is_told_with_file_line_and_column(folder: Path, old: str, new: str, place: str, words: str) -> None:
    detail = refusal(folder, old, new)

    assert detail.startswith(str(folder / "connector.yaml"))
    assert place in detail
    assert words in detail


def test_a_mistake_in_a_sample_is_told_too(folder: Path) -> None:
    detail = refusal(folder, "by hand", "by someone", file="samples/ping.yaml")

    assert "ping.yaml" in detail
    assert "line 2" in detail


def test_the_folder_is_called_as_the_connector(folder: Path) -> None:
    assert "the folder 'acme'" in refusal(folder, "acme", "acne")


def test_a_sample_that_a_type_names_has_to_be_there(folder: Path) -> None:
    assert "samples/pong.yaml" in refusal(folder, "sample: ping", "sample: pong")


def test_the_manifest_of_the_documentation_is_one(folder: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text()
    blocks = [block.split("```")[0] for block in text.split("```yaml\n")[1:]]

    (folder / "connector.yaml").write_text(blocks[0])
    (folder / "samples" / "order_paid.yaml").write_text(blocks[-2])

    assert read_connector(folder).sample("acme.order.paid").body == b'{"type": "order.paid", "id": "evt_1"}'
