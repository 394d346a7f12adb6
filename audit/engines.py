"""Warm engines: with the rules alone, which is quick; with every model; with the second reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from audit.config import Settings
from audit.model import Story
from audit.pipeline import NO_MODEL, STAGES, Engine
from audit.stage import Stage

__all__ = ["Around", "Engines", "MakeEngine"]

MakeEngine = Callable[[Settings, Sequence[Stage[Engine]]], Engine]
"""Makes an engine of these settings and stages; the command line knows of the store."""

Around = Callable[[Stage[Engine], Engine, Sequence[Story]], list[Story]]
"""Runs a stage, and does what else is to be done before and after."""


class Engines:
    """The engines `rules`, `whole`, and `second` if the settings name a second reader. Use it as a
    context manager.

    All run each stage by `around`. `rules` and `whole` share the encoder and are not to be used by
    two threads at once; `second` has its own and may run beside them.
    """

    def __init__(self, settings: Settings, make: MakeEngine, around: Around) -> None:
        stages = tuple(replace(s, run=partial(around, s)) for s in STAGES)
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
