"""The addresses of triggers, as vendors call them."""

from engine.settings import Settings
from engine.store.rows import Trigger


def base_url(settings: Settings, trigger: Trigger) -> str:
    """Return the trigger's base URL: under its own public address, or under the one of the settings."""
    return f"{trigger.public_url or settings.public_url}/webhooks/{trigger.path}"
