"""``/conditions``: try one before anything depends on it."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from engine.path.evaluate import evaluate
from engine.words import Answer
from web.api.fields import ConditionIn, Given
from web.context import the_engine

conditions = APIBlueprint("conditions", __name__, url_prefix="/api/v1/conditions")


class Question(Given):
    """A condition, and an event as expressions see it: ``{type, data, ..}``."""

    condition: ConditionIn
    event: dict[str, object]


class AnswerOut(BaseModel):
    """What the condition says, and why; its two views; rows is null where rows cannot say it."""

    answer: Answer
    explanation: dict[str, object]
    text: str
    rows: object


@conditions.post("/evaluate")
@conditions.input(Question)
@conditions.output(AnswerOut)
def ask(json_data: Question) -> AnswerOut:
    """Ask a condition about an event, with the tree of its parts."""
    condition, judgement = evaluate(the_engine(), json_data.condition, json_data.event)
    return AnswerOut(
        answer=judgement.answer,
        explanation=dict(judgement.explanation.to_json()),
        text=condition.text,
        rows=condition.rows(),
    )
