"""``/approvals``: what steps ask people, and what those answer. Looking decides nothing, whoever follows a link."""

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, Response, request

from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.path.approve import LINK, LINKS, Voter, awaits_vote, wrong_fields
from engine.store import approvals, users
from engine.store.approvals import Asked
from engine.store.rows import Approval
from engine.words import Decision
from web.context import the_door, the_engine
from web.pages.door import page
from web.pages.forms import Errors, field, go, sentence
from web.pages.inputs import input_fields, read_inputs
from web.people import the_people

#: Approvals on one page.
SHOWN = 100

approval_pages = Blueprint("approval_pages", __name__)


@approval_pages.get("/approvals")
def show_list() -> Response:
    """List what waits for people, oldest first."""
    found = the_engine().store.read(approvals.open_ones, SHOWN + 1, request.args.get("after", ""))
    mine = {one.approval.id for one in found if awaits_vote(one, _voter())}
    following = found[SHOWN - 1].approval.id if len(found) > SHOWN else None
    return page("approvals/list.html", here="Approvals", found=found[:SHOWN], next=following, mine=mine)


@approval_pages.get("/approvals/<approval_id>")
def show(approval_id: str) -> Response:
    """Show what a step asks."""
    return _approval(_find(approval_id), _voter())


@approval_pages.post("/approvals/<approval_id>")
def vote(approval_id: str) -> Response:
    """Approve or reject."""
    return _vote(_find(approval_id), _voter(), f"/approvals/{approval_id}")


@approval_pages.post("/approvals/<approval_id>/link")
def make_link(approval_id: str) -> Response:
    """Make an address at which a user decides without a sign-in."""
    asked, name = _find(approval_id), field("user")
    try:
        link = the_door().link(asked.approval, name)
    except NotFound:
        return _approval(asked, _voter(), 422, errors={"user": "Choose one of the users."})
    return _approval(asked, _voter(), link=(name, link))


@approval_pages.get(f"{LINKS}/<token>")
def show_by_link(token: str) -> Response:
    """Show what a step asks to whom a link was given."""
    return _approval(*the_door().holder(token))


@approval_pages.post(f"{LINKS}/<token>")
def vote_by_link(token: str) -> Response:
    """Approve or reject as the user for whom the link was made."""
    asked, voter = the_door().holder(token)
    return _vote(asked, voter, f"{LINKS}/{token}")


def _vote(asked: Asked, voter: Voter, back: str) -> Response:
    answer = field("answer")
    if answer not in set(Decision):
        return _approval(asked, voter, 422, errors={"": "Approve or reject: use one of the two buttons."})
    values, errors = read_inputs(asked.approval.fields, request.form)
    if errors and answer == Decision.APPROVED:
        return _approval(asked, voter, 422, errors={**_misfits(asked, values), **errors})
    try:
        the_door().vote(asked.approval.id, voter, Decision(answer), nonce=field("nonce"), fields=values)
    except Invalid as error:
        misfits = _misfits(asked, values) or {_name_of(error.field, asked): sentence(error)}
        return _approval(asked, voter, 422, errors=misfits)
    except Conflict as error:
        return _approval(_find(asked.approval.id), voter, 409, errors={"": sentence(error)})
    except Forbidden as error:
        return _approval(asked, voter, 403, errors={"": sentence(error)})
    return go(back)


def _misfits(asked: Asked, values: Mapping[str, object]) -> dict[str, str]:
    """Return what does not fit, by field: what is missing is none of them."""
    wrong = wrong_fields(asked.approval, Decision.REJECTED, values)
    named = {_name_of(error.field, asked): sentence(error) for error in reversed(wrong)}
    return {name: words for name, words in named.items() if name}


def _name_of(place: str, asked: Asked) -> str:
    """Return which field a place in what was given is in; empty for none."""
    name = place.removeprefix("fields.").partition(".")[0]
    return name if name in asked.approval.fields else ""


def _find(approval_id: str) -> Asked:
    return the_engine().store.read(approvals.find, approval_id)


def _voter() -> Voter:
    person = the_people().signed_in()
    return Voter.user(person.name, person.role)


def _closed(approval: Approval) -> str:
    """Return in a sentence that nobody waits for an answer; empty while somebody does."""
    if approval.closed_at is None:
        return ""
    if approval.decision is not None:
        return f"It was {approval.decision}."
    return "Nobody decided: its time was over, or its run has ended."


def _link_end(approval: Approval) -> datetime:
    """Return when a link that is made now is worth nothing any more."""
    end = the_engine().clock.now() + LINK
    return end if approval.expires_at is None else min(end, approval.expires_at)


def _approval(
    asked: Asked,
    voter: Voter,
    status: int = 200,
    *,
    errors: Errors | None = None,
    link: tuple[str, str] | None = None,
) -> Response:
    typed: Mapping[str, str] | None = request.form if errors else None
    return page(
        "approvals/approval.html",
        status,
        here="Approvals",
        approval=asked.approval,
        run=asked.run,
        votes=asked.votes,
        voter=voter.name,
        nonce=the_door().nonce(asked.approval, voter) if awaits_vote(asked, voter) else None,
        closed=_closed(asked.approval),
        inputs=input_fields(asked.approval.fields, typed),
        errors=errors or {},
        link=link,
        link_until=_link_end(asked.approval),
        people=[(user.name, user.name) for user in the_engine().store.read(users.all_of)],
    )
