"""What a model said of texts, kept on disk by their hash: a text is read by a model only once."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from audit.measure.alternatives import Better
from audit.model import Doubt

WAIT_SECONDS = 10.0
"""How long a process waits for another that is writing."""
CHUNK = 500
"""Keys asked for at once: below SQLite's limit of variables."""

Scores = tuple[
    tuple[tuple[int, int], ...], tuple[float, ...], tuple[Better, ...], tuple[Doubt, ...]
]
"""Spans of the pieces, their nats, and better words and doubts where they were asked for."""


class Memory:
    """One SQLite file of surprisals; it belongs to one model and may be deleted at any time."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Scores]:
        """What is known of the keys."""
        if not keys or not self.file.is_file():
            return {}
        found: dict[bytes, Scores] = {}
        with self._open() as db:
            for at in range(0, len(keys), CHUNK):
                some = keys[at : at + CHUNK]
                marks = ",".join("?" * len(some))
                query = f"SELECT * FROM scores WHERE key IN ({marks})"  # noqa: S608
                for key, spans, nats, alternatives, doubts in db.execute(query, some):
                    places = array("i", spans)
                    found[key] = (
                        tuple(zip(places[::2], places[1::2], strict=True)),
                        tuple(array("d", nats)),
                        tuple(map(tuple, json.loads(alternatives))),
                        tuple(Doubt(*pair) for pair in json.loads(doubts)),
                    )
        return found

    def put(self, scores: Mapping[bytes, Scores]) -> None:
        """Keep scores for the next process."""
        if not scores:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        rows = [
            (
                key,
                array("i", [n for span in spans for n in span]).tobytes(),
                array("d", nats).tobytes(),
                json.dumps(alternatives),
                json.dumps([(d.any, d.serious) for d in doubts]),
            )
            for key, (spans, nats, alternatives, doubts) in scores.items()
        ]
        with self._open() as db, db:
            db.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?)", rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.file, timeout=WAIT_SECONDS)) as db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS scores"
                " (key BLOB PRIMARY KEY, spans BLOB, nats BLOB, alternatives TEXT, doubts TEXT)"
            )
            yield db
