"""How each scheme of connections sends its credentials, in the terms that a manifest declares its connection in."""

from collections.abc import Mapping

from engine.actions.declaration import ConnectionDeclaration, FieldDeclaration, Sends, read_connection
from engine.actions.smtp import STARTTLS, TLS, UNENCRYPTED
from engine.definitions.connector import Connector
from engine.errors import Invalid, nearest
from engine.lazy import Lazy
from engine.words import ConnectionScheme

#: The field that an OAuth 2 connection's own fields lead to: the access token.
ACCESS_TOKEN = "access_token"  # noqa: S105 - the name of a field

#: How an OAuth 2 client proves itself to the token endpoint.
IN_HEADER, IN_BODY = "basic", "body"

_USER = FieldDeclaration(title="User name", help="Where the service asks for a key alone, the key.")
_PASSWORD = FieldDeclaration(title="Password", secret=True, required=False)
_CLIENT_AUTH = FieldDeclaration(
    title="Client authentication",
    required=False,
    choices=[IN_HEADER, IN_BODY],
    help="How the client proves itself to the token URL: basic (default), or body where the service asks for that.",
)
_SECURITY = FieldDeclaration(
    title="Encryption",
    required=False,
    choices=[STARTTLS, TLS, UNENCRYPTED],
    help="starttls (default): after the greeting, and never without; tls: from the start; none: takes no password.",
)

#: The schemes for services that no connector declares a connection for.
GENERIC: Mapping[ConnectionScheme, ConnectionDeclaration] = {
    ConnectionScheme.BEARER: ConnectionDeclaration(
        fields={"token": FieldDeclaration(title="Token", secret=True)},
        sends=Sends(header="Authorization", value="Bearer {token}"),
        source="https://www.rfc-editor.org/rfc/rfc6750#section-2.1",
    ),
    ConnectionScheme.BASIC: ConnectionDeclaration(
        fields={"username": _USER, "password": _PASSWORD},
        sends=Sends(basic=True, value="{username}:{password}"),
        source="https://www.rfc-editor.org/rfc/rfc7617#section-2",
    ),
    ConnectionScheme.HEADER: ConnectionDeclaration(
        fields={
            "header": FieldDeclaration(title="Header", help="Its name, such as X-Api-Key."),
            "value": FieldDeclaration(title="Value", secret=True),
        },
        sends=Sends(header="{header}", value="{value}"),
    ),
    ConnectionScheme.OAUTH2_CLIENT_CREDENTIALS: ConnectionDeclaration(
        fields={
            "token_url": FieldDeclaration(title="Token URL", help="Where the service gives access tokens."),
            "client_id": FieldDeclaration(title="Client ID"),
            "client_secret": FieldDeclaration(title="Client secret", secret=True),
            "scope": FieldDeclaration(title="Scope", required=False, help="Several are separated by spaces."),
            "audience": FieldDeclaration(title="Audience", required=False, help="Where the service asks for one."),
            "client_auth": _CLIENT_AUTH,
        },
        sends=Sends(header="Authorization", value=f"Bearer {{{ACCESS_TOKEN}}}"),
        source="https://www.rfc-editor.org/rfc/rfc6749#section-4.4",
    ),
    ConnectionScheme.SMTP: ConnectionDeclaration(
        fields={
            "host": FieldDeclaration(title="Host", help="The mail server's, such as smtp.example.com."),
            "port": FieldDeclaration(
                title="Port", required=False, help="When it is empty: 587, 465 with tls, 25 with none."
            ),
            "security": _SECURITY,
            "username": FieldDeclaration(title="User name", required=False),
            "password": FieldDeclaration(title="Password", secret=True, required=False),
            "from": FieldDeclaration(
                title="From", help="The sender of all messages: wink@example.com or Wink <wink@example.com>."
            ),
        },
        sends=Sends(basic=True, value="{username}:{password}"),
        source="https://www.rfc-editor.org/rfc/rfc4954",
    ),
}

#: What connectors declare, by the connector's name.
Declared = Mapping[str, ConnectionDeclaration]


def declared_connections(connectors: Mapping[str, Connector]) -> Declared:
    """Return what each connector says of its connections, where it does; a connector is read when it is asked for."""

    def read(name: str) -> ConnectionDeclaration | None:
        written = connectors[name].connection
        return None if written is None else read_connection(written, f"{name}.connection")

    return Lazy(connectors, read)


def declaration_of(scheme: ConnectionScheme, connector: str | None, declared: Declared) -> ConnectionDeclaration:
    """Return which fields a connection has, and how they are sent.

    Raises:
        Invalid: no such connector declares a connection, or a scheme is not for connectors.
    """
    if connector is None:
        if scheme not in GENERIC:
            raise Invalid(f"choose one of {', '.join(GENERIC)}, or name a connector", "scheme")
        return GENERIC[scheme]
    if scheme is not ConnectionScheme.DECLARED:
        raise Invalid("a connector says itself how its credentials are sent: leave the scheme out", "scheme")
    if connector not in declared:
        raise Invalid(f"no connector {connector!r} takes a connection{nearest(connector, declared)}", "connector")
    return declared[connector]
