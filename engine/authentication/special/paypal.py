"""PayPal: RSA over headers, the webhook's id and a CRC-32 of the body, with a certificate that a header names.

Source: https://developer.paypal.com/api/rest/webhooks/rest/
"""

import re
from binascii import crc32
from collections.abc import Mapping

from engine.authentication.algorithms import ALGORITHMS
from engine.authentication.keys import Certificate, keys_at, private_key
from engine.authentication.places import header_place
from engine.authentication.request import Inbound
from engine.authentication.scheme import TIMELESS, Proof, Scheme
from engine.authentication.secret import Secrets, SecretSpec
from engine.authentication.written import BASE64
from engine.clock import rfc3339
from engine.errors import Rejected
from engine.ids import new_id
from engine.words import Reason

WEBHOOK_ID = SecretSpec(name="webhook_id", at_least=8)

_ALGORITHM = ALGORITHMS["rsa-sha256"]
_ID, _TIME, _SIGNATURE, _NAME, _ADDRESS = (
    header_place(f"paypal-{name}")
    for name in ("transmission-id", "transmission-time", "transmission-sig", "auth-algo", "cert-url")
)
#: The only addresses that a certificate is taken from, whatever the header says.
_CERTIFICATE = re.compile(r"https://api(?:-m)?(?:\.sandbox)?\.paypal\.com/v1/notifications/certs/[A-Za-z0-9_-]{1,100}")
#: Where the certificate of what we sign ourselves would be.
_OURS = "https://api.paypal.com/v1/notifications/certs/CERT-wink"


def compile_scheme() -> Scheme:
    """Return the scheme."""
    certificate = Certificate(_OURS, _ALGORITHM)
    return Scheme(("special:paypal",), _prove, _sign, secrets=(WEBHOOK_ID,), key_documents=(certificate,))


def _prove(request: Inbound, secrets: Secrets) -> Proof:
    """Return the proof of a transmission that PayPal signed for the trigger's webhook.

    No window is known within which a transmission that is sent again keeps its time, so none is demanded.
    """
    webhook_ids = WEBHOOK_ID.keys(secrets)
    before = b"|".join([_ID.only(request), _TIME.only(request)])
    signature, address = _signature(request), _address(request)
    texts = [_signed_text(before, each, request.body) for each in webhook_ids]
    for key in keys_at(address, None, secrets):
        if _ALGORITHM.fits(key) and any(_ALGORITHM.verifies(key, signature, text) for text in texts):
            return TIMELESS
    raise Rejected(Reason.WRONG_PROOF, "the signature is not that of this request and webhook id")


def _sign(request: Inbound, secrets: Mapping[str, str]) -> Inbound:
    key = private_key(secrets.get(_OURS, ""))
    time = rfc3339(request.received_at)
    transmission = new_id("msg")
    text = _signed_text(f"{transmission}|{time}".encode(), WEBHOOK_ID.key(secrets), request.body)
    values = (transmission, time, BASE64.write(_ALGORITHM.sign(key, text)).decode(), "SHA256withRSA", _OURS)
    for place, value in zip((_ID, _TIME, _SIGNATURE, _NAME, _ADDRESS), values, strict=True):
        request = place.write(request, value)
    return request


def _signed_text(before: bytes, webhook_id: bytes, body: bytes) -> bytes:
    return b"|".join([before, webhook_id, str(crc32(body)).encode()])


def _signature(request: Inbound) -> bytes:
    text = _SIGNATURE.only(request)
    octets = BASE64.read(text) if BASE64.form.fullmatch(text) else None
    if octets is None or _NAME.only(request) != b"SHA256withRSA":
        raise Rejected(Reason.MALFORMED_PROOF, "the signature is no Base64, or not by SHA256withRSA")
    return octets


def _address(request: Inbound) -> str:
    address = _ADDRESS.only(request).decode("utf-8", "replace")
    if not _CERTIFICATE.fullmatch(address):
        raise Rejected(Reason.MALFORMED_PROOF, "the certificate is at none of PayPal's addresses")
    return address
