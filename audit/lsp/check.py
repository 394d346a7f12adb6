"""Audits open documents: by the rules alone, which is quick, or with all models."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from pygls.uris import to_fs_path
from pygls.workspace import PositionCodec

from audit.baseline import Entry, add
from audit.conclude.first import audit_first
from audit.config import Settings
from audit.engines import Engines, MakeEngine
from audit.errors import InputError
from audit.ingest.read import FORMATS, read_version
from audit.lsp.document import Document, read
from audit.lsp.shown import Mark, Marker
from audit.model import Story, Version, one_line
from audit.pipeline import Engine
from audit.stage import Stage

log = logging.getLogger(__name__)

MOST_SIBLINGS = 20
"""A folder with more texts than that holds no one story."""

WHY = "dismissed in the editor"
"""The reason of an entry; a better one can be written into the file."""


class Superseded(Exception):
    """What is checked has changed meanwhile, so that nobody waits for what would be found."""


@dataclass(frozen=True, slots=True)
class _Sibling:
    version: Version
    file: Path
    is_verbatim: bool
    """Whether the version's text is the file's, so that its offsets can be shown there."""


class Checker:
    """Checks documents with engines that are loaded once; use it as a context manager.

    `make` makes an engine. What is dismissed goes to `baseline`, which need not be there yet. With
    `siblings`, other texts in the folder of a document are its other versions.
    `check` is not to be used by two threads at once.
    """

    def __init__(
        self,
        settings: Settings,
        make: MakeEngine,
        baseline: Path,
        *,
        siblings: bool,
    ) -> None:
        self._settings = settings
        self._baseline = baseline
        self._siblings = siblings
        self._is_over = Event()
        self._engines = Engines(settings, make, self._run)

    def __enter__(self) -> Checker:
        return self

    def __exit__(self, *_: object) -> None:
        self._engines.__exit__()

    def check(
        self, document: Document, codec: PositionCodec, is_over: Event, *, rules_alone: bool
    ) -> tuple[Mark, ...]:
        """The findings of a document. Raises InputError if it cannot be scored, Superseded before
        the next stage once `is_over` is set."""
        self._is_over = is_over
        path = _path(document.uri)
        source = read(document, path.name)
        siblings = list(self._siblings_of(path)) if self._siblings else []
        engine = self._engines.rules if rules_alone else self._engines.whole
        result = audit_first(
            lambda versions: engine.audit(path.name, versions),
            [source.version, *(s.version for s in siblings)],
        )
        files = {s.version.id: s.file for s in siblings if s.is_verbatim}
        return Marker(document, source, result, files, codec).marks()

    def dismiss(self, uri: str, category: str, quote: str) -> Path:
        """Add to the baseline that these words of a document are no fault, and return its file.

        The story of the entry is the document's file name, as `mtaudit check` has it. Raises
        ConfigurationError if the baseline cannot be read, InputError if it cannot be written.
        """
        today = datetime.now(UTC).date()
        entry = Entry(
            category, one_line(quote), getpass.getuser(), today, WHY, story=_path(uri).name
        )
        add(self._baseline, [entry])
        self._engines.set(baseline=str(self._baseline))  # the file may be new to them
        return self._baseline

    def _run(self, stage: Stage[Engine], engine: Engine, stories: Sequence[Story]) -> list[Story]:
        if self._is_over.is_set():
            raise Superseded
        return stage.run(engine, stories)

    def _siblings_of(self, path: Path) -> Iterator[_Sibling]:
        """The other texts in the folder of a file; one that cannot be read is left out."""
        files = [
            f
            for f in sorted(path.parent.glob("*"))
            if f.suffix in FORMATS and f.is_file() and f.name != path.name
        ]
        if len(files) > MOST_SIBLINGS:
            log.info("%s holds more than %d texts: no one story", path.parent, MOST_SIBLINGS)
            return
        for file in files:
            try:
                version = read_version(str(file), self._settings)
            except InputError as e:
                log.info("not compared with: %s", e)
                continue
            yield _Sibling(version, file, FORMATS[file.suffix] == "text")


def _path(uri: str) -> Path:
    """The file of a document; of one that is not saved yet, its address stands for it."""
    return Path(to_fs_path(uri) or uri)
