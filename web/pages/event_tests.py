"""``/events/<id>/tests``: an event as a test of each workflow that was asked about it, to look at and to download."""

from flask import Blueprint, Response

from engine.errors import NotFound
from engine.testing.save import saved_tests
from web.context import the_engine
from web.pages.door import page

event_test_pages = Blueprint("event_test_pages", __name__)


@event_test_pages.get("/events/<event_id>/tests")
def show_tests(event_id: str) -> Response:
    """Show a test file for each workflow; making one changes nothing."""
    saved = saved_tests(the_engine(), event_id)
    return page("events/tests.html", here="Events", event_id=event_id, saved=saved)


@event_test_pages.get("/events/<event_id>/tests/<workflow>.test.yaml")
def download_test(event_id: str, workflow: str) -> Response:
    """Give the test file of one workflow."""
    found = next((each for each in saved_tests(the_engine(), event_id, workflow) if each.text), None)
    if found is None:
        raise NotFound(f"there is no test of {workflow!r} for this event")
    headers = {"Content-Disposition": f'attachment; filename="{found.file}"'}
    return Response(found.text, headers=headers, content_type="application/yaml; charset=utf-8")
