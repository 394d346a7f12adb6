"""The warm engines behind the queues: of rules alone, of every model, of the second reader."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from audit.config import Settings
from audit.engines import Engines, MakeEngine
from audit.errors import InputError
from audit.model import AuditResult, Story, Version
from audit.pipeline import Engine
from audit.stage import Stage

Tell = Callable[[str], None]
"""Told the name of each stage when it begins."""

MOST_SENTENCES = 3_000
"""Sentences of one request: running text of the longest that is taken has half of them."""

LONGEST_SENTENCE = 3_000
"""Characters of a sentence: a longer one is none, and takes the square of its length to read."""

_WARM = (
    Version("a", "The mayor opened the new bridge on Monday. Traffic will begin in May."),
    Version("b", "On Monday the mayor opened the new bridge. Traffic starts in May."),
)


class Auditor:
    """Audits one story at a time, in one thread; `second` may run in another thread beside it.

    `timed` is given the seconds of each stage.
    """

    def __init__(
        self, settings: Settings, make: MakeEngine, timed: Callable[[str, float], None]
    ) -> None:
        self._told = threading.local()
        self._timed = timed
        self._engines = Engines(settings, make, self._run)
        self.embedder = self._engines.whole.embedder

    def warm_up(self) -> None:
        """Load every model. Raises ModelError if the encoder cannot be loaded."""
        self.rules("warm", _WARM)
        self.full("warm", _WARM)

    def rules(
        self, story: str, versions: Sequence[Version], tell: Tell | None = None
    ) -> AuditResult:
        """What the rules find without the language model. Raises InputError."""
        return self._audit(self._engines.rules, story, versions, tell)

    def full(
        self, story: str, versions: Sequence[Version], tell: Tell | None = None
    ) -> AuditResult:
        """What everything finds. Raises InputError if no version can be scored."""
        return self._audit(self._engines.whole, story, versions, tell)

    @property
    def has_second(self) -> bool:
        """Whether there is a second reader."""
        return self._engines.second is not None

    def second(
        self, story: str, versions: Sequence[Version], tell: Tell | None = None
    ) -> AuditResult:
        """What everything and the second reader find. What models say of a text is kept, so that
        after `full` the second reader alone works. Raises InputError."""
        assert self._engines.second is not None
        return self._audit(self._engines.second, story, versions, tell)

    def set(self, **settings: object) -> None:
        """Change settings, from the next story on."""
        self._engines.set(**settings)

    def know(self, name: str, *, known: bool = True) -> None:
        """Take a name for right from the next story on, or not any more."""
        others = tuple(n for n in self._engines.whole.settings.names if n != name)
        self.set(names=(*others, name) if known else others)

    def _audit(
        self, engine: Engine, story: str, versions: Sequence[Version], tell: Tell | None
    ) -> AuditResult:
        self._told.tell = tell
        return engine.audit(story, versions)

    def _run(self, stage: Stage[Engine], engine: Engine, stories: Sequence[Story]) -> list[Story]:
        if self._told.tell:
            self._told.tell(stage.name)
        began = time.perf_counter()
        done = stage.run(engine, stories)
        self._timed(stage.name, time.perf_counter() - began)
        if stage.name == "segment":
            for story in done:
                _check_size(story)
        return done

    def close(self) -> None:
        """End what the engines have started."""
        self._engines.__exit__()


def _check_size(story: Story) -> None:
    """Raise InputError for texts that would hold everybody up."""
    sentences = list(story.all_sentences())
    if len(sentences) > MOST_SENTENCES:
        why = (
            f"{len(sentences):,} sentences, more than the {MOST_SENTENCES:,} that one request may "
            "bring; cut the text, or use `mtaudit bulk`"
        )
        raise InputError(story.id, why)
    for s in sentences:
        if len(s.text) > LONGEST_SENTENCE:
            why = (
                f"has a sentence of {len(s.text):,} characters, more than {LONGEST_SENTENCE:,}: "
                f"“{s.text[:40]}…”; cut it, or use `mtaudit bulk`"
            )
            raise InputError(s.version, why)
