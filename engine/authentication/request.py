"""What came in at a trigger, before anything parsed it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, quote

from engine.errors import Rejected
from engine.words import Reason

#: A query with more fields than this is nobody's webhook; reading it would only burn time.
MAX_FIELDS = 1_000


class Inbound(NamedTuple):
    """One HTTP request as the schemes see it."""

    method: str
    #: The trigger's configured public URL with the raw query, if there was one: never made from the Host header.
    url: str
    path: str
    #: The raw query string, without the question mark.
    query: str
    #: Names in lower case, each with all its values in order.
    headers: Mapping[str, tuple[str, ...]]
    body: bytes
    #: The sender's IP address, as text.
    address: str
    received_at: datetime

    def first(self, name: str) -> str:
        """Return the first value of a header, by its name in lower case; empty text when it is not there."""
        values = self.headers.get(name)
        return values[0] if values else ""

    def with_header(self, name: str, value: str) -> Self:
        """Return the request with this one value under the header's name."""
        return self._replace(headers={**self.headers, name.lower(): (value,)})

    def with_parameter(self, name: str, value: str) -> Self:
        """Return the request with one more query parameter, in the URL too."""
        field = f"{quote(name, safe='')}={quote(value, safe='')}"
        query = f"{self.query}&{field}" if self.query else field
        return self._replace(query=query, url=f"{self.url.partition('?')[0]}?{query}")


def octets(text: str) -> bytes:
    """Return the bytes that a header or query held on the wire, where servers hand them over as Latin-1."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def query_fields(query: str) -> list[tuple[str, bytes]]:
    """Return names and values of a query string, percent-decoded, in order.

    Raises:
        Rejected: MALFORMED_PROOF, it has more than 1,000 fields.
    """
    try:
        fields = parse_qsl(query, keep_blank_values=True, encoding="latin-1", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Rejected(Reason.MALFORMED_PROOF, f"the query has more than {MAX_FIELDS} fields") from error
    return [(name, octets(value)) for name, value in fields]
