"""Who is asking: the person whose session the cookie of the request names."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Self, cast

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadSignature, Signer

from engine.app import secret_key
from engine.path.sign_in import LONGEST, SignIn, Visitor, who
from engine.runtime import Engine
from engine.store.sessions import Person
from web.proxies import sender

COOKIE = "wink_session"

_PEOPLE = "wink.people"


@dataclass(frozen=True, slots=True)
class People:
    """Knows people by their cookies. The signature keeps guesses away from the database; the row decides."""

    engine: Engine
    signer: Signer
    door: SignIn

    @classmethod
    def of(cls, engine: Engine) -> Self:
        """Return what knows the people of an engine."""
        key = secret_key(engine.settings)
        return cls(engine, Signer(key, salt=COOKIE, key_derivation="hmac", digest_method=sha256), SignIn(engine))

    def present(self) -> Person | None:
        """Return who sends the present request; it is looked up once."""
        if "person" not in g:
            value = self._value()
            g.person = None if value is None else who(self.engine, value)
        person: Person | None = g.person
        return person

    def signed_in(self) -> Person:
        """Return who sends the present request, where the door has let nobody else in."""
        person = self.present()
        if person is None:
            raise RuntimeError("the door is open")
        return person

    def visitor(self) -> Visitor:
        """Return where the present request comes from."""
        forwarded = {"x-forwarded-for": tuple(request.headers.getlist("X-Forwarded-For"))}
        address = sender(request.remote_addr or "", forwarded, self.engine.settings.trusted_proxies)
        return Visitor(address, request.headers.get("User-Agent", ""))

    def admit(self, response: Response, value: str) -> Response:
        """Give the browser the cookie of a session: no script reads it, and no other site's form sends it."""
        response.set_cookie(
            COOKIE,
            self.signer.sign(value).decode(),
            max_age=LONGEST,
            secure=self._secure(),
            httponly=True,
            samesite="Lax",
        )
        return response

    def forget(self, response: Response) -> Response:
        """Take the cookie away."""
        response.delete_cookie(COOKIE, secure=self._secure(), httponly=True, samesite="Lax")
        return response

    def _secure(self) -> bool:
        return self.engine.settings.public_url.startswith("https:")

    def _value(self) -> str | None:
        try:
            return self.signer.unsign(request.cookies.get(COOKIE, "")).decode()
        except (BadSignature, UnicodeError):
            return None


def equip(app: Flask, people: People) -> None:
    """Put the people where requests find them."""
    app.extensions[_PEOPLE] = people


def the_people() -> People:
    """Return the people of the present request's application."""
    return cast("People", current_app.extensions[_PEOPLE])
