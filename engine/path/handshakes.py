"""What vendors ask an address before they send anything: answered, and what follows from the answer done."""

from concurrent.futures import Future
from datetime import datetime
from threading import Thread, Timer

import structlog

from engine.authentication.network import address_allowed
from engine.authentication.request import Inbound
from engine.authentication.secret import Secrets
from engine.definitions.handshake import Answer, Brought
from engine.definitions.reply import Reply
from engine.errors import Rejected
from engine.lazy import load
from engine.path import answers
from engine.path.answers import Refused
from engine.path.keep import Judged, Receipt, hour_of, keep, new_delivery
from engine.published import SPREAD, Live
from engine.runtime import Engine
from engine.store import kept_secrets, ledger
from engine.store.kept_secrets import Offer
from engine.store.ledger import Arrival, Tally
from engine.store.rows import Delivery
from engine.words import Reason, TriggerState, Verdict

#: Values of one secret that an open trigger takes: vendors make one for each thing that is subscribed to.
MOST_KEPT = 10

log = structlog.get_logger()


def judge_handshake(live: Live, inbound: Inbound, secrets: Secrets, *, signed: bool) -> Judged | None:
    """Return the verdict on a handshake, or None on any other request.

    signed: whether the request has proved itself; whoever asks before that has to come from the trigger's networks.

    Raises:
        Rejected: it is a handshake that is not to be answered.
    """
    if not live.connector.handshakes:
        return None
    if not signed and live.networks is not None and not address_allowed(inbound.address, live.networks):
        return None
    answer = live.connector.handshake(inbound, secrets, signed=signed)
    return None if answer is None else _judged(live, inbound, answer, signed=signed)


def _judged(live: Live, inbound: Inbound, answer: Answer, *, signed: bool) -> Judged:
    wait = None if signed else live.handshakes.take(inbound.received_at)
    if wait is not None and answer.is_signed:
        raise Refused(Reason.RATE_LIMITED, "too many challenges to sign", headers=[answers.retry_after(wait)])
    return Judged(Verdict.HANDSHAKE, Reason.HANDSHAKE, answer.words, answer=answer, is_counted=wait is not None)


def keep_handshake(engine: Engine, live: Live, inbound: Inbound, judged: Judged, answer: Answer) -> Receipt:
    """Hand a handshake to the writer, and do what follows from it."""
    if answer.brought:
        return _take(engine, live, inbound, answer.brought, answer.reply)
    if judged.is_counted:
        return _count(engine, live, inbound, answer.reply)
    receipt = keep(engine, live, inbound, judged)
    return receipt if answer.address is None else _then_confirmed(engine, live, receipt, answer.address)


def _then_confirmed(engine: Engine, live: Live, receipt: Receipt, address: str) -> Receipt:
    """Return the receipt, with whose end an address of the vendor's is fetched: nobody waits for that."""

    def conclude(recorded: object) -> Reply:
        Thread(target=_confirm, args=(engine, live.trigger.name, address), name="wink-confirm", daemon=True).start()
        return receipt.conclude(recorded)

    return Receipt(receipt.written, conclude)


def _count(engine: Engine, live: Live, inbound: Inbound, reply: Reply) -> Receipt:
    """Answer, and only count what somebody asks so often."""
    tally = Tally(live.trigger.id, hour_of(inbound.received_at), Verdict.HANDSHAKE, Reason.HANDSHAKE)

    def conclude(_: object) -> Reply:
        engine.metrics.received(Verdict.HANDSHAKE, Reason.HANDSHAKE, engine.clock.now() - inbound.received_at)
        return reply

    return Receipt(engine.store.submit(ledger.count, tally), conclude)


def is_open(live: Live, now: datetime) -> bool:
    """Return whether a person has opened the trigger to a further secret: it is a draft, or they listen."""
    return live.trigger.state is TriggerState.DRAFT or live.trigger.is_listened_to(now)


def _take(engine: Engine, live: Live, inbound: Inbound, brought: Brought, reply: Reply) -> Receipt:
    """Keep the secret if the trigger is open to it; the body, which may hold it, is kept in no case."""
    judged = Judged(Verdict.HANDSHAKE, Reason.HANDSHAKE, f"the {brought.name!r} that it brought was kept")
    refused = Rejected(
        Reason.NOT_OPEN, f"there is a {brought.name!r} already: listen, and the vendor can bring another"
    )
    rejected = Judged(Verdict.REJECTED, refused.reason, refused.detail)
    taken = _bodiless(live, inbound, judged, reply.status)
    turned_away = _bodiless(live, inbound, rejected, answers.status_of(refused.reason))
    room = MOST_KEPT if is_open(live, inbound.received_at) else 1
    offered = Offer(engine.store.cipher, brought.name, brought.value, room, Arrival(taken), Arrival(turned_away))

    def conclude(is_kept: object) -> Reply:
        found = judged if is_kept else rejected
        engine.metrics.received(found.verdict, found.reason, engine.clock.now() - inbound.received_at)
        if not is_kept:
            return answers.refusal(refused, turned_away.id, live.way.challenge, live.connector.refused)
        log.info("trigger.secret_kept", trigger=live.trigger.name, secret=brought.name, delivery=taken.id)
        return reply

    return Receipt(_known_everywhere(engine, engine.store.send(kept_secrets.offer, offered)), conclude)


def _known_everywhere(engine: Engine, kept: Future[bool]) -> Future[bool]:
    """Return what ends as ``kept`` does, but when every host knows the secret: the vendor's next request needs it.

    It is read on a thread of its own: whoever answers waits for no database.
    """
    known: Future[bool] = Future()

    def end() -> None:
        try:
            if kept.result():
                engine.published.refresh()
            known.set_result(kept.result())
        except Exception as error:  # noqa: BLE001 - whoever waits for the answer is told
            known.set_exception(error)

    def wait(_: object) -> None:
        is_new = engine.store.is_shared and kept.exception() is None and kept.result()
        Timer(SPREAD if is_new else 0, end).start()

    kept.add_done_callback(wait)
    return known


def _bodiless(live: Live, inbound: Inbound, judged: Judged, status: int) -> Delivery:
    return new_delivery(live, inbound._replace(body=b""), judged, status=status, size=len(inbound.body))


def _confirm(engine: Engine, trigger: str, address: str) -> None:
    """Fetch it on this thread, which imports what that takes: few vendors ask for it."""
    load("engine.path.confirming:confirm")(engine, trigger, address)
