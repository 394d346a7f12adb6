"""What a stage of the pipeline is, and the check that stages stand in a possible order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from audit.errors import StageOrderError
from audit.model import Story

E = TypeVar("E")
"""What runs the stages and holds the models that they use."""

GIVEN = frozenset({"id", "versions", "language", "skipped"})
"""Fields that a story has from the beginning."""


@dataclass(frozen=True, slots=True)
class Stage(Generic[E]):
    """One step of the flow. `run` takes stories and returns them with what the stage `assigns`.

    `requires` and `assigns` name fields of `Story` (the model is spaCy's `Language.component`).
    A stage that cannot run for a story assigns nothing and adds to its `skipped` why.
    """

    name: str
    requires: frozenset[str]
    assigns: frozenset[str]
    run: Callable[[E, Sequence[Story]], list[Story]]


def check_order(stages: Iterable[Stage[Any]]) -> None:
    """Raise StageOrderError if a stage requires what no stage before it assigns.

    Also if two stages assign one field, or if a name is no field of a story.
    """
    known = {f.name for f in fields(Story)}
    there = set(GIVEN)
    for stage in stages:
        if unknown := (stage.requires | stage.assigns) - known:
            raise StageOrderError(f"{stage.name}: a story has no field {_named(unknown)}")
        if missing := stage.requires - there:
            raise StageOrderError(
                f"{stage.name} requires {_named(missing)}, which no stage before it assigns"
            )
        if twice := stage.assigns & there:
            raise StageOrderError(f"{stage.name} assigns {_named(twice)} a second time")
        there |= stage.assigns


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
