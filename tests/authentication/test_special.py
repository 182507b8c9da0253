"""Proofs that are written in Python: where their certificates may come from, and what is signed."""

import json
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from engine.authentication.algorithms import ALGORITHMS, write_private_key
from engine.authentication.keys import KeysWanted
from engine.authentication.way import compile_way
from engine.errors import Invalid, Rejected
from engine.words import Reason
from tests.authentication.conftest import inbound

KEY = generate_private_key(65537, 2048)
PEM = write_private_key(KEY)
ARN = "arn:aws:sns:us-west-2:123456789012:MyTopic"
AMAZON = "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem"
PAYPAL = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77"
#: What a field may hold that somebody made up.
ANYTHING = st.recursive(
    st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)
SNS, TRANSMISSION = compile_way("w", {"scheme": "special:aws-sns"}), compile_way("w", {"scheme": "special:paypal"})


def message(address: str = AMAZON, **changes: object) -> bytes:
    fields = {"Type": "Notification", "MessageId": "1", "Message": "m", "Timestamp": "t", "TopicArn": ARN, **changes}
    names = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
    signed = "".join(f"{name}\n{fields[name]}\n" for name in names if name in fields)
    signature = b64encode(ALGORITHMS["rsa-sha256"].sign(KEY, signed.encode())).decode()
    return json.dumps({**fields, "SignatureVersion": "2", "Signature": signature, "SigningCertURL": address}).encode()


def refusal(body: bytes, address: str = AMAZON) -> Reason | None:
    try:
        SNS.prove(inbound({}, body), {"topic_arn": [ARN], address: [PEM]})
    except Rejected as rejected:
        return rejected.reason
    return None


@pytest.mark.parametrize(
    "address",
    [
        AMAZON.replace("us-west-2", "us-gov-west-1"),
        AMAZON.replace("us-west-2", "cn-north-1").replace(".com", ".com.cn"),
        AMAZON.replace("us-west-2", "ap-southeast-2"),
    ],
)
def test_a_certificate_may_come_from_every_region(address: str) -> None:
    assert refusal(message(address), address) is None


@pytest.mark.parametrize(
    "address",
    [
        AMAZON.replace("https", "http"),
        AMAZON.replace("amazonaws.com", "amazonaws.com.evil.example"),
        AMAZON.replace("https://sns", "https://evil.example/sns"),
        AMAZON.replace("https://", "https://evil.example@"),
        AMAZON.replace("https://sns.us-west-2", "https://sns.us-west-2.s3"),
        AMAZON.replace("https://sns", "https://s3"),
        AMAZON.replace("/Simple", ":8443/Simple"),
        AMAZON.replace("/Simple", "/../Simple"),
        AMAZON + "?x=.pem",
        AMAZON + "\n",
        AMAZON.replace(".pem", ".txt"),
        "file:///etc/passwd",
        "",
    ],
)
def test_a_certificate_comes_from_nowhere_else(address: str) -> None:
    assert refusal(message(address), address) is Reason.MALFORMED_PROOF


@pytest.mark.parametrize("name", ["Message", "MessageId", "Timestamp"])
def test_no_signed_field_can_be_changed(name: str) -> None:
    changed = json.loads(message()) | {name: "changed"}

    assert refusal(json.dumps(changed).encode()) is Reason.WRONG_PROOF


def test_a_message_of_another_topic_is_refused_although_amazon_signed_it() -> None:
    assert refusal(message(TopicArn="arn:aws:sns:us-west-2:999999999999:Evil")) is Reason.WRONG_PROOF


@pytest.mark.parametrize("version", ["3", "", None, 2, ["1"], {"1": 1}])
def test_a_version_that_is_not_known_is_refused(version: object) -> None:
    changed = json.loads(message()) | {"SignatureVersion": version}

    assert refusal(json.dumps(changed).encode()) is Reason.MALFORMED_PROOF


@pytest.mark.parametrize("kind", ["Else", ["Notification"], {}, None])
def test_a_type_that_is_not_known_is_refused(kind: object) -> None:
    changed = json.loads(message()) | {"Type": kind}

    assert refusal(json.dumps(changed).encode()) is Reason.MALFORMED_PROOF


def test_a_certificate_that_is_not_at_hand_is_wanted() -> None:
    with pytest.raises(KeysWanted) as wanted:
        SNS.prove(inbound({}, message()), {"topic_arn": [ARN]})

    assert wanted.value.address == AMAZON


@pytest.mark.parametrize(
    "address",
    [
        PAYPAL.replace("https", "http"),
        PAYPAL.replace("paypal.com", "paypal.com.evil.example"),
        PAYPAL.replace("api.paypal.com", "evil.example/api.paypal.com"),
        PAYPAL.replace("api.paypal.com", "apixpaypal.com"),
        PAYPAL.replace("certs/", "certs/../../files/"),
        PAYPAL + "?a",
    ],
)
def test_a_certificate_of_a_transmission_comes_from_nowhere_else(address: str) -> None:
    secrets = {"webhook_id": "9XL90610J3647323C"}
    ((ours, _),) = TRANSMISSION.key_documents[0].by_address(secrets).items()
    signed = TRANSMISSION.sign(inbound({}, b"{}"), {**secrets, ours: PEM})

    with pytest.raises(Rejected) as rejected:
        TRANSMISSION.prove(signed.with_header("paypal-cert-url", address), {"webhook_id": ["9XL90610J3647323C"]})

    assert rejected.value.reason is Reason.MALFORMED_PROOF


def test_a_name_that_is_not_known_is_no_scheme() -> None:
    with pytest.raises(Invalid):
        compile_way("w", {"scheme": "special:nobody"})


@given(
    st.binary() | st.dictionaries(st.sampled_from([*json.loads(message())]), ANYTHING).map(json.dumps).map(str.encode)
)
def test_any_body_gives_a_proof_or_a_refusal(body: bytes) -> None:
    assert refusal(body) is not None
