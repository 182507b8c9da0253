"""``/tokens``: which programs may use the API."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from engine.path.access import new_token
from engine.store import tokens as stored
from engine.words import Role
from web.api.fields import Given, Moment, Name
from web.context import the_engine

tokens = APIBlueprint("tokens", __name__, url_prefix="/api/v1/tokens")


class NewToken(Given):
    """A token to make; name: what it is for."""

    name: Name
    #: What it may do.
    role: Role = Role.ADMIN


class TokenOut(BaseModel):
    """A token, without what proves it."""

    id: str
    name: str
    role: Role
    created_at: Moment
    last_used_at: Moment | None


class IssuedToken(TokenOut):
    """A token that was made just now: its text is shown here, and never again."""

    token: str


class TokenPage(BaseModel):
    """Tokens, newest first."""

    items: list[TokenOut]
    next: str | None


@tokens.post("")
@tokens.input(NewToken)
@tokens.output(IssuedToken, status_code=201)
def create(json_data: NewToken) -> IssuedToken:
    """Make a token; its text is shown here, and never again."""
    token, text = new_token(the_engine(), json_data.name, json_data.role)
    shown = TokenOut.model_validate(token, from_attributes=True)
    return IssuedToken(**shown.model_dump(), token=text)


@tokens.get("")
@tokens.output(TokenPage)
def list_tokens() -> TokenPage:
    """List tokens."""
    found = the_engine().store.read(stored.all_of)
    return TokenPage(items=[TokenOut.model_validate(one, from_attributes=True) for one in found], next=None)


@tokens.delete("/<token_id>")
@tokens.output({}, status_code=204)
def delete(token_id: str) -> str:
    """Delete a token: it admits nobody from now on."""
    the_engine().store.write(stored.remove, token_id)
    return ""
