"""Log lines on standard error: one for each thing that happened, ids always, bodies and secrets never."""

import logging
import re
import sys
from dataclasses import dataclass

import structlog
from structlog.typing import EventDict, Processor

from engine.redact import REDACTED
from engine.settings import LogFormat

#: Fields that hold a secret, should somebody ever log one.
_SECRET_FIELDS = frozenset({"api_key", "authorization", "cookie", "password", "secret", "secrets", "token"})

_KEY_IN_URL = re.compile(r"(?i)([?&][\w-]*(?:key|token|secret|password|signature)[\w-]*=)[^&\s'\"]+")
_TOKEN = re.compile(r"wink_pat_[\w-]+")


def configure(form: LogFormat, *, quiet: bool = False) -> None:
    """Write every line in that form from now on, ours and those of libraries; quiet: only what went wrong."""
    level = logging.ERROR if quiet else logging.INFO
    shared, rendered = [*_processors(), *([_escape] if form is LogFormat.CONSOLE else [])], _renderer(form)
    structlog.configure(
        [*shared, rendered],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Standard error as it is when a line is written: whoever replaced it gets the line.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    foreign = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendered]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(foreign)
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def scrub(_: object, __: str, event: EventDict) -> EventDict:
    """Take keys out of a line: out of fields that are named so, and out of addresses in any text."""
    for name, value in event.items():
        if name in _SECRET_FIELDS:
            event[name] = REDACTED
        elif isinstance(value, str):
            event[name] = _TOKEN.sub(REDACTED, _KEY_IN_URL.sub(rf"\1{REDACTED}", value))
    return event


@dataclass(frozen=True, slots=True)
class _Escaped:
    """A text with what no terminal may read written out; the renderer would do so where it holds a space alone."""

    text: str

    def __repr__(self) -> str:
        return repr(self.text)


def _escape(_: object, __: str, event: EventDict) -> EventDict:
    """Let no value of a line for people steer their terminal, or begin a line of its own."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable() and name != "exception":
            event[name] = repr(value)[1:-1] if name == "event" else _Escaped(value)
    return event


def _processors() -> list[Processor]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Before the renderer, whose own tracebacks show the values of variables, secrets among them.
        structlog.processors.format_exc_info,
        scrub,
    ]


def _renderer(form: LogFormat) -> Processor:
    if form is LogFormat.JSON:
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0, sort_keys=False)
