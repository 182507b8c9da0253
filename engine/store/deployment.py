"""What tells one Wink from another that shares its broker: an id, made once and kept in the database."""

from sqlalchemy import Connection

from engine.ids import new_id
from engine.store import changes, database
from engine.store.tables import marks

NAME = "deployment"


def deployment(connection: Connection) -> str:
    """Return the id, which the first process makes: of several at once, all get that of one."""
    made = new_id("wink").encode()
    connection.execute(database.insert(connection, marks).on_conflict_do_nothing(), {"name": NAME, "value": made})
    return (changes.get(connection, NAME) or made).decode()
