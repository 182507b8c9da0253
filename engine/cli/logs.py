"""Log lines: one per thing that happened, on standard error, for people or for machines."""

import logging
import sys

import structlog

from engine.settings import LogFormat


def set_up_logs(form: LogFormat, *, quiet: bool = False) -> None:
    """Write logs in that form from now on; quiet: only what went wrong."""
    terminal = sys.stderr.isatty()
    people = structlog.dev.ConsoleRenderer(
        colors=terminal,
        pad_event_to=0,
        sort_keys=False,
        # The default shows the values of local variables, and secrets are among them.
        exception_formatter=structlog.dev.plain_traceback,
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            people if form is LogFormat.CONSOLE else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR if quiet else logging.INFO),
        # Standard error as it is when a line is written: whoever replaced it gets the line.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
