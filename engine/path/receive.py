"""Receive one delivery: prove the sender, keep what was sent, then answer.

Trigger, handshake, proof, events, one commit, answer: in this order, and nothing else. No condition is asked, no
workflow runs and nobody is called here. A 2xx leaves after the commit only.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, NamedTuple, cast

from engine import json_bytes
from engine.authentication.keys import KeysWanted
from engine.authentication.network import address_allowed
from engine.authentication.request import Inbound
from engine.authentication.scheme import Proof
from engine.authentication.secret import Secrets
from engine.definitions.drafts import EventDraft
from engine.definitions.reply import Reply
from engine.definitions.schema import mismatches
from engine.errors import Overloaded, Rejected
from engine.ids import new_id
from engine.path import answers
from engine.path.addresses import full_url
from engine.path.answers import Refused
from engine.path.handshakes import judge_handshake, keep_handshake
from engine.path.keep import Judged, Receipt, hour_of, keep, keep_refused
from engine.published import Live, Snapshot
from engine.rate import Portion, PortionWanted, Share
from engine.runtime import Engine
from engine.store import rates
from engine.store.ledger import Fate, NewEvent, Tally
from engine.words import OnMismatch, Reason, TriggerState, Verdict


class Request(NamedTuple):
    """One request as it came in.

    headers: names in lower case, every value in order; body: empty when it was larger than the limit; size: its
    length all the same, in bytes; address: of the sender, behind the trusted proxies.
    """

    method: str
    query: str
    headers: Mapping[str, tuple[str, ...]]
    body: bytes
    size: int
    address: str


class Later(NamedTuple):
    """A delivery that cannot be judged before the vendor's keys are here, or this host's portion of a shared rate."""

    #: Ends when they are here, or cannot be had.
    ready: Future[Any]
    #: Judges the delivery then; raises :class:`engine.errors.StoreUnavailable` where the rate cannot be had.
    again: Callable[[], "Receipt | Later"]


def receive(engine: Engine, path: str, request: Request) -> Reply:
    """Turn a request at ``/webhooks/<path>`` into a verdict on disk, and return the answer for its sender."""
    begun = begin(engine, path, request, engine.published.now())
    while isinstance(begun, Later):
        begun.ready.exception()  # waits
        begun = begun.again()
    return begun.reply() if isinstance(begun, Receipt) else begun


def begin(engine: Engine, path: str, request: Request, snapshot: Snapshot) -> Reply | Receipt | Later:
    """Judge a request, and hand what it is found to be to the writer: whoever cannot block waits for the receipt.

    Where something has to be fetched first, whoever cannot block waits for that, and then goes on, maybe to the next.
    """
    now = engine.clock.now()
    live = snapshot.by_path.get(path)
    if live is None:
        return answers.try_again() if path in snapshot.broken else _unknown_address(engine, now)
    coming = _Coming(engine, live, _inbound(engine, live, request, now), request.size, snapshot.asks(live))
    return coming.settle(may_fetch=True)


class _Coming(NamedTuple):
    """A delivery that is not settled yet.

    size: bytes of the body as sent; asks: whether anybody is to be asked about its events.
    """

    engine: Engine
    live: Live
    inbound: Inbound
    size: int
    asks: bool

    def settle(self, *, may_fetch: bool) -> Receipt | Later:
        """Judge it, and hand it to the writer; may_fetch: whether the vendor's keys can be fetched for it."""
        try:
            judged = self._judge()
        except KeysWanted as wanted:
            fetched = self._fetch(wanted) if may_fetch else None
            return Later(fetched, self._again) if fetched else self._refuse(self._without_keys(wanted))
        except PortionWanted:
            return self._portion()
        except Rejected as rejected:
            return self._refuse(rejected)
        if judged.answer is not None:
            return keep_handshake(self.engine, self.live, self.inbound, judged, judged.answer)
        return keep(self.engine, self.live, self.inbound, judged)

    def _again(self) -> Receipt | Later:
        return self.settle(may_fetch=False)

    def _refuse(self, rejected: Rejected) -> Receipt:
        return keep_refused(self.engine, self.live, self.inbound, rejected, size=self.size)

    def _portion(self) -> Later:
        """Ask the database for a portion of the trigger's rate, which hosts share."""
        share, now = cast("Share", self.live.bucket), self.inbound.received_at

        def get(most: int) -> Future[Portion]:
            return self.engine.store.submit(rates.take, rates.Wanted(self.live.trigger.id, share.rate, most, now))

        asked = share.ask(now, get)

        def go_on() -> Receipt | Later:
            asked.result()  # raises where the database takes no writes
            return self._again()

        return Later(asked, go_on)

    def _fetch(self, wanted: KeysWanted) -> Future[None] | None:
        """Fetch what a proof wants, as often as the trigger's senders may make us fetch; None: not now.

        What was there before is always fetched when it is time: else whoever makes up addresses could keep us from it.
        """
        documents, now = self.engine.documents, self.inbound.received_at
        if not documents.has(wanted.address) and self.live.fetches.take(now) is not None:
            return None
        return documents.fetch(wanted.address, now)

    def _without_keys(self, wanted: KeysWanted) -> Rejected:
        """Return the refusal of a delivery whose keys are not there.

        A key that a fresh document does not have is none of the vendor's. A document that is not here says nothing
        about the sender, who is told to try again.
        """
        failure = self.engine.documents.failure(wanted.address)
        if wanted.reason is not Reason.NO_SECRET and not failure:
            return wanted
        words = f"{wanted.detail}: {failure}" if failure else wanted.detail
        return Refused(Reason.KEYS_UNAVAILABLE, words, headers=[answers.retry_after(answers.TRY_AGAIN)])

    def _judge(self) -> Judged:
        """Find out what the delivery is, in the order of the contract.

        Raises:
            Rejected: it is refused.
            KeysWanted: the vendor's keys are not at hand.
            PortionWanted: nor is a portion of the trigger's rate.
        """
        engine, live, inbound, size, asks = self
        secrets = live.secrets_at(inbound.received_at)
        if inbound.method not in live.connector.manifest.methods:
            return _handshake_by_method(engine, live, inbound, secrets, size=size)
        _check_form(engine, live, inbound, size)
        if handshake := judge_handshake(live, inbound, secrets, signed=False):
            return handshake
        proof = prove(engine, live, inbound, secrets)
        if handshake := judge_handshake(live, inbound, secrets, signed=True):
            return handshake
        listening = _listening(live, inbound.received_at)
        if live.bucket is not None and (wait := live.bucket.take(inbound.received_at)) is not None:
            raise Refused(Reason.RATE_LIMITED, "over the trigger's rate", headers=[answers.retry_after(wait)])
        if size > len(inbound.body):
            words = f"the body ended after {len(inbound.body)} of {size} bytes"
            raise Rejected(Reason.MALFORMED_BODY, words)
        return judge_events(live, inbound, asks=asks, proof=proof, sample=listening)


def _unknown_address(engine: Engine, now: datetime) -> Reply:
    """Count a request that no trigger has; nobody waits for the count to be on disk."""
    engine.metrics.unknown_addresses.inc()
    engine.store.counting.count(Tally("", hour_of(now), Verdict.REJECTED, Reason.UNKNOWN_ADDRESS))
    return answers.not_found()


def turn_away(engine: Engine, path: str, overloaded: Overloaded) -> Reply:
    """Count a delivery for which there is no room, of which nothing else was read, and say when to send it again."""
    engine.metrics.count(engine.metrics.deliveries, Verdict.REJECTED, Reason.OVERLOADED)
    if live := engine.published.last.by_path.get(path):
        hour = hour_of(engine.clock.now())
        engine.store.counting.count(Tally(live.trigger.id, hour, Verdict.REJECTED, Reason.OVERLOADED))
    return answers.try_again(overloaded.retry_after)


def _inbound(engine: Engine, live: Live, request: Request, now: datetime) -> Inbound:
    return Inbound(
        method=request.method,
        url=full_url(engine.settings, live.trigger, request.query),
        path=f"/webhooks/{live.trigger.path}",
        query=request.query,
        headers=request.headers,
        body=request.body,
        address=request.address,
        received_at=now,
    )


def judge_events(
    live: Live, inbound: Inbound, *, asks: bool, proof: Proof | None = None, sample: bool = False
) -> Judged:
    """Find out what a proven delivery is by its events.

    asks: whether anybody is to be asked about them.

    Raises:
        Rejected: its body cannot be read, or an event does not fit its schema and the trigger says ``reject``.
    """
    drafts = live.connector.events(inbound, live.connector.read(inbound))
    warning = _mismatch(live, drafts)
    verdict, reason, held = _verdict(live, drafts, mismatched=bool(warning))
    draft_trigger = live.trigger.state is TriggerState.DRAFT
    fate = Fate(held, starts=not draft_trigger, asks=not draft_trigger and (asks or held is not None))
    events = tuple([(_new_event(live, inbound, draft, fate), draft.data) for draft in drafts])
    return Judged(verdict, reason, warning, events, proof, sample)


def _handshake_by_method(engine: Engine, live: Live, inbound: Inbound, secrets: Secrets, *, size: int) -> Judged:
    """Return the verdict on a request whose method brings no delivery: it is a handshake, or 405."""
    handshake = judge_handshake(live, inbound, secrets, signed=False)
    if handshake is None:
        methods = ", ".join(live.connector.manifest.methods)
        words = f"{inbound.method} is not among {methods}"
        raise Refused(Reason.METHOD_NOT_ALLOWED, words, headers=[("Allow", methods)])
    _check_size(engine, size)
    return handshake


def _check_size(engine: Engine, size: int) -> None:
    limit = engine.settings.max_body
    if size > limit:
        raise Refused(Reason.BODY_TOO_LARGE, f"{size} bytes are more than WINK_MAX_BODY ({limit})")


def _check_form(engine: Engine, live: Live, inbound: Inbound, size: int) -> None:
    _check_size(engine, size)
    content_type = inbound.headers.get("content-type", ("",))[0]
    if not live.connector.accepts(content_type):
        raise Refused(Reason.UNSUPPORTED_CONTENT_TYPE, f"the connector does not take the content type {content_type!r}")


def prove(engine: Engine, live: Live, inbound: Inbound, secrets: Secrets) -> Proof:
    """Return the proof that the request carries.

    Raises:
        Rejected: it is none.
    """
    if live.networks is not None and not address_allowed(inbound.address, live.networks):
        raise Rejected(Reason.ADDRESS_NOT_ALLOWED, f"{inbound.address} is in none of the trigger's networks")
    if live.wants_documents:
        secrets = engine.documents.beside(secrets, inbound.received_at)
    proof = live.way.prove(inbound, secrets)
    if live.connector.may_have_signed(inbound):
        raise Rejected(Reason.WRONG_PROOF, "it has the form of a challenge, and challenges are signed for anybody")
    return proof


def _listening(live: Live, now: datetime) -> bool:
    """Return whether the delivery becomes a sample; an unpublished trigger takes nothing else."""
    listening = live.trigger.is_listened_to(now)
    if live.trigger.state is TriggerState.DRAFT and not listening:
        raise Refused(Reason.NOT_LISTENING, "the trigger is not published, and nobody listens for a sample")
    return listening


def _verdict(live: Live, drafts: Sequence[EventDraft], *, mismatched: bool) -> tuple[Verdict, Reason, Reason | None]:
    """Return what a proven delivery is, why, and why its runs wait for a person."""
    if live.trigger.state is TriggerState.DRAFT:
        return Verdict.SAMPLED, Reason.LISTENING, None
    if mismatched and live.trigger.on_mismatch is OnMismatch.QUARANTINE:
        return Verdict.QUARANTINED, Reason.SCHEMA_MISMATCH, Reason.SCHEMA_MISMATCH
    if live.trigger.state is TriggerState.PAUSED:
        return Verdict.ACCEPTED, Reason.HELD, Reason.HELD
    return Verdict.ACCEPTED, Reason.NEW if drafts else Reason.NO_EVENTS, None


def _mismatch(live: Live, drafts: Sequence[EventDraft]) -> str:
    """Return in words how the first event that does not fit its schema differs; empty when all fit.

    Raises:
        Refused: 422, when the trigger says ``reject``.
    """
    if live.trigger.on_mismatch is OnMismatch.OFF:
        return ""
    for draft in drafts:
        schema, fits = live.schemas.get(draft.type, (None, None))
        if fits is None or fits(draft.data):
            continue
        found = mismatches(schema, draft.data)
        words = "; ".join(f"{one['path'] or '/'}: {one['message']}" for one in found)
        if live.trigger.on_mismatch is OnMismatch.REJECT:
            raise Refused(Reason.SCHEMA_MISMATCH, words, mismatches=found)
        return words
    return ""


def _new_event(live: Live, inbound: Inbound, draft: EventDraft, fate: Fate) -> NewEvent:
    return NewEvent(
        id=new_id("evt"),
        key=draft.key,
        type=draft.type,
        source=f"/{live.connector.name}/{live.trigger.name}",
        time=draft.time or inbound.received_at,
        data=None if draft.whole_body else json_bytes.dump(draft.data),
        fate=fate,
    )
