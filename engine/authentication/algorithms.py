"""Signatures with key pairs: what checks one, what makes one, and how public keys are written.

A text that holds a private key stands for its public half too: so one value proves and signs, for tests and
``wink send``. A vendor's key is public alone, and with it nothing can be signed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jiter
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_der_public_key,
)

from engine.authentication.written import BASE64, BASE64URL, HEX
from engine.lazy import load

PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

#: Bits below which an RSA key is none; some servers that people run themselves have no more.
FEWEST_BITS = 1_024
#: Characters of the longest text that is read as a key: RSA with 16,384 bits, its certificate and its chain.
LONGEST_KEY = 65_536

#: ``Any``: each of them is only called with the kind of key that it belongs to.
Verify = Callable[[Any, bytes, bytes], None]
Sign = Callable[[Any, bytes], bytes]

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]{1,65536})-----END \1-----")
_BLANKS = re.compile(r"\\n|\s")


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One way to sign with a pair of keys."""

    fits: Callable[[PublicKey], bool]
    #: Takes key, signature and what was signed; raises InvalidSignature.
    verify: Verify
    #: Takes the private key and what to sign.
    sign: Sign
    generate: Callable[[], PrivateKey]
    #: Bytes of a signature; None where they differ.
    size: int | None = None

    def verifies(self, key: PublicKey, signature: bytes, signed: bytes) -> bool:
        """Return whether the signature is that of the key for exactly these bytes."""
        try:
            self.verify(key, signature, signed)
        except InvalidSignature:
            return False
        return True


def _rsa(digest: HashAlgorithm) -> Algorithm:
    """RSASSA-PKCS1-v1_5. Source: https://www.rfc-editor.org/rfc/rfc8017#section-8.2."""
    scheme = padding.PKCS1v15()
    return Algorithm(
        fits=lambda key: isinstance(key, rsa.RSAPublicKey) and key.key_size >= FEWEST_BITS,
        verify=lambda key, signature, signed: key.verify(signature, signed, scheme, digest),
        sign=lambda key, text: key.sign(text, scheme, digest),
        generate=lambda: rsa.generate_private_key(65537, 2048),
    )


def _ecdsa(curve: ec.EllipticCurve, digest: HashAlgorithm, *, width: int | None = None) -> Algorithm:
    """ECDSA; width: bytes of each number where two of them stand side by side, None where they stand in DER."""
    signs = ec.ECDSA(digest)

    def verify(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> None:
        key.verify(_der(signature, width) if width else signature, signed, signs)

    def sign(key: ec.EllipticCurvePrivateKey, text: bytes) -> bytes:
        made = key.sign(text, signs)
        return b"".join(number.to_bytes(width) for number in decode_dss_signature(made)) if width else made

    return Algorithm(
        fits=lambda key: isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == curve.name,
        verify=verify,
        sign=sign,
        generate=lambda: ec.generate_private_key(curve),
        size=2 * width if width else None,
    )


def _der(signature: bytes, width: int) -> bytes:
    """Return two numbers that stand side by side in DER. Source: https://www.rfc-editor.org/rfc/rfc7518#section-3.4."""
    if len(signature) != 2 * width:
        raise InvalidSignature
    return encode_dss_signature(int.from_bytes(signature[:width]), int.from_bytes(signature[width:]))


_ED25519 = Algorithm(
    fits=lambda key: isinstance(key, Ed25519PublicKey),
    verify=lambda key, signature, signed: key.verify(signature, signed),
    sign=lambda key, text: key.sign(text),
    generate=Ed25519PrivateKey.generate,
    size=64,
)

#: By the words of manifests.
ALGORITHMS: Mapping[str, Algorithm] = {
    "ed25519": _ED25519,
    "ecdsa-p256": _ecdsa(ec.SECP256R1(), SHA256()),
    "rsa-sha256": _rsa(SHA256()),
    "rsa-sha1": _rsa(SHA1()),  # noqa: S303 - a few vendors have nothing else
}

#: By the names of JSON Web Algorithms. Source: https://www.rfc-editor.org/rfc/rfc7518#section-3.1 and RFC 8037
TOKEN_ALGORITHMS: Mapping[str, Algorithm] = {
    "RS256": _rsa(SHA256()),
    "RS384": _rsa(SHA384()),
    "RS512": _rsa(SHA512()),
    "ES256": _ecdsa(ec.SECP256R1(), SHA256(), width=32),
    "ES384": _ecdsa(ec.SECP384R1(), SHA384(), width=48),
    "EdDSA": _ED25519,
}


@lru_cache(maxsize=256)
def read_public_key(text: str) -> PublicKey | None:
    """Return the public key of a text, None where it holds none that we know.

    text: PEM (a key, a certificate, or a private key, of which the public half counts), a JSON Web Key, or the
    key's bytes in hex or base64: 32 for Ed25519, else DER.
    """
    if len(text) > LONGEST_KEY:
        return None
    text = text.strip()
    try:
        if text.startswith("{"):
            return _from_jwk(jiter.from_json(text.encode(), catch_duplicate_keys=True))
        pem = _PEM.search(text)
        return _known(_from_pem(pem[1], pem[2]) if pem else _from_bytes(text))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def read_private_key(text: str) -> PrivateKey | None:
    """Return the private key of a text in PEM, None where it holds none."""
    for pem in _PEM.finditer(text[:LONGEST_KEY]):
        if pem[1].endswith("PRIVATE KEY"):
            try:
                key = load_der_private_key(_base64(pem[2]), None)
            except (ValueError, TypeError, UnsupportedAlgorithm):
                return None
            return key if isinstance(key, PrivateKey) else None
    return None


def write_private_key(key: PrivateKey) -> str:
    """Return a private key in PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _known(key: object) -> PublicKey | None:
    return key if isinstance(key, PublicKey) else None


def _from_pem(label: str, text: str) -> object:
    der = _base64(text)
    if label == "CERTIFICATE":
        return load("cryptography.x509:load_der_x509_certificate")(der).public_key()  # few vendors publish one
    return load_der_private_key(der, None).public_key() if label.endswith("PRIVATE KEY") else load_der_public_key(der)


def _base64(text: str) -> bytes:
    return BASE64.decode(_BLANKS.sub("", text).encode())


def _from_bytes(text: str) -> object:
    written = _BLANKS.sub("", text).encode()
    octets = HEX.decode(written) if HEX.form.fullmatch(written) else BASE64.decode(written)
    return Ed25519PublicKey.from_public_bytes(octets) if len(octets) == 32 else load_der_public_key(octets)


def _from_jwk(jwk: object) -> PublicKey | None:
    """Return the key of a JSON Web Key; what it says of addresses and certificates is not asked.

    Source: https://www.rfc-editor.org/rfc/rfc7518#section-6 and https://www.rfc-editor.org/rfc/rfc8037#section-2

    Raises:
        ValueError: it is no such key.
    """
    if not isinstance(jwk, dict):
        return None
    if jwk.get("kty") == "RSA":
        return rsa.RSAPublicNumbers(_number(jwk.get("e")), _number(jwk.get("n"))).public_key()
    if jwk.get("kty") == "EC" and (curve := _CURVES.get(str(jwk.get("crv")))):
        return ec.EllipticCurvePublicNumbers(_number(jwk.get("x")), _number(jwk.get("y")), curve).public_key()
    if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
        return Ed25519PublicKey.from_public_bytes(_octets(jwk.get("x")))
    return None


_CURVES: Mapping[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}


def _octets(value: object) -> bytes:
    return BASE64URL.decode(value.encode() if isinstance(value, str) else b"")


def _number(value: object) -> int:
    return int.from_bytes(_octets(value))
