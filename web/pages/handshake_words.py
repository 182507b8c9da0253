"""What Wink does when a vendor asks about an address, in words for people."""

from collections.abc import Mapping

from engine.definitions.connector import Connector

_DEEDS: Mapping[str, str] = {
    "echo": "sends its challenge back",
    "signed_echo": "signs its challenge",
    "fixed": "answers as it wants",
    "kept_secret": "keeps the secret that it brings, while there is none yet or somebody listens",
    "confirm_url": "confirms the address at it",
}


def handshake_words(connector: Connector) -> str:
    """Return what Wink does by itself when the vendor asks about the address; empty where it asks nothing."""
    deeds = dict.fromkeys(_DEEDS[each.kind] for each in connector.manifest.handshake)
    if not deeds:
        return ""
    return f"When {connector.manifest.title} asks about the address, Wink {' and '.join(deeds)}, by itself."
