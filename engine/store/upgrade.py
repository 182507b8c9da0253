"""Run the migrations that a database lacks, by Alembic."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from engine.store.migrate import FOLDER


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run them, up to the named one, in the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
