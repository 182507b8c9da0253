"""Every folder under ``connectors/``: its manifest, samples and vectors, and the security cases over all its ways."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from pydantic import Field, TypeAdapter

from engine.authentication.request import Inbound
from engine.authentication.spec import Spec
from engine.authentication.way import Way
from engine.clock import parse_time, rfc3339
from engine.definitions.catalog import MANIFEST, read_connectors, read_file
from engine.definitions.connector import Connector
from engine.definitions.manifest import connector_schema
from engine.definitions.sample import SampleSpec
from engine.errors import Rejected
from engine.language.yaml12 import load
from engine.words import Reason

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "connectors"
CONNECTORS = read_connectors(FOLDER)
URL = "https://hooks.example.com/webhooks/4k1s2v6d9f0h3j5l7n8p0q2r4t"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Vector(Spec):
    """One request of ``vectors.yaml``: to accept, or to refuse for a reason."""

    title: str
    source: str
    way: str
    recipe: str | None = None
    secrets: dict[str, list[str]]
    at: str = rfc3339(NOW)
    query: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    refused: str | None = None


@dataclass(frozen=True)
class Subject:
    """One way of one connector, with fresh secrets and a request that carries the right proof."""

    title: str
    connector: Connector
    way: Way
    secrets: Mapping[str, str]
    bare: Inbound
    signed: Inbound

    def verdict(self, request: Inbound, secrets: Mapping[str, list[str]] | None = None) -> Reason | None:
        """Return why the request is refused, or None when it is accepted."""
        rejected = self.refusal(request, secrets)
        return rejected.reason if rejected else None

    def refusal(self, request: Inbound, secrets: Mapping[str, list[str]] | None = None) -> Rejected | None:
        """Return the refusal, or None when the request is accepted."""
        try:
            self.way.prove(request, secrets or {name: [value] for name, value in self.secrets.items()})
        except Rejected as rejected:
            return rejected
        return None

    def proof_headers(self) -> list[str]:
        """Return the headers that signing added."""
        return [name for name in self.signed.headers if name not in self.bare.headers]


def inbound(headers: Mapping[str, str], query: str, body: bytes, at: datetime = NOW) -> Inbound:
    return Inbound(
        method="POST",
        url=f"{URL}?{query}" if query else URL,
        path="/webhooks/4k1s2v6d9f0h3j5l7n8p0q2r4t",
        query=query,
        headers={name.lower(): (value,) for name, value in headers.items()},
        body=body,
        address="192.0.2.7",
        received_at=at,
    )


def subjects() -> Iterator[Subject]:
    for connector in CONNECTORS.values():
        for name, way in connector.ways.items():
            known = connector.recipes.get(name, {"": way})
            for recipe, each in known.items():
                yield subject("/".join(filter(None, (connector.name, name, recipe))), connector, each)


def subject(title: str, connector: Connector, way: Way) -> Subject:
    sample = connector.sample()
    bare = inbound(sample.headers, sample.query, sample.body)
    secrets = {name: spec.generate() for name, spec in way.secrets.items()}
    return Subject(title, connector, way, secrets, bare, way.sign(bare, secrets))


SUBJECTS = list(subjects())
TIMED = [each for each in SUBJECTS if each.way.prove(each.signed, {k: [v] for k, v in each.secrets.items()}).digest]
SIGNED = [each for each in SUBJECTS if each.way.kinds == ("hmac",)]
SAMPLES = [(name, path) for name in CONNECTORS for path in sorted((FOLDER / name / "samples").glob("*.yaml"))]


def vectors() -> Iterator[tuple[Connector, Vector]]:
    for connector in CONNECTORS.values():
        listed = load((FOLDER / connector.name / "vectors.yaml").read_bytes()).value
        yield from ((connector, each) for each in TypeAdapter(list[Vector]).validate_python(listed))


VECTORS = list(vectors())

every_way = pytest.mark.parametrize("each", SUBJECTS, ids=lambda each: each.title)
every_timed_way = pytest.mark.parametrize("each", TIMED, ids=lambda each: each.title)
every_signing_way = pytest.mark.parametrize("each", SIGNED, ids=lambda each: each.title)
every_connector = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=lambda connector: connector.name)


def test_every_folder_is_a_connector() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}

    assert set(CONNECTORS) == folders


@every_connector
def test_the_manifest_is_valid_against_the_published_schema(connector: Connector) -> None:
    manifest = load((FOLDER / connector.name / MANIFEST).read_bytes()).value

    jsonschema.Draft202012Validator(connector_schema()).validate(manifest)


@every_connector
def test_the_folder_holds_set_up_samples_and_vectors(connector: Connector) -> None:
    verdicts = {vector.refused is None for owner, vector in VECTORS if owner is connector}

    assert connector.setup
    assert connector.samples
    assert verdicts == {True, False}, "some to accept, some to refuse"


@every_connector
def test_every_secret_says_who_makes_it(connector: Connector) -> None:
    ways = [*connector.ways.values(), *(way for each in connector.recipes.values() for way in each.values())]
    needed = {name for way in ways for name in way.secrets}

    assert needed == {secret.name for secret in connector.manifest.setup.secret}


def test_no_python_names_a_vendor() -> None:
    vendors = set(CONNECTORS) - {"custom"}
    paths = [path for top in ("engine", "web") for path in (ROOT / top).rglob("*.py") if "cli" not in path.parts]

    nodes = (node for path in paths for node in ast.walk(ast.parse(path.read_bytes())))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}

    assert vendors.isdisjoint(texts), "but for the command line, whose examples have triggers"


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
    request = inbound(vector.headers, vector.query, vector.body.encode(), parse_time(vector.at))

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
    others = {name: [spec.generate()] for name, spec in each.way.secrets.items()}

    assert each.verdict(each.signed, others) is Reason.WRONG_PROOF


@every_way
def test_a_refusal_tells_no_secret_and_no_right_answer(each: Subject) -> None:
    others = {name: spec.generate() for name, spec in each.way.secrets.items()}

    refused = each.refusal(each.way.sign(each.bare, others))

    assert refused is not None
    proof = [each.signed.first(name) for name in each.proof_headers()]
    for value in (*each.secrets.values(), *others.values(), *proof):
        assert value not in refused.detail


@every_signing_way
def test_one_changed_byte_of_the_body_is_refused(each: Subject) -> None:
    changed = each.signed.body[:-1] + bytes([each.signed.body[-1] ^ 1])

    assert each.verdict(each.signed._replace(body=changed)) is Reason.WRONG_PROOF


@every_way
def test_one_changed_character_of_the_proof_is_refused(each: Subject) -> None:
    for name in each.proof_headers():
        (value,) = each.signed.headers[name]
        last = "0" if value.rstrip("=")[-1] != "0" else "1"
        changed = value.rstrip("=")[:-1] + last + "=" * (len(value) - len(value.rstrip("=")))

        assert each.verdict(each.signed.with_header(name, changed)) is not None
    if each.signed.query != each.bare.query:
        assert each.verdict(each.signed._replace(query=each.signed.query[:-1] + "!")) is Reason.WRONG_PROOF


@every_way
def test_without_any_part_of_the_proof_it_is_refused(each: Subject) -> None:
    missing = {Reason.MISSING_PROOF, Reason.MISSING_TIMESTAMP}

    assert each.verdict(each.bare) in missing
    for name in each.proof_headers():
        headers = {key: values for key, values in each.signed.headers.items() if key != name}
        assert each.verdict(each.signed._replace(headers=headers)) in missing


@every_way
@pytest.mark.parametrize(
    "value", ["", " ", ",", "=", "é", "٣" * 64, "\0", "a" * 100_000, "t=,v1=", "v1,", "Bearer ", "\ud800", "-1"]
)
def test_a_malformed_proof_is_refused_and_nothing_else_happens(each: Subject, value: str) -> None:
    for name in each.proof_headers():
        assert each.verdict(each.signed.with_header(name, value)) is not None
    for name in each.way.secret_parameters:
        assert each.verdict(each.bare.with_parameter(name, value.replace("\ud800", "%ff"))) is not None


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
    news = {name: spec.generate() for name, spec in each.way.secrets.items()}
    both = {name: [news[name], old] for name, old in each.secrets.items()}
    after = {name: [new] for name, new in news.items()}
    by_new = each.way.sign(each.bare, news)

    assert each.verdict(each.signed, both) is None
    assert each.verdict(by_new, both) is None
    assert each.verdict(by_new, after) is None
    assert each.verdict(each.signed, after) is Reason.WRONG_PROOF


@every_timed_way
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(299, None), (301, Reason.TIMESTAMP_TOO_OLD), (-299, None), (-301, Reason.TIMESTAMP_IN_FUTURE)],
)
def test_five_minutes_to_either_side_are_the_window(each: Subject, seconds: int, expected: Reason | None) -> None:
    received = each.signed._replace(received_at=NOW + timedelta(seconds=seconds))

    assert each.verdict(received) is expected


@every_timed_way
def test_a_replay_has_the_digest_of_the_first_until_its_time_is_over(each: Subject) -> None:
    secrets = {name: [value] for name, value in each.secrets.items()}
    first = each.way.prove(each.signed, secrets)
    again = each.way.prove(each.signed._replace(received_at=NOW + timedelta(seconds=60)), secrets)
    later = each.way.sign(each.bare._replace(received_at=NOW + timedelta(seconds=60)), each.secrets)

    assert first == again
    assert first.expires_at == NOW + timedelta(minutes=5)
    assert each.way.prove(later, secrets).digest != first.digest


@every_signing_way
def test_a_secret_in_the_url_proves_nothing_where_a_signature_is_asked_for(each: Subject) -> None:
    key = next(iter(each.secrets.values()))

    for name in ("apikey", *each.secrets):
        assert each.verdict(each.bare.with_parameter(name, key)) is not None
        assert each.verdict(each.bare.with_header(name, key)) is not None
