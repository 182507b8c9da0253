"""``/deliveries``: what came in, and what became of it."""

from base64 import b64encode
from collections.abc import Mapping, Sequence

from apiflask import APIBlueprint
from pydantic import BaseModel

from engine.runtime import Engine
from engine.store import search, show
from engine.store.rows import Delivery
from engine.store.search import DeliveryFilter, DeliveryLine, Page
from engine.words import Reason, Verdict
from web.api.event_shapes import trigger_name
from web.api.fields import Moment, Name, SpanQuery
from web.api.named import trigger_id
from web.context import the_engine

deliveries = APIBlueprint("deliveries", __name__, url_prefix="/api/v1/deliveries")


class DeliveryQuery(SpanQuery):
    """Which deliveries."""

    trigger: Name | None = None
    verdict: Verdict | None = None
    reason: Reason | None = None

    def page(self, engine: Engine) -> Page[DeliveryLine]:
        """Return the page of deliveries that fit."""
        which = DeliveryFilter(trigger_id=trigger_id(engine, self.trigger), verdict=self.verdict, reason=self.reason)
        return engine.store.read(search.list_deliveries, which, self.span())


class DeliveryLineOut(BaseModel):
    """A delivery in a list."""

    id: str
    #: The trigger's name, or its id where it was deleted.
    trigger: str
    received_at: Moment
    method: str
    address: str
    #: Bytes of the body as it was sent.
    size: int
    verdict: Verdict
    reason: Reason
    #: HTTP status of the answer.
    status: int
    #: The delivery that brought the same first.
    duplicate_of: str | None
    event_count: int


class DeliveryOut(DeliveryLineOut):
    """A delivery: one of ``body`` and ``body_base64`` is there, depending on whether it is text."""

    detail: str
    query: str
    headers: Mapping[str, Sequence[str]]
    body: str | None
    body_base64: str | None
    events: list[str]


class DeliveryPage(BaseModel):
    """Deliveries, newest first."""

    items: list[DeliveryLineOut]
    next: str | None


@deliveries.get("")
@deliveries.input(DeliveryQuery, location="query")
@deliveries.output(DeliveryPage)
def list_deliveries(query_data: DeliveryQuery) -> DeliveryPage:
    """List deliveries, newest first, without their bodies."""
    engine = the_engine()
    page = query_data.page(engine)
    return DeliveryPage(
        items=[DeliveryLineOut.model_validate(_line(engine, one)) for one in page.items], next=page.next
    )


@deliveries.get("/<delivery_id>")
@deliveries.output(DeliveryOut)
def get(delivery_id: str) -> DeliveryOut:
    """Show a delivery with its body; credentials are scrubbed from its headers and its query."""
    engine = the_engine()
    found = engine.store.read(show.delivery, delivery_id)
    return DeliveryOut.model_validate(
        {
            **_line(engine, found),
            "detail": found.detail,
            "query": found.query,
            "headers": found.headers,
            "events": engine.store.read(show.event_ids_of, found.id),
            **_body(found.body),
        }
    )


def _line(engine: Engine, found: Delivery | DeliveryLine) -> dict[str, object]:
    own = {name: getattr(found, name) for name in DeliveryLineOut.model_fields if name != "trigger"}
    return {**own, "trigger": trigger_name(engine, found.trigger_id)}


def _body(body: bytes) -> dict[str, str | None]:
    try:
        return {"body": body.decode(), "body_base64": None}
    except UnicodeDecodeError:
        return {"body": None, "body_base64": b64encode(body).decode()}
