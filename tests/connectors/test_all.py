"""Every folder under ``connectors/``: its manifest, samples and vectors, and the security cases over all its ways."""

import ast
from datetime import timedelta
from itertools import product
from pathlib import Path

import jsonschema
import pytest

from engine import json_bytes
from engine.clock import parse_time, rfc3339
from engine.definitions.catalog import MANIFEST, read_file
from engine.definitions.connector import Connector
from engine.definitions.manifest import connector_schema
from engine.definitions.sample import SampleSpec
from engine.errors import Rejected
from engine.language.yaml12 import load
from engine.words import Reason
from tests.connectors.subjects import (
    CONNECTORS,
    FOLDER,
    NOW,
    PLAIN_WORDS,
    ROOT,
    SAMPLES,
    SIGNED,
    SUBJECTS,
    TIMED,
    UNBOUND,
    VECTORS,
    Subject,
    Vector,
    inbound,
)

MALFORMED = ("", " ", ",", "=", "é", "٣" * 64, "\0", "a" * 100_000, "t=,v1=", "v1,", "Bearer ", "\ud800", "-1")
SCHEMA = jsonschema.Draft202012Validator(connector_schema())

every_way = pytest.mark.parametrize("each", SUBJECTS, ids=lambda each: each.title)
every_timed_way = pytest.mark.parametrize("each", TIMED, ids=lambda each: each.title)
every_signing_way = pytest.mark.parametrize("each", SIGNED, ids=lambda each: each.title)
every_way_that_leaves_the_body_unsigned = pytest.mark.parametrize("each", UNBOUND, ids=lambda each: each.title)
every_connector = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=lambda connector: connector.name)


def test_every_folder_is_a_connector() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}

    assert set(CONNECTORS) == folders


@every_connector
def test_the_manifest_is_valid_against_the_published_schema(connector: Connector) -> None:
    manifest = load((FOLDER / connector.name / MANIFEST).read_bytes()).value

    SCHEMA.validate(manifest)


@every_connector
def test_the_folder_holds_set_up_samples_and_vectors(connector: Connector) -> None:
    verdicts = {vector.refused is None for owner, vector in VECTORS if owner is connector}

    assert connector.setup
    assert connector.samples
    assert verdicts == {True, False}, "some to accept, some to refuse"


@every_connector
def test_a_vector_that_confirms_is_one_that_the_vendor_publishes(connector: Connector) -> None:
    shown = {vector.source for owner, vector in VECTORS if owner is connector and vector.made == "published"}

    assert {each.vector for each in connector.manifest.confirmed_by if each.vector} <= shown


@every_connector
def test_every_secret_says_who_makes_it(connector: Connector) -> None:
    ways = [*connector.ways.values(), *(way for each in connector.recipes.values() for way in each.values())]
    needed = {name for way in ways for name in way.secrets}

    assert needed == {secret.name for secret in connector.manifest.setup.secret}


def test_no_python_names_a_vendor() -> None:
    vendors = set(CONNECTORS) - {"custom", *PLAIN_WORDS}
    python = [path for top in ("engine", "web") for path in (ROOT / top).rglob("*.py")]
    paths = [path for path in python if not {"cli", "special"} & set(path.parts)]

    nodes = (node for path in paths for node in ast.walk(ast.parse(path.read_bytes())))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}

    assert vendors.isdisjoint(texts), "but for proofs in Python, and for the command line, whose examples have triggers"


@pytest.mark.parametrize(("name", "path"), SAMPLES, ids=[f"{name}/{path.stem}" for name, path in SAMPLES])
def test_a_sample_becomes_the_expected_events(name: str, path: Path) -> None:
    connector, expected = CONNECTORS[name], read_file(path, SampleSpec)
    sample = connector.samples[path.stem]
    request = inbound(sample.headers, sample.query, sample.body)

    assert connector.accepts(request.first("content-type"))
    drafts = connector.events(request, connector.read(request))

    assert [draft.type for draft in drafts] == [event.type for event in expected.events]
    for draft, event in zip(drafts, expected.events, strict=True):
        assert event.id in {None, draft.key}
        assert event.time in {None, rfc3339(draft.time) if draft.time else ""}
        assert event.data in (None, draft.data)


@pytest.mark.parametrize(
    ("connector", "vector"), VECTORS, ids=[f"{owner.name}/{vector.title}" for owner, vector in VECTORS]
)
def test_a_vector_is_accepted_or_refused(connector: Connector, vector: Vector) -> None:
    request = inbound(vector.headers, vector.query, vector.body.encode(), parse_time(vector.at), vector.url)

    try:
        connector.way(vector.way, vector.recipe).prove(request, vector.secrets)
        refused = None
    except Rejected as rejected:
        refused = rejected.reason.value

    assert refused == vector.refused


@every_way
def test_what_the_vendor_signs_is_accepted(each: Subject) -> None:
    assert each.verdict(each.signed) is None


@every_way
def test_without_a_secret_nothing_is_accepted(each: Subject) -> None:
    names = each.way.secrets

    assert each.verdict(each.signed, {"another": ["secret"]}) is Reason.NO_SECRET
    assert each.verdict(each.signed, {name: [] for name in names}) is Reason.NO_SECRET
    assert each.verdict(each.signed, {name: [""] for name in names}) is Reason.NO_SECRET


@every_way
def test_a_wrong_secret_is_refused(each: Subject) -> None:
    others = {name: [value] for name, value in each.others.items()}

    assert each.verdict(each.signed, others) is Reason.WRONG_PROOF


@every_way
def test_a_refusal_tells_no_secret_and_no_right_answer(each: Subject) -> None:
    others = each.others

    refused = each.refusal(each.way.sign(each.bare, others))

    assert refused is not None
    proof = [each.signed.first(name) for name in each.proof_headers()]
    for value in (*each.secrets.values(), *others.values(), *proof):
        assert value not in refused.detail


@every_signing_way
def test_one_changed_byte_of_the_body_is_refused(each: Subject) -> None:
    changed = each.signed.body[:-1] + bytes([each.signed.body[-1] ^ 1])

    malformed = Reason.MALFORMED_PROOF  # of a body that holds a time as well, and is no JSON now
    assert each.verdict(each.signed._replace(body=changed)) in {Reason.WRONG_PROOF, malformed}


@every_way_that_leaves_the_body_unsigned
def test_a_body_that_is_not_signed_can_be_changed_and_the_manifest_says_so(each: Subject) -> None:
    body = json_bytes.dump({**json_bytes.parse(each.signed.body), "added": "by somebody else"})

    assert each.verdict(each.signed._replace(body=body)) is None
    assert len(each.way.body_is_unsigned) > len("it is not signed")


@every_way
def test_one_changed_character_of_the_proof_is_refused(each: Subject) -> None:
    for name in each.proof_headers():
        (value,) = each.signed.headers[name]
        last = "0" if value.rstrip("=")[-1] != "0" else "1"
        changed = value.rstrip("=")[:-1] + last + "=" * (len(value) - len(value.rstrip("=")))

        assert each.verdict(each.signed.with_header(name, changed)) is not None
    if each.signed.query != each.bare.query:
        assert each.verdict(each.signed._replace(query=each.signed.query[:-1] + "!")) is Reason.WRONG_PROOF
    for text in each.changed_texts() if each.proves_in_body() else ():
        changed = text[:-1] + (b"1" if text.endswith(b"0") else b"0")
        assert each.verdict(each.signed._replace(body=each.signed.body.replace(text, changed))) is not None


@every_way
def test_without_any_part_of_the_proof_it_is_refused(each: Subject) -> None:
    missing = {Reason.MISSING_PROOF, Reason.MISSING_TIMESTAMP}

    refused = each.verdict(each.bare)
    assert refused in missing or (refused and each.proves_in_body()), "a sample's body may hold an old proof"
    for name in each.proof_headers():
        headers = {key: values for key, values in each.signed.headers.items() if key != name}
        assert each.verdict(each.signed._replace(headers=headers)) in missing


@every_way
def test_a_malformed_proof_is_refused_and_nothing_else_happens(each: Subject) -> None:
    for name, value in product(each.proof_headers(), MALFORMED):
        assert each.verdict(each.signed.with_header(name, value)) is not None, value
    for name, value in product(each.way.secret_parameters, MALFORMED):
        assert each.verdict(each.bare.with_parameter(name, value.replace("\ud800", "%ff"))) is not None, value


@every_way
def test_a_doubled_credential_is_refused(each: Subject) -> None:
    for name in each.proof_headers():
        twice = {**each.signed.headers, name: each.signed.headers[name] * 2}
        assert each.verdict(each.signed._replace(headers=twice)) is Reason.REPEATED_PROOF
    if each.signed.query != each.bare.query:
        twice_over = f"{each.signed.query}&{each.signed.query}"
        assert each.verdict(each.signed._replace(query=twice_over)) is Reason.REPEATED_PROOF


@every_way
def test_while_a_secret_is_rotated_both_are_accepted_and_then_the_new_one_alone(each: Subject) -> None:
    news = each.others
    names = [*news, *(name for name in each.secrets if name not in news)]
    both = {name: [held[name] for held in (news, each.secrets) if name in held] for name in names}
    after = {name: [new] for name, new in news.items()}
    by_new = each.way.sign(each.bare, news)

    assert each.verdict(each.signed, both) is None
    assert each.verdict(by_new, both) is None
    assert each.verdict(by_new, after) is None
    assert each.verdict(each.signed, after) is Reason.WRONG_PROOF


@every_timed_way
@pytest.mark.parametrize(
    ("side", "seconds", "expected"),
    [(1, -2, None), (1, 2, Reason.TIMESTAMP_TOO_OLD), (-1, -2, None), (-1, 2, Reason.TIMESTAMP_IN_FUTURE)],
)
def test_the_window_has_two_sides_and_a_length(each: Subject, side: int, seconds: int, expected: Reason | None) -> None:
    window = each.window()
    received = each.signed._replace(received_at=NOW + side * (window + timedelta(seconds=seconds)))

    assert each.verdict(received) is expected
    assert timedelta(seconds=30) <= window <= timedelta(hours=24)


@every_timed_way
def test_a_replay_has_the_digest_of_the_first_until_its_time_is_over(each: Subject) -> None:
    secrets = {name: [value] for name, value in each.secrets.items()}
    first = each.way.prove(each.signed, secrets)
    again = each.way.prove(each.signed._replace(received_at=NOW + timedelta(seconds=20)), secrets)
    later = each.way.sign(each.bare._replace(received_at=NOW + timedelta(seconds=20)), each.secrets)

    assert first == again
    assert first.expires_at == NOW + each.window()
    assert each.way.prove(later, secrets).digest != first.digest


@every_signing_way
def test_a_secret_in_the_url_proves_nothing_where_a_signature_is_asked_for(each: Subject) -> None:
    key = next(iter(each.secrets.values()))

    for name in ("apikey", *each.secrets):
        assert each.verdict(each.bare.with_parameter(name, key)) is not None
        assert each.verdict(each.bare.with_header(name, key)) is not None
