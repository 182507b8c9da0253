"""Sign in and out: a name and a password for a session, whose value a cookie holds and whose digest the store keeps."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from secrets import token_urlsafe
from typing import NamedTuple

import structlog

from engine import passwords
from engine.errors import Invalid, TooMany
from engine.path.access import digest_of
from engine.path.users import LONGEST_NAME, is_name
from engine.rate import Buckets, Rate
from engine.runtime import Engine
from engine.store import rates, sessions, users
from engine.store.sessions import NOTED, Person, Session
from engine.store.users import User

#: However much it is used, a session ends after that long.
LONGEST = timedelta(days=14)

#: Tries to sign in, for each address and for each name.
TRIES = Rate(10, timedelta(minutes=1))

#: Of what a browser calls itself, as many characters are kept.
LONGEST_AGENT = 200

log = structlog.get_logger()


class Visitor(NamedTuple):
    """Where somebody signs in from; agent: what the browser calls itself."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """The door for people. It counts tries, so there is one for each application."""

    engine: Engine
    _addresses: Buckets = field(default_factory=lambda: Buckets(TRIES))
    _names: Buckets = field(default_factory=lambda: Buckets(TRIES))

    def sign_in(self, name: str, password: str, visitor: Visitor) -> str | None:
        """Begin a session and return its value; None when name or password is wrong, and nobody learns which.

        What is done for a user who does not exist is what is done for one who does, and takes as long.

        Raises:
            TooMany: tries from that address or for that name, or at this moment (429).
        """
        name = name.strip().lower()
        self._count(name, visitor)
        found = self.engine.store.read(users.with_password, name) if is_name(name) else None
        user, sealed = found or (None, None)
        if not passwords.fits(sealed, password) or user is None or sealed is None:
            return self._refuse(user, visitor)
        return self._begin(user, self._renewed(user, sealed, password), visitor)

    def change_password(self, person: Person, present: str, new: str, visitor: Visitor) -> None:
        """Change a person's own password, and end its other sessions.

        Raises:
            Invalid: the present one is wrong (field ``present``), or the new one cannot be taken (422).
            TooMany: as for :meth:`sign_in`; whoever found a screen left open guesses no password here either (429).
        """
        self._count(person.name, visitor)
        found = self.engine.store.read(users.with_password, person.name)
        if found is None or not passwords.fits(found[1], present):
            self._refuse(found[0] if found else None, visitor)
            raise Invalid("this is not your present password", "present")
        if new == present:
            raise Invalid("must be another one than the present password", "password")
        passwords.check(new, person.name)
        sealed = passwords.seal(new)
        self.engine.store.write(users.set_password, person.id, sealed, must_change=False, keep=person.session)
        log.info("user.password_changed", user=person.name)

    def _count(self, name: str, visitor: Visitor) -> None:
        """Count the address first: one that is over its own rate cannot use up anybody's."""
        now = self.engine.clock.now()
        for buckets, key in ((self._addresses, _network(visitor.address)), (self._names, name[: LONGEST_NAME + 1])):
            wait = buckets.take(key, now) or self._elsewhere(key, now)
            if wait:
                self._tell("limited")
                log.warning("session.limited", address=visitor.address)
                raise TooMany(wait)

    def _elsewhere(self, key: str, now: datetime) -> timedelta:
        """Count the try among those at all hosts, where there are more; return how long to wait, if at all.

        Of the key a digest is kept: people type passwords where their name belongs.
        """
        if not self.engine.store.is_shared:
            return timedelta()
        wanted = rates.Wanted(f"sign_in/{digest_of(key).hex()}", TRIES, 1, now)
        return self.engine.store.submit(rates.take, wanted).result().wait

    def _refuse(self, user: User | None, visitor: Visitor) -> str | None:
        """Note it; a name that nobody has is not in the log: people type passwords there."""
        self._tell("refused")
        log.warning("session.refused", user=user.name if user else None, address=visitor.address)
        return None

    def _tell(self, result: str) -> None:
        self.engine.metrics.count(self.engine.metrics.sign_ins, result)

    def _renewed(self, user: User, sealed: str, password: str) -> str:
        """Return the hash that the user has from now on: a new one where the parameters have changed."""
        if not passwords.is_dated(sealed):
            return sealed
        fresh = passwords.seal(password)
        self.engine.store.write(users.renew_password, user.id, sealed, fresh)
        return fresh

    def _begin(self, user: User, sealed: str, visitor: Visitor) -> str | None:
        value, now = token_urlsafe(32), self.engine.clock.now()
        agent = "".join(letter for letter in visitor.agent if letter.isprintable())[:LONGEST_AGENT]
        session = Session(digest_of(value), user.id, now, now, now + LONGEST, visitor.address, agent)
        if not self.engine.store.write(sessions.begin, session, sealed):
            return self._refuse(user, visitor)
        self._tell("began")
        log.info("session.began", user=user.name, address=visitor.address)
        return value


def who(engine: Engine, value: str) -> Person | None:
    """Return whose session has that value, unless it is over, and note that it is used."""
    now = engine.clock.now()
    person = engine.store.read(sessions.find, digest_of(value), now)
    if person is not None and now - person.last_used_at >= NOTED:
        engine.store.send(sessions.use, person.session, now)
    return person


def sign_out(engine: Engine, person: Person) -> None:
    """End the present session: from now on its value opens nothing, whoever kept it."""
    engine.store.write(sessions.end, person.session)
    log.info("session.ended", user=person.name)


def sign_out_everywhere(engine: Engine, user_id: str) -> None:
    """End every session of a user."""
    engine.store.write(sessions.end_all, user_id)
    log.info("session.all_ended", user_id=user_id)


def _network(address: str) -> str:
    """Return what is counted as one place: an IPv4 address, or the /64 that one IPv6 customer has to itself."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(int(found) >> 64) if isinstance(found, IPv6Address) and found.ipv4_mapped is None else str(found)
