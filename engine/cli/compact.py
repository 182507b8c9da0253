"""``wink compact``: write SQLite's file anew, without what is empty in it."""

from pathlib import Path

import click

from engine.cli.options import data_option, is_begun, load_settings, nothing_in
from engine.lock import LOCK_FILE, hold
from engine.store.compaction import compact
from engine.store.database import open_database


@click.command("compact")
@data_option
def compact_database(data: Path | None) -> None:
    """Make the file of SQLite as small as what it holds; no server may use it meanwhile.

    A file that was made by this Wink or a later one gives back what it does not need by itself.
    """
    settings = load_settings(data=data)
    if not is_begun(settings):
        raise nothing_in(settings)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with hold(settings.data / LOCK_FILE):
        database = open_database(settings.database_url.get_secret_value())
        try:
            sizes = compact(database.writing)
        finally:
            database.close()
    if sizes is None:
        click.echo("Nothing to do: PostgreSQL makes room by itself.")
    else:
        click.echo(f"The database had {sizes[0] / 1e6:,.1f} MB, and has {sizes[1] / 1e6:,.1f} MB.")
