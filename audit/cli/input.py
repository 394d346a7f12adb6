"""What `check` reads: one text and the versions to compare it with."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from itertools import count

from audit.config import Settings
from audit.errors import InputError
from audit.ingest.read import read_version
from audit.model import Skipped, Version


@dataclass(frozen=True, slots=True)
class Checked:
    """The text to check and its witnesses; `files` maps a version id to what the user named."""

    version: Version
    witnesses: tuple[Version, ...]
    files: dict[str, str]
    skipped: tuple[Skipped, ...]

    @property
    def paths(self) -> dict[str, str]:
        """`files` without standard input, which other tools cannot open."""
        return {version: file for version, file in self.files.items() if file != "-"}


def read_checked(source: str, others: Sequence[str], settings: Settings) -> Checked:
    """Read the text and its witnesses; a witness that cannot be read is skipped.

    Raises InputError if the text itself cannot be read.
    """
    version = read_version(source, settings)
    files = {version.id: source}
    witnesses: list[Version] = []
    skipped: list[Skipped] = []
    for other in others:
        try:
            witness = read_version(other, settings)
        except InputError as e:
            skipped.append(Skipped("input", str(e)))
            continue
        if other in files.values():
            raise InputError(other, "is given twice; a text cannot be its own witness")
        if witness.id in files:  # files of one name from different folders
            witness = replace(witness, id=_free_id(witness.id, files))
        files[witness.id] = other
        witnesses.append(witness)
    return Checked(version, tuple(witnesses), files, tuple(skipped))


def _free_id(wanted: str, taken: Container[str]) -> str:
    return next(i for i in (f"{wanted} ({n})" for n in count(2)) if i not in taken)
