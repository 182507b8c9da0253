"""The addresses of triggers, as vendors call them."""

from engine.definitions.connector import is_public
from engine.settings import Settings
from engine.store.rows import Trigger


def base_url(settings: Settings, trigger: Trigger) -> str:
    """Return the trigger's base URL: under its own public address, or under the one of the settings."""
    return f"{trigger.public_url or settings.public_url}/webhooks/{trigger.path}"


def address_warning(url: str) -> str | None:
    """Return what keeps vendors from an address, or lets others read along; None where nothing does."""
    if is_public(url):
        return None
    why = "is plain http" if url.startswith("http://") else "is private or local"
    return (
        f"The public address {why}: vendors may refuse it or not reach it, and over http others can read keys along. "
        "Set WINK_PUBLIC_URL to a public https address, or open a tunnel."
    )
