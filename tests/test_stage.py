"""Stages in an impossible order are refused when the engine is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import pytest

from audit import Engine
from audit.errors import StageOrderError
from audit.model import Story
from audit.pipeline import STAGES
from audit.stage import GIVEN, Stage

BY_NAME = {stage.name: stage for stage in STAGES}


def stage(name: str, requires: set[str], assigns: set[str]) -> Stage[Engine]:
    return Stage(name, frozenset(requires), frozenset(assigns), lambda _, stories: list(stories))


@pytest.mark.parametrize(
    ("stages", "why"),
    [
        (
            (BY_NAME["annotate"], BY_NAME["segment"]),
            "annotate requires sentences, which no stage before it assigns",
        ),
        (
            tuple(s for s in STAGES if s.name != "witnesses"),
            "misread requires copies, which no stage before it assigns",
        ),
        ((*STAGES, stage("again", set(), {"rows", "edits"})), "again assigns edits, rows a second"),
        ((stage("rename", set(), {"id"}),), "rename assigns id a second time"),
        ((stage("guess", {"verdict"}, set()),), "guess: a story has no field verdict"),
        ((stage("guess", set(), {"verdict"}),), "guess: a story has no field verdict"),
    ],
    ids=["order", "missing", "twice", "given", "requires unknown", "assigns unknown"],
)
def test_an_impossible_order_is_refused(stages: Sequence[Stage[Engine]], why: str) -> None:
    with pytest.raises(StageOrderError, match=why):
        Engine(stages=stages)


def test_the_beginning_of_the_flow_is_a_flow() -> None:
    for n in range(len(STAGES) + 1):
        assert Engine(stages=STAGES[:n]).stages == STAGES[:n]


def test_every_field_of_a_story_is_given_or_assigned_by_one_stage() -> None:
    assigned = [name for s in STAGES for name in s.assigns]
    assert sorted([*GIVEN, *assigned]) == sorted(f.name for f in fields(Story))
