"""Seed 001, its sender's side: SecureCodingHub as it is played, alone and against a real engine in virtual time."""

import json
from datetime import timedelta

import pytest

from engine.emulation.api import answer
from engine.emulation.attempt import Heard, Status
from engine.emulation.endpoint import Health
from engine.emulation.receivers import down
from engine.emulation.sender import Sender
from engine.words import Verdict
from tests.emulated import DAY, HOUR, MINUTE, SECOND, START, URL, Script, stage, vendor

ENDPOINTS = "/api/sch/org/webhooks"
CATALOGUE = "/api/public/v1/webhook-endpoints/events"
ISSUED = "certificate.issued"


def ask(sender: Sender, method: str, path: str, value: object = None):
    status, body = answer(sender, method, path, b"" if value is None else json.dumps(value).encode())
    assert status < 300, body
    return body


def send_one(sender: Sender) -> None:
    """Send an event, and let one attempt be made."""
    sender.happen(ISSUED)
    sender.agenda.run(sender.agenda.now())


def test_001_e1_url_description_and_events_are_asked_for_and_the_secret_is_shown_once() -> None:
    sender = vendor("securecodinghub")
    asked = {"url": URL, "description": "tickets", "events": [ISSUED], "createdBy": "ada@example.com"}

    created = ask(sender, "POST", ENDPOINTS, asked)
    (listed,) = ask(sender, "GET", ENDPOINTS)
    shown = ask(sender, "GET", f"{ENDPOINTS}/{created['id']}")
    edited = ask(sender, "PATCH", f"{ENDPOINTS}/{created['id']}", {"description": "Jira"})

    secret = created.pop("secret")
    assert secret.startswith("whsec_")
    assert created == listed == shown
    assert listed == shown | {"url": URL, "description": "tickets", "events": [ISSUED], "health": "Pending"}
    assert secret not in json.dumps([listed, shown, edited])


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"url": "http://localhost/x"},
        {"url": 5},
        {"url": URL, "events": ["assignment.lost"]},
        {"url": URL, "events": 5},
    ],
)
def test_001_e1_what_cannot_be_taken_is_refused_in_words_and_makes_nothing(asked) -> None:
    sender = vendor("securecodinghub")

    status, body = answer(sender, "POST", ENDPOINTS, json.dumps(asked).encode())

    assert status == 422
    assert body["error"]
    assert sender.endpoints == {}


@pytest.mark.parametrize(
    ("answers", "attempts", "health", "word"),
    [
        ([200], 0, Health.PENDING, "Pending"),
        ([200], 1, Health.HEALTHY, "Healthy"),
        ([503], 1, Health.FAILING, "Failing"),
        ([Heard(None, "timed out")], 1, Health.FAILING, "Failing"),
        ([503, 503, 200], 3, Health.HEALTHY, "Healthy"),
        ([503], 4, Health.FAILING, "Failing"),
        ([503], 5, Health.GIVEN_UP, "Disabled"),
    ],
)
def test_001_e2_health_follows_the_last_attempt(answers, attempts, health, word) -> None:
    sender = vendor("securecodinghub", Script(*answers))
    endpoint = sender.create(URL).endpoint
    if attempts:
        sender.happen(ISSUED)

    sender.agenda.run(START + [0, 0, 1, 6, 36, 156][attempts] * MINUTE)

    assert len(endpoint.attempts) == attempts
    assert (endpoint.health, ask(sender, "GET", ENDPOINTS)[0]["health"]) == (health, word)


def test_001_e2_from_healthy_to_failing_and_back() -> None:
    sender = vendor("securecodinghub", Script(200, 503, 200))
    endpoint = sender.create(URL).endpoint
    seen = []

    for _ in range(3):
        send_one(sender)
        seen.append(endpoint.health)

    assert seen == [Health.HEALTHY, Health.FAILING, Health.HEALTHY]


@pytest.mark.parametrize("script", [Script(200, 503), Script(503)], ids=["was healthy", "never was"])
def test_001_e2_disabled_keeps_the_time_of_the_last_delivery_and_sends_nothing_more(script) -> None:
    sender = vendor("securecodinghub", script)
    endpoint = sender.create(URL).endpoint
    send_one(sender)
    sender.happen(ISSUED)
    sender.agenda.run(START + 156 * MINUTE)
    made = len(script.requests)

    sender.happen(ISSUED)
    sender.agenda.run(START + DAY)

    (row,) = ask(sender, "GET", ENDPOINTS)
    assert (row["health"], row["isActive"]) == ("Disabled", False)
    assert row["lastDeliveryAt"] == "2026-01-02T05:40:05.000000Z"
    assert (len(script.requests), endpoint.last_attempt_at) == (made, START + 156 * MINUTE)


@pytest.mark.parametrize(("answers", "health"), [([503] * 5 + [200], "Healthy"), ([503], "Failing")])
def test_001_e2_switched_on_again_it_is_as_its_next_delivery_goes(answers, health) -> None:
    sender = vendor("securecodinghub", Script(*answers))
    endpoint = sender.create(URL).endpoint
    sender.happen(ISSUED)
    sender.agenda.run()

    on = ask(sender, "PATCH", f"{ENDPOINTS}/{endpoint.id}", {"isActive": True})
    send_one(sender)

    assert (on["health"], on["isActive"]) == ("Failing", True)
    assert ask(sender, "GET", ENDPOINTS)[0]["health"] == health


def test_001_e3_the_51st_attempt_drops_the_oldest() -> None:
    sender = vendor("securecodinghub")
    endpoint = sender.create(URL).endpoint
    happened = []
    for _ in range(51):
        happened.append(sender.happen(ISSUED).id)
        sender.agenda.run(sender.agenda.now() + SECOND)

    listed = ask(sender, "GET", f"{ENDPOINTS}/{endpoint.id}/deliveries")

    assert [each["eventId"] for each in listed] == happened[:0:-1]


def test_001_e3_each_line_tells_event_status_attempts_code_error_and_times() -> None:
    sender = vendor("securecodinghub", Script(Heard(500, "out of disk"), 200))
    endpoint = sender.create(URL).endpoint
    event_id = sender.happen(ISSUED).id
    (pending,) = ask(sender, "GET", f"{ENDPOINTS}/{endpoint.id}/deliveries")

    sender.agenda.run()
    delivered, failed = ask(sender, "GET", f"{ENDPOINTS}/{endpoint.id}/deliveries")

    at = [f"2026-01-02T03:0{minute}:05.000000Z" for minute in (4, 5)]
    same = {"eventType": ISSUED, "eventId": event_id, "createdAt": at[0]}
    open_line = {"status": "pending", "attempts": 0, "httpStatus": None, "error": None, "attemptedAt": None}
    assert pending == same | open_line | {"nextAttemptAt": at[0]}
    assert failed == same | {
        "status": "failed", "attempts": 1, "httpStatus": 500, "error": "out of disk",
        "attemptedAt": at[0], "nextAttemptAt": at[1],
    }  # fmt: skip
    assert delivered == same | {
        "status": "delivered", "attempts": 2, "httpStatus": 200, "error": None,
        "attemptedAt": at[1], "nextAttemptAt": None,
    }  # fmt: skip


def test_001_e3_the_last_of_five_attempts_is_exhausted() -> None:
    sender = vendor("securecodinghub", down)
    endpoint = sender.create(URL).endpoint
    sender.happen(ISSUED)

    sender.agenda.run()

    listed = ask(sender, "GET", f"{ENDPOINTS}/{endpoint.id}/deliveries")
    assert [each["status"] for each in listed] == ["exhausted", *["failed"] * 4]
    assert [each["attempts"] for each in listed] == [5, 4, 3, 2, 1]


def test_001_e4_url_description_and_events_can_be_edited_and_the_row_says_who_made_it() -> None:
    sender = vendor("securecodinghub")
    made = ask(sender, "POST", ENDPOINTS, {"url": URL, "createdBy": "ada@example.com"})
    changes = {"url": "https://abc.trycloudflare.com/webhooks/x", "description": "moved", "events": ["sarif.ingested"]}

    ask(sender, "PATCH", f"{ENDPOINTS}/{made['id']}", changes)

    (row,) = ask(sender, "GET", ENDPOINTS)
    assert row == row | changes
    assert row["createdBy"] == "ada@example.com"


def test_001_e4_switched_off_it_pauses_and_switched_on_it_goes_on_with_what_was_pending() -> None:
    script = Script(503, 200)
    sender = vendor("securecodinghub", script)
    endpoint = sender.create(URL).endpoint
    send_one(sender)

    sender.turn(endpoint, on=False)
    sender.agenda.run(START + DAY)
    paused = len(script.requests)
    sender.turn(endpoint, on=True)
    sender.agenda.run(START + 2 * DAY)

    assert (paused, len(script.requests)) == (1, 2)
    assert sender.count(Status.DELIVERED) == 1


def test_001_e5_a_deleted_endpoint_is_off_the_list_and_nothing_pending_is_sent() -> None:
    script = Script(503)
    sender = vendor("securecodinghub", script)
    endpoint = sender.create(URL).endpoint
    send_one(sender)

    ask(sender, "DELETE", f"{ENDPOINTS}/{endpoint.id}")
    sender.happen(ISSUED)
    sender.agenda.run(START + 7 * DAY)

    assert len(script.requests) == 1
    assert ask(sender, "GET", ENDPOINTS) == []
    assert answer(sender, "GET", f"{ENDPOINTS}/{endpoint.id}")[0] == 404


def test_001_e6_the_catalogue_of_events_is_served() -> None:
    names = {"assignment.created", "assignment.completed", "sarif.ingested", ISSUED}

    assert set(ask(vendor("securecodinghub"), "GET", CATALOGUE)) == names


def every(length: timedelta, until: timedelta) -> list[timedelta]:
    return [length * number for number in range(until // length)]


def test_001_r6_an_outage_of_two_and_a_half_hours_loses_nothing(tmp_path) -> None:
    outage = (HOUR, HOUR + timedelta(hours=2, minutes=30))
    with stage(tmp_path, "securecodinghub", outage) as here:
        endpoint = here.sender.create(URL, secrets=here.secrets).endpoint
        happened: list[str] = []
        for moment in every(5 * MINUTE, 6 * HOUR):
            here.after(moment, lambda: happened.append(here.sender.happen(ISSUED).id))

        here.sender.agenda.run(START + 9 * HOUR)

        assert endpoint.health is Health.HEALTHY
        assert here.sender.count(Status.DELIVERED) == len(happened) == 72
        assert sorted(here.events()) == sorted(happened)
        assert here.runs() == 72
        assert here.verdicts() == {Verdict.ACCEPTED: 72}


@pytest.mark.parametrize(("minutes", "health"), [(155, Health.HEALTHY), (156, Health.HEALTHY), (157, Health.GIVEN_UP)])
def test_001_r6_an_outage_of_156_minutes_is_the_longest_that_the_schedule_outlasts(tmp_path, minutes, health) -> None:
    """The retries come 1, 6, 36 and 156 minutes after the first attempt."""
    with stage(tmp_path, "securecodinghub", (timedelta(), minutes * MINUTE)) as here:
        endpoint = here.sender.create(URL, secrets=here.secrets).endpoint
        here.sender.happen(ISSUED)

        here.sender.agenda.run(START + DAY)

        assert endpoint.health is health
        assert len(here.events()) == (health is Health.HEALTHY)


def test_001_r6_one_of_two_hours_37_disables_the_endpoint_until_its_switch_is_set(tmp_path) -> None:
    with stage(tmp_path, "securecodinghub", (timedelta(), timedelta(hours=2, minutes=37))) as here:
        endpoint = here.sender.create(URL, secrets=here.secrets).endpoint
        lost = here.sender.happen(ISSUED).id
        pending: list[str] = []
        here.after(HOUR, lambda: pending.append(here.sender.happen(ISSUED).id))
        here.after(3 * HOUR, lambda: here.sender.happen(ISSUED))
        here.sender.agenda.run(START + 4 * HOUR)
        disabled = (endpoint.health, endpoint.active, here.events())

        ask(here.sender, "PATCH", f"{ENDPOINTS}/{endpoint.id}", {"isActive": True})
        later = here.sender.happen(ISSUED).id
        here.sender.agenda.run(START + 8 * HOUR)

        assert disabled == (Health.GIVEN_UP, False, [])
        assert endpoint.health is Health.HEALTHY
        assert sorted(here.events()) == sorted([*pending, later])
        assert lost not in here.events()


def test_001_r6_of_an_event_whose_answers_are_lost_there_is_one_run_and_four_duplicates(tmp_path) -> None:
    with stage(tmp_path, "securecodinghub") as here:
        reach = here.sender.receive
        here.sender.receive = lambda request: Heard(None, f"reset after {reach(request).status}")
        endpoint = here.sender.create(URL, secrets=here.secrets).endpoint

        here.sender.happen(ISSUED)
        here.sender.agenda.run()

        assert endpoint.health is Health.GIVEN_UP
        assert here.verdicts() == {Verdict.ACCEPTED: 1, Verdict.DUPLICATE: 4}
        assert here.runs() == 1


def test_001_a_week_with_nightly_outages_ends_with_one_run_for_each_event(tmp_path) -> None:
    nights = [(day * DAY, day * DAY + 2 * HOUR) for day in range(7)]
    with stage(tmp_path, "securecodinghub", *nights) as here:
        here.sender.create(URL, secrets=here.secrets)
        happened: list[str] = []
        for moment in every(30 * MINUTE, 7 * DAY):
            here.after(moment, lambda: happened.append(here.sender.happen(ISSUED).id))

        here.sender.agenda.run(START + 8 * DAY)

        assert len(happened) == 336
        assert sorted(here.events()) == sorted(happened)
        assert here.runs() == 336
        assert sum(here.verdicts().values()) == 336


def test_001_r7_what_the_admin_there_sees_is_our_answer_without_any_secret(tmp_path) -> None:
    with stage(tmp_path, "securecodinghub") as here:
        endpoint = here.sender.create(URL, secrets={**here.secrets, "signing_secret": "whsec_" + "b" * 40}).endpoint
        here.sender.happen(ISSUED)
        here.sender.agenda.run(START)

        (line,) = ask(here.sender, "GET", f"{ENDPOINTS}/{endpoint.id}/deliveries")

        assert (line["httpStatus"], line["error"]) == (401, '{"error":"unauthorized"}')
