"""What was signed with a secret that nobody had entered yet is kept sealed, and runs when the secret is there."""

from datetime import timedelta
from threading import Thread

import pytest

from engine.path.explain import explain
from engine.path.late_proof import LateProofs, prove_again
from engine.path.publish import pause, resume
from engine.path.receive import Request, receive
from engine.path.setup import change, delete
from engine.path.shown import show
from engine.path.trigger_secrets import rotate
from engine.store import sealed, search, setup
from engine.store import show as stored
from engine.store.check import check_ledger
from engine.store.search import EventFilter, Span
from engine.words import Held, OnUnproven, Reason, Verdict
from tests import signing
from tests.engines import running, runs_of, trigger, workflow
from tests.sealing import NEW, OLD, listed, post, scan, sealing
from tests.serving import eventually

NOW = timedelta()


@pytest.fixture
def engine(tmp_path, database_url):
    """Run an engine on either database, whose clock can be moved on."""
    with running(tmp_path, database_url=database_url) as engine:
        yield engine


FORGED = "bl_secret_of_somebody_else"

#: Blazelock's way of signing, at a trigger whose events have no id.
RECIPE = {
    "scheme": "hmac",
    "signature": {"header": "X-Blazelock-Webhook-Signature"},
    "signs": "{timestamp}.{body}",
    "timestamp": {"header": "X-Blazelock-Webhook-Timestamp"},
}


def proofs(engine):
    """Return what became of every delivery that was sealed once, in the order of receipt."""
    found = engine.store.read(sealed.proofs_of, [line.id for line in listed(engine)])
    return [(found[key].verdict.value, found[key].reason.value) for key in sorted(found)]


def events(engine):
    found = engine.store.read(search.list_events, EventFilter(), Span(limit=500))
    return list(reversed(found.items))


def adds_up(engine):
    found = engine.store.read(check_ledger, engine.clock.now())
    return found.findings == {} and found.received == sum(found.verdicts.values())


def test_what_the_new_secret_signed_runs_when_the_secret_is_entered(engine):
    sealing(engine)
    workflow(engine)
    statuses = [post(engine, scan(number)) for number in (1, 2, 3)]

    late = rotate(engine, "t", overlap=NOW, given=NEW).late

    assert (statuses, late.tried, late.running) == ([401] * 3, 3, 3)
    assert [len(runs_of(engine, event.id)) for event in events(engine)] == [1, 1, 1]
    assert proofs(engine) == [("accepted", "new")] * 3
    assert adds_up(engine)


def test_the_events_keep_the_order_and_the_time_of_receipt(engine):
    sealing(engine)
    for number in range(120):
        post(engine, scan(number))

    rotate(engine, "t", overlap=NOW, given=NEW)

    assert [event.delivery_id for event in events(engine)] == [line.id for line in listed(engine)]
    assert [event.received_at for event in events(engine)] == [line.received_at for line in listed(engine)]


def test_the_first_verdict_stays_and_the_ledger_gains_a_record(engine):
    sealing(engine)
    post(engine, scan())
    before = listed(engine)

    rotate(engine, "t", overlap=NOW, given=NEW)

    assert listed(engine) == before
    assert (before[0].verdict, before[0].reason) == (Verdict.REJECTED, Reason.WRONG_PROOF)
    assert engine.store.read(check_ledger, engine.clock.now()).late_proofs == {Verdict.ACCEPTED: 1}


def test_a_signature_counts_whose_time_was_right_when_it_was_received(engine):
    sealing(engine)
    post(engine, scan())
    engine.clock.advance(timedelta(hours=71))

    late = rotate(engine, "t", overlap=NOW, given=NEW).late

    assert late.running == 1


def test_several_attempts_of_one_event_are_one_run(engine):
    """Blazelock signs each attempt anew: the time, and so the signature, changes."""
    sealing(engine)
    workflow(engine)
    for _ in range(3):
        post(engine, scan())
        engine.clock.advance(timedelta(minutes=10))

    late = rotate(engine, "t", overlap=NOW, given=NEW).late
    again = post(engine, scan())

    (event,) = events(engine)
    assert (late.genuine, late.running, late.duplicates, again) == (3, 1, 2, 202)
    assert len(runs_of(engine, event.id)) == 1
    assert proofs(engine) == [("accepted", "new"), ("duplicate", "event_seen"), ("duplicate", "event_seen")]
    assert adds_up(engine)


def test_an_attempt_that_was_accepted_before_makes_the_sealed_one_a_duplicate(engine):
    sealing(engine)
    post(engine, scan())
    post(engine, scan(), OLD)

    late = rotate(engine, "t", overlap=NOW, given=NEW).late

    assert (late.running, late.duplicates, len(events(engine))) == (0, 1, 1)


def test_a_replay_of_a_sealed_delivery_is_a_duplicate(engine):
    """Without an id of its own, the signature alone tells."""
    trigger(engine, auth="signature", recipe=RECIPE, secret=OLD, on_unproven=OnUnproven.SEAL)
    stamp = signing.now()
    for _ in range(2):
        post(engine, b'{"n": 1}', stamp=stamp)

    late = rotate(engine, "t", overlap=NOW, given=NEW).late
    replayed = post(engine, b'{"n": 1}', stamp=stamp)

    assert (late.running, late.duplicates, replayed, len(events(engine))) == (1, 1, 202, 1)
    assert proofs(engine) == [("accepted", "new"), ("duplicate", "signature_seen")]


def test_a_replay_that_was_sealed_is_a_duplicate_after_the_old_secret_came_back(engine):
    """Its window is over by then, and what was accepted within it is remembered all the same."""
    trigger(engine, auth="signature", recipe=RECIPE, secret=OLD, on_unproven=OnUnproven.SEAL)
    stamp = signing.now()
    first = post(engine, b'{"n": 1}', OLD, stamp=stamp)
    rotate(engine, "t", overlap=NOW, given=NEW)
    replayed = post(engine, b'{"n": 1}', OLD, stamp=stamp)
    engine.clock.advance(timedelta(minutes=20))
    engine.store.write(sealed.forget_signatures, engine.clock.now())

    late = rotate(engine, "t", overlap=NOW, given=OLD).late

    assert (first, replayed, late.running, late.duplicates) == (202, 401, 0, 1)
    assert len(events(engine)) == 1


def test_nothing_is_proved_after_its_time_although_nobody_has_given_it_up_yet(engine):
    sealing(engine)
    post(engine, scan())
    engine.clock.advance(timedelta(hours=72))

    late = rotate(engine, "t", overlap=NOW, given=NEW).late

    assert (late.running, late.in_vain, events(engine)) == (0, 1, [])


def test_what_is_forged_stays_sealed_and_never_runs(engine):
    sealing(engine)
    post(engine, scan(1), FORGED)
    post(engine, scan(2))

    late = rotate(engine, "t", overlap=NOW, given=NEW).late

    assert (late.running, late.in_vain, len(events(engine))) == (1, 1, 1)
    assert [line.id for line in listed(engine, sealed=True)] == [listed(engine)[0].id]
    assert adds_up(engine)


def test_what_nothing_proves_in_time_loses_its_body_and_can_be_proved_no_more(engine):
    sealing(engine)
    post(engine, scan())
    engine.clock.advance(timedelta(hours=72))

    def is_given_up():
        engine.store.write(sealed.expire, engine.clock.now())  # takes turns with what tidies by itself
        return not listed(engine, sealed=True)

    eventually(is_given_up)

    assert rotate(engine, "t", overlap=NOW, given=NEW).late is None
    assert events(engine) == []
    assert proofs(engine) == [("rejected", "wrong_proof")]
    assert adds_up(engine)


def test_another_way_proves_nothing_that_was_signed(engine):
    trigger(engine, auth="signature", recipe=RECIPE, secret=OLD, on_unproven=OnUnproven.SEAL)
    post(engine, b'{"n": 1}')

    late = change(engine, "t", {"on_unproven": None, "auth": "api_key", "recipe": None}).late

    assert (late.running, late.in_vain) == (0, 1)


def test_a_trigger_that_refuses_again_still_proves_what_it_sealed(engine):
    sealing(engine)
    post(engine, scan())

    change(engine, "t", {"on_unproven": None})
    late = rotate(engine, "t", overlap=NOW, given=NEW).late

    assert late.running == 1


def test_a_recipe_that_is_mended_proves_what_was_sealed(engine):
    wrong = {**RECIPE, "signs": "{timestamp}:{body}"}
    trigger(engine, auth="signature", recipe=wrong, secret=NEW, on_unproven=OnUnproven.SEAL)
    post(engine, b'{"n": 1}')

    late = change(engine, "t", {"recipe": RECIPE}).late

    assert late.running == 1


def test_a_public_url_that_is_set_right_proves_what_was_sealed(engine):
    recipe = {**RECIPE, "signs": "{timestamp}.{url}.{body}"}
    trigger(engine, auth="signature", recipe=recipe, secret=NEW, on_unproven=OnUnproven.SEAL)
    path = show(engine, "t").trigger.path
    post_signed_with_url(engine, path, f"https://hooks.example/webhooks/{path}?a=%7E1&b=")

    late = change(engine, "t", {"public_url": "https://hooks.example"}).late

    assert late.running == 1


def post_signed_with_url(engine, path, url):
    body, stamp = b'{"n": 1}', str(int(engine.clock.now().timestamp()))
    signed = f"{stamp}.{url}.".encode() + body
    headers = {
        "content-type": ("application/json",),
        "x-blazelock-webhook-timestamp": (stamp,),
        "x-blazelock-webhook-signature": (signing.hex_hmac(NEW, signed),),
    }
    query = url.partition("?")[2]
    return receive(engine, path, Request("POST", query, headers, body, len(body), "127.0.0.1")).status


def test_what_is_scrubbed_from_the_ledger_is_still_proved(engine):
    """A signature in a header whose name is that of a credential, over a query that holds one."""
    header = {"header": "X-Auth-Token"}
    recipe = {"scheme": "hmac", "signature": header, "signs": "{query:token}.{body}"}
    trigger(engine, auth="signature", recipe=recipe, secret=OLD, on_unproven=OnUnproven.SEAL)
    signature = signing.hex_hmac(NEW, b'a~b.{"n": 1}')
    post(engine, b'{"n": 1}', query="token=a%7Eb&n=1", **{"X-Auth-Token": signature})

    late = rotate(engine, "t", overlap=NOW, given=NEW).late

    (kept,) = [engine.store.read(stored.delivery, line.id) for line in listed(engine)]
    assert late.running == 1
    assert signature not in str(kept.headers)
    assert "a%7Eb" not in kept.query


def test_a_paused_trigger_holds_what_is_proved_late(engine):
    sealing(engine)
    workflow(engine)
    post(engine, scan())
    pause(engine, "t")
    rotate(engine, "t", overlap=NOW, given=NEW)
    held = proofs(engine)

    _, started = resume(engine, "t", Held.RUN)

    assert (held, len(started)) == ([("accepted", "held")], 1)
    assert adds_up(engine)


def test_a_deleted_trigger_keeps_nothing_sealed(engine):
    sealing(engine)
    post(engine, scan())

    delete(engine, "t")

    assert listed(engine, sealed=True) == []
    assert [line.reason for line in listed(engine)] == [Reason.WRONG_PROOF]
    assert adds_up(engine)


def test_a_body_that_cannot_be_read_is_genuine_and_rejected(engine):
    sealing(engine)
    post(engine, b'{"event": ')

    late = rotate(engine, "t", overlap=NOW, given=NEW).late

    assert (late.genuine, late.unusable) == (1, 1)
    assert proofs(engine) == [("rejected", "malformed_body")]
    assert adds_up(engine)


def test_what_is_sealed_is_not_lost_where_refusals_are_only_counted(engine):
    sealing(engine)
    for _ in range(200):
        post(engine, scan(), **{"X-Blazelock-Webhook-Signature": "x"})
    post(engine, scan())

    late = rotate(engine, "t", overlap=NOW, given=NEW).late

    assert late.running == 1
    assert adds_up(engine)


def test_two_that_prove_at_once_record_each_delivery_once(engine):
    sealing(engine)
    for number in range(60):
        post(engine, scan(number))
    row = show(engine, "t").trigger
    values, now = {"webhook_secret": NEW}, engine.clock.now()
    engine.store.write(setup.rotate_secrets, engine.store.cipher, row, values, until=now)

    provers = [Thread(target=prove_again, args=(engine, row.id)) for _ in range(4)]
    for each in provers:
        each.start()
    for each in provers:
        each.join()

    assert proofs(engine) == [("accepted", "new")] * 60
    assert len(events(engine)) == 60
    assert adds_up(engine)


def test_the_event_tells_of_its_late_proof(engine):
    sealing(engine)
    post(engine, scan())
    rotate(engine, "t", overlap=NOW, given=NEW)
    (event,) = events(engine)

    words = " ".join(stage.words for stage in explain(engine, event.id).stages)

    assert "was rejected (wrong_proof)" in words
    assert "was proved" in words


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (LateProofs(1, 1), "1 of 1 sealed delivery was genuine and run now."),
        (LateProofs(3, 2), "2 of 3 sealed deliveries were genuine and run now. 1 stays sealed."),
        (LateProofs(3, 1, 0, 2), "3 of 3 sealed deliveries were genuine: 1 run now, 2 came before."),
        (LateProofs(2), "None of 2 sealed deliveries were genuine. 2 stay sealed."),
    ],
)
def test_what_came_of_it_is_said_in_words(late, words):
    assert late.words == words
