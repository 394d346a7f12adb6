"""What `check --fix` does: the sure suggestions as a patch, and into the file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from audit.errors import InputError
from audit.model import AuditResult, Finding
from audit.report.patch import applied, sure, unified
from audit.report.write import writer


@dataclass(frozen=True, slots=True)
class Fix:
    """A text as it is and as its sure suggestions make it, with these."""

    source: str
    before: str
    findings: tuple[Finding, ...]

    @property
    def after(self) -> str:
        """The text with the suggestions."""
        return applied(self.before, self.findings)

    def patch(self) -> bytes:
        """The change as a unified patch, in UTF-8."""
        path = Path(self.source)
        name = os.path.relpath(path) if path.is_absolute() else path.as_posix()
        return unified(self.before, self.after, name).encode()

    def write(self) -> None:
        """Write the text into its file, whole or not at all. InputError if it changed meanwhile."""
        path = Path(self.source)
        if _plain(path) != self.before:
            raise InputError(self.source, "changed while it was checked: check it again")
        if self.findings:
            mode = path.stat().st_mode & 0o777
            with writer(str(path.resolve())) as out:
                out.write((_mark(path) + self.after).encode())
            path.chmod(mode)


def fix_of(source: str, result: AuditResult) -> Fix:
    """The fix of a file that was checked.

    Raises InputError if the source is no file, or no plain text in UTF-8: there, offsets count in
    the text that was taken out of it.
    """
    (version,) = (v.version for v in result.versions if v.version.id == result.story)
    path = Path(source)
    if not path.is_file() or _plain(path) != version.text:
        raise InputError(source, "--fix mends plain text files in UTF-8, not pages or other input")
    return Fix(source, version.text, sure(result.findings))


def _plain(path: Path) -> str | None:
    """The text of a file as it is, without byte order mark; None if it is not in UTF-8."""
    try:
        return path.read_bytes().decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None


def _mark(path: Path) -> str:
    return "\ufeff" if path.read_bytes().startswith(b"\xef\xbb\xbf") else ""
