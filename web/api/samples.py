"""``/triggers/{id}``: listen for a sample, make its schema the trigger's, send one, try a condition."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field, StrictInt

from engine.path import evaluate, listen
from engine.path.send import Parcel, Sent, send
from engine.words import Answer, Reason, Verdict
from web.api.event_shapes import EventOut, event_out
from web.api.fields import ConditionIn, Given, Moment, Name
from web.api.trigger_shapes import Listening, ListeningOut
from web.context import the_carry, the_engine

samples = APIBlueprint("samples", __name__, url_prefix="/api/v1/triggers/<name>")


class SampleOut(BaseModel):
    """The newest sample, and the schema that all samples of its type suggest."""

    event: EventOut
    suggested: dict[str, object] = Field(alias="schema")
    captured_at: Moment


class SchemasOut(BaseModel):
    """JSON Schemas of a trigger, by event type."""

    schemas: dict[str, object]


class ParcelIn(Given):
    """What to send: the connector's sample, of an event type, or with a body and headers of one's own."""

    type: Name | None = None
    body: str | None = None
    headers: dict[Name, str] = Field(default_factory=dict)


class SentOut(BaseModel):
    """What the sender was told, and what the ledger says."""

    status: int
    body: str
    delivery: str | None
    verdict: Verdict | None
    reason: Reason | None
    detail: str | None
    events: list[str]


class BacktestIn(Given):
    """A condition, and about how many of the last events to ask it."""

    condition: ConditionIn
    last: StrictInt = Field(default=500, ge=1, le=500)


class TriedOut(BaseModel):
    """What the condition says about one event, with the reason where it is unknown."""

    event: str
    answer: Answer
    reason: str | None


class BacktestOut(BaseModel):
    """What the condition would have answered, newest event first."""

    answers: dict[Answer, int]
    events: list[TriedOut]


@samples.post("/listen")
@samples.input(Listening)
@samples.output(ListeningOut)
def start_listening(name: str, json_data: Listening) -> ListeningOut:
    """Listen: the next authentic delivery becomes the sample."""
    return ListeningOut(listening_until=listen.listen(the_engine(), name, json_data.length))


@samples.delete("/listen")
@samples.output({}, status_code=204)
def stop_listening(name: str) -> str:
    """Stop listening."""
    listen.stop_listening(the_engine(), name)
    return ""


@samples.get("/sample")
@samples.output(SampleOut)
def get_sample(name: str) -> SampleOut:
    """Show the newest sample and the schema that it suggests."""
    engine = the_engine()
    found = listen.sample_of(engine, name)
    fields = {"event": event_out(engine, found.event), "schema": found.schema, "captured_at": found.captured_at}
    return SampleOut.model_validate(fields)


@samples.post("/sample/apply")
@samples.output(SchemasOut)
def apply(name: str) -> SchemasOut:
    """Make the schemas that the samples suggest the trigger's."""
    return SchemasOut(schemas=dict(listen.apply(the_engine(), name)))


@samples.get("/schema")
@samples.output(SchemasOut)
def get_schema(name: str) -> SchemasOut:
    """Show the trigger's schemas."""
    return SchemasOut(schemas=dict(listen.schemas_of(the_engine(), name)))


@samples.post("/test")
@samples.input(ParcelIn)
@samples.output(SentOut)
def test(name: str, json_data: ParcelIn) -> SentOut:
    """Send the connector's sample to the trigger's address, signed as the vendor signs it."""
    body = None if json_data.body is None else json_data.body.encode()
    return _sent_out(send(the_engine(), name, Parcel(json_data.type, body, json_data.headers), the_carry()))


@samples.post("/backtest")
@samples.input(BacktestIn)
@samples.output(BacktestOut)
def backtest(name: str, json_data: BacktestIn) -> BacktestOut:
    """Ask a condition about the last events of the trigger; nothing runs."""
    found = evaluate.backtest(the_engine(), name, json_data.condition, json_data.last)
    events = [TriedOut(event=each.event_id, answer=each.answer, reason=each.reason) for each in found.events]
    return BacktestOut(answers={answer: found.answers.get(answer, 0) for answer in Answer}, events=events)


def _sent_out(sent: Sent) -> SentOut:
    found = sent.delivery
    return SentOut(
        status=sent.reply.status,
        body=(sent.reply.body or b"").decode(errors="replace"),
        delivery=found.id if found else None,
        verdict=found.verdict if found else None,
        reason=found.reason if found else None,
        detail=found.detail if found else None,
        events=sent.event_ids,
    )
