"""``/users``: who may sign in, and what they may do."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from engine.path import users as keeping
from engine.path.sign_in import sign_out_everywhere
from engine.store import users as stored
from engine.store.users import User
from engine.words import Role
from web.api.fields import Given, Moment, Name, PageQuery, Text, slice_of
from web.context import the_engine
from web.people import the_people

users = APIBlueprint("users", __name__, url_prefix="/api/v1/users")


class NewUser(Given):
    """A user to make; without a password one is made. It has to be changed at the first sign-in."""

    name: Name
    role: Role
    password: Text | None = None


class UserChange(Given):
    """What a user may do from now on."""

    role: Role


class NewPassword(Given):
    """The password that opens the page that changes it; without one, one is made."""

    password: Text | None = None


class UserOut(BaseModel):
    """A user."""

    id: str
    name: str
    role: Role
    #: Whether the password opens nothing but the page that changes it.
    must_change: bool
    created_at: Moment
    last_sign_in_at: Moment | None


class IssuedUser(UserOut):
    """A user with a new password: one that was made is shown here, and never again."""

    password: str | None


class UserPage(BaseModel):
    """Users, by name."""

    items: list[UserOut]
    next: str | None


@users.post("")
@users.input(NewUser)
@users.output(IssuedUser, status_code=201)
def create(json_data: NewUser) -> IssuedUser:
    """Make a user; a password that is made is shown here, and never again."""
    engine = the_engine()
    return _issued(*keeping.create(engine, json_data.name, json_data.role, password=json_data.password))


@users.get("")
@users.input(PageQuery, location="query")
@users.output(UserPage)
def list_users(query_data: PageQuery) -> UserPage:
    """List users by name."""
    page, further = slice_of(the_engine().store.read(stored.all_of), lambda user: user.name, query_data)
    return UserPage(items=[_shown(user) for user in page], next=further)


@users.get("/<name>")
@users.output(UserOut)
def get(name: str) -> UserOut:
    """Show a user."""
    return _shown(the_engine().store.read(stored.find, name))


@users.patch("/<name>")
@users.input(UserChange)
@users.output(UserOut)
def change(name: str, json_data: UserChange) -> UserOut:
    """Give a user another role, and sign it out; the session that asks goes on."""
    return _shown(keeping.change_role(the_engine(), name, json_data.role, keep=_session()))


@users.delete("/<name>")
@users.output({}, status_code=204)
def delete(name: str) -> str:
    """Delete a user, who is signed out at once."""
    keeping.delete(the_engine(), name)
    return ""


@users.post("/<name>/password")
@users.input(NewPassword)
@users.output(IssuedUser)
def reset_password(name: str, json_data: NewPassword) -> IssuedUser:
    """Give a user a password that has to be changed at the next sign-in, and sign it out."""
    return _issued(*keeping.reset_password(the_engine(), name, json_data.password))


@users.delete("/<name>/sessions")
@users.output({}, status_code=204)
def sign_out(name: str) -> str:
    """Sign a user out everywhere."""
    engine = the_engine()
    sign_out_everywhere(engine, engine.store.read(stored.find, name).id)
    return ""


def _shown(user: User) -> UserOut:
    return UserOut.model_validate(user, from_attributes=True)


def _issued(user: User, made: str | None) -> IssuedUser:
    return IssuedUser(**_shown(user).model_dump(), password=made)


def _session() -> bytes | None:
    """Return the session that asks, where it is one."""
    person = the_people().present()
    return person.session if person else None
