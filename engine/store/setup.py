"""Changes of a trigger that touch several tables, each in one transaction."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from engine.store import event_waits, sealed, secrets, triggers
from engine.store.rows import Trigger
from engine.store.secrets import Cipher


def add_trigger(connection: Connection, cipher: Cipher, trigger: Trigger, values: Mapping[str, str]) -> None:
    """Write a new trigger with its secrets: {name: value}.

    Raises:
        Conflict: its name is taken (409).
    """
    triggers.add(connection, trigger)
    _keep(connection, cipher, trigger.id, values, trigger.created_at)


def change_trigger(
    connection: Connection, cipher: Cipher, trigger: Trigger, columns: Mapping[str, object], values: Mapping[str, str]
) -> None:
    """Set columns of a trigger, and keep further secrets beside those that it has; ``updated_at`` is the time of it.

    What it keeps sealed is to be proved again, whatever changed.
    """
    triggers.change(connection, trigger.id, columns, trigger.updated_at)
    _keep(connection, cipher, trigger.id, values, trigger.updated_at)
    sealed.ask(connection, trigger.id)


def rotate_secrets(
    connection: Connection, cipher: Cipher, trigger: Trigger, values: Mapping[str, str], *, until: datetime
) -> None:
    """Keep new secrets; the present ones of the same names end then. ``updated_at`` is the time of it."""
    for name in values:
        secrets.expire(connection, trigger.id, name, until)
    change_trigger(connection, cipher, trigger, {}, values)


def remove_trigger(connection: Connection, trigger_id: str) -> None:
    """Delete a trigger and its secrets; the ledger keeps what it received, and whoever waits for its events is told."""
    event_waits.look_again(connection, trigger_id)
    sealed.open_all(connection, trigger_id)
    secrets.remove(connection, trigger_id)
    triggers.remove(connection, trigger_id)


def _keep(connection: Connection, cipher: Cipher, owner: str, values: Mapping[str, str], now: datetime) -> None:
    for name, value in values.items():
        secrets.add(connection, cipher, owner=owner, name=name, value=value, now=now)
