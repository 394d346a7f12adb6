"""Opens a store, SQLite or PostgreSQL, and runs units of work in it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from audit.config import without_password
from audit.errors import ConfigurationError, StoreError
from audit.store.failure import WAIT_SECONDS, told
from audit.store.migrate import READS, migrate

CONNECT_SECONDS = 10
"""How long PostgreSQL may take to answer at first."""
CHUNK = 500
"""Rows and keys of one statement: below the limits on variables of both databases."""

PAGES = 10_000
"""Of an SQLite file, given back at once: 40 MB."""


class Store:
    """A database whose tables are those of this release. May be used by several threads."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._own = threading.local()
        self.place = place

    @classmethod
    def open(cls, url: str, *, backup: bool = True, make: bool = True) -> Store:
        """Open the store of a URL: sqlite:///file, sqlite:////folder/file, postgresql://….

        It is made if it is not there, and migrated if an older release made it, after a backup;
        where none can be made it is refused unless `backup` is false. With `make` false a file that
        is not there is refused. Raises ConfigurationError for a URL that names no store, StoreError
        if it cannot be used or is of a newer release.
        """
        place = without_password(url)
        address = _address(url)
        is_file = address.get_backend_name() == "sqlite"
        if is_file and not make and not Path(str(address.database)).exists():
            raise StoreError(place, "is not there: look at its name; `mtaudit feeds run` makes it")
        engine = engine_of(url)
        try:
            with told(place):
                migrate(engine, place, backup=backup)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, place)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def unit(self) -> Iterator[Connection]:
        """A unit of work: all of it is stored when the block ends, nothing of it if it fails.

        Inside another of the same thread it is a part of that one.
        """
        outer: Connection | None = getattr(self._own, "connection", None)
        with told(self.place):
            if outer is not None:
                yield outer
                return
            with self._engine.begin() as connection:
                self._own.connection = connection
                try:
                    yield connection
                finally:
                    self._own.connection = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """What is stored, and what the unit of work of this thread has written so far."""
        outer: Connection | None = getattr(self._own, "connection", None)
        with told(self.place):
            if outer is not None:
                yield outer
                return
            with self._engine.connect().execution_options(**{READS: True}) as connection:
                yield connection

    def give_back(self) -> bool:
        """Give pages of an SQLite file that nothing is in back to the disk, some thousands at
        most; whether more may be left. PostgreSQL sees to that itself."""
        if self._engine.dialect.name != "sqlite":
            return False
        with self.unit() as connection:
            free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
            # Each row that is fetched frees a page; SQLAlchemy fetches no rows without columns.
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA incremental_vacuum({PAGES})").fetchall()
            left = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        return bool(0 < left < free)

    def check(self) -> None:
        """Read all of an SQLite file to see whether it is whole; PostgreSQL sees to that itself.

        Raises StoreError if it is damaged.
        """
        if self._engine.dialect.name != "sqlite":
            return
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if found != "ok":
            raise StoreError(self.place, f"is damaged ({found}): restore the last backup")


def put(
    connection: Connection,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    change: Sequence[str] | None = None,
) -> None:
    """Insert rows; where the key is there already, take the new values of the columns to `change`:
    all if None, nothing if empty."""
    given = list(rows)
    if given:
        columns = None if change is None else tuple(change)
        connection.execute(_upsert(table, connection.dialect.name, columns), given)


@cache
def _upsert(table: Table, dialect: str, change: tuple[str, ...] | None) -> Insert:
    """The statement of `put`; to make it takes as long as to execute it."""
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    keys = [c.name for c in table.primary_key]
    columns = [c.name for c in table.columns if c.name not in keys] if change is None else change
    if not columns:
        return insert.on_conflict_do_nothing(index_elements=keys)
    return insert.on_conflict_do_update(
        index_elements=keys, set_={name: insert.excluded[name] for name in columns}
    )


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as e:
        raise ConfigurationError(
            "store: no URL of a database: sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from e
    kind = address.get_backend_name()
    if kind == "sqlite":
        if not address.database or address.database == ":memory:":
            raise ConfigurationError("store: name a file: sqlite:///FILE")
        return address.set(drivername="sqlite")
    if kind in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    raise ConfigurationError(f"store: {kind} is not supported; SQLite and PostgreSQL are")


def engine_of(url: str, *, make_folder: bool = True) -> Engine:
    """The engine of a store, which makes the file's folder. A transaction of its connections holds
    the changes of tables too. Raises ConfigurationError, StoreError."""
    address, place = _address(url), without_password(url)
    if address.get_backend_name() == "sqlite":
        if make_folder:
            _make_folder(Path(str(address.database)).absolute().parent, place)
        engine = create_engine(address, connect_args={"timeout": WAIT_SECONDS})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(
            address, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_SECONDS}
        )
    except ModuleNotFoundError as e:
        raise StoreError(place, "PostgreSQL needs psycopg: pip install 'mtaudit[postgres]'") from e


def _make_folder(folder: Path, place: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise StoreError(place, f"{folder} cannot be made: {e.strerror}") from e


def _set_up_sqlite(connection: Any, _: object) -> None:
    """Readers do not wait for the writer (WAL), and what is stored stays after a power cut. A file
    that is new can give space back."""
    connection.isolation_level = None  # sqlite3 must not begin transactions of its own
    for pragma in (
        "auto_vacuum=INCREMENTAL",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: one that had read first could not wait for it later."""
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
