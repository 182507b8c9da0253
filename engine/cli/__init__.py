"""The command line, ``wink``. Whatever it reads or changes goes through API v1; see ``engine/decisions/0020``."""

from engine.cli.commands import main

__all__ = ["main"]
