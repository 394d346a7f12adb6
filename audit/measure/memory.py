"""What a model said of texts, kept on disk by their hash: a text is read by a model only once."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from audit.measure.alternatives import Better
from audit.measure.expected import Found
from audit.model import Doubt, Kept

WAIT_SECONDS = 10.0
"""How long a process waits for another that is writing."""
MOST_BYTES = 512 * 2**20
"""Most that a file holds, at 1 to 2 kB a sentence: above it, what was kept first is dropped."""
DROPPED = 4
"""One value in so many is dropped then."""
CHUNK = 500
"""Keys asked for at once: below SQLite's limit of variables."""

Scores = tuple[
    tuple[tuple[int, int], ...],
    tuple[float, ...],
    tuple[Better, ...],
    tuple[Doubt, ...],
    tuple[Found, ...],
]
"""Spans of the pieces, their nats, and better words, doubts and what was expected where they were
asked for."""


class ScoreKeeper(Protocol):
    """Where scores of one model are kept."""

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Scores]:
        """What is known of the keys."""

    def put(self, scores: Mapping[bytes, Scores]) -> None:
        """Keep scores for the next process."""


class KeptScores:
    """The scores of one model in a store; `kind` names the model and what it was asked."""

    def __init__(self, kept: Kept, kind: str) -> None:
        self._kept = kept
        self._kind = kind

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Scores]:
        """What is known of the keys."""
        return {key: _unpacked(data) for key, data in self._kept.get(self._kind, keys).items()}

    def put(self, scores: Mapping[bytes, Scores]) -> None:
        """Keep scores for the next process."""
        self._kept.put(self._kind, {key: _packed(s) for key, s in scores.items()})


class Memory:
    """One SQLite file of surprisals; it belongs to one model and may be deleted at any time.

    It holds about `most_bytes` at most; the file does not shrink.
    """

    def __init__(self, file: Path, most_bytes: int = MOST_BYTES) -> None:
        self.file = file
        self._most_bytes = most_bytes

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
                for key, *columns in db.execute(query, some):
                    found[key] = _from_columns(*columns)
        return found

    def put(self, scores: Mapping[bytes, Scores]) -> None:
        """Keep scores for the next process."""
        if not scores:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        rows = [(key, *_columns(s)) for key, s in scores.items()]
        with self._open() as db, db:
            db.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?, ?)", rows)
            if _bytes_in(db) > self._most_bytes:
                db.execute(
                    "DELETE FROM scores WHERE rowid <="
                    " (SELECT min(rowid) + (max(rowid) - min(rowid)) / ? FROM scores)",
                    (DROPPED,),
                )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.file, timeout=WAIT_SECONDS)) as db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS scores"
                " (key BLOB PRIMARY KEY, spans BLOB, nats BLOB, alternatives TEXT, doubts TEXT,"
                " expected TEXT)"
            )
            yield db


def _bytes_in(db: sqlite3.Connection) -> int:
    """The size of what a database holds; what was dropped leaves pages that are used again."""
    (pages,), (free,), (size,) = (
        db.execute(f"PRAGMA {name}").fetchone()
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _columns(scores: Scores) -> tuple[bytes, bytes, str, str, str]:
    spans, nats, alternatives, doubts, expected = scores
    return (
        array("i", [n for span in spans for n in span]).tobytes(),
        array("d", nats).tobytes(),
        json.dumps(alternatives),
        json.dumps([(d.any, d.serious) for d in doubts]),
        json.dumps(expected),
    )


def _from_columns(
    spans: bytes, nats: bytes, alternatives: str, doubts: str, expected: str
) -> Scores:
    places = array("i", spans)
    return (
        tuple(zip(places[::2], places[1::2], strict=True)),
        tuple(array("d", nats)),
        tuple(map(tuple, json.loads(alternatives))),
        tuple(Doubt(*pair) for pair in json.loads(doubts)),
        tuple((a, b, tuple(ids), tuple(n)) for a, b, ids, n in json.loads(expected)),
    )


def _packed(scores: Scores) -> bytes:
    """The columns as one value: each after its length in four bytes."""
    parts = [c.encode() if isinstance(c, str) else c for c in _columns(scores)]
    return b"".join(len(part).to_bytes(4, "little") + part for part in parts)


def _unpacked(data: bytes) -> Scores:
    parts, at = [], 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "little")
        parts.append(data[at + 4 : end])
        at = end
    spans, nats, *texts = parts
    return _from_columns(spans, nats, *(text.decode() for text in texts))
