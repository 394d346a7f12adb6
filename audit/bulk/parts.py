"""A folder of parts: what a long run has finished stays, and the next run goes on after it.

    part-00000.jsonl   results, one a line, in the order of the input
    _run.json          what the results depend on besides the input: version, settings, form
    _parts.jsonl       one line for each finished part, with the digest of its input
    _SUCCESS           empty; there when the input has been read to its end

The names are those of Hadoop and Spark, whose readers pass over what begins with `_` or a dot. A
part is written under another name, forced to the disk, renamed, and then noted in `_parts.jsonl`: a
run that is killed loses the part it was writing, and no other.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

from audit.bulk import PartForm
from audit.bulk.chunks import CHUNK_CHARS, CHUNK_STORIES, Audited, Chunk, Summary, write
from audit.bulk.table import Lines, ParquetLines
from audit.config import Settings
from audit.disk import sync, write_whole
from audit.errors import InputError
from audit.version import __version__

__all__ = ["Parts", "recipe"]

RUN, FINISHED, SUCCESS, LOCK = "_run.json", "_parts.jsonl", "_SUCCESS", ".lock"


def recipe(settings: Settings, size: int, form: PartForm) -> dict[str, Any]:
    """What parts depend on besides the input; parts of two recipes do not go together."""
    baseline = Path(settings.baseline) if settings.baseline else None
    return {
        "mtaudit": __version__,
        "chunk": [CHUNK_STORIES, CHUNK_CHARS],
        "part_size": size,
        "format": form,
        "baseline": sha256(baseline.read_bytes()).hexdigest()[:16] if baseline else None,
        **json.loads(settings.recipe()),
    }


class Parts:
    """The parts in a folder, which is made if need be; `size` is the least number of stories in a
    part, which ends with a chunk. Use it as a context manager: one run at a time has the folder.

    Raises InputError, saying what to do, if the folder cannot be used, if another run has it, if
    it holds something else, or parts made by another recipe.
    """

    def __init__(self, folder: Path, recipe: Mapping[str, Any]) -> None:
        from filelock import FileLock

        self._folder = folder
        self._recipe = recipe
        self._size: int = recipe["part_size"]
        self._form: PartForm = recipe["format"]
        self._lock = FileLock(folder / LOCK, timeout=0)
        self._finished: list[dict[str, Any]] = []
        self._total = Summary()

    def __enter__(self) -> Parts:
        from filelock import Timeout

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            try:
                self._read()
            except BaseException:
                self._lock.release()
                raise
        except Timeout as e:
            raise self._refused("another run writes there; wait for its end") from e
        except OSError as e:
            raise self._refused(f"cannot be used: {e.strerror}") from e
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    @property
    def finished(self) -> int:
        """How many parts are there already."""
        return len(self._finished)

    @property
    def chunks(self) -> int:
        """How many chunks of the input they were made from."""
        return sum(part["chunks"] for part in self._finished)

    @property
    def summary(self) -> Summary:
        """What they hold."""
        return self._total

    def pass_over(self, chunks: Iterator[Chunk]) -> None:
        """Read the chunks that the finished parts were made from.

        Raises InputError if they are not the same.
        """
        for number, part in enumerate(self._finished):
            made_from = sha256()
            stories = 0
            while stories < self._size and (chunk := next(chunks, None)):
                made_from.update(chunk.digest().encode())
                stories += len(chunk.stories)
            if made_from.hexdigest() != part["input"]:
                raise self._refused(
                    f"{_name(number, self._form)} was made from other stories than the input has "
                    "there now; name an empty folder, or give the input as it was"
                )

    def write(
        self, results: Iterator[Audited], progress: Callable[[int], None] | None = None
    ) -> Summary:
        """Write the rest of the parts; returns what all parts hold together."""
        (self._folder / SUCCESS).unlink(missing_ok=True)
        while first := next(results, None):
            self._write_part(chain([first], results), progress)
        (self._folder / SUCCESS).touch()
        sync(self._folder)
        return self._total

    def _write_part(
        self, results: Iterator[Audited], progress: Callable[[int], None] | None
    ) -> None:
        before = self._total.stories
        taken: list[str] = []

        def of_part() -> Iterator[Audited]:
            stories = 0
            while stories < self._size and (result := next(results, None)):
                stories += result.summary.stories
                taken.append(result.chunk)
                yield result

        name = _name(self.finished, self._form)
        unfinished = self._folder / f".{name}.unfinished"
        try:
            with unfinished.open("wb") as file:
                with _lines(file, self._form) as out:
                    summary = write(of_part(), out, progress and (lambda n: progress(before + n)))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._folder / name)
            sync(self._folder)
        except OSError as e:
            raise self._refused(f"{name} cannot be written: {e.strerror}") from e
        part = {
            "file": name,
            "input": sha256("".join(taken).encode()).hexdigest(),
            "chunks": len(taken),
            "summary": asdict(summary),
        }
        with (self._folder / FINISHED).open("ab") as file:
            file.write(json.dumps(part).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._add(part)

    def _add(self, part: dict[str, Any]) -> None:
        self._finished.append(part)
        self._total += Summary(**part["summary"])

    def _read(self) -> None:
        """What an earlier run left, if there was one; else note what this one is."""
        run = self._folder / RUN
        if not run.exists():
            if others := [
                f.name for f in self._folder.iterdir() if f.name not in (LOCK, f".{RUN}")
            ]:
                why = f"holds {sorted(others)[0]}, which is no part; name an empty folder"
                raise self._refused(why)
            self._note_run(run)
            return
        self._check(run.read_bytes())
        finished = self._folder / FINISHED
        if not finished.exists():
            return
        whole = finished.read_bytes().rpartition(b"\n")[0]
        parts = {}
        for line in whole.splitlines():
            part = json.loads(line)
            parts[part["file"]] = part
        while part := parts.get(name := _name(self.finished, self._form)):
            if not (self._folder / name).exists():
                break
            self._add(part)
        # What a run that was killed began to note, and what came after a part that was taken away.
        kept = b"".join(json.dumps(p).encode() + b"\n" for p in self._finished)
        write_whole(finished, kept)

    def _note_run(self, run: Path) -> None:
        write_whole(run, json.dumps(self._recipe, indent=1).encode() + b"\n")

    def _check(self, noted: bytes) -> None:
        try:
            before = json.loads(noted)
        except ValueError as e:
            raise self._refused(f"{RUN} cannot be read ({e}); name an empty folder") from e
        now = json.loads(json.dumps(self._recipe))
        if other := [k for k in {**before, **now} if before.get(k) != now.get(k)]:
            changes = ", ".join(f"{k} was {_shown(before, k)}, is {_shown(now, k)}" for k in other)
            raise self._refused(
                f"holds parts of a run that was not like this one: {changes}; run it as before, or "
                "name an empty folder"
            )

    def _refused(self, why: str) -> InputError:
        return InputError(str(self._folder), why)


def _name(number: int, form: PartForm) -> str:
    return f"part-{number:05}.{form}"


def _shown(values: Mapping[str, Any], key: str) -> str:
    return json.dumps(values[key], ensure_ascii=False) if key in values else "not known"


@contextmanager
def _lines(file: IO[bytes], form: PartForm) -> Iterator[Lines]:
    if form == "parquet":
        with ParquetLines(file) as table:
            yield table
    elif form == "jsonl.gz":
        # No name and time in the header: the same input gives the same bytes.
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
            yield cast(IO[bytes], packed)
    else:
        yield file
