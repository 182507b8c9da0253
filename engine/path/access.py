"""Who may use the management API without a session: whoever holds a token, as far as its role goes."""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Self
from unicodedata import category

from engine.errors import Invalid
from engine.ids import new_id
from engine.runtime import Engine
from engine.secret_file import secret_in
from engine.settings import Settings
from engine.store import tokens
from engine.store.tokens import NOTED, Token
from engine.words import Role

PREFIX = "wink_pat_"

#: Longest name of a token, in characters.
LONGEST_NAME = 200

#: The token of this machine's command line: whoever may read the data folder may do everything anyway.
FILE = "cli.token"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who uses the API: who holds a token, or is signed in."""

    #: As it is written down beside what they decide.
    name: str
    role: Role
    #: Whether it is a person, by a session.
    is_user: bool = False


#: Who holds a token that is no row.
OPERATOR = Holder("the operator", Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Access:
    """The door of the management API."""

    engine: Engine
    #: SHA-256 of the tokens that are no rows: the setting's, and the one in the data folder.
    fixed: tuple[bytes, ...]

    @classmethod
    def open(cls, engine: Engine) -> Self:
        """Open the door; the data folder gets its token file if it has none."""
        given = engine.settings.api_token
        fixed = [local_token(engine.settings), *([given.get_secret_value()] if given else [])]
        return cls(engine, tuple(map(digest_of, fixed)))

    def holder_of(self, token: str) -> Holder | None:
        """Return who holds the token; None when it is none of ours.

        Every comparison takes the same time, right or wrong. A fixed token is the operator's, who may do everything.
        """
        digest = digest_of(token)
        matched = False
        for fixed in self.fixed:
            matched |= compare_digest(digest, fixed)
        return OPERATOR if matched else self._kept(digest)

    def _kept(self, digest: bytes) -> Holder | None:
        """Look a token up by its digest, of which nobody can guess a part."""
        found = self.engine.store.read(tokens.find, digest)
        if found is None:
            return None
        now = self.engine.clock.now()
        if found.last_used_at is None or now - found.last_used_at >= NOTED:
            self.engine.store.send(tokens.use, found.id, now)
        return Holder(f"token {found.name}", found.role)


def local_token(settings: Settings) -> str:
    """Return the token in the data folder, which its owner alone can read; it is made when there is none."""
    return secret_in(settings.data / FILE, _new_text)


def new_token(engine: Engine, name: str, role: Role) -> tuple[Token, str]:
    """Make a token and return it with its text, which is shown this once.

    Raises:
        Invalid: the name cannot be taken (422).
    """
    if not 0 < len(name) <= LONGEST_NAME or any(category(letter) == "Cc" for letter in name):
        raise Invalid(f"must have 1 to {LONGEST_NAME} characters on one line", "name")
    text = _new_text()
    token = Token(id=new_id("tok"), name=name, role=role, created_at=engine.clock.now(), last_used_at=None)
    engine.store.write(tokens.add, token, digest_of(text))
    return token, text


def _new_text() -> str:
    return PREFIX + token_urlsafe(32)


def digest_of(token: str) -> bytes:
    """Return what is kept of a token, or of a session's value: its SHA-256 proves it and does not give it away."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
