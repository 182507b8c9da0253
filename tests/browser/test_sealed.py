"""What is kept sealed, as people see it: before the new secret is entered, and after."""

import pytest

from engine.words import Role
from tests import signing
from tests.sealing import NEW, OLD, scan
from tests.serving import Wink
from tests.wire import send


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_sealed_waits_for_its_secret_and_then_runs(visit, place, look, scheme):
    wink: Wink = place.wink
    trigger = wink.trigger(connector="blazelock", secret=OLD, on_unproven="seal", title="File scans")
    for number, secret in ((1, NEW), (2, "bl_secret_of_somebody_else"), (3, NEW)):
        send(trigger.base_url, scan(number), signing.blazelock(secret, scan(number)))
    ids = [line["id"] for line in reversed(wink.get(f"/deliveries?trigger={trigger.name}")["items"])]
    story, setup = visit(Role.EDITOR, scheme), f"/triggers/{trigger.name}"

    for path, name in ((setup, "setup"), ("/deliveries", "list"), (f"/deliveries/{ids[0]}", "one"), ("/", "overview")):
        look.at(story, path, f"sealed-{name}-{scheme}")
    story.open(setup)
    story.page.get_by_text("Rotate", exact=True).click()
    story.page.get_by_label("New Webhook API Key").fill(NEW)
    story.page.get_by_role("button", name="Save the secret").click()
    story.page.get_by_text("2 of 3 sealed deliveries were genuine and run now. 1 stays sealed.").wait_for()
    story.page.screenshot(path=look.folder / f"sealed-entered-{scheme}.png")

    for path, name in (("/deliveries", "list"), (f"/deliveries/{ids[0]}", "one")):
        look.at(story, path, f"proved-{name}-{scheme}")
