"""A silent trigger, and a vendor who tries again, as people see them."""

import sqlite3
from time import time

import pytest

from engine.words import Role
from tests.serving import Wink, eventually
from tests.wire import JSON, send

HOUR = 3600 * 1_000_000
FORGED = [JSON, ("webhook-id", "msg_1"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,AAAA")]


def fall_silent(wink: Wink, name: str) -> None:
    """Let a trigger have received nothing for seven hours, as far as the database knows."""
    with sqlite3.connect(wink.data / "wink.db", timeout=20) as database:
        trigger = "SELECT id FROM triggers WHERE name = ?"

        def moved() -> int:
            change = f"UPDATE silences SET since = since - ?, seen_at = ? WHERE trigger_id = ({trigger})"  # noqa: S608
            changed = database.execute(change, (7 * HOUR, int(time() * 1_000_000), name)).rowcount
            database.commit()
            return changed

        eventually(moved)
    eventually(lambda: wink.get(f"/triggers/{name}")["silent_since"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_silent_trigger_and_the_next_retry_are_seen(visit, place, look, scheme):
    wink: Wink = place.wink
    secret = "whsec_" + "c" * 40
    trigger = wink.trigger(connector="securecodinghub", secret=secret, silence="6h", title="Training")
    send(trigger.base_url, b'{"type": "sarif.ingested"}', FORGED)
    fall_silent(wink, trigger.name)
    story = visit(Role.EDITOR, scheme)

    for path, name in ((f"/triggers/{trigger.name}", "setup"), ("/triggers", "list"), ("/", "overview")):
        look.at(story, path, f"silent-{name}-{scheme}")
    story.open(f"/triggers/{trigger.name}")

    story.page.get_by_text("up to 6h are normal").wait_for()
    story.page.get_by_text("SecureCodingHub will try again in about").wait_for()
