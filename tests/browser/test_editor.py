"""The workflow editor in a real browser: writing in it, saving, and what the browser says of both."""

import pytest
from playwright.sync_api import expect

from engine.words import Role

TEXT = "name: {}\non: {{manual: true}}\nsteps:\n  - {{id: say, uses: core.log, with: {{message: hello}}}}\n"


@pytest.fixture
def at_text(visit, place, request):
    """An editor at a workflow of the test's own, with the cursor in its text, and the text's field."""
    name = request.node.name.partition("[")[0].removeprefix("test_").replace("_", "-")[:60].strip("-")
    place.wink.api("PUT", f"/workflows/{name}", text=TEXT.format(name))
    story = visit(Role.EDITOR)
    story.page.on("dialog", lambda dialog: dialog.accept())
    story.open(f"/workflows/{name}")
    text = story.page.get_by_role("textbox", name="Text, in YAML")
    text.click()
    return story, text


@pytest.mark.parametrize("typed", ["name: Typed", "n", "name: Typed\non: {manual: true}\n"])
def test_what_is_typed_over_the_whole_text_replaces_it_without_a_complaint(at_text, typed):
    story, text = at_text

    story.press("Control+A")
    story.page.keyboard.insert_text(typed)

    expect(text.locator(".cm-line")).to_have_text(typed.split("\n"))
    story.sees("Not saved yet")
    assert not story.complaints


def test_what_is_typed_over_some_lines_is_undone_at_once(at_text):
    story, text = at_text
    before = text.locator(".cm-line").all_text_contents()
    story.press("Control+Home")
    story.press("Shift+ArrowDown")
    story.press("Shift+ArrowDown")

    story.page.keyboard.type("z")
    expect(text.locator(".cm-line").first).to_have_text("zsteps:")
    story.press("Control+Z")

    expect(text.locator(".cm-line")).to_have_text(before)
    assert not story.complaints


def test_a_quote_typed_over_a_word_stands_around_it(at_text):
    story, text = at_text
    text.locator(".cm-line span").first.dblclick()

    story.page.keyboard.type('"')

    expect(text.locator(".cm-line").first).to_contain_text('"name":')
    assert not story.complaints


def test_save_can_be_pressed_only_while_there_is_something_to_save(at_text):
    story, text = at_text
    save = story.page.get_by_role("button", name="Save", exact=True)
    expect(save).to_be_disabled()
    story.sees("All changes are saved")

    story.page.keyboard.type("x")
    expect(save).to_be_enabled()
    story.sees("Not saved yet")
    story.press("Backspace")
    expect(save).to_be_disabled()
    story.press("Control+Home")
    story.page.keyboard.type("# mine\n")
    story.click("Save")

    story.sees("Saved, and written to its file")
    expect(save).to_be_disabled()
    expect(text).to_contain_text("# mine")


def test_a_text_with_mistakes_that_was_not_saved_can_be_saved_again(at_text):
    story, text = at_text
    story.press("Control+A")
    story.page.keyboard.insert_text("name: Nothing else")
    story.click("Save")
    story.sees("The version that was there goes on.")

    expect(story.page.get_by_role("button", name="Save", exact=True)).to_be_enabled()
    story.sees("Not saved yet")
    expect(text).to_contain_text("Nothing else")


def test_a_new_workflow_says_that_it_is_saved_and_what_to_do_next(visit):
    story = visit(Role.EDITOR)
    story.open("/workflows")
    story.write("Name", "quite-new")

    story.click("Create workflow")

    story.sees("It is saved and enabled")
    expect(story.page.get_by_role("button", name="Save", exact=True)).to_be_disabled()


def test_without_scripts_a_text_is_saved_from_the_plain_field(visit, place):
    place.wink.api("PUT", "/workflows/plain", text=TEXT.format("plain"))
    story = visit(Role.EDITOR, java_script_enabled=False)
    story.open("/workflows/plain")

    story.write("Text, in YAML", TEXT.format("plainer"))
    story.click("Save")

    story.sees("Saved, and written to its file")
    assert story.value("Text, in YAML") == TEXT.format("plainer")
