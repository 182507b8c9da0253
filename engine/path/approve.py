"""People decide what a step asked them: who may, on what they were shown, once each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import structlog
from itsdangerous import BadSignature, URLSafeTimedSerializer

from engine.definitions.schema import mismatches, object_schema, without_required
from engine.errors import Conflict, Forbidden, Invalid, NotFound, WinkError
from engine.path.access import Holder
from engine.runtime import Engine
from engine.store import approvals, users
from engine.store.approvals import Asked
from engine.store.rows import Approval, Vote
from engine.words import Decision, Role

SECOND = timedelta(seconds=1)

#: How long what a page shows can be decided on before it has to be looked at again.
LOOKED_AT = timedelta(hours=12)

#: How long a link is good that decides without a sign-in; an approval that ends before then takes no vote any more.
LINK = timedelta(days=30)

NO_LINK = "this link is not valid, or not any more: ask for a new one"

#: Where links lead.
LINKS = "/decide"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Voter:
    """Who decides: a user, or a token; a link speaks for a user."""

    #: ``user:<name>`` or ``token:<name>``.
    name: str
    role: Role

    @classmethod
    def user(cls, name: str, role: Role) -> Self:
        """Return the voter that a user is."""
        return cls(f"user:{name}", role)

    @classmethod
    def holder(cls, holder: Holder) -> Self:
        """Return the voter that who uses the API is."""
        return cls(f"{'user' if holder.is_user else 'token'}:{holder.name.removeprefix('token ')}", holder.role)


@dataclass(frozen=True, slots=True)
class Door:
    """Signs what was shown to whom, so that a vote is on just that and comes from no mail scanner."""

    engine: Engine
    key: str

    def nonce(self, approval: Approval, voter: Voter) -> str:
        """Return what a vote of this voter has to bring with it; only who was shown the approval has it."""
        return self._signer("approval").dumps([approval.id, approval.digest, voter.name])

    def link(self, approval: Approval, name: str) -> str:
        """Return the address at which who has it decides as the user of that name, without a sign-in.

        Raises:
            NotFound: there is no such user (404).
        """
        user = self.engine.store.read(users.find, name)
        token = self._signer("approval-link").dumps([approval.id, user.name, user.id])
        return f"{self.engine.settings.public_url}{LINKS}/{token}"

    def holder(self, token: str) -> tuple[Asked, Voter]:
        """Return what a link is about, and for whom it speaks.

        Raises:
            NotFound: it is no link of ours, or too old; or its user, or the approval, is gone (404).
        """
        try:
            approval_id, name, user_id = self._signer("approval-link").loads(token, max_age=LINK // SECOND)
        except BadSignature as error:
            raise NotFound(NO_LINK) from error
        user = self.engine.store.read(users.find, name)
        if user.id != user_id:  # somebody else has the name now
            raise NotFound(NO_LINK)
        return self.engine.store.read(approvals.find, approval_id), Voter.user(user.name, user.role)

    def vote(
        self, approval_id: str, voter: Voter, decision: Decision, *, nonce: str, fields: Mapping[str, object]
    ) -> Approval:
        """Take a vote, and go on with the run when it decides.

        Raises:
            NotFound: there is no such approval (404).
            Forbidden: it is not the voter's to decide (403).
            Invalid: a field does not fit (422).
            Conflict: it was decided before, the voter has voted, or was shown something else (409).
        """
        engine = self.engine
        asked = engine.store.read(approvals.find, approval_id)
        if error := _why_not(asked, voter):  # before anything else, since no other nonce would help
            raise error
        approval = asked.approval
        self._check_nonce(approval, voter, nonce)
        check_fields(approval, decision, fields)
        given = Vote(approval_id, voter.name, decision, fields, engine.clock.now())
        decided = engine.store.write(approvals.vote, given)
        log.info("approval.voted", approval=approval_id, run=approval.run_id, voter=voter.name, decision=str(decision))
        if decided.decision is not None:
            engine.executor.notify(approval.run_id)
        return decided

    def _check_nonce(self, approval: Approval, voter: Voter, nonce: str) -> None:
        try:
            shown = self._signer("approval").loads(nonce, max_age=LOOKED_AT // SECOND)
        except BadSignature as error:
            raise Conflict(
                "look at the approval again, then decide: this nonce is not valid, or not any more"
            ) from error
        if shown != [approval.id, approval.digest, voter.name]:
            raise Conflict("look at the approval again, then decide: this nonce is of another one, or of somebody else")

    def _signer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.key, salt=f"wink-{purpose}")


def _refusal(approval: Approval, voter: Voter) -> str | None:
    """Return why an approval is not a voter's to decide, in words; None when it is.

    It is by name, or by a role that covers one of those named. Where several have to approve, a token decides nothing:
    it would be a second vote of whoever has it.
    """
    roles = [Role(one.removeprefix("role:")) for one in approval.approvers if one.startswith("role:")]
    if voter.name not in approval.approvers and not any(voter.role.covers(role) for role in roles):
        return f"it is for {' or '.join(approval.approvers)} to decide, not for {voter.name}: ask one of them"
    if approval.quorum > 1 and not voter.name.startswith("user:"):
        return f"{approval.quorum} people have to approve, so a token cannot ({voter.name}): sign in, or use a link"
    return None


def awaits_vote(asked: Asked, voter: Voter) -> bool:
    """Tell whether a voter may decide, and has not."""
    return _why_not(asked, voter) is None


def _why_not(asked: Asked, voter: Voter) -> WinkError | None:
    """Return why an approval does not wait for a voter; None when it does."""
    approval = asked.approval
    if why := _refusal(approval, voter):
        return Forbidden(why)
    if approval.closed_at is not None:
        return Conflict(approvals.closed_words(approval))
    if voter.name in {vote.voter for vote in asked.votes}:
        return Conflict(f"each votes once, and {voter.name} has voted on {approval.id} already")
    return None


def check_fields(approval: Approval, decision: Decision, fields: Mapping[str, object]) -> None:
    """Judge the values that a voter gave; who rejects may leave out all of them.

    Raises:
        Invalid: one is missing, unknown or of another type (422).
    """
    for wrong in wrong_fields(approval, decision, fields):
        raise wrong


def wrong_fields(approval: Approval, decision: Decision, fields: Mapping[str, object]) -> Sequence[Invalid]:
    """Return all that is wrong with them."""
    asked = approval.fields
    if decision is Decision.REJECTED:
        asked = {name: without_required(schema) for name, schema in asked.items()}
    found = mismatches(object_schema(asked), dict(fields))
    return [Invalid(one["message"], f"fields{one['path'].replace('/', '.')}") for one in found]
