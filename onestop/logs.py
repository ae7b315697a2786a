"""Where logs go, for every program of the house."""

from __future__ import annotations

import logging
import sys

import structlog


def log_to_stderr() -> None:
    """Logs go to standard error, whatever it is at that moment; by default structlog mixes them with answers."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # Plain tracebacks: the pretty ones print local variables, and with them cookies and passwords.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # what is asked again is no news; what fails is told by others
