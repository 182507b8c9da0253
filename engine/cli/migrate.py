"""``wink migrate``: bring the database up to date, before a new version takes over."""

from pathlib import Path

import click

from engine.cli.options import data_option, load_settings
from engine.lock import LOCK_FILE, hold
from engine.store.database import open_database
from engine.store.migrate import migrate


@click.command("migrate")
@data_option
def migrate_database(data: Path | None) -> None:
    """Bring the tables of the database up to date; `wink serve` does so too when it starts."""
    settings = load_settings(data=data)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with hold(settings.data / LOCK_FILE):
        database = open_database(settings.database_url.get_secret_value())
        try:
            migrate(database.writing)
        finally:
            database.close()
    click.echo("The database is up to date.")
