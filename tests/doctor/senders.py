"""Senders that are broken in one way each, and what the doctor is to find of them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from engine.path.receive import Request
from engine.words import Finding

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHERS = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
FORMER = "whsec_plJ3nmyCDGBKInavdOK15jsl1HFZ7nIo"
BODY = b'{"type":"a","event_type":"a","n":[1,2],"word":"caf\xc3\xa9 a/b"}'

STANDARD = {"auth": "signature", "recipe": "standard-webhooks"}
BLINK = {"auth": "signature", "recipe": "blink"}
GITHUB = {"auth": "signature", "recipe": "hmac-body"}
STRIPE = {"connector": "stripe"}
SLACK = {"connector": "slack"}
BLAZELOCK = {"connector": "blazelock"}


@dataclass
class Sender:
    """What a sender knows, and the request that it makes; key: what it signs with."""

    url: str
    now: datetime
    secret: str = SECRET
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    body: bytes = BODY
    query: str = ""

    @property
    def stamp(self) -> str:
        return str(int(self.now.timestamp()))

    def mac(self, signed: bytes, key: bytes | None = None, algorithm: str = "sha256") -> bytes:
        return hmac.digest(self.secret.encode() if key is None else key, signed, algorithm)

    def sends(self, body: bytes | None = None, **headers: str) -> Request:
        self.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        body = self.body if body is None else body
        sent = {name.lower(): (value,) for name, value in self.headers.items()}
        return Request("POST", self.query, sent, body, len(body), "203.0.113.9")


Send = Callable[[Sender], Request]


def github(change: Callable[[Sender], tuple[bytes, bytes]]) -> Send:
    """Return a sender by ``hmac-body``; change: makes what it signs, and what it sends."""

    def send(sender: Sender) -> Request:
        signed, sent = change(sender)
        return sender.sends(sent, x_hub_signature_256=f"sha256={sender.mac(signed).hex()}")

    return send


def standard(key: bytes | None = None, ahead: float = 0, unit: float = 1, template: str = "{id}.{time}.") -> Send:
    def send(sender: Sender) -> Request:
        stamp = str(int((sender.now.timestamp() + ahead) * unit))
        used = base64.b64decode(SECRET.removeprefix("whsec_")) if key is None else key
        signed = template.format(id="msg_1", time=stamp).encode() + BODY
        written = base64.b64encode(sender.mac(signed, used)).decode()
        return sender.sends(webhook_id="msg_1", webhook_timestamp=stamp, webhook_signature=f"v1,{written}")

    return send


def blink(change: Callable[[str], str], query: str = "") -> Send:
    def send(sender: Sender) -> Request:
        sender.query = query
        signed = f"{sender.stamp}.{change(sender.url + ('?' + query if query else ''))}.".encode() + BODY
        return sender.sends(x_blink_signature=f"ts={sender.stamp};sig1={sender.mac(signed).hex()}")

    return send


def slack(signed: Callable[[Sender], bytes], **headers: str) -> Send:
    def send(sender: Sender) -> Request:
        named = {"x_slack_request_timestamp": sender.stamp, **headers}
        return sender.sends(x_slack_signature=f"v0={sender.mac(signed(sender)).hex()}", **named)

    return send


def _slack_without_time(sender: Sender) -> Request:
    signed = f"v0:{sender.stamp}:".encode() + BODY
    return sender.sends(x_slack_signature=f"v0={sender.mac(signed).hex()}")


def _stripe_swapped(sender: Sender) -> Request:
    signature = sender.mac(BODY + f".{sender.stamp}".encode()).hex()
    return sender.sends(stripe_signature=f"t={sender.stamp},v1={signature}")


def _blazelock(written: Callable[[bytes], str], name: str = "x-blazelock-webhook-signature", **more: str) -> Send:
    def send(sender: Sender) -> Request:
        signature = written(sender.mac(f"{sender.stamp}.".encode() + BODY))
        return sender.sends(**{name: signature, "x_blazelock_webhook_timestamp": sender.stamp, **more})

    return send


def with_key(key: str) -> Send:
    return lambda sender: sender.sends(
        x_hub_signature_256=f"sha256={sender.mac(BODY, key.encode()).hex()}",
    )


def _with_algorithm(algorithm: str) -> Send:
    return lambda sender: sender.sends(x_hub_signature_256=sender.mac(BODY, algorithm=algorithm).hex())


def _spaced(body: bytes) -> bytes:
    return json.dumps(json.loads(body)).encode()


def with_headers(**headers: str) -> Send:
    return lambda sender: sender.sends(**headers)


@dataclass(frozen=True)
class Broken:
    """A broken sender: the trigger that it sends to, how it sends, and what is to be found; words: a part of them."""

    fields: Mapping[str, object]
    send: Send
    finding: Finding
    words: str = ""


SENDERS = {
    "adds a newline after signing": Broken(
        GITHUB, github(lambda s: (BODY, BODY + b"\n")), Finding.BODY_NEWLINE, "without the white space"
    ),
    "loses the newline after signing": Broken(
        GITHUB, github(lambda s: (BODY + b"\n", BODY)), Finding.BODY_NEWLINE, "with a newline"
    ),
    "writes the JSON anew with spaces": Broken(
        GITHUB, github(lambda s: (BODY, _spaced(BODY))), Finding.BODY_REWRITTEN, "without spaces"
    ),
    "signs the JSON as Python writes it, and sends it without spaces": Broken(
        GITHUB, github(lambda s: (_spaced(BODY), BODY)), Finding.BODY_REWRITTEN, "a space after"
    ),
    "sorts the keys after signing": Broken(
        GITHUB,
        github(lambda s: (b'{"a":1,"b":2}', b'{"b":2,"a":1}')),
        Finding.BODY_REWRITTEN,
        "keys sorted",
    ),
    "escapes slashes when signing": Broken(
        GITHUB,
        github(lambda s: (BODY.replace(b"/", b"\\/").replace("é".encode(), b"\\u00e9"), BODY)),
        Finding.BODY_REWRITTEN,
    ),
    "signs before there is a body": Broken(GITHUB, github(lambda s: (b"", BODY)), Finding.BODY_NOT_SIGNED),
    "writes Base64 for hex": Broken(
        BLAZELOCK, _blazelock(lambda mac: base64.b64encode(mac).decode()), Finding.ENCODING_DIFFERS, "base64"
    ),
    "writes hex for Base64": Broken(
        STANDARD,
        lambda s: s.sends(
            webhook_id="msg_1",
            webhook_timestamp=s.stamp,
            webhook_signature="v1,"
            + s.mac(f"msg_1.{s.stamp}.".encode() + BODY, base64.b64decode(SECRET.removeprefix("whsec_"))).hex(),
        ),
        Finding.ENCODING_DIFFERS,
        "hex",
    ),
    "keeps whsec_ and does not decode": Broken(
        STANDARD, standard(SECRET.encode()), Finding.SECRET_READ_OTHERWISE, "as it is, as text"
    ),
    "strips whsec_ and does not decode": Broken(
        STANDARD, standard(SECRET.removeprefix("whsec_").encode()), Finding.SECRET_READ_OTHERWISE, "without 'whsec_'"
    ),
    "decodes a secret that is text": Broken(
        GITHUB,
        lambda s: s.sends(
            x_hub_signature_256="sha256=" + s.mac(BODY, base64.b64decode(SECRET.removeprefix("whsec_"))).hex()
        ),
        Finding.SECRET_READ_OTHERWISE,
        "Base64, decoded",
    ),
    "signs https for http": Broken(
        BLINK, blink(lambda url: url.replace("http:", "https:")), Finding.URL_DIFFERS, "https:"
    ),
    "signs the address without its port": Broken(
        BLINK, blink(lambda url: url.replace(":8080", "")), Finding.URL_DIFFERS
    ),
    "signs a slash at the end": Broken(BLINK, blink(lambda url: f"{url}/"), Finding.URL_DIFFERS),
    "signs another host": Broken(
        BLINK,
        lambda s: blink(lambda url: urlsplit(url)._replace(netloc="hooks.example.com").geturl())(
            _with_host(s, "hooks.example.com")
        ),
        Finding.URL_DIFFERS,
        "hooks.example.com",
    ),
    "leaves the query out": Broken(
        BLINK, blink(lambda url: url.partition("?")[0], query="team=a&mail=a%40b.c"), Finding.URL_DIFFERS
    ),
    "sends milliseconds": Broken(STANDARD, standard(unit=1000), Finding.TIME_UNIT, "milliseconds"),
    "signs seconds, sends milliseconds": Broken(
        SLACK,
        lambda s: slack(lambda x: f"v0:{x.stamp}:".encode() + BODY, x_slack_request_timestamp=f"{s.stamp}000")(s),
        Finding.TIME_UNIT,
    ),
    "is two hours off": Broken(STANDARD, standard(ahead=-7200), Finding.TIME_TOO_OLD, "2 hours"),
    "is ahead of time": Broken(STANDARD, standard(ahead=900), Finding.TIME_IN_FUTURE, "15 minutes"),
    "does not sign the time": Broken(SLACK, slack(lambda s: b"v0:" + BODY), Finding.TIME_NOT_SIGNED),
    "signs the time and does not send it": Broken(SLACK, _slack_without_time, Finding.TIME_MISSING),
    "signs the body before the time": Broken(STRIPE, _stripe_swapped, Finding.ORDER_DIFFERS, "another order"),
    "signs another separator": Broken(STANDARD, standard(template="{id}:{time}:"), Finding.ORDER_DIFFERS, "':'"),
    "signs the body alone": Broken(STANDARD, standard(template=""), Finding.PART_NOT_SIGNED, "body alone"),
    "signs a time that is not asked for": Broken(
        GITHUB,
        lambda s: s.sends(
            x_timestamp=s.stamp, x_hub_signature_256=f"sha256={s.mac(f'{s.stamp}.'.encode() + BODY).hex()}"
        ),
        Finding.TIME_SIGNED,
    ),
    "has the older secret": Broken(GITHUB, with_key(FORMER), Finding.SECRET_FORMER),
    "has the secret of another trigger": Broken(GITHUB, with_key(OTHERS), Finding.SECRET_OF_OTHER_TRIGGER, "other"),
    "has a newline after the secret": Broken(GITHUB, with_key(f"{SECRET}\n"), Finding.SECRET_SPACED, "newline"),
    "has lost the end of the secret": Broken(GITHUB, with_key(SECRET[:-1]), Finding.SECRET_CUT),
    "has no secret at all": Broken(GITHUB, with_key(""), Finding.SECRET_EMPTY),
    "hashes without a key": Broken(
        GITHUB,
        lambda s: s.sends(x_hub_signature_256=f"sha256={hashlib.sha256(SECRET.encode() + BODY).hexdigest()}"),
        Finding.NOT_KEYED,
    ),
    "signs with SHA-1": Broken(GITHUB, _with_algorithm("sha1"), Finding.ALGORITHM_DIFFERS, "sha1"),
    "signs with SHA-512": Broken(GITHUB, _with_algorithm("sha512"), Finding.ALGORITHM_DIFFERS, "sha512"),
    "signs under another header": Broken(
        BLAZELOCK, _blazelock(bytes.hex, name="x-signature"), Finding.SIGNATURE_ELSEWHERE, "header 'x-signature'"
    ),
    "leaves out the prefix": Broken(
        GITHUB, lambda s: s.sends(x_hub_signature_256=s.mac(BODY).hex()), Finding.PREFIX_DIFFERS, "'sha256='"
    ),
    "does not sign": Broken(GITHUB, with_headers(), Finding.SIGNATURE_MISSING),
    "sends a signature that is cut off": Broken(
        GITHUB, lambda s: s.sends(x_hub_signature_256="sha256=abcd"), Finding.SIGNATURE_UNREADABLE
    ),
    "signs with what nobody knows": Broken(GITHUB, with_key("who-knows-what"), Finding.UNEXPLAINED),
    "sends a key instead": Broken(GITHUB, with_headers(x_api_key=SECRET), Finding.SIGNATURE_MISSING),
    "puts its key into the wrong header": Broken({}, with_headers(x_auth_token="some-key"), Finding.KEY_ELSEWHERE),
    "sends no key": Broken({}, with_headers(), Finding.KEY_MISSING),
    "has another key": Broken({}, with_headers(x_api_key="some-other-key"), Finding.KEY_DIFFERS, "not kept"),
    "says Basic for Bearer": Broken(
        {"connector": "bearer-scan"}, with_headers(authorization="Basic c29tZTprZXk="), Finding.KEY_PREFIX, "'Basic'"
    ),
    "leaves out Bearer": Broken(
        {"connector": "bearer-scan"}, with_headers(authorization="some-other-key"), Finding.KEY_PREFIX, "'Bearer'"
    ),
    "adds Bearer": Broken({}, with_headers(x_api_key="Bearer some-other-key"), Finding.KEY_PREFIX, "'Bearer'"),
}


def _with_host(sender: Sender, host: str) -> Sender:
    sender.headers["host"] = host
    return sender
