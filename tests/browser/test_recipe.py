"""A delivery that nobody understands: the set-up page says what it looks like and how it is signed, and takes it so."""

import pytest

from engine.words import Role
from tests import signing
from tests.serving import Trigger
from tests.wire import send

SECRET = "the-secret-of-the-sender-1"
BODY = b'{"type": "order.paid", "order": {"id": 12}}'


@pytest.fixture
def trigger(place) -> Trigger:
    return place.wink.trigger()


def acme(secret: str = SECRET):
    """Return headers as a vendor makes them that nobody knows."""
    stamp = signing.now()
    signature = signing.hex_hmac(secret, f"{stamp}:".encode() + BODY)
    return [("Content-Type", "application/json"), ("X-Acme-Sent", stamp), ("X-Acme-Proof", f"v2={signature}")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_what_it_looks_like_is_tidy_and_open_to_everybody(visit, place, look, trigger, role, scheme):  # noqa: PLR0913, PLR0917
    send(trigger.base_url, BODY, signing.github(SECRET, BODY))
    delivery = place.wink.last_delivery(trigger)["id"]
    story = visit(role, scheme)

    look.at(story, f"/triggers/{trigger.name}", f"looks-like-{role}-{scheme}")
    look.at(story, f"/deliveries/{delivery}", f"looks-like-delivery-{role}-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_recipe_is_found_shown_and_used(visit, look, trigger, scheme):
    send(trigger.base_url, BODY, acme())
    story = visit(Role.EDITOR, scheme)
    story.open(f"/triggers/{trigger.name}")

    story.write("Secret that the sender signs with (optional)", SECRET)
    story.click("Find the recipe")
    story.sees("HMAC-SHA256 over the time, a colon and the body.")
    assert look.barriers(story) == []
    for width in (380, 1280):
        story.page.set_viewport_size({"width": width, "height": 900})
        assert look.overhang(story) <= 0
        story.page.screenshot(path=look.folder / f"recipe-{scheme}-{width}.png", full_page=True)
    story.write("The same secret once more", SECRET)
    story.click("Use this recipe")

    story.sees("The recipe is set")
    assert send(trigger.base_url, BODY, acme()).status == 202


def test_in_vain_it_is_said_what_was_tried(visit, look, trigger):
    send(trigger.base_url, BODY, acme("another-secret-of-theirs"))
    story = visit(Role.EDITOR)
    story.open(f"/triggers/{trigger.name}")

    story.click("Find the recipe")

    story.sees("No recipe was found")
    story.page.screenshot(path=look.folder / "recipe-in-vain.png", full_page=True)
