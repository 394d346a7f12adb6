"""One run at a time works on a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from audit.config import without_password
from audit.errors import LockHeld, StoreError
from audit.store.database import engine_of
from audit.store.failure import told

__all__ = ["held"]

_LOCK = 0x6E696768
"""Number of the lock in PostgreSQL: "nigh"."""


@contextmanager
def held(url: str) -> Iterator[None]:
    """Hold the lock of a store while the block runs; it ends with the process at the latest.

    SQLite has a file `FILE.lock` beside it; PostgreSQL an advisory lock of the database, so that
    machines that share it exclude each other too. Raises LockHeld at once if another run has it.
    """
    engine = engine_of(url)
    try:
        locked = _file if engine.dialect.name == "sqlite" else _advisory
        with locked(engine, without_password(url)):
            yield
    finally:
        engine.dispose()


@contextmanager
def _file(engine: Engine, place: str) -> Iterator[None]:
    from filelock import FileLock, Timeout

    file = Path(f"{engine.url.database}.lock").absolute()
    lock = FileLock(file, timeout=0)
    try:
        lock.acquire()
    except Timeout as e:
        raise LockHeld(place) from e
    except OSError as e:
        why = f"cannot be locked: look at the rights of its folder and its disk ({e.strerror})"
        raise StoreError(place, why) from e
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _advisory(engine: Engine, place: str) -> Iterator[None]:
    with told(place):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK})
        is_free = taken.scalar_one()
    with connection:
        if not is_free:
            raise LockHeld(place)
        yield
