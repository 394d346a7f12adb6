"""What went wrong with a database, in words that say what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from audit.errors import StoreError

WAIT_SECONDS = 30
"""How long a writer waits for another."""

_FULL = "the disk is full; the last step was not stored, nothing else is lost: make room, run again"
_READ_ONLY = "cannot be written: look at the rights of the database, its folder and its disk"
_DAMAGED = "is damaged, or no SQLite database: put it aside and restore the last backup"
_GONE = (
    "PostgreSQL cannot be reached; the last step was not stored, nothing else is lost: run again"
)

_SQLITE = {
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_CANTOPEN": "cannot be opened: look at the rights of the file and its folder",
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_BUSY": f"another process kept it locked for {WAIT_SECONDS} s: run again after it",
    "SQLITE_IOERR": "its disk does not answer as it should; nothing that was stored is lost",
}
_POSTGRESQL = {
    "53": _FULL,
    "25006": _READ_ONLY,
    "42501": "this user may not do that: give it rights on the database",
    "28": "PostgreSQL refuses this user: look at name and password",
    "3D": "there is no such database: make it with createdb",
    "08": _GONE,
    "57P": _GONE,
    "XX": "PostgreSQL says that its data are damaged: restore the last backup",
}
"""By SQLSTATE or how it begins (PostgreSQL manual, appendix A)."""


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turn what a database raises into StoreError; `place` is how messages call it."""
    try:
        yield
    except DBAPIError as e:
        raise StoreError(place, _why(e.orig or e)) from e
    except sqlite3.Error as e:
        raise StoreError(place, _why(e)) from e
    except SQLAlchemyError as e:
        raise StoreError(place, f"cannot be used: {_first_line(e)}") from e


def _why(error: BaseException) -> str:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorname", "")
        known = next((why for name, why in _SQLITE.items() if code.startswith(name)), None)
        return f"{known} ({_first_line(error)})" if known else _first_line(error)
    state = getattr(error, "sqlstate", None)
    if state is None and type(error).__name__ == "OperationalError":  # psycopg lost its server
        return f"{_GONE} ({_first_line(error)})"
    known = next((why for s, why in _POSTGRESQL.items() if (state or "").startswith(s)), None)
    return f"{known} ({_first_line(error)})" if known else _first_line(error)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
