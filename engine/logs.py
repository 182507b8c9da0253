"""Log lines: one for each thing that happened, ids always, bodies and secrets never."""

import logging
import re
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor

from engine.redact import REDACTED
from engine.settings import LogFormat

#: Fields that hold a secret, should somebody ever log one.
_SECRET_FIELDS = frozenset({"api_key", "authorization", "cookie", "password", "secret", "secrets", "token"})

_KEY_IN_URL = re.compile(r"(?i)([?&][\w-]*(?:key|token|secret|password|signature)[\w-]*=)[^&\s'\"]+")
_TOKEN = re.compile(r"wink_pat_[\w-]+")


def configure(log_format: LogFormat, stream: TextIO = sys.stderr) -> None:
    """Send every line to the stream, ours and those of the libraries, in one form and without keys."""
    rendered: Processor = structlog.processors.JSONRenderer()
    if log_format is LogFormat.CONSOLE:
        # The renderer's own tracebacks show the values of variables, secrets among them.
        rendered = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        scrub,
    ]
    structlog.configure([*shared, rendered], logger_factory=structlog.PrintLoggerFactory(stream))
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendered]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def scrub(_: object, __: str, event: EventDict) -> EventDict:
    """Take keys out of a line: out of fields that are named so, and out of addresses in any text."""
    for name, value in event.items():
        if name in _SECRET_FIELDS:
            event[name] = REDACTED
        elif isinstance(value, str):
            event[name] = _scrubbed(value)
    return event


def _scrubbed(text: str) -> str:
    return _TOKEN.sub(REDACTED, _KEY_IN_URL.sub(rf"\1{REDACTED}", text))
