"""Audits open documents: by the rules alone, which is quick, or with all models."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.uris import to_fs_path
from pygls.workspace import PositionCodec

from audit.baseline import Entry
from audit.conclude.first import audit_first
from audit.config import Settings
from audit.errors import InputError
from audit.ingest.read import FORMATS, read_version
from audit.lsp.document import Document, read
from audit.lsp.shown import Mark, Marker
from audit.model import Version, one_line
from audit.pipeline import NO_MODEL

if TYPE_CHECKING:
    from audit.pipeline import Engine

log = logging.getLogger(__name__)

MOST_SIBLINGS = 20
"""A folder with more texts than that holds no one story."""

WHY = "dismissed in the editor"
"""The reason of an entry; a better one can be written into the file."""


@dataclass(frozen=True, slots=True)
class _Sibling:
    version: Version
    file: Path
    is_verbatim: bool
    """Whether the version's text is the file's, so that its offsets can be shown there."""


class Checker:
    """Checks documents with engines that are loaded once; use it as a context manager.

    `make_engine` makes the engine of settings. `add` adds entries to `baseline`, which need not be
    there yet. With `siblings`, other texts in the folder of a document are its other versions.
    `check` is not to be used by two threads at once.
    """

    def __init__(
        self,
        settings: Settings,
        make_engine: Callable[[Settings], Engine],
        baseline: Path,
        add: Callable[[Path, Sequence[Entry]], object],
        *,
        siblings: bool,
    ) -> None:
        self._settings = settings
        self._baseline = baseline
        self._add = add
        self._siblings = siblings
        rules_alone = settings.model_copy(update={"causal_model": NO_MODEL, "grammar": False})
        self._opened = ExitStack()
        self._whole = self._opened.enter_context(make_engine(settings))
        self._rules = self._opened.enter_context(make_engine(rules_alone))
        self._rules.embedder = self._whole.embedder  # one copy of the encoder serves both

    def __enter__(self) -> Checker:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def check(
        self, document: Document, codec: PositionCodec, *, rules_alone: bool
    ) -> tuple[Mark, ...]:
        """The findings of a document. Raises InputError if it cannot be scored."""
        path = _path(document.uri)
        source = read(document, path.name)
        siblings = list(self._siblings_of(path)) if self._siblings else []
        engine = self._rules if rules_alone else self._whole
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
        self._add(self._baseline, [entry])
        for engine in (self._rules, self._whole):  # the file may be new to them
            engine.settings = engine.settings.model_copy(update={"baseline": str(self._baseline)})
        return self._baseline

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
