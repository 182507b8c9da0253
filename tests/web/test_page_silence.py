"""A trigger that is silent, and one whose vendor tries again: on the pages and in the API."""

import re
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

from engine.store import silences, triggers
from engine.store.trigger_tables import silences as table
from tests.engines import trigger, workflow
from tests.serving import eventually
from tests.web.setup_form import fields

RECOVERS = "name: Recover\non: {silence: t}\nsteps: [{uses: core.log, with: {message: x}}]\n"
FORGED = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}

pytestmark = pytest.mark.usefixtures("no_triggers", "quick_sweeps")


@pytest.fixture(scope="module")
def engine(shared_engine):
    return shared_engine


def fall_silent(engine) -> None:
    """Make the trigger ``t`` one to which nothing came for seven hours, where six are normal."""
    shown = trigger(engine, silence="6h", title="Scans")
    eventually(partial(_is_raised_when_aged, engine, shown.trigger.id))


def _is_raised_when_aged(engine, trigger_id: str) -> bool:
    """Make the silence older where there is one, and tell whether it is raised.

    Rows of other triggers say nothing: a look that began before one was deleted leaves a row of it until the next.
    """
    now, ours = engine.clock.now(), (table.c.trigger_id == trigger_id, table.c.raised_at.is_(None))
    aged = update(table).where(*ours).values(since=now - timedelta(hours=7), seen_at=now)
    engine.store.write(lambda connection: connection.execute(aged).rowcount)
    return engine.store.read(silences.raised_of, trigger_id) is not None


def text_of(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page).split())


def test_000_r10_a_silent_trigger_is_seen_on_its_page_in_the_list_and_on_the_overview(engine, edith):
    workflow(engine, RECOVERS, "recovers")
    fall_silent(engine)

    assert "up to 6h are normal" in text_of(edith.get("/triggers/t").text)
    assert "silent for longer than 6h" in text_of(edith.get("/triggers").text)
    assert "It is silent: nothing was taken for longer than 6h." in text_of(edith.get("/").text)
    run = eventually(lambda: re.search(r"/runs/(run_\w+)", edith.get("/runs").text))
    assert "silence of t" in text_of(edith.get("/runs").text)
    assert "started by the silence of a trigger" in text_of(edith.get(run.group()).text)
    assert "Started by the silence of t" in text_of(edith.get("/workflows/recovers").text)
    assert "silence of t" in text_of(edith.get("/workflows").text)


def test_000_r10_the_api_says_since_when(engine, edith):
    fall_silent(engine)

    told = edith.get("/api/v1/triggers/t").json

    assert (told["silence"], told["state"]) == ("6h", "published")
    assert told["silent_since"] is not None
    assert edith.get("/api/v1/triggers").json["items"][0]["silent_since"] == told["silent_since"]


def test_silence_is_a_field_of_the_form(engine, edith):
    trigger(engine)
    page = edith.get("/triggers/t").text

    taken = edith.post("/triggers/t", **{**fields(page), "silence": "24h"})
    refused = edith.post("/triggers/t", **{**fields(edith.get("/triggers/t").text), "silence": "1m"})

    assert taken.status_code == 303
    assert refused.status_code == 422
    assert "from 5m to 366d" in refused.text
    assert engine.store.read(triggers.find, "t").silence == "24h"


def test_001_r6_the_triggers_page_says_when_the_vendor_tries_again(engine, edith):
    shown = trigger(engine, connector="securecodinghub", secret={"signing_secret": "whsec_" + "c" * 40})
    before = edith.get("/triggers/t").text
    path = "/webhooks/" + shown.trigger.path

    assert edith.client.post(path, json={"type": "sarif.ingested"}, headers=FORGED).status_code == 401

    after = text_of(edith.get("/triggers/t").text)
    assert "will try again" not in before
    assert re.search("was attempt 1 of 5: SecureCodingHub will try again in about", after)
