"""Secrets at rest: AES-256-GCM, each bound to its row, so that a sealed value moved to another row does not open."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, insert, or_, select, update

from engine.errors import SettingsError
from engine.ids import new_id
from engine.store import changes, database
from engine.store.tables import secrets

NONCE_BYTES = 12

#: The mark that opens with the database's own key alone.
KEY_CHECK = "key_check"

#: How long an ended secret is kept, sealed: it proves nothing any more, but tells who still uses it.
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Cipher:
    """Seals and opens values with one key of 32 bytes."""

    key: bytes = field(repr=False)

    def seal(self, value: str, place: str) -> bytes:
        """Encrypt a value for its place, ``table/row/column``; the result opens there alone."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.key).encrypt(nonce, value.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Decrypt what was sealed for the place.

        Raises:
            SettingsError: it was sealed with another key, or for another place.
        """
        try:
            return AESGCM(self.key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode()).decode()
        except InvalidTag as error:
            raise SettingsError(
                f"{place} cannot be decrypted: set WINK_SECRET_KEY to the key that this database was made with"
            ) from error


@dataclass(frozen=True, slots=True)
class Secret:
    """An opened secret; during a rotation's overlap the old one has an end."""

    value: str = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """An opened secret and when it counts."""

    name: str
    value: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None

    def counted(self, at: datetime) -> bool:
        """Return whether it counted at the time."""
        return self.created_at <= at and not self.ended(at)

    def ended(self, at: datetime) -> bool:
        """Return whether it had ended at the time."""
        return self.expires_at is not None and self.expires_at <= at


def cipher_from(secret_key: str) -> Cipher:
    """Derive the encryption key from the secret key's text."""
    return Cipher(sha256(b"wink secrets " + secret_key.encode()).digest())


def check_key(connection: Connection, cipher: Cipher) -> None:
    """Refuse a key that is not the one of this database; the first who asks decides which that is.

    Raises:
        SettingsError: what is there was sealed with another key, as by a host that has made one for itself.
    """
    database.wait_for_turn(connection, KEY_CHECK)
    kept = changes.get(connection, KEY_CHECK)
    if kept is not None:
        cipher.open(kept, KEY_CHECK)
        return
    for row in connection.execute(select(secrets).limit(1)):
        cipher.open(row.sealed, _place(row.id))
    changes.put(connection, KEY_CHECK, cipher.seal("", KEY_CHECK))


def add(  # noqa: PLR0913 - the columns of one row
    connection: Connection, cipher: Cipher, *, owner: str, name: str, value: str, now: datetime
) -> None:
    """Keep a secret for its owner, beside those that it has."""
    row_id = new_id("sec")
    sealed = cipher.seal(value, _place(row_id))
    connection.execute(
        insert(secrets).values(id=row_id, owner=owner, name=name, sealed=sealed, created_at=now, expires_at=None)
    )


def expire(connection: Connection, owner: str, name: str, until: datetime) -> None:
    """Let the owner's present secrets of that name end, at the latest then."""
    later = or_(secrets.c.expires_at.is_(None), secrets.c.expires_at > until)
    connection.execute(
        update(secrets).where(secrets.c.owner == owner, secrets.c.name == name, later).values(expires_at=until)
    )


def remove(connection: Connection, owner: str) -> None:
    """Delete all secrets of the owner."""
    connection.execute(delete(secrets).where(secrets.c.owner == owner))


def forget_expired(connection: Connection, now: datetime) -> None:
    """Delete secrets that ended long ago; until then one can be told that it was the older one that was used."""
    if database.try_turn(connection, "tidy"):
        connection.execute(delete(secrets).where(secrets.c.expires_at < now - KEPT))


def opened(connection: Connection, cipher: Cipher, now: datetime) -> Mapping[str, Mapping[str, Sequence[Secret]]]:
    """Return every secret that has not expired: {owner: {name: [secret, newest first]}}."""
    found: dict[str, dict[str, list[Secret]]] = defaultdict(lambda: defaultdict(list))
    valid = or_(secrets.c.expires_at.is_(None), secrets.c.expires_at > now)
    for row in connection.execute(select(secrets).where(valid).order_by(secrets.c.id.desc())):
        secret = Secret(cipher.open(row.sealed, _place(row.id)), row.expires_at)
        found[row.owner][row.name].append(secret)
    return found


def history_of(connection: Connection, cipher: Cipher, owner: str) -> Sequence[Kept]:
    """Return every secret of the owner that is still kept, newest first, also those that count no longer."""
    wanted = select(secrets).where(secrets.c.owner == owner).order_by(secrets.c.id.desc())
    return [
        Kept(row.name, cipher.open(row.sealed, _place(row.id)), row.created_at, row.expires_at)
        for row in connection.execute(wanted)
    ]


def _place(row_id: str) -> str:
    return f"secrets/{row_id}/sealed"
