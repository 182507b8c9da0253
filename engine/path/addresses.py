"""The addresses of triggers, as vendors call them, and requests as they came in at one."""

from engine.authentication.request import Inbound
from engine.definitions.connector import is_public
from engine.settings import Settings
from engine.store.rows import Delivery, Trigger


def base_url(settings: Settings, trigger: Trigger) -> str:
    """Return the trigger's base URL: under its own public address, or under the one of the settings."""
    return f"{trigger.public_url or settings.public_url}/webhooks/{trigger.path}"


def full_url(settings: Settings, trigger: Trigger, query: str) -> str:
    """Return the URL of a request at a trigger, as its sender signs it."""
    url = base_url(settings, trigger)
    return f"{url}?{query}" if query else url


def as_received(settings: Settings, trigger: Trigger, delivery: Delivery) -> Inbound:
    """Return a delivery as the request that it was, but for credentials, which are not kept."""
    return Inbound(
        method=delivery.method,
        url=full_url(settings, trigger, delivery.query),
        path=f"/webhooks/{trigger.path}",
        query=delivery.query,
        headers={name: tuple(values) for name, values in delivery.headers.items()},
        body=delivery.body,
        address=delivery.address,
        received_at=delivery.received_at,
    )


def address_warning(url: str) -> str | None:
    """Return what keeps vendors from an address, or lets others read along; None where nothing does."""
    if is_public(url):
        return None
    why = "is plain http" if url.startswith("http://") else "is private or local"
    return (
        f"The public address {why}: vendors may refuse it or not reach it, and over http others can read keys along. "
        "Set WINK_PUBLIC_URL to a public https address, or open a tunnel."
    )
