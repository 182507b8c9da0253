"""What a connection is set to, and whether it can be: no message quotes a value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.actions.caller import filled, secrets_of
from engine.actions.compose import can_be_set
from engine.actions.declaration import ConnectionDeclaration, places
from engine.actions.mail import read_mailbox
from engine.actions.schemes import Declared, declaration_of
from engine.actions.smtp import UNENCRYPTED, read_server
from engine.actions.url import read_url
from engine.definitions.kinds import LONGEST_NAME, is_slug
from engine.errors import ActionFailed, Invalid, nearest
from engine.redact import SHORTEST
from engine.store.connections import OpenConnection
from engine.words import ConnectionScheme

#: Most characters of one value; a private key in a header has some thousands.
LONGEST_VALUE = 10_000


@dataclass(frozen=True, slots=True)
class ConnectionSpec:
    """A connection as somebody asks for it; scheme: None where the connector says it."""

    connector: str | None = None
    scheme: ConnectionScheme | None = None
    #: Where alone the credentials are sent; None: where the connector says.
    base_url: str | None = None
    #: What a test reads, below the base URL.
    test_path: str | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


def check(name: str, spec: ConnectionSpec, declared: Declared) -> OpenConnection:
    """Return the connection, with every field of its scheme.

    Raises:
        Invalid: with the field that is wrong, and what to write instead (422).
    """
    if not is_slug(name):
        raise Invalid(f"write lower-case letters, digits and hyphens, at most {LONGEST_NAME}", "name")
    if name == "new":
        raise Invalid("choose another name: this one is the address of the form for new connections", "name")
    if spec.scheme is None and spec.connector is None:
        raise Invalid("name a scheme, or a connector that takes a connection", "scheme")
    scheme = spec.scheme or ConnectionScheme.DECLARED
    declaration = declaration_of(scheme, spec.connector, declared)
    values = dict(_values(spec.values, declaration))
    base_url = _named(spec, declaration, values) if declaration.names_address else _base_url(spec, declaration)
    if spec.test_path and not (spec.test_path.startswith("/") and spec.test_path.isprintable()):
        raise Invalid("write a path below the base URL that begins with a slash", "test_path")
    secret = secrets_of(values, declaration)
    if any(secret) and not any(len(value) >= SHORTEST for value in secret):
        words = f"a secret of fewer than {SHORTEST} characters could not be kept out of what is recorded"
        raise Invalid(words, "values")
    return OpenConnection(name, spec.connector, scheme, base_url, spec.test_path, values)


def _named(spec: ConnectionSpec, declaration: ConnectionDeclaration, values: Mapping[str, str]) -> str:
    """Return the address that the values name; of one that is a secret itself, no more than its host."""
    if spec.base_url or spec.test_path:
        raise Invalid("leave it out: the values name the address", "base_url" if spec.base_url else "test_path")
    if declaration.sends.url:
        return read_url(filled(declaration.sends.value, values)).origin_ascii
    return _mail_server(values)


def _mail_server(values: Mapping[str, str]) -> str:
    if bool(values["username"]) != bool(values["password"]):
        raise Invalid("give a user name and a password, or neither", "values.password")
    if values["password"] and values["security"] == UNENCRYPTED:
        raise Invalid("a password is sent by starttls or tls alone", "values.security")
    field = "values.from"
    try:
        read_mailbox(values["from"])
        field = "values.host"
        return read_server(values).url
    except ActionFailed as error:
        raise Invalid(error.detail, field) from None


def _base_url(spec: ConnectionSpec, declaration: ConnectionDeclaration) -> str:
    text = spec.base_url or declaration.base_url or ""
    if not text:
        raise Invalid("write the address that the credentials are for, such as https://api.example.com", "base_url")
    if "?" in text or "#" in text:
        raise Invalid("write the address without a query: what stands behind ? or # is no part of it", "base_url")
    return _url(text, "base_url")


def _url(text: str, where: str) -> str:
    try:
        read_url(text)
    except ActionFailed as error:
        raise Invalid(error.detail, where) from None
    return text


def _values(given: Mapping[str, str], declaration: ConnectionDeclaration) -> Iterator[tuple[str, str]]:
    """Return a value for each field; one that may be left out is empty then."""
    fields = declaration.fields_
    for name in given:
        if name not in fields:
            raise Invalid(f"there is no such field{nearest(name, fields)}; there is {', '.join(fields)}", "values")
    for name, one in fields.items():
        value, where = given.get(name, ""), f"values.{name}"
        if not value and one.required:
            raise Invalid("fill this in", where)
        if len(value) > LONGEST_VALUE or not value.isprintable():
            raise Invalid(f"write at most {LONGEST_VALUE} characters, on one line", where)
        if value and one.choices and value not in one.choices:
            raise Invalid(f"write one of {', '.join(one.choices)}", where)
        sends = declaration.sends
        if not (value.isascii() or sends.basic or sends.json_ or sends.url):
            raise Invalid("a header takes letters, digits and signs of ASCII alone", where)
        if name == "header" and not can_be_set(value):
            raise Invalid("this is no header that a connection can set", where)
        is_url = name == "token_url" or (sends.url and name in places(sends))
        yield name, _url(value, where) if is_url else value
