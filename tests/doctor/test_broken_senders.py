"""Every broken sender is refused with the same bytes, and the doctor says why; nobody else is told."""

import base64
import hmac
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.path.diagnose import diagnose
from engine.path.receive import receive
from engine.path.setup import delete
from engine.path.trigger_secrets import rotate
from engine.runtime import Engine
from engine.store import search, show
from engine.store.search import DeliveryFilter, Span
from engine.words import Finding
from tests.doctor.senders import (
    BODY,
    FORMER,
    GITHUB,
    OTHERS,
    SECRET,
    SENDERS,
    Broken,
    Sender,
    github,
    with_headers,
    with_key,
)
from tests.engines import running, trigger


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> Iterator[Engine]:
    with running(tmp_path_factory.mktemp("doctor"), public_url="http://127.0.0.1:8080") as engine:
        trigger(engine, name="other", secret=OTHERS, **GITHUB)
        yield engine


@pytest.fixture(scope="module")
def triggers(engine) -> dict[str, object]:
    """Return a trigger for each kind of sender, whose secret was rotated a moment ago."""
    made = {}
    for number, broken in enumerate(SENDERS.values()):
        kind = str(sorted(broken.fields.items()))
        if kind not in made:
            made[kind] = trigger(engine, name=f"t{number}", secret=FORMER, **broken.fields)
            rotate(engine, f"t{number}", overlap=timedelta(), given=SECRET)
    return made


def refused(engine: Engine, triggers: dict[str, object], broken: Broken):
    """Send as the broken sender does, and return the answer and what the ledger has of it."""
    shown = triggers[str(sorted(broken.fields.items()))]
    sender = Sender(shown.base_url, engine.clock.now())
    reply = receive(engine, shown.trigger.path, broken.send(sender))
    which = DeliveryFilter(trigger_id=shown.trigger.id)
    (line,) = engine.store.read(search.list_deliveries, which, Span(limit=1)).items
    return reply, engine.store.read(show.delivery, line.id)


@pytest.mark.parametrize("title", SENDERS)
def test_the_cause_is_found_of_a_sender_that(engine, triggers, title):
    broken = SENDERS[title]

    reply, delivery = refused(engine, triggers, broken)
    diagnosis = diagnose(engine, delivery)

    assert (reply.status, reply.body) == (401, b'{"error":"unauthorized"}')
    assert broken.finding in [found.finding for found in diagnosis.findings[:1]], diagnosis
    assert broken.words in diagnosis.findings[0].words


def test_all_broken_senders_of_a_trigger_are_answered_with_the_same_bytes(engine, triggers):
    replies = {title: refused(engine, triggers, broken)[0] for title, broken in SENDERS.items()}

    for kind in triggers:
        of_kind = [reply for title, reply in replies.items() if str(sorted(SENDERS[title].fields.items())) == kind]
        assert len(set(of_kind)) == 1, kind


def test_no_answer_holds_a_secret_or_a_right_signature(engine, triggers):
    for title, broken in SENDERS.items():
        _, delivery = refused(engine, triggers, broken)
        told = str(diagnose(engine, delivery))

        for secret in (SECRET, OTHERS, FORMER):
            key = base64.b64decode(secret.removeprefix("whsec_"))
            assert not {secret, secret.removeprefix("whsec_"), key.hex()} & set(told.replace("'", " ").split()), title
            assert secret.removeprefix("whsec_")[:12] not in told, title
            for right in (hmac.digest(secret.encode(), BODY, "sha256"), hmac.digest(key, BODY, "sha256")):
                assert right.hex() not in told, title
                assert base64.b64encode(right).decode() not in told, title


def test_a_secret_that_was_pasted_too_late_is_right_now(engine):
    shown = trigger(engine, name="late", secret=FORMER, **GITHUB)
    reply, delivery = refused(
        engine, {str(sorted(GITHUB.items())): shown}, Broken(GITHUB, with_key(SECRET), Finding.PROVES_NOW)
    )
    before = diagnose(engine, delivery)

    rotate(engine, "late", overlap=timedelta(), given=SECRET)

    assert reply.status == 401
    assert before.findings[0].finding is not Finding.PROVES_NOW
    assert diagnose(engine, delivery).findings[0].finding is Finding.PROVES_NOW


def test_a_trigger_without_a_secret_is_told_to_have_none(engine):
    shown = trigger(engine, name="bare", connector="stripe")

    _, delivery = refused(
        engine, {"[]": shown}, Broken({}, with_headers(stripe_signature="t=1,v1=00"), Finding.NO_SECRET)
    )

    assert diagnose(engine, delivery).findings[0].finding is Finding.NO_SECRET


def test_a_secret_that_cannot_be_read_is_to_be_set_once_more(engine):
    shown = trigger(engine, name="unreadable", connector="securecodinghub", secret="not in Base64")
    broken = Broken({}, with_headers(webhook_signature="v1,00"), Finding.NO_SECRET)

    _, delivery = refused(engine, {"[]": shown}, broken)

    found = diagnose(engine, delivery).findings[0]
    assert found.finding is Finding.NO_SECRET
    assert found.advice.startswith("Set the secret")


def test_an_address_that_is_not_allowed_is_told(engine):
    shown = trigger(engine, name="walled", networks=["192.0.2.0/24"])

    _, delivery = refused(engine, {"[]": shown}, Broken({}, with_headers(), Finding.ADDRESS_NOT_ALLOWED))

    assert diagnose(engine, delivery).findings[0].finding is Finding.ADDRESS_NOT_ALLOWED


def test_an_accepted_delivery_is_not_diagnosed(engine, triggers):
    good = Broken(GITHUB, github(lambda sender: (BODY, BODY)), Finding.PROVES_NOW)

    reply, delivery = refused(engine, triggers, good)

    assert reply.status == 202
    assert diagnose(engine, delivery) is None


def test_a_delivery_whose_trigger_is_gone_is_not_diagnosed(engine, triggers):
    shown = trigger(engine, name="gone", secret=SECRET, **GITHUB)
    _, delivery = refused(engine, {str(sorted(GITHUB.items())): shown}, SENDERS["does not sign"])

    delete(engine, "gone")

    assert diagnose(engine, delivery) is None


def test_the_doctor_is_not_loaded_by_what_receives():
    program = "import sys, engine.path.receive; print([name for name in sys.modules if 'engine.doctor' in name])"

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "[]"
