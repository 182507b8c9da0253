"""Alembic's entry: it runs the migrations on the connection that :mod:`engine.store.migrate` hands in."""

from alembic import context

from engine.store.migrate import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
