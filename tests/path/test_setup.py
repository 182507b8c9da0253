"""Triggers are made, changed and deleted; a field that cannot be taken is named, and then nothing changes."""

from dataclasses import replace

import pytest

from engine.definitions.catalog import read_connectors
from engine.errors import Conflict, Invalid, NotFound
from engine.path.setup import change, create, delete
from engine.path.shown import show
from engine.path.trigger_spec import TriggerSpec
from engine.published import Published
from engine.store import search
from engine.store.search import DeliveryFilter, Span
from engine.words import OnMismatch, TriggerState, Verdict
from tests.engines import deliver, trigger

SPEC = TriggerSpec(name="t")


def test_a_trigger_with_nothing_but_a_name_takes_a_key_in_its_url_and_is_published(engine):
    made = create(engine, SPEC)

    assert (made.trigger.auth, made.state) == ("api_key", TriggerState.PUBLISHED)
    assert made.full_url == f"{made.base_url}?apikey={made.api_key}"
    assert deliver(engine).reply.status == 202


def test_a_draft_receives_nothing(engine):
    made = create(engine, SPEC, draft=True)

    assert made.state is TriggerState.DRAFT
    assert deliver(engine).reply.status == 409


def test_a_name_is_taken_once(engine):
    create(engine, SPEC)

    with pytest.raises(Conflict):
        create(engine, SPEC)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "Not a slug"}, "name"),
        ({"connector": "nobody"}, "connector"),
        ({"auth": "magic"}, "auth"),
        ({"recipe": "blink"}, "recipe"),
        ({"auth": "signature", "recipe": "nobody"}, "recipe"),
        ({"auth": "signature", "recipe": {"scheme": "hmac"}}, "recipe"),
        ({"events": [""]}, "events"),
        ({"condition": "event.data.n >"}, "condition"),
        ({"condition": "steps.first.output"}, "condition"),
        ({"condition": {"all": [{"left": "event.data.n", "op": "nonsense"}]}}, "condition"),
        ({"dedup": "event.nonsense +"}, "dedup"),
        ({"rate": "many"}, "rate"),
        ({"networks": ["192.0.2.1/8"]}, "networks"),
        ({"public_url": "ftp://example.com"}, "public_url"),
        ({"reply": {"status": 404}}, "reply.status"),
        ({"reply": {"headers": {}}}, "reply"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named_and_nothing_is_made(engine, fields, field):
    with pytest.raises(Invalid) as refused:
        create(engine, replace(SPEC, **fields))

    assert refused.value.field == field
    with pytest.raises(NotFound):
        show(engine, "t")


@pytest.mark.parametrize("given", ["   ", {"other": "x"}])
def test_a_secret_that_is_none_is_refused(engine, given):
    with pytest.raises(Invalid) as refused:
        create(engine, SPEC, secret=given)

    assert refused.value.field == "secret"


def test_a_secret_that_the_vendor_makes_is_waited_for(engine):
    made = create(engine, TriggerSpec(name="t", connector="stripe"))

    assert (made.state, made.api_key) == (TriggerState.NEEDS_SECRET, None)


def test_a_key_is_shown_once(engine):
    create(engine, SPEC)

    later = show(engine, "t")

    assert (later.api_key, later.full_url, dict(later.issued)) == (None, None, {})


def test_no_secret_is_readable_in_the_database(engine, tmp_path):
    made = create(engine, SPEC, secret="a secret that a person pasted")

    files = b"".join(file.read_bytes() for file in (tmp_path / "data").glob("wink.db*"))

    assert made.api_key is not None
    assert made.api_key.encode() not in files


def test_a_change_takes_effect_at_once_and_leaves_the_address(engine):
    made = create(engine, SPEC)

    changed = change(engine, "t", {"title": "Findings", "rate": "1/h"})

    assert (changed.trigger.title, changed.base_url) == ("Findings", made.base_url)
    assert [deliver(engine).reply.status for _ in range(2)] == [202, 429]


def test_a_change_with_a_mistake_changes_nothing(engine):
    create(engine, SPEC)

    with pytest.raises(Invalid):
        change(engine, "t", {"title": "Findings", "rate": "many"})

    assert show(engine, "t").trigger.title == "Custom Webhook"


def test_null_sets_a_field_back_to_its_default(engine):
    trigger(engine, title="Findings", rate="1/h", on_mismatch=OnMismatch.REJECT)

    changed = change(engine, "t", {"title": None, "rate": None, "on_mismatch": None}).trigger

    assert (changed.title, changed.rate, changed.on_mismatch) == ("Custom Webhook", None, OnMismatch.WARN)


def test_a_way_that_needs_another_kind_of_secret_gets_one_which_is_shown(engine):
    create(engine, SPEC)

    changed = change(engine, "t", {"auth": "signature"})

    assert str(changed.api_key).startswith("whsec_")
    assert changed.full_url is None
    assert deliver(engine).reply.status == 202


def test_going_back_to_the_first_way_needs_no_new_key(engine):
    made = create(engine, SPEC)
    change(engine, "t", {"auth": "signature"})

    back = change(engine, "t", {"auth": "api_key"})

    assert back.api_key is None
    assert back.base_url == made.base_url
    assert deliver(engine).reply.status == 202


def test_a_deleted_triggers_address_is_unknown_and_its_ledger_stays(engine):
    made = create(engine, SPEC)
    deliver(engine)

    delete(engine, "t")

    assert engine.published.now().by_path.get(made.trigger.path) is None
    page = engine.store.read(search.list_deliveries, DeliveryFilter(trigger_id=made.trigger.id), Span())
    assert [line.verdict for line in page.items] == [Verdict.ACCEPTED]


def test_a_trigger_whose_connector_is_gone_says_so_and_can_be_deleted(engine, tmp_path):
    create(engine, TriggerSpec(name="t", connector="github"))
    none = read_connectors(tmp_path)
    bare = replace(engine, published=Published(engine.store, none, {}, engine.clock), connectors=none)

    assert "no connector 'github'" in show(bare, "t").warnings[0]
    delete(bare, "t")


def test_a_trigger_says_where_a_signature_leaves_the_body_out(engine):
    create(engine, TriggerSpec(name="t", connector="mailgun"))
    create(engine, TriggerSpec(name="u", connector="github"))

    assert any("does not cover the body: Mailgun signs a time" in words for words in show(engine, "t").warnings)
    assert not any("does not cover the body" in words for words in show(engine, "u").warnings)
