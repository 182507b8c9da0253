"""The scheme ``jwt``: published tokens, and what hostile ones come to."""

import hmac
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from engine.authentication.algorithms import TOKEN_ALGORITHMS, read_public_key
from engine.authentication.token import read_token, write_token
from engine.authentication.way import Way, compile_way
from engine.authentication.written import BASE64URL
from engine.errors import Invalid, Rejected
from engine.words import Reason
from tests.authentication.conftest import NOW, inbound

SECRET = "a-secret-of-thirty-two-characters"
UNSIGNED = "it is a test of something else"
RSA = rsa.generate_private_key(65537, 2048)
PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
#: Source: https://www.rfc-editor.org/rfc/rfc7515#appendix-A.1 and A.3
JOE = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
BY_HMAC = f"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{JOE}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
BY_ECDSA = (
    f"eyJhbGciOiJFUzI1NiJ9.{JOE}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
HMAC_KEY = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
ECDSA_KEY = json.dumps(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
)
#: Source: https://www.secg.org/sec2-v2.pdf, section 2.4.2
CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
#: Before the end that these tokens name.
THEN = datetime.fromtimestamp(1_300_819_379, UTC)


def way(**fields: object) -> Way:
    source = {} if {"key", "keys"} & fields.keys() else {"secret": "secret"}
    spec = {"scheme": "jwt", "token": {"header": "x-token"}, "algorithms": "HS256", **source, **fields}
    return compile_way("w", spec if "hashes" in fields or fields.get("token") == "body" else _loose(spec))


def _loose(spec: dict[str, object]) -> dict[str, object]:
    return {"body_is_unsigned": UNSIGNED, **spec}


def hs256(claims: object, header: object = None, key: bytes = SECRET.encode()) -> str:
    made = write_token(header or {"alg": "HS256"}, claims, lambda text: hmac.digest(key, text, "sha256"))  # type: ignore[arg-type]
    return made.decode()


def refusal(each: Way, token: str, body: bytes = b"", *, secret: str = SECRET, at: datetime = NOW) -> Reason | None:
    try:
        each.prove(
            inbound({"x-token": token}, body)._replace(received_at=at), {name: [secret] for name in each.secrets}
        )
    except Rejected as rejected:
        return rejected.reason
    return None


def lasting(**claims: object) -> dict[str, object]:
    return {"iat": int(NOW.timestamp()), **claims}


def test_the_published_token_with_a_keyed_hash_is_accepted() -> None:
    each = way(secret={"name": "secret", "encoding": "base64"}, issuer="joe")

    assert refusal(each, BY_HMAC, secret=HMAC_KEY, at=THEN) is None
    assert refusal(each, BY_HMAC, secret=HMAC_KEY) is Reason.TIMESTAMP_TOO_OLD


def test_the_published_token_with_a_curve_is_accepted() -> None:
    each = way(key="public_key", algorithms="ES256", issuer="joe")

    assert refusal(each, BY_ECDSA, secret=ECDSA_KEY, at=THEN) is None


def test_the_published_signature_of_ed25519_is_right() -> None:
    """Source: https://www.rfc-editor.org/rfc/rfc8037#appendix-A.4."""
    key = read_public_key('{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}')
    signature = BASE64URL.read(
        b"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )

    assert key
    assert signature
    text = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    assert TOKEN_ALGORITHMS["EdDSA"].verifies(key, signature, text)


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "HS512", "RS256", "", None, 5, ["HS256"]])
def test_an_algorithm_that_was_not_asked_for_is_refused(name: object) -> None:
    assert refusal(way(), hs256(lasting(), {"alg": name})) is Reason.MALFORMED_PROOF


def test_a_token_without_a_signature_is_refused() -> None:
    head, claims, _ = hs256(lasting(), {"alg": "none"}).split(".")

    assert refusal(way(), f"{head}.{claims}.") is Reason.MALFORMED_PROOF
    assert refusal(way(), f"{head}.{claims}") is Reason.MALFORMED_PROOF


def test_a_public_key_is_never_the_key_of_a_hash() -> None:
    forged = hs256(lasting(), key=PEM.encode())
    each = way(key="public_key", algorithms=["RS256", "ES256"])

    assert refusal(each, forged, secret=PEM) is Reason.MALFORMED_PROOF
    with pytest.raises(Invalid, match="never mix"):
        way(key="public_key", algorithms=["RS256", "HS256"])
    with pytest.raises(Invalid, match="never mix"):
        way(algorithms="RS256")


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert.pem"},
        {"x5c": ["AAAA"]},
        {"kid": "../../etc/passwd"},
        {"kid": "' OR 1=1 --"},
        {"kid": {"a": 1}},
    ],
)
def test_what_a_token_says_about_keys_is_not_asked(header: dict[str, object]) -> None:
    known, other = hs256(lasting(), {"alg": "HS256", **header}), hs256(lasting(), {"alg": "HS256", **header}, b"other")

    assert refusal(way(), known) is None
    assert refusal(way(), other) is Reason.WRONG_PROOF


@pytest.mark.parametrize("header", [{"crit": ["exp"], "exp": 1}, {"crit": []}, {"b64": False, "crit": ["b64"]}])
def test_extensions_that_are_not_known_are_refused(header: dict[str, object]) -> None:
    assert refusal(way(), hs256(lasting(), {"alg": "HS256", **header})) is Reason.MALFORMED_PROOF


def test_a_huge_or_a_deep_token_is_refused() -> None:
    deep = BASE64URL.write(b'{"alg":' + b"[" * 5_000 + b"]" * 5_000 + b"}").decode()

    assert refusal(way(), hs256(lasting(x="a" * 20_000))) is Reason.MALFORMED_PROOF
    assert refusal(way(), f"{deep}.e30.AAAA") is Reason.MALFORMED_PROOF
    assert refusal(way(), "." * 16_000) is Reason.MALFORMED_PROOF


def test_a_name_that_comes_twice_is_refused() -> None:
    parts = (b'{"alg":"none","alg":"HS256"}', json.dumps(lasting()).encode())
    signed = b".".join(map(BASE64URL.write, parts))
    signature = BASE64URL.write(hmac.digest(SECRET.encode(), signed, "sha256"))

    assert refusal(way(), (signed + b"." + signature).decode()) is Reason.MALFORMED_PROOF


def test_a_second_spelling_of_a_token_is_refused() -> None:
    token = hs256(lasting())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = alphabet[alphabet.index(token[-1]) ^ 1]

    assert refusal(way(), token) is None
    assert refusal(way(), token[:-1] + other) is Reason.MALFORMED_PROOF
    assert refusal(way(), token + "=") is Reason.MALFORMED_PROOF


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"iat": 0}, None),
        ({"iat": -299}, None),
        ({"iat": -301}, Reason.TIMESTAMP_TOO_OLD),
        ({"iat": 301}, Reason.TIMESTAMP_IN_FUTURE),
        ({"iat": -86_400, "exp": 60}, None),
        ({"iat": 0, "exp": -1}, Reason.TIMESTAMP_TOO_OLD),
        ({"exp": 60, "nbf": 301}, Reason.TIMESTAMP_IN_FUTURE),
        ({"exp": 60, "nbf": -60}, None),
        ({}, Reason.MISSING_TIMESTAMP),
        ({"nbf": 0}, Reason.MISSING_TIMESTAMP),
    ],
)
def test_a_token_counts_from_its_start_to_its_end(claims: dict[str, int], expected: Reason | None) -> None:
    at = {name: int(NOW.timestamp()) + seconds for name, seconds in claims.items()}

    assert refusal(way(), hs256(at)) is expected


@pytest.mark.parametrize("value", ["1", True, -1, 1e300, [], {}, 10**400])
def test_a_time_that_is_none_is_refused(value: object) -> None:
    for name in ("iat", "exp", "nbf"):
        assert refusal(way(), hs256(lasting(**{name: value}))) in {Reason.MALFORMED_TIMESTAMP, Reason.MALFORMED_PROOF}


def test_a_token_of_ours_names_its_start_and_its_end_as_strict_verifiers_ask() -> None:
    signed = way(within="5m").sign(inbound({}, b"")._replace(received_at=NOW), {"secret": SECRET})

    (token,) = signed.headers["x-token"]
    now = int(NOW.timestamp())
    assert read_token(token.encode()).claims == {"iat": now, "nbf": now, "exp": now + 300}


def test_issuer_audience_and_claims_are_those_of_the_manifest_and_the_trigger() -> None:
    each = way(issuer=["a", "b"], audience="{url}", claims={"email": "account"})
    request = inbound({}, b"")
    secrets = {"secret": [SECRET], "account": ["me@example.com"]}
    right = lasting(iss="b", aud=[request.url, "other"], email="me@example.com")

    each.prove(request.with_header("x-token", hs256(right)), secrets)

    for wrong in ({"iss": "c"}, {"aud": "other"}, {"aud": None}, {"email": "you@example.com"}, {"email": None}):
        with pytest.raises(Rejected) as rejected:
            each.prove(request.with_header("x-token", hs256({**right, **wrong})), secrets)
        assert rejected.value.reason is Reason.WRONG_PROOF


def test_a_token_of_the_same_key_for_another_purpose_is_refused() -> None:
    each = way(token="body", timed=False, required=["type", "event_id"])
    signed_in = hs256({"sub": "kp_1", "iss": "https://vendor.example"}).encode()

    assert refusal(each, "", hs256({"type": "user.created", "event_id": "e"}).encode()) is None
    assert refusal(each, "", signed_in) is Reason.WRONG_PROOF


def test_a_hash_binds_the_body_and_is_left_out_of_an_empty_one_alone() -> None:
    each = way(hashes=[{"claim": "h", "encoding": "base64"}])
    bound = hs256(lasting(h=b64encode(sha256(b"body").digest()).decode()))

    assert refusal(each, bound, b"body") is None
    assert refusal(each, bound, b"Body") is Reason.WRONG_PROOF
    assert refusal(each, bound, b"") is Reason.WRONG_PROOF
    assert refusal(each, hs256(lasting()), b"") is None
    assert refusal(each, hs256(lasting()), b"body") is Reason.WRONG_PROOF


def test_a_token_that_does_not_bind_the_body_has_to_say_so() -> None:
    with pytest.raises(Invalid, match="body_is_unsigned"):
        compile_way("w", {"scheme": "jwt", "token": {"header": "x"}, "secret": "s", "algorithms": "HS256"})


def test_one_token_for_two_bodies_is_no_replay_and_for_one_body_it_is() -> None:
    each, token = way(), hs256(lasting())

    first, second, again = (
        each.prove(inbound({"x-token": token}, body), {"secret": [SECRET]}) for body in (b"one", b"two", b"one")
    )

    assert first.digest != second.digest
    assert first == again
    assert first.expires_at == NOW.replace(microsecond=0) + timedelta(minutes=5)


def test_the_other_signature_that_a_curve_has_is_a_replay() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    token = write_token({"alg": "ES256"}, lasting(), lambda text: TOKEN_ALGORITHMS["ES256"].sign(key, text)).decode()
    signed, _, signature = token.rpartition(".")
    octets = BASE64URL.decode(signature.encode())
    mirrored = octets[:32] + (CURVE_ORDER - int.from_bytes(octets[32:])).to_bytes(32)
    each = way(algorithms="ES256", key="public_key")

    tokens = (token, f"{signed}.{BASE64URL.write(mirrored).decode()}")
    first, second = (each.prove(inbound({"x-token": text}, b"{}"), {"public_key": [pem]}) for text in tokens)

    assert first == second


def test_a_body_that_is_the_token_is_a_replay_with_white_space_around_it_too() -> None:
    each = way(token="body")
    token = hs256(lasting()).encode()

    first, second = (each.prove(inbound({}, body), {"secret": [SECRET]}) for body in (token, token + b"\n"))

    assert first == second


def test_a_prefix_is_taken_in_any_case_and_a_token_without_it_is_none() -> None:
    each = way(token={"header": "x-token", "prefix": "Bearer "})

    assert refusal(each, f"bearer {hs256(lasting())}") is None
    assert refusal(each, hs256(lasting())) is Reason.MALFORMED_PROOF


def test_a_whole_body_can_be_the_token() -> None:
    each = way(token="body", timed=False)
    token = hs256({"type": "user.created"}).encode()

    assert refusal(each, "", token) is None
    assert refusal(each, "", token[:-9] + b"AAAAAAAAA") in {Reason.WRONG_PROOF, Reason.MALFORMED_PROOF}
    assert read_token(each.sign(inbound({}, token), {"secret": SECRET}).body).claims == {"type": "user.created"}


def test_a_curve_does_not_take_the_key_of_another() -> None:
    other = ec.generate_private_key(ec.SECP384R1())
    token = write_token({"alg": "ES256"}, lasting(), lambda text: TOKEN_ALGORITHMS["ES384"].sign(other, text)).decode()
    pem = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    each = way(key="public_key", algorithms=["ES256", "ES384"])

    assert refusal(each, token, secret=pem) is Reason.WRONG_PROOF


@given(st.binary())
def test_any_bytes_give_a_proof_or_a_refusal(value: bytes) -> None:
    whole = way(token="body")

    for request in (inbound({"x-token": value.decode("latin-1")}, b""), inbound({"x-token": hs256({})}, value)):
        for each in (way(), whole):
            with pytest.raises(Rejected):
                each.prove(request, {"secret": [SECRET]})


NAMES = st.sampled_from(["iat", "exp", "nbf", "iss", "aud", "email", "h"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)


@given(st.dictionaries(NAMES, VALUES, max_size=7))
def test_any_claims_give_a_proof_or_a_refusal(claims: dict[str, object]) -> None:
    each = way(issuer="a", audience="{url}", claims={"email": "secret"}, hashes=[{"claim": "h"}])

    assert refusal(each, hs256(claims)) is not None


def test_the_key_of_a_hash_is_decoded_as_the_manifest_says() -> None:
    assert len(b64decode(HMAC_KEY)) == 64
