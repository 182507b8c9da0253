"""``/approvals``: what steps ask people, and what those decide."""

from typing import Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field, StringConstraints

from engine.path.approve import Voter, awaits_vote
from engine.store import approvals as stored
from engine.store.approvals import Asked
from engine.words import Decision
from web.api.door import caller
from web.api.fields import Given, Moment, Name, PageQuery
from web.context import the_door, the_engine

approvals = APIBlueprint("approvals", __name__, url_prefix="/api/v1/approvals")

Nonce = Annotated[str, StringConstraints(max_length=2_000)]


class VoteIn(Given):
    """What one says."""

    answer: Decision
    #: As ``GET`` of the approval gave it: a vote is on what was looked at.
    nonce: Nonce
    #: The values that the approval asks for.
    fields: dict[Name, object] = Field(default_factory=dict)


class LinkIn(Given):
    """For whom a link is made."""

    user: Name


class LinkOut(BaseModel):
    """An address at which who has it decides as that user, without a sign-in."""

    url: str


class VoteOut(BaseModel):
    """What one has said."""

    by: str
    answer: Decision
    at: Moment
    fields: dict[str, object]


class ApprovalOut(BaseModel):
    """What a step asks people."""

    id: str
    run: str
    workflow: str
    #: The step.
    path: str
    title: str
    details: str
    #: JSON Schema of each value that is asked for.
    fields: dict[str, dict[str, object]]
    approvers: list[str]
    quorum: int
    asked_at: Moment
    expires_at: Moment | None
    closed_at: Moment | None
    answer: Decision | None
    votes: list[VoteOut]
    #: For a vote of who asks; null where it is not theirs to decide, or not any more.
    nonce: str | None


class ApprovalPage(BaseModel):
    """Approvals that wait for people, oldest first."""

    items: list[ApprovalOut]
    next: str | None


@approvals.get("")
@approvals.input(PageQuery, location="query")
@approvals.output(ApprovalPage)
def list_approvals(query_data: PageQuery) -> ApprovalPage:
    """List what waits for people, oldest first."""
    limit = query_data.limit
    found = the_engine().store.read(stored.open_ones, limit + 1, query_data.cursor or "")
    page = found[:limit]
    return ApprovalPage(items=[_shown(one) for one in page], next=page[-1].approval.id if len(found) > limit else None)


@approvals.get("/<approval_id>")
@approvals.output(ApprovalOut)
def get(approval_id: str) -> ApprovalOut:
    """Show an approval, with what a vote on it has to bring."""
    return _found(approval_id)


@approvals.post("/<approval_id>")
@approvals.input(VoteIn)
@approvals.output(ApprovalOut)
def vote(approval_id: str, json_data: VoteIn) -> ApprovalOut:
    """Approve or reject. A quorum of those who approve, or one who rejects, decides, and the run goes on."""
    voter = Voter.holder(caller())
    the_door().vote(approval_id, voter, json_data.answer, nonce=json_data.nonce, fields=json_data.fields)
    return _found(approval_id)


@approvals.post("/<approval_id>/links")
@approvals.input(LinkIn)
@approvals.output(LinkOut, status_code=201)
def make_link(approval_id: str, json_data: LinkIn) -> LinkOut:
    """Make an address at which a user decides without a sign-in: whoever has it speaks for the user."""
    asked = the_engine().store.read(stored.find, approval_id)
    return LinkOut(url=the_door().link(asked.approval, json_data.user))


def _found(approval_id: str) -> ApprovalOut:
    return _shown(the_engine().store.read(stored.find, approval_id))


def _shown(asked: Asked) -> ApprovalOut:
    approval, voter = asked.approval, Voter.holder(caller())
    return ApprovalOut.model_validate(
        {
            **{name: getattr(approval, name) for name in ApprovalOut.model_fields if hasattr(approval, name)},
            "run": approval.run_id,
            "workflow": asked.run.workflow,
            "answer": approval.decision,
            "votes": stored.decision_output(Decision.APPROVED, asked.votes)["votes"],
            "nonce": the_door().nonce(approval, voter) if awaits_vote(asked, voter) else None,
        }
    )
