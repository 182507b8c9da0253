"""The doorbell between machines: Celery on RabbitMQ. The one module that knows either.

A message is a hint and holds nothing but ids: the tables are the only truth. So it is acknowledged as soon as it is
read, and one that is lost, doubled, late or made up does no harm.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from ssl import CERT_REQUIRED
from time import sleep
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from celery import Celery
from celery.exceptions import InvalidTaskError
from celery.utils.log import get_logger
from celery.worker import state
from celery.worker.consumer import Consumer
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError

from engine.errors import BrokerUnavailable
from engine.executors.bell import LARGEST, Lane

#: Messages that a lane holds: the oldest go first, and the sweep finds what they were about.
LONGEST = 10_000

#: Seconds within which the broker answers whoever sends: to a connection, and to each message.
PATIENCE = 5

_SETTINGS: dict[str, object] = {
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_ignore_result": True,
    "task_publish_retry": False,
    "task_create_missing_queues": False,
    "broker_connection_timeout": PATIENCE,
    # A worker goes on from the sweep alone, however long the broker is away, also when it starts.
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "worker_prefetch_multiplier": 1,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_cancel_long_running_tasks_on_connection_loss": True,  # it warns otherwise; none of ours runs long
    "worker_hijack_root_logger": False,
}


_ID = re.compile(r"[a-z]+_[a-z0-9]+")

#: Told of each message.
Heard = Callable[[Lane, Sequence[str]], None]

log = structlog.get_logger()


class _Listener(Consumer):  # type: ignore[misc]  # Celery has no types
    """A consumer of messages and nothing else: no events, no remote control, no queues for delays, no tasks.

    Who can write messages can ask Celery for more than our ids say. One with a time to wait for kept its worker from
    all others, and one with odd options ended it.
    """

    def __init__(self, heard: Heard, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self._heard = heard

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc]
        """What it is made of; what these need comes by itself."""

        default_steps = (
            "celery.worker.consumer.connection:Connection",
            "celery.worker.consumer.tasks:Tasks",
            "celery.worker.consumer.consumer:Evloop",
        )

    def update_strategies(self) -> None:
        """Take messages of our lanes; of any other, and of Celery's own tasks, it logs that it does not know them."""
        self.strategies.update({lane.value: partial(self._hear, lane) for lane in Lane})

    def _hear(self, lane: Lane, message: Any, *_: object) -> None:  # noqa: ANN401 - Celery's
        """Take the ids from a message, acknowledge it, and hand them over.

        Not by Celery's own way, which waits until its loop comes round, up to half a second: decision 0090.
        """
        ids = _ids(message.payload)
        message.ack_log_error(get_logger(__name__), self.connection_errors)
        try:
            self._heard(lane, ids)
        except Exception:  # whatever it is: the next message is another
            log.exception("message.internal_error")

    def register_with_event_loop(self, hub: Any) -> None:  # noqa: ANN401 - Celery's
        """Look every half second whether it is to end: for up to ten it would only look at its sockets."""
        super().register_with_event_loop(hub)
        hub.call_repeatedly(0.5, lambda: None)


@dataclass(slots=True)
class Broker:
    """The way to the broker of one process: it sends from one thread, or listens on the main one."""

    url: str = field(repr=False)
    #: The id in the names of the queues.
    deployment: str
    _app: Celery = field(init=False)
    _queues: dict[Lane, Queue] = field(init=False)
    #: What is sent goes here; None until there is something, and after a failure.
    _connection: Connection | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        exchange = Exchange(f"wink.{self.deployment}", type="direct")
        self._queues = {lane: _queue(exchange, lane) for lane in Lane}
        proven = {"cert_reqs": CERT_REQUIRED, "server_hostname": urlsplit(self.url).hostname}
        secure = proven if self.url.startswith("amqps:") else None
        self._app = Celery("wink", broker=self.url, set_as_current=False, fixups=[])
        self._app.conf.update(_SETTINGS, task_queues=list(self._queues.values()), broker_use_ssl=secure)
        self._app.conf.task_default_queue = self._queues[Lane.NEW].name

    def send(self, lane: Lane, ids: Sequence[str]) -> None:
        """Ring for rows, and return when the broker has the message.

        Raises:
            BrokerUnavailable: it does not answer, or not in time.
        """
        self._ask(partial(self._send, lane, ids))

    def check(self) -> None:
        """Ask the broker whether it is there.

        Raises:
            BrokerUnavailable: it does not answer, or not in time.
        """
        self._ask(lambda connection: self._queues[Lane.NEW](connection.default_channel).declare())

    def listen(self, heard: Heard) -> None:
        """Listen on this thread, the main one, until :meth:`leave`.

        A broker that is away, or lets nobody in, is waited for: of a refusal Celery would end.

        heard: told of each message, one after the other.
        """
        state.should_stop = None  # of the whole process: somebody may have listened before
        while state.should_stop is None:
            if self._admits():
                self._consumer(heard).start()
            _pause()

    @staticmethod
    def leave() -> None:
        """Stop to listen, within a second; may be called by a handler of a signal."""
        state.should_stop = 0

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_errors(connection)):
                connection.release()

    def _admits(self) -> bool:
        """Tell whether the broker lets this process in; whoever sends to it says why not."""
        try:
            self.check()
        except BrokerUnavailable:
            return False
        self.close()
        return True

    def _consumer(self, heard: Heard) -> Any:  # noqa: ANN401 - Celery's
        return self._app.WorkController(
            hostname=f"wink-{uuid4().hex}@%h",
            pool_cls="solo",
            concurrency=1,
            consumer_cls=partial(_Listener, heard),
            without_mingle=True,
            without_gossip=True,
            without_heartbeat=True,
        )

    def _send(self, lane: Lane, ids: Sequence[str], connection: Connection) -> None:
        with self._app.amqp.Producer(connection.default_channel) as producer:
            self._app.send_task(
                lane.value, [list(ids)], queue=self._queues[lane], producer=producer, confirm_timeout=PATIENCE
            )

    def _ask(self, question: Callable[[Connection], Any]) -> None:
        connection = self._connection = self._connection or self._connect()
        try:
            question(connection)
        except _errors(connection) as error:
            self.close()
            raise BrokerUnavailable(f"the broker does not answer: {error}") from error

    def _connect(self) -> Connection:
        options = {"confirm_publish": True, "read_timeout": PATIENCE, "write_timeout": PATIENCE}
        connection: Connection = self._app.connection_for_write(transport_options=options)
        try:
            connection.connect()  # one try: left to itself it would try again and again
        except _errors(connection) as error:
            raise BrokerUnavailable(f"the broker does not answer: {error}") from error
        return connection


def _ids(payload: object) -> Sequence[str]:
    """Return the ids in a message, which anybody may have written.

    Raises:
        InvalidTaskError: it is none of ours; Celery logs that, and goes on.
    """
    match payload:
        case [[[*ids]], *_] if len(ids) <= LARGEST and all(isinstance(id_, str) and _ID.fullmatch(id_) for id_ in ids):
            return [str(id_) for id_ in ids]
    raise InvalidTaskError("it holds something else than ids")


def _pause() -> None:
    """Wait for two seconds before the next try; whoever is to leave waits for half of one."""
    for _ in range(4):
        if state.should_stop is None:
            sleep(0.5)


def _queue(exchange: Exchange, lane: Lane) -> Queue:
    name = f"{exchange.name}.{lane}"
    arguments = {"x-queue-type": "quorum", "x-max-length": LONGEST, "x-overflow": "drop-head"}
    return Queue(name, exchange, routing_key=lane.value, queue_arguments=arguments)


def _errors(connection: Connection) -> tuple[type[Exception], ...]:
    return (*connection.connection_errors, *connection.channel_errors, OperationalError, OSError)
