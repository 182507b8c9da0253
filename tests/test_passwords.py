"""Passwords: what is taken, and that what is kept tells nothing."""

import pytest

from engine import passwords
from engine.errors import Invalid, TooMany

GOOD = "correct horse battery"


@pytest.fixture(autouse=True)
def real_cost(monkeypatch):
    """Keep passwords as Wink does, and not as the tests of other things do."""
    monkeypatch.setattr(passwords, "_HASHER", passwords.PasswordHasher())


def test_what_is_kept_is_argon2id_and_fits_that_password_alone():
    sealed = passwords.seal(GOOD)

    assert sealed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.fits(sealed, GOOD)
    assert not passwords.fits(sealed, GOOD.upper())
    assert sealed != passwords.seal(GOOD)


def test_letters_are_the_same_however_a_keyboard_composes_them():
    assert passwords.fits(passwords.seal("caf\u00e9 au lait, please"), "cafe\u0301 au lait, please")


@pytest.mark.parametrize("password", ["", GOOD, "a\0b", "\udc80", "x" * 100_000])
def test_nobodys_password_is_never_right(password):
    assert not passwords.fits(None, password)


def test_nobodys_hash_costs_what_a_real_one_does():
    assert passwords._nobodys().split("$")[:4] == passwords.seal(GOOD).split("$")[:4]


def test_something_that_is_no_hash_fits_nothing():
    assert not passwords.fits("plain text", "plain text")


def test_a_hash_of_weaker_parameters_is_dated():
    assert passwords.is_dated("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA")
    assert not passwords.is_dated(passwords.seal(GOOD))


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "at least 12"),
        ("short", "at least 12"),
        ("x" * 1001, "at most 1000"),
        ("correct horse\0battery", "control characters"),
        ("correct horse\nbattery", "control characters"),
        ("abababababababab", "different characters"),
        ("Ann's own password", "user's name"),
    ],
)
def test_what_is_guessed_first_is_refused_in_words(password, words):
    with pytest.raises(Invalid, match=words) as caught:
        passwords.check(password, "ann")

    assert caught.value.field == "password"


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "\U0001f40e pferd batterie klammer",
        "\u05e1\u05d5\u05e1 \u05e0\u05db\u05d5\u05df \u05e1\u05d5\u05dc\u05dc\u05d4",
    ],
)
def test_any_letters_are_taken(password):
    passwords.check(password, "ann")


def test_a_password_that_is_made_is_taken_and_another_one_each_time():
    made = {passwords.make() for _ in range(100)}

    assert len(made) == 100
    for password in made:
        passwords.check(password, "admin")


def test_when_all_places_are_taken_one_is_told_to_come_again(monkeypatch):
    monkeypatch.setattr(passwords, "_PLACES", passwords.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "PATIENCE", passwords.timedelta(milliseconds=1))

    with passwords._place(), pytest.raises(TooMany):
        passwords.seal(GOOD)
