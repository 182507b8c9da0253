"""Bring the tables up to date, forward only, at every start."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from engine.errors import SettingsError

FOLDER = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Run the migrations that the database lacks, in one transaction.

    Raises:
        SettingsError: a newer Wink made this database.
    """
    known = _known()
    with engine.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == known.get_current_head():
            return
        if current is not None and current not in {revision.revision for revision in known.walk_revisions()}:
            raise SettingsError(f"a newer Wink made this database (at {current}): start that version, or a backup")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(connection: Connection) -> bool:
    """Tell whether the database has every migration that this Wink knows, and no other."""
    return MigrationContext.configure(connection).get_current_revision() == _known().get_current_head()


@cache
def _known() -> ScriptDirectory:
    """Read the migrations once: whoever may ask whether Wink is ready may ask often."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
