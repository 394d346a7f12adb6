"""The warm engines of a server: what they share, and that each finds what it would find alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from audit.config import Settings
from audit.engines import Engines
from audit.model import Story, Version
from audit.pipeline import STAGES, Engine
from audit.stage import Stage

BEFORE = [s.name for s in STAGES[: [s.name for s in STAGES].index("surprisal")]]
SETTINGS = Settings(grammar=False)
VERSIONS = (
    Version("a", "The harbour reopened on Friday. Divers had cleared the three wrecks by noon."),
    Version("b", "The harbour reopend on Friday. Divers had cleared 30 wrecks by noon."),
)
EMPTY = Version("c", "")


class Counted:
    """Runs stages and notes which."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def __call__(
        self, stage: Stage[Engine], engine: Engine, stories: Sequence[Story]
    ) -> list[Story]:
        self.ran.append(stage.name)
        return stage.run(engine, stories)


@pytest.fixture
def around() -> Counted:
    return Counted()


@pytest.fixture
def engines(around: Counted) -> Iterator[Engines]:
    with Engines(SETTINGS, lambda settings, stages: Engine(settings, stages=stages), around) as e:
        yield e


def test_what_comes_before_the_language_model_is_done_once(
    engines: Engines, around: Counted
) -> None:
    engines.rules.audit("harbour", VERSIONS)
    assert around.ran[: len(BEFORE)] == BEFORE
    around.ran.clear()
    found = engines.whole.audit("harbour", VERSIONS)
    assert not set(BEFORE) & set(around.ran)
    with Engine(SETTINGS) as alone:
        assert found == alone.audit("harbour", VERSIONS)
    assert found.findings


def test_what_was_left_out_of_a_story_is_its_own(engines: Engines) -> None:
    plain = engines.rules.audit("harbour", VERSIONS).skipped
    other = engines.rules.audit("harbour", (*VERSIONS, EMPTY)).skipped
    assert [s.why for s in other if s not in plain] == ["c: not scored: empty"]


def test_only_some_stories_are_kept(engines: Engines, around: Counted) -> None:
    stories = [(f"story {k}", VERSIONS) for k in range(9)]
    for story in stories:
        engines.rules.audit(*story)
    around.ran.clear()
    engines.rules.audit(*stories[0])
    engines.rules.audit(*stories[-1])
    assert around.ran.count("align") == 1
    assert len(engines._made) == 4 * len(BEFORE)
