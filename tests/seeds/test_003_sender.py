"""Seed 003, its sender's side: the scan service as it is played, which sends each result once and never again."""

from engine.emulation.attempt import Status
from engine.emulation.receivers import down
from engine.words import Verdict
from tests.emulated import DAY, MINUTE, START, URL, stage, vendor


def test_003_r6_no_retry_is_documented_so_what_it_finds_nobody_for_is_lost() -> None:
    sender = vendor("bearer-scan", down)
    endpoint = sender.create(URL).endpoint

    sender.happen("completed")
    sender.agenda.run(START + DAY)

    assert [each.status for each in endpoint.attempts] == [Status.EXHAUSTED]
    assert endpoint.active


def test_003_r6_what_was_answered_200_is_on_disk_and_nothing_else_is(tmp_path) -> None:
    with stage(tmp_path, "bearer-scan", (10 * MINUTE, 20 * MINUTE)) as here:
        endpoint = here.sender.create(URL, secrets=here.secrets).endpoint
        happened: list[str] = []
        for minute in range(30):
            here.after(minute * MINUTE, lambda: happened.append(here.sender.happen("completed").id))

        here.sender.agenda.run()

        acknowledged = [each.event_id for each in endpoint.attempts if each.code == 200]
        assert len(acknowledged) == 20
        assert sorted(here.events()) == sorted(acknowledged)
        assert here.verdicts() == {Verdict.ACCEPTED: 20}
