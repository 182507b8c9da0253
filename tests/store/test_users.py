"""Users and their sessions in the database: what ends a session ends it in the same transaction."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import Conflict, NotFound
from engine.ids import new_id
from engine.store import sessions, users
from engine.store.sessions import IDLE, NOTED, Session
from engine.store.users import User
from engine.words import Role

WEEK = timedelta(days=7)


@pytest.fixture
def make(store, clock):
    """Return a maker of users with the password hash ``sealed``."""

    def add(name="ann", role=Role.ADMIN):
        user = User(new_id("usr"), name, role, must_change=False, created_at=clock.now(), last_sign_in_at=None)
        store.write(users.add, user, "sealed")
        return user

    return add


@pytest.fixture
def begin(store, clock):
    """Return what begins a session of a week, and tells whether it did."""

    def begin(user, session_id=b"1"):
        now = clock.now()
        session = Session(session_id, user.id, now, now, now + WEEK, "192.0.2.1", "browser")
        return store.write(sessions.begin, session, "sealed")

    return begin


def open_sessions(store, clock, *ids):
    return [each for each in ids if store.read(sessions.find, each, clock.now())]


def test_a_name_is_taken_once(store, make):
    made = make()

    with pytest.raises(Conflict):
        make()
    assert store.read(users.find, "ann") == made
    assert store.read(users.with_password, "ann") == (made, "sealed")
    assert store.read(users.with_password, "bob") is None
    with pytest.raises(NotFound):
        store.read(users.find, "bob")


def test_a_first_user_is_made_where_there_is_none(store, clock):
    first, second = (
        User(new_id("usr"), name, Role.ADMIN, must_change=True, created_at=clock.now(), last_sign_in_at=None)
        for name in ("admin", "other")
    )

    assert store.write(users.add_first, first, "sealed")
    assert not store.write(users.add_first, second, "sealed")
    assert store.read(users.all_of) == [first]


def test_a_session_tells_who_it_is_and_notes_the_sign_in(store, clock, make, begin):
    user = make()

    assert begin(user)

    person = store.read(sessions.find, b"1", clock.now())
    assert (person.id, person.name, person.role, person.session) == (user.id, "ann", Role.ADMIN, b"1")
    assert store.read(users.find, "ann").last_sign_in_at == clock.now()
    assert store.read(sessions.find, b"2", clock.now()) is None


def test_no_session_begins_with_a_password_that_was_changed_meanwhile(store, clock, make, begin):
    user = make()
    store.write(users.set_password, user.id, "changed", must_change=False)

    assert not begin(user)
    assert not begin(user._replace(id="usr_gone"))
    assert open_sessions(store, clock, b"1") == []


def test_an_idle_session_is_over(store, clock, make, begin):
    begin(make())

    clock.advance(IDLE - timedelta(microseconds=1))
    assert open_sessions(store, clock, b"1")
    clock.advance(timedelta(microseconds=1))
    assert not open_sessions(store, clock, b"1")


def test_a_session_that_is_used_goes_on_until_its_end(store, clock, make, begin):
    begin(make())
    end = clock.now() + WEEK

    while clock.now() < end:
        assert open_sessions(store, clock, b"1")
        store.write(sessions.use, b"1", clock.now())
        clock.advance(timedelta(hours=8))

    assert not open_sessions(store, clock, b"1")


def test_a_use_is_noted_once_in_a_while(store, clock, make, begin):
    begin(make())
    began = clock.now()

    for later in (NOTED / 2, NOTED):
        store.write(sessions.use, b"1", began + later)

    assert store.read(sessions.find, b"1", began).last_used_at == began + NOTED


def test_sessions_that_are_over_are_deleted_when_another_one_begins(store, clock, make, begin):
    user = make()
    begin(user)
    clock.advance(IDLE)

    begin(user, b"2")

    assert store.read(sessions.find, b"1", clock.now() - IDLE) is None


def test_a_new_password_ends_every_session_but_the_one_that_asks(store, clock, make, begin):
    user, other = make(), make("bob")
    begin(user, b"1"), begin(user, b"2"), begin(other, b"3")

    store.write(users.set_password, user.id, "new", must_change=False, keep=b"2")

    assert open_sessions(store, clock, b"1", b"2", b"3") == [b"2", b"3"]


def test_a_new_role_ends_every_session(store, clock, make, begin):
    make("root")
    user = make()
    begin(user)

    store.write(users.set_role, user.id, Role.VIEWER)

    assert store.read(users.find, "ann").role is Role.VIEWER
    assert not open_sessions(store, clock, b"1")


def test_a_deleted_user_is_gone_with_the_sessions(store, clock, make, begin):
    make("root")
    user = make()
    begin(user)

    store.write(users.remove, user.id)

    assert [each.name for each in store.read(users.all_of)] == ["root"]
    assert not open_sessions(store, clock, b"1")


def test_the_last_administrator_stays(store, make):
    user = make()
    make("bob", Role.EDITOR)

    with pytest.raises(Conflict):
        store.write(users.remove, user.id)
    with pytest.raises(Conflict):
        store.write(users.set_role, user.id, Role.EDITOR)
    store.write(users.set_role, user.id, Role.ADMIN)

    assert store.read(users.find, "ann").role is Role.ADMIN


def test_a_password_is_renewed_unless_it_was_changed_meanwhile(store, make):
    user = make()

    store.write(users.renew_password, user.id, "other", "lost")
    store.write(users.renew_password, user.id, "sealed", "renewed")

    assert store.read(users.with_password, "ann")[1] == "renewed"


def test_users_are_listed_from_a_name_on(store, make):
    for name in ("cid", "ann", "bob"):
        make(name)

    assert [user.name for user in store.read(users.page, "", 2)] == ["ann", "bob"]
    assert [user.name for user in store.read(users.page, "bob", 2)] == ["cid"]


def test_the_sessions_of_a_user_are_listed_until_they_are_over(store, clock, make, begin):
    ann, bob = make(), make("bob")
    begin(ann, b"1")
    begin(bob, b"2")
    clock.advance(NOTED)
    begin(ann, b"3")

    assert [each.id for each in store.read(sessions.of_user, ann.id, clock.now(), 9)] == [b"3", b"1"]
    assert [each.id for each in store.read(sessions.of_user, ann.id, clock.now(), 1)] == [b"3"]
    assert store.read(sessions.of_user, ann.id, clock.now() + IDLE, 9) == []


@pytest.mark.parametrize(
    ("query", "args", "start"),
    [
        (users.page, ("a", 9), "SEARCH users USING INDEX"),
        (
            sessions.of_user,
            ("usr_1", datetime(2026, 1, 2, tzinfo=UTC), 9),
            "SEARCH sessions USING INDEX sessions_by_user",
        ),
    ],
)
def test_each_list_has_its_index(plan, query, args, start):
    assert plan(query, *args)[0].startswith(start)
