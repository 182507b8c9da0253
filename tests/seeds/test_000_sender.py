"""Seed 000, its sender's side: Blazelock as it is played, alone and against a real engine in virtual time."""

from datetime import timedelta

import pytest

from engine.emulation.attempt import Heard, Status
from engine.emulation.receivers import down
from engine.errors import Conflict, Invalid
from engine.words import Verdict
from tests.emulated import HOUR, MINUTE, SECOND, START, URL, Script, stage, vendor

COMPLETED = "file_scan.completed"


def times(sender) -> list[timedelta]:
    """Return when each attempt was made, since the first."""
    (endpoint,) = sender.endpoints.values()
    return [each.attempted_at - START for each in endpoint.attempts]


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/webhooks/x",
        "https://localhost/webhooks/x",
        "https://wink.localhost/webhooks/x",
        "https://127.0.0.1/webhooks/x",
        "https://192.168.1.5/webhooks/x",
        "https://169.254.169.254/webhooks/x",
        "https://[::1]/webhooks/x",
    ],
)
def test_000_r1_an_address_that_is_not_public_https_is_refused_unless_it_is_said_to_be_a_test(url) -> None:
    with pytest.raises(Invalid, match="public HTTPS"):
        vendor("blazelock").create(url)

    assert vendor("blazelock", allow_local=True).create(url).endpoint.url == url


def test_000_r1_an_endpoint_cannot_be_moved_there_either() -> None:
    sender = vendor("blazelock")
    endpoint = sender.create(URL).endpoint

    with pytest.raises(Invalid, match="public HTTPS"):
        sender.edit(endpoint, url="http://localhost:8080/webhooks/x", description="moved")

    assert (endpoint.url, endpoint.description) == (URL, "")


def test_000_e1_ten_attempts_at_the_published_waits_and_a_last_one_whose_wait_is_supposed() -> None:
    sender = vendor("blazelock", down)
    sender.create(URL)

    sender.happen(COMPLETED)
    sender.agenda.run()

    waits = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR]
    assert times(sender)[:9] == [sum(waits[:number], timedelta()) for number in range(9)]
    assert len(times(sender)) == 10
    assert [sender.schedule.is_supposed(attempt) for attempt in (8, 9, 10)] == [False, True, False]
    assert sender.count(Status.EXHAUSTED) == 1


def test_000_e1_a_2xx_ends_it() -> None:
    sender = vendor("blazelock", Script(503, 503, 202))
    sender.create(URL)

    sender.happen(COMPLETED)
    sender.agenda.run()

    assert times(sender) == [timedelta(), MINUTE, 3 * MINUTE]
    assert sender.count(Status.DELIVERED) == 1


@pytest.mark.parametrize(
    "heard",
    [Heard(301), Heard(400), Heard(404), Heard(500), Heard(None, "refused"), Heard(200, took=15.001 * SECOND)],
)
def test_000_e2_anything_but_a_2xx_within_15_seconds_has_failed(heard) -> None:
    sender = vendor("blazelock", Script(heard, 200))
    sender.create(URL)

    sender.happen(COMPLETED)
    sender.agenda.run()

    (endpoint,) = sender.endpoints.values()
    assert [each.status for each in endpoint.attempts] == [Status.FAILED, Status.DELIVERED]


def test_000_e2_an_answer_in_the_last_moment_counts_and_a_late_one_is_called_so() -> None:
    in_time, late = (vendor("blazelock", Script(Heard(200, took=took * SECOND))) for took in (15, 16))
    for sender in (in_time, late):
        sender.create(URL)
        sender.happen(COMPLETED)
        sender.agenda.run()

    (attempt,) = in_time.endpoints["we_1"].attempts
    assert attempt.status is Status.DELIVERED
    assert (late.endpoints["we_1"].attempts[0].code, late.endpoints["we_1"].attempts[0].error) == (
        None,
        "no answer within 15s",
    )
    # What is waited for an answer comes on top of the wait before the next attempt.
    assert times(late)[1] == 75 * SECOND


def test_000_r4_three_attempts_signed_each_anew_are_one_event_and_two_duplicates(tmp_path) -> None:
    """The answers to the first two are lost on their way back."""
    with stage(tmp_path, "blazelock") as here:
        sent, reach = [], here.sender.receive

        def forgetful(request):
            heard = reach(request)
            sent.append(request)
            return heard if len(sent) == 3 else Heard(None, "connection reset")

        here.sender.receive = forgetful
        here.sender.create(URL, secrets=here.secrets)
        here.sender.happen(COMPLETED)
        here.sender.agenda.run()

        assert len({each.first("x-blazelock-webhook-signature") for each in sent}) == 3
        assert here.verdicts() == {Verdict.ACCEPTED: 1, Verdict.DUPLICATE: 2}
        assert (len(here.events()), here.runs()) == (1, 1)


def test_000_r8_a_regenerated_secret_signs_at_once_and_the_old_one_never_again(tmp_path) -> None:
    with stage(tmp_path, "blazelock") as here:
        endpoint = here.sender.create(URL, secrets=here.secrets).endpoint
        here.sender.happen(COMPLETED)
        here.sender.agenda.run()

        new = here.sender.regenerate(endpoint)
        here.sender.happen(COMPLETED)
        here.sender.agenda.run(START + MINUTE)

        assert new != here.secrets
        assert here.sender.reveal(endpoint) == new
        assert [each.code for each in endpoint.attempts] == [202, 401, 401]


def test_000_r10_once_it_is_switched_off_nothing_is_sent_not_even_what_was_pending() -> None:
    script = Script(503)
    sender = vendor("blazelock", script)
    endpoint = sender.create(URL).endpoint
    sender.happen(COMPLETED)
    sender.agenda.run(START + SECOND)

    sender.turn(endpoint, on=False)
    sender.happen(COMPLETED)
    sender.agenda.run(START + 10 * HOUR)

    assert len(script.requests) == 1


def test_000_r11_only_the_events_that_were_chosen_are_sent() -> None:
    script = Script(200)
    sender = vendor("blazelock", script)
    endpoint = sender.create(URL, events=[COMPLETED]).endpoint

    sender.happen("file_scan.failed")
    sender.edit(endpoint, events=["blazelock.file_scan.failed"], url=f"{URL}?from=blazelock")
    sender.happen("file_scan.failed")
    sender.agenda.run()

    (request,) = script.requests
    assert (b'"event":"file_scan.failed"' in request.body, request.url) == (True, f"{URL}?from=blazelock")


def test_an_event_that_there_is_not_is_told_the_nearest_one() -> None:
    with pytest.raises(Invalid, match=r"did you mean 'blazelock\.file_scan\.completed'"):
        vendor("blazelock").create(URL, events=["file_scan.complete"])


def test_what_blazelock_does_not_have_cannot_be_done() -> None:
    sender = vendor("blazelock")
    endpoint = sender.create(URL).endpoint

    with pytest.raises(Conflict, match="Blazelock is not known to send an event again"):
        sender.retry(endpoint, "x")
