"""Warm engines: with the rules alone, which is quick; with every model; with the second reader."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile
from threading import Lock

from audit.config import Settings
from audit.model import Story
from audit.pipeline import NO_MODEL, STAGES, Engine
from audit.stage import Stage

__all__ = ["Around", "Engines", "MakeEngine"]

MakeEngine = Callable[[Settings, Sequence[Stage[Engine]]], Engine]
"""Makes an engine of these settings and stages; the command line knows of the store."""

Around = Callable[[Stage[Engine], Engine, Sequence[Story]], list[Story]]
"""Runs a stage, and does what else is to be done before and after."""

_SHARED = frozenset(s.name for s in takewhile(lambda s: s.name != "surprisal", STAGES))
"""The stages before the language model, which are the same for every engine."""

_KEPT = 4
"""Stories of which is kept what these stages made: those of the checks that are under way. Five
versions of 800 words take 5 MB."""


class Engines:
    """The engines `rules`, `whole`, and `second` if the settings name a second reader. Use it as a
    context manager.

    All run each stage by `around`; what comes before the language model once for a story, whichever
    of them is asked first. `rules` and `whole` share the encoder and are not to be used by two
    threads at once; `second` has its own and may run beside them.
    """

    def __init__(self, settings: Settings, make: MakeEngine, around: Around) -> None:
        self._around = around
        self._lock = Lock()
        self._made: OrderedDict[object, list[Story]] = OrderedDict()
        stages = tuple(replace(s, run=partial(self._run, s)) for s in STAGES)
        unread = settings.model_copy(update={"judge_url": None})
        self.whole = make(unread, stages)
        alone = unread.model_copy(update={"causal_model": NO_MODEL, "grammar": False})
        self.rules = make(alone, stages)
        self.rules.embedder = self.whole.embedder
        self.second = make(settings, stages) if settings.judge_url else None

    def __enter__(self) -> Engines:
        return self

    def __exit__(self, *_: object) -> None:
        self.whole.__exit__()
        if self.second:
            self.second.__exit__()

    def set(self, **settings: object) -> None:
        """Change settings, from the next story on."""
        for engine in filter(None, (self.whole, self.rules, self.second)):
            engine.settings = engine.settings.model_copy(update=settings)

    def _run(self, stage: Stage[Engine], engine: Engine, stories: Sequence[Story]) -> list[Story]:
        """What a stage makes of stories, or has made of them for another engine."""
        if stage.name not in _SHARED:
            return self._around(stage, engine, stories)
        key = stage.name, tuple((s.id, s.versions, s.language.code, s.skipped) for s in stories)
        with self._lock:
            made = self._made.get(key)
        if made is None:
            made = self._around(stage, engine, stories)
        with self._lock:
            self._made[key] = made
            self._made.move_to_end(key)
            while len(self._made) > _KEPT * len(_SHARED):
                self._made.popitem(last=False)
        return made
