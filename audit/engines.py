"""Two warm engines: one with the rules alone, which is quick, and one with every model."""

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
    """The engines `rules` and `whole`, with one copy of the encoder. Use it as a context manager.

    Both run each stage by `around`. They are not to be used by two threads at once.
    """

    def __init__(self, settings: Settings, make: MakeEngine, around: Around) -> None:
        stages = tuple(replace(s, run=partial(around, s)) for s in STAGES)
        self.whole = make(settings, stages)
        off = {"causal_model": NO_MODEL, "grammar": False, "judge_url": None}
        alone = settings.model_copy(update=off)
        self.rules = make(alone, stages)
        self.rules.embedder = self.whole.embedder

    def __enter__(self) -> Engines:
        return self

    def __exit__(self, *_: object) -> None:
        self.whole.__exit__()

    def set(self, **settings: object) -> None:
        """Change settings, from the next story on."""
        for engine in (self.whole, self.rules):
            engine.settings = engine.settings.model_copy(update=settings)
