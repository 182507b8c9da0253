"""Seed 002, its sender's side: Detectify as it is played, alone and against a real engine in virtual time."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest

from engine.emulation.attempt import Heard, Status
from engine.emulation.endpoint import Health
from engine.emulation.receivers import down
from engine.errors import Conflict
from engine.words import Verdict
from tests.emulated import DAY, START, URL, Script, stage, vendor
from tests.serving import Wink


@pytest.mark.parametrize("heard", [Heard(404), Heard(422), Heard(500), Heard(None, "unreachable")])
def test_002_e1_errors_of_both_kinds_and_silence_are_tried_again(heard) -> None:
    sender = vendor("detectify", Script(heard, 200))
    sender.create(URL)

    sender.happen("finding")
    sender.agenda.run()

    assert sender.count(Status.DELIVERED) == 1


def test_002_e1_waits_double_and_are_said_to_be_supposed() -> None:
    sender = vendor("detectify", down)
    endpoint = sender.create(URL).endpoint

    sender.happen("finding")
    sender.agenda.run()

    moments = [each.attempted_at for each in endpoint.attempts]
    waits = [later - earlier for earlier, later in pairwise(moments)]
    assert all(later == 2 * earlier for earlier, later in pairwise(waits))
    assert all(sender.schedule.is_supposed(attempt) for attempt in range(1, sender.schedule.attempts))


def test_002_e1_after_the_last_attempt_it_is_unhealthy_and_goes_on_sending() -> None:
    sender = vendor("detectify", Script(*[503] * 8, 200))
    endpoint = sender.create(URL).endpoint
    sender.happen("finding")
    sender.agenda.run()
    unhealthy = (endpoint.health, endpoint.active)

    sender.happen("finding")
    sender.agenda.run()

    assert unhealthy == (Health.GIVEN_UP, True)
    assert sender.spec.health.given_up == "unhealthy"
    assert endpoint.health is Health.HEALTHY


def test_002_e1_the_status_page_lists_what_failed_and_sends_it_again_by_hand() -> None:
    sender = vendor("detectify", Script(*[503] * 8, 200))
    endpoint = sender.create(URL).endpoint
    event_id = sender.happen("finding").id
    sender.agenda.run()

    sender.retry(endpoint, event_id)
    sender.agenda.run()

    newest, before, *_ = sender.listed(endpoint)
    assert [(each.status, each.attempts) for each in (before, newest)] == [(Status.EXHAUSTED, 8), (Status.DELIVERED, 9)]


@pytest.mark.parametrize("answers", [[200], [503]], ids=["delivered", "not there"])
def test_002_e1_only_what_failed_can_be_sent_again(answers) -> None:
    sender = vendor("detectify", Script(*answers))
    endpoint = sender.create(URL).endpoint
    sender.agenda.run()
    event_id = sender.happen("finding").id if answers == [200] else "an event of somebody else"
    sender.agenda.run()

    with pytest.raises(Conflict, match="did not fail"):
        sender.retry(endpoint, event_id)


def test_002_e1_a_retry_by_hand_takes_the_place_of_the_one_that_was_due() -> None:
    script = Script(503, 200)
    sender = vendor("detectify", script)
    endpoint = sender.create(URL).endpoint
    event_id = sender.happen("finding").id
    sender.agenda.run(START)

    sender.retry(endpoint, event_id)
    sender.agenda.run(START + DAY)

    assert len(script.requests) == 2
    assert endpoint.last_attempt_at == START


def test_002_e1_deleting_the_webhook_discards_what_is_pending() -> None:
    script = Script(503)
    sender = vendor("detectify", script)
    endpoint = sender.create(URL).endpoint
    sender.happen("finding")
    sender.agenda.run(START)

    sender.delete(endpoint)
    sender.agenda.run(START + DAY)

    assert len(script.requests) == 1


def test_002_r5_send_test_event_sends_the_sample() -> None:
    script = Script(200)
    sender = vendor("detectify", script)

    sender.test(sender.create(URL).endpoint)
    sender.agenda.run()

    (request,) = script.requests
    assert b'"event_type": "finding"' in request.body


@pytest.mark.parametrize(
    "fields", [{}, {"condition": "event.data.finding.severity == 'low'"}, {"events": ["detectify.scan_completed"]}]
)
def test_002_r6_what_is_filtered_or_known_is_answered_2xx_so_that_the_vendor_stays_healthy(tmp_path, fields) -> None:
    with stage(tmp_path, "detectify", **fields) as here:
        reach = here.sender.receive
        here.sender.receive = lambda request: [reach(request), reach(request)][-1]
        endpoint = here.sender.create(URL, secrets=here.secrets).endpoint

        here.sender.happen("finding")
        here.sender.agenda.run()

        assert (endpoint.health, [each.code for each in endpoint.attempts]) == (Health.HEALTHY, [202])
        assert here.verdicts() == {Verdict.ACCEPTED: 1, Verdict.DUPLICATE: 1}


def test_002_r6_a_refused_secret_is_what_the_vendor_tries_again_until_it_is_unhealthy(tmp_path) -> None:
    with stage(tmp_path, "detectify") as here:
        endpoint = here.sender.create(URL, secrets={"shared_secret": "not the one"}).endpoint

        here.sender.happen("finding")
        here.sender.agenda.run()

        assert endpoint.health is Health.GIVEN_UP
        assert here.verdicts() == {Verdict.REJECTED: here.sender.schedule.attempts}


def test_002_r10_of_110_findings_at_once_each_is_one_run_also_when_most_come_twice(tmp_path) -> None:
    with stage(tmp_path, "detectify") as here:
        reach, heard = here.sender.receive, []

        def forgetful(request):
            heard.append(reach(request))
            return heard[-1] if len(heard) > 100 else Heard(None, "connection reset")

        here.sender.receive = forgetful
        here.sender.create(URL, secrets=here.secrets)
        for number in range(110):
            here.after(number * timedelta(seconds=2) / 110, lambda: here.sender.happen("finding"))

        here.sender.agenda.run()

        assert here.verdicts() == {Verdict.ACCEPTED: 110, Verdict.DUPLICATE: 100}
        assert (len(set(here.events())), here.runs()) == (110, 110)


def test_002_r10_of_110_findings_one_after_the_other_over_sockets_each_is_acknowledged_and_accounted_for(
    wink: Wink,
) -> None:
    trigger = wink.trigger(connector="detectify")
    burst = ["--count", "110", "--rate", "55/s", "--speed", "1x", "--json"]

    played = wink.command(
        "emulate", "detectify", "--to", trigger.base_url, "--allow-local", "--secret", trigger.api_key or "", *burst
    )

    told = json.loads(played.stdout)
    assert played.returncode == 0, played.stderr
    assert [each["code"] for each in told["attempts"]] == [202] * 110
    events = wink.get(f"/events?trigger={trigger.name}&limit=500")["items"]
    assert len({each["id"] for each in events}) == 110
    wink.ledger()
