"""What is received, asked and decided is in the database: it is the same whichever host a request reaches."""

import base64
import hmac
import time
from collections import Counter
from datetime import timedelta

from engine.store import silences
from engine.store.check import check_ledger
from engine.store.search import RunFilter, Span, list_runs
from engine.words import Outcome, Role
from tests.engines import LOGS, ended, runs_of
from tests.hosts.conftest import at_once
from tests.path.waiting import ASK
from tests.serving import eventually
from tests.web.browser import Browser, person

KEY = base64.b64encode(b"k" * 32).decode()


def _put(host, text, name="w"):
    host.call("PUT", f"/workflows/{name}", data=text, content_type="text/yaml")


def _trigger(host, **fields):
    return host.call("POST", "/triggers", {"name": "t", "connector": "custom", **fields}).json


def _runs(host, workflow="w"):
    return host.engine.store.read(list_runs, RunFilter(workflow=workflow), Span(limit=50)).items


def test_an_event_that_comes_to_both_hosts_at_once_is_new_once_and_runs_once(hosts, worker):
    made = _trigger(hosts.a, dedup="body")
    _put(hosts.a, LOGS)

    sent = at_once(*(lambda host=host: host.deliver(made["full_url"], {"n": 1}).json for host in [*hosts] * 5))

    assert Counter(each["status"] for each in sent) == {"accepted": 1, "duplicate": 9}
    (event_id,) = {event for each in sent for event in each["events"]}
    assert len(runs_of(hosts.b.engine, event_id)) == 1


def test_a_signed_request_that_is_repeated_at_both_hosts_at_once_is_taken_once(hosts):
    made = _trigger(hosts.a, auth="signature", secret=f"whsec_{KEY}")
    stamp, body = str(int(time.time())), b'{"n": 1}'
    proof = base64.b64encode(hmac.digest(b"k" * 32, b".".join([b"msg_1", stamp.encode(), body]), "sha256")).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{proof}"}

    sent = at_once(*(lambda host=host: host.deliver(made["base_url"], {"n": 1}, **headers) for host in [*hosts] * 4))

    assert Counter(each.json["status"] for each in sent) == {"accepted": 1, "duplicate": 7}
    assert len({each.json["events"][0] for each in sent}) == 1


def test_many_writers_who_meet_at_the_same_rows_lose_and_refuse_nothing(hosts):
    made = _trigger(hosts.a, dedup="body.n")
    forged = made["base_url"] + "?apikey=forged"

    def send(host, numbers):
        return [
            host.deliver(url, {"n": n}).status_code
            for n in numbers
            for url in (made["full_url"], forged, "http://h/webhooks/unknown")
        ]

    orders = [range(40), range(39, -1, -1)] * 2
    answers = at_once(*(lambda host=host, order=order: send(host, order) for host in hosts for order in orders))

    assert Counter(status for each in answers for status in each) == {202: 320, 401: 320, 404: 320}
    check = hosts.a.engine.store.read(check_ledger, hosts.a.engine.clock.now())
    assert (check.unaccounted, check.verdicts["accepted"], check.verdicts["duplicate"]) == (0, 40, 280)


def test_an_event_that_a_later_one_at_another_host_has_overtaken_starts_nothing(hosts, worker):
    made = _trigger(hosts.a, order={"key": "event.data.id", "by": "event.data.at"})
    _put(hosts.a, LOGS)

    later = hosts.a.deliver(made["full_url"], {"id": 1, "at": 2}).json["events"][0]
    assert len(runs_of(hosts.b.engine, later)) == 1
    earlier = hosts.b.deliver(made["full_url"], {"id": 1, "at": 1}).json["events"][0]

    assert runs_of(hosts.a.engine, earlier) == ()


def test_what_a_run_asks_is_answered_at_any_host(hosts, worker):
    _put(hosts.a, ASK.replace("MORE", "quorum: 1"), "ask")
    run = hosts.a.call("POST", "/workflows/ask/run", {"inputs": {}}).json["id"]
    (asked,) = eventually(lambda: hosts.b.call("GET", "/approvals").json["items"])

    hosts.b.call("POST", f"/approvals/{asked['id']}", {"answer": "approved", "nonce": asked["nonce"]})

    assert ended(hosts.a.engine, run).outcome is Outcome.SUCCEEDED


def test_whoever_signed_in_at_one_host_is_signed_in_at_every_other_and_signs_out_of_all(hosts):
    person(hosts.a.engine, "anna", Role.ADMIN)
    at_a, at_b = (Browser(host.client) for host in hosts)
    at_a.sign_in("anna")
    cookie = hosts.a.client.get_cookie("wink_session").value
    hosts.b.client.set_cookie("wink_session", cookie)

    assert at_b.get("/triggers").status_code == 200
    at_b.post("/logout")

    assert at_a.get("/triggers").status_code == 303


def test_a_page_of_one_host_shows_the_sample_that_came_to_another(hosts):
    person(hosts.a.engine, "anna", Role.ADMIN)
    made = _trigger(hosts.b, state="draft")
    page = Browser(hosts.a.client)
    page.sign_in("anna")
    page.post("/triggers/t/listening")

    hosts.b.deliver(made["full_url"], {"severity": "high"})

    assert "severity" in page.get("/triggers/t/listening").text


def test_a_time_of_a_schedule_starts_one_run_though_two_workers_look(hosts, clocks):
    _put(hosts.a, LOGS.replace("trigger: t, manual: true", 'schedule: {cron: "* * * * *"}'))

    for clock in clocks:
        clock.advance(timedelta(minutes=1))

    (run,) = eventually(lambda: _runs(hosts.a))
    assert ended(hosts.b.engine, run.id).outcome is Outcome.SUCCEEDED


def test_a_silence_that_two_workers_notice_starts_one_run(hosts, clocks):
    _trigger(hosts.a, silence="5m")
    _put(hosts.a, LOGS.replace("trigger: t, manual: true", "silence: t"))

    seen = None
    while not _runs(hosts.a):  # in steps, or it would count as a time in which nobody was there to hear
        row = eventually(lambda before=seen: next(_changed(hosts.a, before), None))
        seen = row.seen_at
        for clock in clocks:
            clock.advance(timedelta(seconds=80))

    assert len(_runs(hosts.b)) == 1


def _changed(host, before):
    return (row for row in host.engine.store.read(silences.all_of) if row.seen_at != before)
