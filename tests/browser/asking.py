"""Runs that ask people: open with fields and long texts, half answered, answered, and too late."""

from collections.abc import Iterator, Mapping

from engine.app import secret_key
from engine.path.approve import Door, Voter
from engine.runtime import Engine
from engine.store import approvals
from engine.store.rows import Approval
from engine.words import Decision, Role
from tests.engines import ended, workflow
from tests.path.waiting import SCAN, begun

DETAILS = """\
Reported by two colleagues within an hour. The account signed in from a network that it never used before,
and made an API token with all rights. Whoever suspends it signs alice out everywhere, also from what she works on now.

host      laptop-of-alice-0123456789-with-a-name-that-goes-on-and-on-and-on-and-on-and-on.example.internal
networks  203.0.113.0/24, 2001:db8:1234:5678:9abc:def0:1234:5678
"""
LONG = """
title: Suspend the account alice.liddell-pleasance@subsidiary.example.com, whose reset nobody asked for?
approvers: ["role:editor", "user:victor"]
timeout: 2d
details: DETAILS
fields:
  reason: {type: string, enum: [phishing, stolen device, mistake], required: true, description: What the report says.}
  days: {type: integer, minimum: 1, description: How long it stays suspended.}
  tell_the_user: {type: boolean}
  hosts: {type: array, items: {type: string}, description: What else to isolate.}
"""
ASKS = """
name: NAME
on: {manual: true}
steps:
  - id: ask
    uses: core.approve
    with:
      WITH
"""
SHORT = "title: Release build 4711 to production?\nquorum: 2\n"
LATE = "title: Rotate the key of the staging environment?\ntimeout: 100ms\ndefault: rejected\n"


def ask(engine: Engine, name: str, given: str) -> Approval:
    """Start a run that asks, and return what it asks."""
    block = given.replace("DETAILS", repr(DETAILS).replace("'", '"')).strip().replace("\n", "\n      ")
    text = ASKS.replace("NAME", name).replace("WITH", block)
    workflow(engine, text, name)
    run = begun(engine, name)
    (asked,) = engine.store.read(approvals.of_run, run.id)
    return asked.approval


def asking(engine: Engine) -> Iterator[tuple[str, str]]:
    """Ask, answer and let be; yield a name and the path of each page about it, those of open questions first."""
    door = Door(engine, secret_key(engine.settings))
    ann, edith = Voter.user("ann", Role.ADMIN), Voter.user("edith", Role.EDITOR)
    long = ask(engine, "contain-a-reported-account-of-the-subsidiary", LONG)
    half = ask(engine, "release", SHORT)
    decide(door, half, edith, Decision.APPROVED, {})
    answered = ask(engine, "contain-another", LONG)
    decide(door, answered, ann, Decision.APPROVED, {"reason": "phishing", "days": 3})
    late = ask(engine, "rotate", LATE)
    ended(engine, answered.run_id)
    ended(engine, late.run_id)
    workflow(engine, SCAN, "scan")
    later = begun(engine, "scan", {"scan": "s1"})
    for name, approval in (("open", long), ("half", half), ("answered", answered), ("late", late)):
        yield f"approval-{name}", f"/approvals/{approval.id}"
        yield f"run-of-approval-{name}", f"/runs/{approval.run_id}"
    yield "run-that-waits-for-an-event", f"/runs/{later.id}"
    yield "link-half", "/decide/" + door.link(half, "victor").rpartition("/")[2]
    yield "link-answered", "/decide/" + door.link(answered, "edith").rpartition("/")[2]
    yield "link", "/decide/" + door.link(long, "edith").rpartition("/")[2]


def decide(door: Door, approval: Approval, voter: Voter, decision: Decision, fields: Mapping[str, object]) -> None:
    """Look at an approval, and vote."""
    nonce = door.nonce(approval, voter)
    door.vote(approval.id, voter, decision, nonce=nonce, fields=fields)
