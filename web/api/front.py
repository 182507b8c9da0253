"""``/``: where a person who opens the address is shown the way."""

from apiflask import APIBlueprint
from pydantic import BaseModel

import engine as package

front = APIBlueprint("front", __name__)


class Signpost(BaseModel):
    """What this is, and where to go on."""

    name: str
    version: str
    api: str
    health: str
    editor_schema: str


@front.get("/")
@front.output(Signpost)
def index() -> Signpost:
    """Say what this is, and where to go on."""
    return Signpost(
        name="Wink",
        version=package.__version__,
        api="/api/v1/openapi.json",
        health="/healthz",
        editor_schema="/schema/workflow.json",
    )
