"""What tells one Wink from another that shares its broker: an id, made once and kept in the database.

It is sealed with the secret key, so whoever opens it has the key that the others have.
"""

from sqlalchemy import Connection

from engine.ids import new_id
from engine.store import changes, database
from engine.store.secrets import Cipher
from engine.store.tables import marks

NAME = "deployment"

_PLACE = f"marks/{NAME}/value"


def deployment(connection: Connection, cipher: Cipher) -> str:
    """Return the id, which the first process makes: of several at once, all get that of one.

    Raises:
        SettingsError: the other processes have another secret key.
    """
    made = cipher.seal(new_id("wink"), _PLACE)
    connection.execute(database.insert(connection, marks).on_conflict_do_nothing(), {"name": NAME, "value": made})
    return cipher.open(changes.get(connection, NAME) or made, _PLACE)
