"""The databases that the store is tested on: SQLite files, and a PostgreSQL server of our own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

NewUrl = Callable[[], str]
"""Gives the URL of a database that is new and empty."""

_numbers = count()


class Server:
    """A PostgreSQL server on a loopback port, as the user postgres if the tests run as root."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="mtaudit-postgresql-"))
        if self._user:
            shutil.chown(self._folder, self._user)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", "mtaudit", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    def start(self) -> None:
        # After a vacuum of the catalogue the next connection writes a file of its own: where a disk
        # is full, that connection fails, and not what the test is about.
        options = f"-h 127.0.0.1 -p {self.port} -k {self._folder} -F -c autovacuum=off"
        log = str(self._folder / "log")
        self._run(
            "pg_ctl", "-D", str(self._folder / "data"), "-w", "-l", log, "-o", options, "start"
        )

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-m", mode, "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def new_url(self, disk: Path | None = None) -> str:
        """A new database, on a disk of its own if one is named."""
        name = f"t{next(_numbers)}"
        where = ""
        if disk:
            space = disk / name
            space.mkdir()
            if self._user:
                shutil.chown(space, self._user)
            self._execute("postgres", f"CREATE TABLESPACE {name} LOCATION '{space}'")
            where = f" TABLESPACE {name}"
        self._execute("postgres", f"CREATE DATABASE {name}{where}")
        return f"postgresql://mtaudit@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        """Remove a database that has a disk of its own."""
        name = url.rpartition("/")[2]
        self._execute("postgres", f"DROP DATABASE {name} WITH (FORCE)")
        self._execute("postgres", f"DROP TABLESPACE {name}")

    def file_of(self, url: str, table: str) -> Path:
        """The file that holds a table."""
        found = self._execute(url.rpartition("/")[2], f"SELECT pg_relation_filepath('{table}')")
        return self._folder / "data" / found

    def _execute(self, database: str, statement: str) -> str:
        import psycopg

        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="mtaudit", dbname=database, autocommit=True
        ) as connection:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
        return str(row[0]) if row else ""

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self._folder,
            user=self._user,
            # the server keeps what it inherits: a pipe would never end
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 0, f"{program} failed, see {self._folder}"


def programs() -> Path | None:
    """Where the server's programs are; Debian keeps them off the path."""
    own = shutil.which("initdb")
    found = [Path(own).resolve().parent] if own else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in found if (f / "pg_ctl").is_file()), None)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server; without one installed the test is skipped."""
    pytest.importorskip("psycopg", reason="needs psycopg (mtaudit[postgres])")
    where = programs()
    if where is None:
        pytest.skip("needs PostgreSQL (Debian: apt-get install postgresql)")
    server = Server(where)
    yield server
    server.remove()


@pytest.fixture
def new_sqlite(tmp_path: Path) -> NewUrl:
    """Makes empty SQLite files."""
    return lambda: f"sqlite:///{tmp_path}/{next(_numbers)}.sqlite"


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, new_sqlite: NewUrl) -> NewUrl:
    """Makes empty databases: SQLite files in one run of the test, PostgreSQL's in the other."""
    if request.param == "sqlite":
        return new_sqlite
    server: Server = request.getfixturevalue("postgresql")
    return server.new_url
