"""Write reports to files; a file appears under its name only when it is complete."""

from __future__ import annotations

import gzip
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from audit.errors import InputError
from audit.report.formats import FORMATS, Reports

__all__ = ["write_reports", "writer"]


def write_reports(reports: Reports, names: Iterable[str], folder: Path) -> None:
    """Write a result into a folder, which is made if need be, in formats of `FORMATS`.

    Raises InputError if the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise InputError(str(folder), f"cannot be made: {e.strerror}") from e
    for name in names:
        with writer(str(folder / FORMATS[name].file)) as out:
            out.write(reports.render(name))


@contextmanager
def writer(path: str) -> Iterator[IO[bytes]]:
    """Where the output goes: `-` is standard output, `.gz` is compressed.

    A file appears under its name only when it is complete. Raises InputError if it cannot be
    written.
    """
    if path == "-":
        yield sys.stdout.buffer
        return
    target = Path(path)
    try:
        in_place = target.exists() and not stat.S_ISREG(target.stat().st_mode)
        if target.is_dir():
            raise InputError(path, "is a folder; name a file to write")
        raw = target.open("wb") if in_place else _temporary_beside(target)
    except OSError as e:
        raise InputError(path, f"cannot be written: {e.strerror}") from e
    if in_place:  # a pipe or device
        with raw:
            yield raw
        return
    try:
        with raw:
            if target.suffix == ".gz":
                # No name and time in the header: the same input gives the same bytes.
                with gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed:
                    yield cast(IO[bytes], packed)
            else:
                yield raw
        umask = os.umask(0)
        os.umask(umask)
        Path(raw.name).chmod(0o666 & ~umask)
        Path(raw.name).replace(target)
    except BaseException:
        Path(raw.name).unlink(missing_ok=True)
        raise


def _temporary_beside(target: Path) -> IO[bytes]:
    return cast(
        IO[bytes],
        tempfile.NamedTemporaryFile(prefix=f".{target.name}.", dir=target.parent, delete=False),
    )
