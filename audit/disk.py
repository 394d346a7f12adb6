"""Writes files so that a crash leaves either the old or the new one."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(file: Path, data: bytes) -> None:
    """Write a file as a whole or not at all; it is on the disk when this returns.

    A file that is there keeps its permissions. Raises OSError.
    """
    new = file.with_name(f".{file.name}.new")
    with new.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    if file.exists():
        new.chmod(file.stat().st_mode)
    new.replace(file)
    sync(file.parent)


def sync(folder: Path) -> None:
    """Force the names in a folder to the disk, where the system can. Raises OSError."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
