"""JSON lines of a run, one for each thing that happened."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any, Protocol, TextIO

__all__ = ["Log", "open_log"]

FIRST = ("time", "level", "run", "stage", "status")
"""Keys at the front of a line, where the eye looks."""


class Log(Protocol):
    """Takes what happened: the stage, and what else is to be known of it by name."""

    def bind(self, **values: Any) -> Log:
        """A log whose lines have these values too."""

    def info(self, event: str, **values: Any) -> None:
        """Something went as it should."""

    def warning(self, event: str, **values: Any) -> None:
        """Something did not, and the run goes on."""

    def error(self, event: str, **values: Any) -> None:
        """Something did not, and cost a story or the run."""


class _Forward(logging.Handler):
    """Gives the log what other parts of the program say."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One line for a record."""
        say = self._log.warning if record.levelno >= logging.WARNING else self._log.info
        say(record.name, status=record.levelname.lower(), why=self.format(record))


def open_log(stream: TextIO, level: int) -> Log:
    """A log that writes lines of a level and above to a stream; logging goes there too."""
    import structlog

    log: Log = structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.EventRenamer("stage"),
            _ordered,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Forward(log)], force=True)
    return log


def _ordered(_: Any, __: str, values: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Without what is not known, and what is looked at first in front."""
    known = {name: value for name, value in values.items() if value not in (None, (), "")}
    front = {name: known.pop(name) for name in FIRST if name in known}
    return front | known
