"""Every page in both colour schemes, wide and narrow: open to everybody, tidy, and without a complaint of the browser.

What is looked at is derived from the routes. Screenshots go to ``TEST_SCREENSHOTS``: look at them.
"""

import pytest
from playwright.sync_api import ViewportSize

from engine.words import Role
from tests.browser.look import DESK
from tests.browser.story import Story


def is_page(story: Story, path: str) -> bool:
    """Tell whether a whole page is there, and no part of one, nothing to load down and no way to elsewhere."""
    answer = story.page.request.get(path, max_redirects=0, headers={"Accept": "text/html"})
    assert answer.status < 400, f"{path}: {answer.status} {answer.text()[:300]}"
    return answer.headers.get("content-type", "").startswith("text/html") and "<main" in answer.text()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("role", "scheme"),
    [(Role.ADMIN, "light"), (Role.ADMIN, "dark"), (Role.VIEWER, "light"), (None, "light"), (None, "dark")],
)
def test_every_page_is_tidy_and_open_to_everybody(visit, place, look, subtests, role, scheme):  # noqa: PLR0913, PLR0917
    story = visit(role, scheme)

    for address in place.open_to(role):
        with subtests.test(path=address.path):
            if is_page(story, address.path):
                look.at(story, address.path, f"{address.name}-{role or 'stranger'}-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("role", [Role.VIEWER, None], ids=["viewer", "stranger"])
def test_what_is_said_of_a_page_that_is_not_there_is_a_page_too(visit, look, role, scheme):
    story = visit(role, scheme)

    look.at(story, "/nowhere", f"nowhere-{role or 'stranger'}-{scheme}", expected="status of 404")


@pytest.mark.parametrize("width", [DESK["width"], 1024, 700])
def test_no_column_of_the_triggers_is_cut_off(visit, look, width):
    story = visit(Role.VIEWER)
    story.page.set_viewport_size(ViewportSize(width=width, height=900))
    story.open("/triggers")

    name = "document.querySelector('td[data-label=Connector]').textContent = 'SecureCodingHub'"
    hidden = story.page.evaluate(
        f"{name}; (box => box.scrollWidth - box.clientWidth)(document.querySelector('.panel'))"
    )

    assert look.cut(story) == []
    assert (hidden > 0) == (width < DESK["width"]), "at a desk nothing has to be moved"


def test_the_navigation_leads_to_pages(visit):
    story = visit(Role.ADMIN)
    story.open("/settings")
    links = story.page.get_by_role("navigation", name="Main").get_by_role("link")

    for path in [link.get_attribute("href") for link in links.all()]:
        assert is_page(story, path), path


def test_what_the_policy_of_the_pages_refuses_is_noticed(visit):
    story = visit()
    story.open("/login")

    story.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">text</p>')")

    assert any("Content Security Policy" in each for each in story.complaints)


def test_a_barrier_and_an_overhang_are_noticed(visit, look):
    story = visit()
    story.open("/login")

    story.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x><hr width=9999>')")

    assert any(each.startswith("image-alt") for each in look.barriers(story))
    assert look.overhang(story) > 0
