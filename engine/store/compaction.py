"""Give back what SQLite's file holds and does not need, a little at a time. PostgreSQL's autovacuum does so by itself.

Source: https://www.sqlite.org/pragma.html#pragma_auto_vacuum
"""

from sqlalchemy import Connection, Engine

from engine.store import bulk
from engine.store.database import unhurried

#: Pages that are given back in one transaction: writing waits for it no longer than for a batch.
PAGES = 64

#: A file keeps so much of itself for what comes next: it would grow again by as much.
KEPT = 1 / 4

_SIZE = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"

#: What ``PRAGMA auto_vacuum`` says of a file that can give back a few pages at a time.
_INCREMENTAL = 2


def give_back(connection: Connection) -> bool:
    """Shorten the file by a portion, where more of it is empty than it keeps; tell whether there may be another.

    Nothing happens to a file that was made before it could: see :func:`compact`.
    """
    if connection.dialect.name != "sqlite":
        return False
    mode, empty, pages = (_number(connection, name) for name in ("auto_vacuum", "freelist_count", "page_count"))
    if mode != _INCREMENTAL or empty < PAGES or empty < pages * KEPT:
        return False
    for _ in range(PAGES):  # the driver makes one step of it, which gives back one page
        bulk.run(connection, "PRAGMA incremental_vacuum(1)")
    return True


def compact(engine: Engine) -> tuple[int, int] | None:
    """Write SQLite's file anew without what is empty, so that it gives back pages by itself from then on.

    Nobody else may use it meanwhile. Return its bytes before and after; None: the database is not SQLite's.
    """
    if engine.dialect.name != "sqlite":
        return None
    with unhurried(engine) as connection:
        cursor = connection.connection.cursor()
        (before,) = cursor.execute(_SIZE).fetchone()
        cursor.execute("VACUUM")
        (after,) = cursor.execute(_SIZE).fetchone()
    return before, after


def _number(connection: Connection, name: str) -> int:
    return int(bulk.run(connection, f"PRAGMA {name}")[0])
