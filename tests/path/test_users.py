"""Users are made with a name that nobody can mistake, and a password that somebody else must not keep."""

from dataclasses import replace

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from engine import passwords
from engine.errors import Conflict, Invalid, NotFound
from engine.path.users import change_role, create, delete, make_first, reset_password
from engine.store import users
from engine.words import Role

GOOD = "correct horse battery"


def _given(engine, password):
    return replace(engine, settings=engine.settings.model_copy(update={"admin_password": SecretStr(password)}))


def test_the_first_administrator_gets_a_password_that_must_be_changed(engine):
    password = make_first(engine)

    user, sealed = engine.store.read(users.with_password, "admin")
    assert passwords.fits(sealed, password)
    assert (user.role, user.must_change) == (Role.ADMIN, True)


def test_the_operators_password_is_taken_as_it_is_and_not_told_again(engine):
    assert make_first(_given(engine, "pw")) is None

    user, sealed = engine.store.read(users.with_password, "admin")
    assert passwords.fits(sealed, "pw")
    assert not user.must_change


def test_a_later_start_changes_nobody(engine):
    make_first(engine)
    before = engine.store.read(users.with_password, "admin")

    assert make_first(_given(engine, GOOD)) is None

    assert engine.store.read(users.with_password, "admin") == before


def test_no_administrator_comes_by_itself_where_there_are_users(engine):
    create(engine, "ann", Role.VIEWER)

    assert make_first(engine) is None
    assert [user.name for user in engine.store.read(users.all_of)] == ["ann"]


def test_a_password_that_is_made_is_told_once_and_a_given_one_never(engine):
    made, password = create(engine, "ann", Role.EDITOR)
    _, nothing = create(engine, "bob", Role.EDITOR, password=GOOD)

    assert (made.must_change, nothing) == (True, None)
    assert passwords.fits(engine.store.read(users.with_password, "ann")[1], password)
    assert passwords.fits(engine.store.read(users.with_password, "bob")[1], GOOD)


@pytest.mark.parametrize(
    "name",
    ["", "Ann", "a b", "a\0b", "-a", "a" * 81, "\U0001f40e", "\u202eann", "<script>", "{{7*7}}", "\u0430nn", "a/b"],
)
def test_a_name_that_could_be_mistaken_is_refused(engine, name):
    with pytest.raises(Invalid) as caught:
        create(engine, name, Role.VIEWER)

    assert caught.value.field == "name"


@pytest.mark.parametrize("name", ["ann", "ann.b-c_d", "ann@example.com", "1", "a" * 80])
def test_other_names_are_taken(engine, name):
    assert create(engine, name, Role.VIEWER, password=GOOD)[0].name == name


def test_a_reset_password_has_to_be_changed(engine):
    create(engine, "ann", Role.VIEWER, password=GOOD, must_change=False)

    user, password = reset_password(engine, "ann")

    assert user.must_change
    assert passwords.fits(engine.store.read(users.with_password, "ann")[1], password)


def test_the_last_administrator_cannot_go(engine):
    make_first(engine)

    with pytest.raises(Conflict):
        delete(engine, "admin")
    with pytest.raises(Conflict):
        change_role(engine, "admin", Role.VIEWER)
    create(engine, "ann", Role.ADMIN)
    delete(engine, "admin")


@pytest.mark.parametrize("act", [delete, reset_password, lambda engine, name: change_role(engine, name, Role.ADMIN)])
def test_who_is_not_there_cannot_be_changed(engine, act):
    with pytest.raises(NotFound):
        act(engine, "ann")


def test_no_password_is_in_a_log_line(engine):
    with capture_logs() as logs:
        password = make_first(engine)
        create(engine, "ann", Role.VIEWER, password=GOOD)

    assert [line["user"] for line in logs] == ["admin", "ann"]
    assert password not in str(logs)
    assert GOOD not in str(logs)
