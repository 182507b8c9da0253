"""Signing in: who may, how often, and how long it lasts."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from engine import passwords
from engine.errors import Invalid, TooMany
from engine.path.sign_in import LONGEST, SignIn, Visitor, sign_out, sign_out_everywhere, who
from engine.path.users import create, delete, reset_password
from engine.store import sessions, users
from engine.store.sessions import IDLE
from engine.words import Role

GOOD = "correct horse battery"
OTHER = "another horse battery"
HERE = Visitor("192.0.2.1", "browser")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Hash in less than a millisecond: tries are counted by the minute, and a busy machine must not take as long."""
    monkeypatch.setattr(passwords, "_HASHER", passwords.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))


@pytest.fixture
def ann(engine):
    return create(engine, "ann", Role.EDITOR, password=GOOD, must_change=False)[0]


@pytest.fixture
def door(engine, ann) -> SignIn:
    return SignIn(engine)


def test_name_and_password_open_a_session(door, engine, ann):
    value = door.sign_in(" Ann ", GOOD, HERE)

    person = who(engine, value)
    assert (person.id, person.name, person.role, person.must_change) == (ann.id, "ann", Role.EDITOR, False)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ann", OTHER),
        ("ann", ""),
        ("bob", GOOD),
        ("", ""),
        ("a\0b", GOOD),
        ("x" * 100_000, "x" * 100_000),
        ("ann", "\0"),
    ],
)
def test_anything_else_opens_nothing(door, name, password):
    assert door.sign_in(name, password, HERE) is None


@pytest.mark.parametrize("value", ["", "guessed", "\udc80", "x" * 100_000])
def test_a_value_that_was_not_given_out_is_nobody(engine, value):
    assert who(engine, value) is None


def test_for_somebody_unknown_the_same_work_is_done(door, monkeypatch):
    worked = []
    monkeypatch.setattr(passwords, "fits", lambda sealed, password: worked.append(sealed) or False)

    for name in ("ann", "bob", "a\0b"):
        door.sign_in(name, OTHER, HERE)

    assert worked[0].startswith("$argon2id$")
    assert worked[1:] == [None, None]


def test_a_session_does_not_outlive_the_sign_out(door, engine):
    value = door.sign_in("ann", GOOD, HERE)

    sign_out(engine, who(engine, value))

    assert who(engine, value) is None


def test_signing_out_everywhere_ends_every_session(door, engine, ann):
    values = [door.sign_in("ann", GOOD, HERE) for _ in range(3)]

    sign_out_everywhere(engine, ann.id)

    assert [who(engine, value) for value in values] == [None, None, None]


def test_a_session_that_nobody_uses_ends(door, engine):
    value = door.sign_in("ann", GOOD, HERE)

    engine.clock.advance(IDLE)

    assert who(engine, value) is None


def test_a_session_that_is_used_every_hour_ends_after_its_longest_time(door, engine):
    value = door.sign_in("ann", GOOD, HERE)

    for _ in range(LONGEST // timedelta(hours=1) - 1):
        engine.clock.advance(timedelta(hours=1))
        assert who(engine, value)
        engine.store.write(lambda connection: None)
    engine.clock.advance(timedelta(hours=1))

    assert who(engine, value) is None


@pytest.mark.parametrize("end", [delete, reset_password])
def test_who_is_deleted_or_reset_is_signed_out_at_once(door, engine, end):
    create(engine, "root", Role.ADMIN)
    value = door.sign_in("ann", GOOD, HERE)

    end(engine, "ann")

    assert who(engine, value) is None


def test_a_changed_password_ends_the_other_sessions(door, engine):
    here, there = (door.sign_in("ann", GOOD, HERE) for _ in range(2))

    door.change_password(who(engine, here), GOOD, OTHER, HERE)

    assert (who(engine, here) is not None, who(engine, there)) == (True, None)
    assert door.sign_in("ann", GOOD, HERE) is None
    assert door.sign_in("ann", OTHER, HERE)


def test_after_the_change_a_password_need_not_be_changed(door, engine):
    create(engine, "bob", Role.VIEWER, password=GOOD)
    value = door.sign_in("bob", GOOD, HERE)
    assert who(engine, value).must_change

    door.change_password(who(engine, value), GOOD, OTHER, HERE)

    assert not who(engine, value).must_change


@pytest.mark.parametrize(
    ("present", "new", "field"), [(OTHER, OTHER, "present"), (GOOD, GOOD, "password"), (GOOD, "short", "password")]
)
def test_a_password_is_not_changed_without_the_present_one_nor_to_a_bad_one(door, engine, present, new, field):
    person = who(engine, door.sign_in("ann", GOOD, HERE))

    with pytest.raises(Invalid) as caught:
        door.change_password(person, present, new, HERE)

    assert caught.value.field == field
    assert door.sign_in("ann", GOOD, HERE)


def test_from_one_address_ten_tries_a_minute_are_looked_at(door, engine):
    for number in range(10):
        door.sign_in(f"user{number}", OTHER, HERE)

    with pytest.raises(TooMany) as caught:
        door.sign_in("ann", GOOD, HERE)

    assert timedelta() < caught.value.retry_after <= timedelta(seconds=6)
    assert door.sign_in("ann", GOOD, HERE._replace(address="192.0.2.2"))
    engine.clock.advance(timedelta(seconds=6))
    assert door.sign_in("ann", GOOD, HERE)


@pytest.mark.parametrize("name", ["ann", "nobody"])
def test_for_one_name_ten_tries_a_minute_are_looked_at_whether_somebody_has_it_or_not(door, name):
    for number in range(10):
        door.sign_in(name, OTHER, HERE._replace(address=f"192.0.2.{number}"))

    with pytest.raises(TooMany):
        door.sign_in(name, GOOD, HERE._replace(address="198.51.100.1"))


def test_one_customer_of_ipv6_is_one_address(door):
    for number in range(10):
        door.sign_in(f"user{number}", OTHER, HERE._replace(address=f"2001:db8::{number}"))

    with pytest.raises(TooMany):
        door.sign_in("ann", GOOD, HERE._replace(address="2001:db8::ffff"))
    assert door.sign_in("ann", GOOD, HERE._replace(address="2001:db8:0:1::1"))


def test_an_open_session_does_not_help_to_guess_the_password(door, engine):
    person = who(engine, door.sign_in("ann", GOOD, HERE))

    for _ in range(9):
        with pytest.raises(Invalid):
            door.change_password(person, OTHER, "yet another horse", HERE)

    with pytest.raises(TooMany):
        door.change_password(person, GOOD, OTHER, HERE)


def test_an_old_hash_is_renewed_at_the_sign_in(door, engine, ann, monkeypatch):
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD.encode())
    engine.store.write(users.set_password, ann.id, weak, must_change=False)

    assert door.sign_in("ann", GOOD, HERE)

    assert not passwords.is_dated(engine.store.read(users.with_password, "ann")[1])


def test_the_sessions_value_is_not_in_the_database(door, engine, tmp_path):
    value = door.sign_in("ann", GOOD, HERE)

    files = b"".join(file.read_bytes() for file in (tmp_path / "data").glob("wink.db*"))

    assert value.encode() not in files
    assert GOOD.encode() not in files


def test_what_a_browser_calls_itself_is_kept_short_and_printable(door, engine, monkeypatch):
    kept = []
    monkeypatch.setattr(sessions, "begin", lambda connection, session, password: kept.append(session) or True)

    door.sign_in("ann", GOOD, Visitor("192.0.2.1", "a\0b\x1b[2J" + "c" * 1000))

    assert kept[0].agent == ("ab[2J" + "c" * 1000)[:200]


def test_tries_are_counted_by_how_they_ended(door, engine):
    for password in (GOOD, *[OTHER] * 9):
        door.sign_in("ann", password, HERE)
    with pytest.raises(TooMany):
        door.sign_in("ann", GOOD, HERE)

    counted = {
        result: engine.metrics.registry.get_sample_value("wink_sign_ins_total", {"result": result})
        for result in ("began", "refused", "limited")
    }
    assert counted == {"began": 1, "refused": 9, "limited": 1}


def test_what_was_typed_is_in_no_log_line(door):
    with capture_logs() as logs:
        door.sign_in("typed my password here", OTHER, HERE)
        door.sign_in("ann", OTHER, HERE)

    assert [(line["event"], line["user"]) for line in logs] == [("session.refused", None), ("session.refused", "ann")]
