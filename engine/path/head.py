"""The head of a sealed delivery: address, query and headers as they came, which the ledger keeps scrubbed alone.

It is encrypted like a secret: a signature may be over a query or a header that holds one.
"""

from typing import cast

from engine import json_bytes
from engine.authentication.request import Inbound
from engine.runtime import Engine
from engine.store.ledger import Tally
from engine.store.rows import Delivery
from engine.store.sealed import KEPT_FOR, Sealed, Sealing


def sealing(engine: Engine, inbound: Inbound, delivery: Delivery, tally: Tally | None) -> Sealing:
    """Return a refused delivery to be kept sealed; tally: see :class:`engine.store.sealed.Sealing`."""
    head = json_bytes.dump([inbound.url, inbound.path, inbound.query, inbound.headers]).decode()
    sealed = engine.store.cipher.seal(head, _place(delivery.id))
    return Sealing(delivery, sealed, inbound.received_at + KEPT_FOR, tally)


def opened(engine: Engine, sealed: Sealed) -> Inbound:
    """Return a sealed delivery as it came in.

    Raises:
        SettingsError: it was sealed with another key.
    """
    delivery = sealed.delivery
    head = json_bytes.parse(engine.store.cipher.open(sealed.head, _place(delivery.id)).encode())
    url, path, query, headers = cast("tuple[str, str, str, dict[str, list[str]]]", head)
    return Inbound(
        method=delivery.method,
        url=url,
        path=path,
        query=query,
        headers={name: tuple(values) for name, values in headers.items()},
        body=delivery.body,
        address=delivery.address,
        received_at=delivery.received_at,
    )


def _place(delivery_id: str) -> str:
    return f"sealed/{delivery_id}/head"
