"""Ring for others: hand ids of what is on disk to the broker, and run nothing.

Nobody waits for it. What the broker does not take is forgotten: the sweep of a worker finds the row.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from threading import Event, Thread
from typing import Protocol

import structlog

from engine.errors import BrokerUnavailable, SettingsError
from engine.lazy import load
from engine.runtime import Engine, Pending
from engine.store.deployment import deployment

#: Ids of each lane that wait to be sent; beyond it the oldest are left to the sweep.
BACKLOG = 10_000

#: Ids of one message: one where little happens, so that every worker has its share; few messages where much does.
LARGEST = 64

#: After a message of at least so many ids that was not full, more gather for so many seconds: a message costs as much
#: as some runs. After a full one there may be as many again already.
CROWD = 6
GATHERING = 0.02

#: Seconds after which a broker that is not there, or of which nothing was heard, is asked again.
PAUSE = 2.0

log = structlog.get_logger()


class Lane(StrEnum):
    """What a message is about, and the name of its task: there is a queue for each, so that neither waits behind."""

    #: Events to match.
    NEW = "new"
    #: Runs to claim; none: those whose turn it is.
    RESUME = "resume"


class Line(Protocol):
    """The way to a broker; :class:`engine.executors.celery.Broker` is the one there is."""

    def send(self, lane: Lane, ids: Sequence[str]) -> None:
        """Ring for rows; raises BrokerUnavailable."""
        ...

    def check(self) -> None:
        """Ask whether it is there; raises BrokerUnavailable."""
        ...

    def listen(self, heard: Callable[[Lane, Sequence[str]], None]) -> None:
        """Listen on this thread, the main one, until :meth:`leave`."""
        ...

    def leave(self) -> None:
        """Stop to listen."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


@dataclass(slots=True)
class Bell:
    """The executor of a Wink that receives, of many that share a database: workers run what it rings for."""

    url: str = field(repr=False)
    _answers: bool | None = field(init=False, default=None)
    _waiting: dict[Lane, deque[str]] = field(init=False)
    _spills: bool = field(init=False, default=False)
    _wake: Event = field(init=False, default_factory=Event)
    _stopped: Event = field(init=False, default_factory=Event)
    _thread: Thread = field(init=False)

    def __post_init__(self) -> None:
        self._waiting = {lane: deque(maxlen=BACKLOG) for lane in Lane}

    @property
    def broker_answers(self) -> bool | None:
        """Whether the broker answered when it was last asked, two seconds ago at most; None before the first time."""
        return self._answers

    def start(self, engine: Engine) -> None:
        """Begin to ring; raises what :func:`open_line` does."""
        broker = open_line(engine, self.url)
        self._thread = Thread(target=self._work, args=(broker,), name="wink-bell", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send what waits, if the broker takes it at once, and end."""
        self._stopped.set()
        self._wake.set()
        self._thread.join(2 * PAUSE)

    def accept(self, events: Sequence[Pending]) -> None:
        """Ring for events that are on disk."""
        self._waiting[Lane.NEW].extend(pending.event.id for pending in events)
        self._wake.set()

    def notify(self, run_id: str) -> None:
        """Ring for a run that can be claimed."""
        self._waiting[Lane.RESUME].append(run_id)
        self._wake.set()

    def spill(self) -> None:
        """Ring for whoever has room: there is none here for runs that are queued."""
        self._spills = True
        self._wake.set()

    def _work(self, broker: Line) -> None:
        question = broker.check
        while self._reached(question) or not self._stopped.wait(PAUSE):
            if self._stopped.is_set():
                break
            self._wake.wait(PAUSE)
            self._wake.clear()
            question = partial(self._send, broker) if self._has_any() else broker.check
        broker.close()

    def _has_any(self) -> bool:
        return self._spills or any(self._waiting.values())

    def _reached(self, question: Callable[[], None]) -> bool:
        """Send what waits, or ask whether the broker is there; tell whether it answered."""
        try:
            question()
        except BrokerUnavailable as error:
            if self._answers is not False:
                log.warning("broker.unreachable", error=str(error))
            self._answers = False
        except Exception:  # whatever it is: deliveries are taken, and workers sweep
            log.exception("broker.internal_error")
            self._answers = False
        else:
            if self._answers is False:
                log.info("broker.reached")
            self._answers = True
        return self._answers

    def _send(self, broker: Line) -> None:
        """Send what waits, resumes first."""
        while ids := self._next(lane := Lane.RESUME) or self._next(lane := Lane.NEW):
            broker.send(lane, ids)
            if CROWD <= len(ids) < LARGEST:
                self._stopped.wait(GATHERING)
        if self._spills:
            self._spills = False
            broker.send(Lane.RESUME, ())

    def _next(self, lane: Lane) -> list[str]:
        waiting = self._waiting[lane]
        return [waiting.popleft() for _ in range(min(LARGEST, len(waiting)))]


def open_line(engine: Engine, url: str) -> Line:
    """Open the way to the broker, for the id that this database has.

    Raises:
        SettingsError: the extra ``cluster`` is not installed.
    """
    try:
        line: Callable[[str, str], Line] = load("engine.executors.celery:Broker")
    except ImportError as error:
        raise SettingsError("WINK_BROKER_URL needs Celery: install Wink with the extra `cluster`") from error
    return line(url, engine.store.write(deployment))
