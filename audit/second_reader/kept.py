"""What a second reader said, in one file that may be deleted at any time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

WAIT_SECONDS = 10.0
"""How long a process waits for another that is writing."""


class KeptInFile:
    """`audit.model.Kept` in one SQLite file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is known of the keys."""
        if not self._file.is_file():
            return {}
        query = "SELECT value FROM kept WHERE kind = ? AND key = ?"
        with self._open() as db:
            rows = {key: db.execute(query, (kind, key)).fetchone() for key in keys}
        return {key: row[0] for key, row in rows.items() if row is not None}

    def put(self, kind: str, values: Mapping[bytes, bytes]) -> None:
        """Keep values for the next process."""
        if not values:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as db, db:
            rows = [(kind, key, value) for key, value in values.items()]
            db.executemany("INSERT OR IGNORE INTO kept VALUES (?, ?, ?)", rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=WAIT_SECONDS)) as db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS kept"
                " (kind TEXT, key BLOB, value BLOB, PRIMARY KEY (kind, key))"
            )
            yield db
