"""Brings the tables of a database to those of this release, after a backup.

`migrations/versions` holds one file a version (alembic). A migration runs in one transaction: a
process that is killed in it leaves the old tables.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL

from audit.errors import StoreError

SCRIPTS = Path(__file__).with_name("migrations")
VERSION_TABLE = "alembic_version"
READS = "audit_reads"
"""Execution option of a connection that will not write."""
_LOCK = 0x6D746175
"""Number of the lock that a PostgreSQL migration holds: "mtau"."""


def migrate(engine: Engine, place: str, *, backup: bool, scripts: Path = SCRIPTS) -> None:
    """Make the tables, or bring them from an older version to the newest of `scripts`.

    Raises StoreError if the database is of a newer release or of another program, or if no backup
    can be made and `backup` is true.
    """
    known = ScriptDirectory(str(scripts))
    if version_of(engine, place, known) == known.get_current_head():
        return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        # Another process may have migrated it while this one waited for the lock.
        found = _version_in(connection, place, known)
        if found == known.get_current_head():
            return
        if found is not None and backup:
            back_up(engine.url, place, found)
        context = MigrationContext.configure(
            connection,
            opts={
                "fn": lambda rev, _: known._upgrade_revs("head", rev),
                "transactional_ddl": True,
                "script": known,
            },
        )
        with Operations.context(context):
            context.run_migrations()


def back_up(address: URL, place: str, version: str) -> Path:
    """Copy a database to a file beside it, PostgreSQL to a dump of pg_dump; returns the file.

    Dumps go to `$XDG_STATE_HOME/mtaudit/backups`. Raises StoreError if that fails.
    """
    stamp = f"{version}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if address.get_backend_name() == "sqlite":
        file = Path(str(address.database)).absolute()
        copy = file.with_name(f"{file.name}.{stamp}.bak")
        return _copied(file, copy)
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    dump = home / "mtaudit" / "backups" / f"{address.database}.{stamp}.dump"
    return _dumped(address, dump, place)


def version_of(engine: Engine, place: str, known: ScriptDirectory) -> str | None:
    """The version of the tables; None if there are none yet.

    Raises StoreError if the database is of a newer release or of another program.
    """
    with engine.connect().execution_options(**{READS: True}) as connection:
        return _version_in(connection, place, known)


def _version_in(connection: Connection, place: str, known: ScriptDirectory) -> str | None:
    tables = inspect(connection).get_table_names()
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None and tables and tables != [VERSION_TABLE]:
        raise StoreError(
            place,
            "holds tables of another program; give mtaudit a database of its own",
        )
    if found is not None and found not in {s.revision for s in known.walk_revisions()}:
        raise StoreError(
            place,
            f"was made by a newer release of mtaudit (tables {found}, this release knows them up "
            f"to {known.get_current_head()}): install that release or name another store",
        )
    return found


def _copied(file: Path, copy: Path) -> Path:
    """A whole copy of an SQLite file, which others may be reading."""
    part = copy.with_suffix(".part")
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(part)) as new:
        old.backup(new)
    return part.replace(copy)


def _dumped(address: URL, dump: Path, place: str) -> Path:
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreError(
            place,
            "is of an older release, and pg_dump, which would back it up first, is not here: "
            "install the PostgreSQL client, or back it up yourself and set store_backup = false",
        )
    part = dump.with_suffix(".part")
    secret = {"PGPASSWORD": address.password} if address.password else {}
    open_address = address.set(drivername="postgresql")._replace(password=None)
    try:
        dump.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(  # noqa: S603
            [
                program,
                "--format=custom",
                f"--file={part}",
                f"--dbname={open_address.render_as_string()}",
            ],
            env=os.environ | secret,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as e:
        raise StoreError(place, f"cannot be backed up to {dump}: {e.strerror}") from e
    if done.returncode:
        why = " ".join(done.stderr.split())
        raise StoreError(
            place,
            f"cannot be backed up before it is migrated ({why}): mend that, or back it up "
            "yourself and set store_backup = false",
        )
    return part.replace(dump)
