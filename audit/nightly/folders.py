"""The folders of reports: what merged stories, old ones and killed runs left there."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from audit.errors import InputError
from audit.nightly.log import Log
from audit.nightly.morning import PAGE
from audit.report.formats import FORMATS
from audit.report.html import moved
from audit.report.write import writer
from audit.store.database import Store
from audit.store.stories import Stories

__all__ = ["clear_unfinished", "lead_on", "remove_reports"]

UNFINISHED_SECONDS = 3600.0
"""A file that is still being written is younger: no report takes so long."""

_FILES = frozenset((PAGE, *(f.file for f in FORMATS.values())))
_UNFINISHED = re.compile(
    rf"\.(?:{'|'.join(re.escape(file) for file in sorted(_FILES))})\.[a-z0-9_]{{8}}"
)
"""What `audit.report.write` calls a report that it has not written to its end."""


def clear_unfinished(folder: Path, log: Log) -> None:
    """Remove what a run that was killed had begun to write, in the folder and those of stories.

    That a file cannot be removed is logged, and fails no night.
    """
    for file in (*folder.glob(".*"), *folder.glob("*/.*")):
        if not _UNFINISHED.fullmatch(file.name):
            continue
        try:
            if time.time() - file.stat().st_mtime > UNFINISHED_SECONDS:
                file.unlink(missing_ok=True)
        except OSError as e:
            log.warning("reports", status="failed", why=f"{file}: cannot be removed: {e.strerror}")


def lead_on(store: Store, run: datetime, folder: Path, log: Log) -> None:
    """Let the page of each story that was merged in a run lead to that of the story it is part of.

    Who has kept its address finds the story so. Its other reports are removed: they say what holds
    no more. That this cannot be done is logged, and fails no night.
    """
    for event in Stories(store).events(run):
        into = Stories(store).get(event.story) if event.kind == "merged" else None
        if into is None or not (folder / event.story).is_dir():
            continue
        try:
            _lead_on(folder / event.story, into.id)
        except (InputError, OSError) as e:
            log.warning("reports", status="failed", story=event.story, why=str(e))


def _lead_on(folder: Path, into: str) -> None:
    page = FORMATS["html"].file
    if (folder / page).exists():
        with writer(str(folder / page)) as out:
            out.write(moved(folder.name, into, page).encode())
    _remove(folder, _FILES - {page})


def remove_reports(folder: Path, story: str, log: Log) -> None:
    """Remove the reports of a story, and its folder if nothing else is in it.

    That this cannot be done is logged, and fails no night.
    """
    try:
        if (folder / story).is_dir():
            _remove(folder / story, _FILES)
    except OSError as e:
        log.warning("reports", status="failed", story=story, why=str(e))


def _remove(folder: Path, files: Iterable[str]) -> None:
    for file in files:
        (folder / file).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
