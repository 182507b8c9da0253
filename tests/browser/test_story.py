"""The person of the tests counts what a person does, and pages work for it without scripts."""

import pytest
from playwright.sync_api import expect

from engine.words import Role


def test_typing_is_free_and_each_click_counts(visit):
    story = visit()
    story.start()

    story.sign_in("victor")

    assert story.clicks == 1
    assert 0 < story.seconds < 60


def test_without_scripts_one_signs_in_and_out(visit):
    story = visit(java_script_enabled=False)
    story.sign_in("victor")
    story.open("/password")

    story.page.get_by_role("button", name="Sign out", exact=True).first.click()

    story.sees("Sign in")
    story.open("/password")
    assert "/login" in story.page.url


def test_the_first_tab_skips_to_the_content(visit):
    story = visit(Role.VIEWER)
    story.open("/password")

    story.press("Tab")
    story.press("Enter")
    story.press("Tab")

    expect(story.field("Present password")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_part_of_a_page_that_fails_is_told_on_top_of_it(visit, scheme):
    story = visit(Role.VIEWER, scheme)
    story.open("/password")

    story.page.evaluate("htmx.ajax('GET', '/nothing', {target: 'form', swap: 'outerHTML'})")

    story.sees("There is no such page")
    expect(story.field("Present password")).to_be_visible()
