from base64 import b64encode

import pytest

from engine.authentication.request import Inbound
from engine.authentication.way import compile_way
from engine.errors import Rejected
from engine.words import Reason

WAY = compile_way("basic", {"scheme": "basic", "username": "vendor"})
PASSWORD = "correct: horse, battery"


def refusal(request: Inbound) -> Reason | None:
    try:
        WAY.prove(request, {"secret": [PASSWORD]})
    except Rejected as rejected:
        return rejected.reason
    return None


def credentials(text: str) -> str:
    return b64encode(text.encode()).decode()


def test_user_name_and_password_prove_the_sender(bare: Inbound) -> None:
    assert refusal(WAY.sign(bare, {"secret": PASSWORD})) is None
    assert refusal(bare.with_header("Authorization", f"basic {credentials(f'vendor:{PASSWORD}')}")) is None


@pytest.mark.parametrize("text", [f"wink:{PASSWORD}", "vendor:wrong", "vendor:", f":{PASSWORD}"])
def test_a_wrong_name_or_password_is_refused(bare: Inbound, text: str) -> None:
    assert refusal(bare.with_header("Authorization", f"Basic {credentials(text)}")) is Reason.WRONG_PROOF


@pytest.mark.parametrize("value", ["", "Basic", "Basic !!", "Basic dmVuZG9y", f"Bearer {credentials('vendor:x')}"])
def test_what_is_no_basic_authentication_is_malformed(bare: Inbound, value: str) -> None:
    assert refusal(bare.with_header("Authorization", value)) is Reason.MALFORMED_PROOF


def test_a_missing_or_doubled_header_is_refused(bare: Inbound) -> None:
    signed = WAY.sign(bare, {"secret": PASSWORD})
    twice = signed._replace(headers={"authorization": signed.headers["authorization"] * 2})

    assert refusal(bare) is Reason.MISSING_PROOF
    assert refusal(twice) is Reason.REPEATED_PROOF


def test_the_sender_is_told_what_to_send() -> None:
    assert WAY.challenge is not None
    assert WAY.challenge.startswith("Basic ")
