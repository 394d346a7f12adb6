"""Bulk files: JSON lines or Parquet to stories, one by one, in bounded memory.

A row of Parquet has the fields of a JSON line: `id`, and `versions`, a list of structs.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from audit.errors import InputError
from audit.ingest.notes import META
from audit.model import Version

if TYPE_CHECKING:
    import pyarrow as pa

STDIN = "stdin"
"""Version id of what came on standard input."""

LINE_BYTES = 64_000_000
"""Longest line of a bulk file, bytes."""

BULK_SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".parquet")
"""Names of the bulk files in a folder end so."""

PARQUET = b"PAR1"
"""How a Parquet file begins."""

PARQUET_ROWS = 32
"""Rows of a Parquet file that are read at once."""


@dataclass(frozen=True, slots=True)
class BulkStory:
    """One line of a bulk file."""

    id: str
    versions: tuple[Version, ...]


def bulk_files(sources: Sequence[str]) -> list[str]:
    """The bulk files that are named, and those in the folders that are named, sorted by name.

    Files of a folder whose names begin with a dot or `_` are passed over, as Spark and Hadoop do.
    Raises InputError for a folder without bulk files.
    """
    files: list[str] = []
    for source in sources:
        folder = Path(source)
        if source == "-" or not folder.is_dir():
            files.append(source)
            continue
        found = [
            str(f)
            for f in sorted(folder.iterdir())
            if f.name.lower().endswith(BULK_SUFFIXES) and not f.name.startswith((".", "_"))
        ]
        if not found:
            raise InputError(
                source, f"holds no bulk file (those end in {', '.join(BULK_SUFFIXES)})"
            )
        files += found
    return files


def read_bulk_files(files: Sequence[str]) -> Iterator[tuple[int, BulkStory | InputError]]:
    """The stories of several bulk files one after another, each with its number in its file.

    Raises InputError when the turn comes to a file that cannot be opened.
    """
    for file in files:
        yield from read_bulk(file)


def read_bulk(path: str | Path) -> Iterator[tuple[int, BulkStory | InputError]]:
    """The stories of a bulk file (JSON lines, plain or gzip, or Parquet; "-" is JSON lines on
    standard input), as they come.

    Yields the number of the line or row, from 1, with the story or with what is wrong with it;
    blank lines are passed over. Raises InputError if the file cannot be opened.
    """
    source = STDIN if str(path) == "-" else str(path)
    records = _parquet_rows(Path(path)) if _is_parquet(path) else _json_records(path)
    for number, record in records:
        try:
            yield number, story_of(_raised(record), f"{source}:{number}")
        except InputError as e:
            yield number, e


def _raised(record: object) -> object:
    if isinstance(record, InputError):
        raise record
    return record


def _json_records(path: str | Path) -> Iterator[tuple[int, object]]:
    """The objects of the lines that are not blank; an error in place of one that has none."""
    source = STDIN if str(path) == "-" else str(path)
    for number, line in json_lines(path):
        if isinstance(line, InputError):
            yield number, line
        elif line.strip():
            try:
                yield number, _decoded(line, f"{source}:{number}")
            except InputError as e:
                yield number, e


def _is_parquet(path: str | Path) -> bool:
    if str(path) == "-" or not Path(path).is_file():  # a pipe can be read only once
        return False
    try:
        with Path(path).open("rb") as f:
            return f.read(len(PARQUET)) == PARQUET
    except OSError as e:
        raise InputError(str(path), f"cannot be read: {e.strerror}") from e


def _parquet_rows(path: Path) -> Iterator[tuple[int, object]]:
    """The rows of a Parquet file as they would stand in JSON; an error in place of what is damaged.

    Raises InputError if the file cannot be opened or lacks a column.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        # Pages are read as they are needed: a row group may be larger than the memory.
        file = ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
    except (pa.ArrowException, OSError) as e:
        raise InputError(str(path), f"cannot be read: {e}") from e
    number = 0
    with file:
        if lacking := {"id", "versions"} - set(file.schema_arrow.names):
            raise InputError(
                str(path),
                f"has no column {', '.join(sorted(lacking))}; a row is a story with id and "
                "versions, a list of structs with id and text",
            )
        try:
            for batch in file.iter_batches(PARQUET_ROWS, columns=["id", "versions"]):
                for i in range(batch.num_rows):
                    number += 1
                    yield number, _row(batch.slice(i, 1), f"{path}:{number}")
        except (pa.ArrowException, OSError) as e:
            place = f"{path}:{number + 1}"
            yield number + 1, InputError(place, f"the file is damaged from here on: {e}")


def _row(batch: pa.RecordBatch, place: str) -> object:
    try:
        (row,) = batch.to_pylist()
    except UnicodeDecodeError as e:
        return InputError(place, f"a text is not valid UTF-8: {e}")
    return row


def json_lines(path: str | Path) -> Iterator[tuple[int, bytes | InputError]]:
    """The lines of a file (plain or gzip; "-" is standard input) with their numbers, from 1.

    An error stands in place of a line that cannot be read. Raises InputError if the file cannot be
    opened.
    """
    source = STDIN if str(path) == "-" else str(path)
    with ExitStack() as opened:
        try:
            raw: IO[bytes] = (
                sys.stdin.buffer
                if str(path) == "-"
                else opened.enter_context(Path(path).open("rb"))
            )
        except OSError as e:
            raise InputError(source, f"cannot be read: {e.strerror}") from e
        yield from enumerate(_lines(raw, source), 1)


def _lines(raw: IO[bytes], source: str) -> Iterator[bytes | InputError]:
    """The lines of a plain or gzip stream; an error in place of one that cannot be read."""
    buffered = io.BufferedReader(raw)  # type: ignore[type-var]
    packed = buffered.peek(2)[:2] == b"\x1f\x8b"
    stream = gzip.GzipFile(fileobj=buffered) if packed else buffered
    number = 0
    while True:
        number += 1
        place = f"{source}:{number}"
        try:
            line = stream.readline(LINE_BYTES + 1)
            too_long = len(line) > LINE_BYTES
            while too_long and line and not line.endswith(b"\n"):
                line = stream.readline(LINE_BYTES)
        except (OSError, EOFError, zlib.error) as e:
            yield InputError(place, f"the file is damaged from here on: {e}")
            return
        if too_long:
            yield InputError(place, f"longer than {LINE_BYTES:,} bytes")
        elif line:
            yield line
        else:
            return


def bulk_story(line: bytes, place: str) -> BulkStory:
    """One line of a bulk file. Raises InputError saying what is wrong with it."""
    return story_of(_decoded(line, place), place)


def _decoded(line: bytes, place: str) -> object:
    try:
        return json.loads(line.decode("utf-8-sig" if place.endswith(":1") else "utf-8"))
    except UnicodeDecodeError as e:
        why = f"byte 0x{line[e.start]:02x} at offset {e.start} of the line is not valid UTF-8"
        raise InputError(place, why) from e
    except ValueError as e:
        raise InputError(place, f"not valid JSON: {e}") from e
    except RecursionError as e:
        raise InputError(place, "not valid JSON: nested too deeply") from e


def story_of(record: object, place: str) -> BulkStory:
    """The story of one object. Raises InputError saying what is wrong with it."""
    if not isinstance(record, dict):
        raise InputError(place, f"a story is an object, this is {_kind(record)}")
    versions = record.get("versions")
    if not isinstance(versions, list) or not versions:
        raise InputError(place, f'"versions" must be a list of versions, is {_kind(versions)}')
    read = tuple(_bulk_version(v, f"{place}: version {i}") for i, v in enumerate(versions, 1))
    twice = [v for v, n in Counter(v.id for v in read).items() if n > 1]
    if twice:
        raise InputError(place, f"two versions have the id {twice[0]!r}; give each its own")
    return BulkStory(_string(record, "id", place), read)


def _bulk_version(value: object, place: str) -> Version:
    if not isinstance(value, dict):
        raise InputError(place, f"a version is an object, this is {_kind(value)}")
    more: dict[str, Any] = {k: _string(value, k, place) for k in META if value.get(k) is not None}
    text = value.get("text")
    if not isinstance(text, str):
        raise InputError(place, f'"text" must be a string, is {_kind(text)}')
    return Version(id=_string(value, "id", place), text=text, **more)


def _string(table: Mapping[str, Any], key: str, place: str) -> str:
    """A non-empty string that can be written again."""
    value = table.get(key)
    if isinstance(value, date):  # Parquet has a type for it
        value = value.isoformat()
    if not isinstance(value, str) or not value:
        raise InputError(place, f'"{key}" must be a string, is {_kind(value)}')
    try:
        value.encode()
    except UnicodeEncodeError as e:
        raise InputError(place, f'"{key}" has half a character at {e.start}') from e
    return value


def _kind(value: object) -> str:
    """A JSON value's kind in words."""
    if value is None:
        return "missing"
    if value in ("", []):
        return "empty"
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return names.get(type(value), "a number")
