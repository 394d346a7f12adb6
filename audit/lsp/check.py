"""Audits open documents: by the rules alone, which is quick, or with all models."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.uris import to_fs_path
from pygls.workspace import PositionCodec

from audit.config import Settings
from audit.errors import InputError
from audit.ingest.read import FORMATS, read_version
from audit.lsp.document import Document, read
from audit.lsp.shown import Mark, Marker
from audit.model import Version
from audit.pipeline import NO_MODEL

if TYPE_CHECKING:
    from audit.pipeline import Engine

log = logging.getLogger(__name__)

MOST_SIBLINGS = 20
"""A folder with more texts than that holds no one story."""


@dataclass(frozen=True, slots=True)
class _Sibling:
    version: Version
    file: Path
    is_verbatim: bool
    """Whether the version's text is the file's, so that its offsets can be shown there."""


class Checker:
    """Checks documents with engines that are loaded once; use it as a context manager.

    `make_engine` makes the engine of settings. With `siblings`, other texts in the folder of a
    document are its other versions. Not to be used by two threads at once.
    """

    def __init__(
        self, settings: Settings, make_engine: Callable[[Settings], Engine], *, siblings: bool
    ) -> None:
        self._settings = settings
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
        path = Path(to_fs_path(document.uri) or document.uri)
        source = read(document, path.name)
        siblings = list(self._siblings_of(path)) if self._siblings else []
        engine = self._rules if rules_alone else self._whole
        result = engine.audit(path.name, [source.version, *(s.version for s in siblings)])
        if path.name not in {v.version.id for v in result.versions}:
            # The siblings are another story, or in another language: it is checked alone.
            result = engine.audit(path.name, [source.version])
        files = {s.version.id: s.file for s in siblings if s.is_verbatim}
        return Marker(document, source, result, files, codec).marks()

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
