"""Links from a page over many stories to the report of one."""

from __future__ import annotations

from os.path import relpath
from pathlib import Path
from urllib.parse import quote

__all__ = ["address", "report_of"]

_FORMS = ("report.html", "report.pdf", "report.json")
"""Reports that a reader would open, the best first."""


def report_of(folder: Path, page: Path) -> str | None:
    """The path of the best report in a story's folder, relative to where a page lies; None if there
    is none."""
    best = next((f for name in _FORMS if (f := folder / name).exists()), None)
    return None if best is None else Path(relpath(best, page.parent)).as_posix()


def address(path: str) -> str:
    """A relative path as a link has it."""
    # A leading ./ keeps a path such as "javascript:x" from being read as an address.
    return "./" + quote(path, errors="replace")
