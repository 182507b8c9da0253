"""Amazon SNS: RSA over fields of the JSON body, with a certificate whose address the message itself names.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import re
from collections.abc import Mapping

from engine import json_bytes
from engine.authentication.algorithms import ALGORITHMS, Algorithm, PublicKey
from engine.authentication.keys import Certificate, keys_at, private_key
from engine.authentication.places import read_json
from engine.authentication.request import Inbound
from engine.authentication.scheme import TIMELESS, Proof, Scheme
from engine.authentication.secret import Secrets, SecretSpec
from engine.authentication.written import BASE64
from engine.errors import Rejected
from engine.words import Reason

#: Amazon signs for everybody's topics: only those that the trigger names may send.
TOPIC = SecretSpec(name="topic_arn", at_least=20, prefix="arn:")

_VERSIONS: Mapping[str, Algorithm] = {"1": ALGORITHMS["rsa-sha1"], "2": ALGORITHMS["rsa-sha256"]}
_SIGNED: Mapping[str, tuple[str, ...]] = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    **dict.fromkeys(
        ("SubscriptionConfirmation", "UnsubscribeConfirmation"),
        ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
#: The only addresses that a certificate is taken from, whatever the message says.
_CERTIFICATE = re.compile(
    r"https://sns\.[a-z]{2}(?:-[a-z]{1,16}){1,3}-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?"
    r"/SimpleNotificationService-[0-9a-zA-Z]{1,64}\.pem"
)
#: Where the certificate of what we sign ourselves would be.
_OURS = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-wink.pem"


def compile_scheme() -> Scheme:
    """Return the scheme."""
    certificate = Certificate(_OURS, ALGORITHMS["rsa-sha256"])
    return Scheme(("special:aws-sns",), _prove, _sign, secrets=(TOPIC,), key_documents=(certificate,))


def _prove(request: Inbound, secrets: Secrets) -> Proof:
    """Return the proof of a message that Amazon signed for one of the trigger's topics.

    A message keeps its time and signature however often it is sent again, so that no window fits.
    """
    topics = TOPIC.keys(secrets)
    message = _message(request.body)
    signature, address, algorithm = _claimed(message)
    if str(message.get("TopicArn")).encode("utf-8", "replace") not in topics:
        raise Rejected(Reason.WRONG_PROOF, "the message is from another topic")
    signed = _signed_text(message)
    if not any(algorithm.fits(key) and algorithm.verifies(key, signature, signed) for key in _keys(address, secrets)):
        raise Rejected(Reason.WRONG_PROOF, "the signature is not that of this message")
    return TIMELESS


def _keys(address: str, secrets: Secrets) -> list[PublicKey]:
    keys = list(keys_at(address, None, secrets))
    if not keys:
        raise Rejected(Reason.WRONG_PROOF, "there is no certificate where the message says")
    return keys


def _sign(request: Inbound, secrets: Mapping[str, str]) -> Inbound:
    key = private_key(secrets.get(_OURS, ""))
    message = {
        **_message(request.body),
        "TopicArn": TOPIC.key(secrets).decode(),
        "SignatureVersion": "2",
        "SigningCertURL": _OURS,
    }
    signature = ALGORITHMS["rsa-sha256"].sign(key, _signed_text(message))
    body = json_bytes.dump({**message, "Signature": BASE64.write(signature).decode()})
    return request._replace(body=body)


def _message(body: bytes) -> Mapping[str, object]:
    message = read_json(body)
    if not isinstance(message, dict):
        raise Rejected(Reason.MALFORMED_PROOF, "the body, which holds the proof, is no JSON object")
    return message


def _text(message: Mapping[str, object], name: str) -> str:
    """Return a field that is a text; empty of any other, which anybody may send."""
    value = message.get(name)
    return value if isinstance(value, str) else ""


def _claimed(message: Mapping[str, object]) -> tuple[bytes, str, Algorithm]:
    """Return signature, address of the certificate and algorithm."""
    signature, address = message.get("Signature"), message.get("SigningCertURL")
    if signature is None or address is None:
        raise Rejected(Reason.MISSING_PROOF, "there is no Signature, or no SigningCertURL")
    if not isinstance(address, str) or not _CERTIFICATE.fullmatch(address):
        raise Rejected(Reason.MALFORMED_PROOF, "the SigningCertURL is none of Amazon SNS")
    algorithm = _VERSIONS.get(_text(message, "SignatureVersion"))
    text = signature.encode("utf-8", "replace") if isinstance(signature, str) else b""
    octets = BASE64.read(text) if BASE64.form.fullmatch(text) else None
    if algorithm is None or octets is None:
        raise Rejected(Reason.MALFORMED_PROOF, "the Signature is no Base64, or of a version that is not known")
    return octets, address, algorithm


def _signed_text(message: Mapping[str, object]) -> bytes:
    names = _SIGNED.get(_text(message, "Type"))
    if names is None:
        raise Rejected(Reason.MALFORMED_PROOF, "the message has a Type that is not known")
    fields = [(name, message[name]) for name in names if message.get(name) is not None]
    if not all(isinstance(value, str) for _, value in fields):
        raise Rejected(Reason.MALFORMED_PROOF, "a signed field is no text")
    return "".join(f"{name}\n{value}\n" for name, value in fields).encode("utf-8", "surrogatepass")
