"""Common words in the place of a name, in a version that is garbled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audit.config import Settings
from audit.detect import name_garble
from audit.language.spelling import plain
from audit.model import Doubt, Finding, Story, Version
from audit.pipeline import NO_MODEL, Engine

SOUND = "Dolores del Prado opened the energy centre in the south of the province on Tuesday."
WORDS = "It is pain of field opened the energy centre in the south of the province on Tuesday."


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Settings(causal_model=NO_MODEL, grammar=False))


def read(engine: Engine, text: str, doubted: str, rate: float, other: str = SOUND) -> Story:
    """A story of two versions, of which the first errs at this rate and has doubted words."""
    story = engine.align("s", [Version("a", text), Version("b", other)])
    doubt = {
        (s.version, s.index): tuple(
            Doubt(0.8, 0.5) if plain(t.text) in doubted.split() else Doubt(0.02, 0.01)
            for t in s.tokens
        )
        for s in story.sentences["a"]
    }
    return replace(story, misread=doubt, error_rates={"a": rate, "b": 0.01})


def found(story: Story, *names: str) -> list[Finding]:
    return [f for f in name_garble.detect(story, Settings(names=names)) if f.version == "a"]


def as_words(findings: list[Finding]) -> list[Finding]:
    """Those that say that words stand for a name, and not another name or none."""
    return [f for f in findings if any(m.name == "same words beside it" for m in f.measures)]


def test_words_for_a_name_are_marked_and_the_name_is_proposed(engine: Engine) -> None:
    (finding,) = as_words(found(read(engine, WORDS, "pain field", 0.15)))
    assert finding.quote == "It is pain of field"
    assert finding.suggestion == "Dolores del Prado"
    assert finding.severity == "critical"
    assert [w.quote for w in finding.witnesses] == ["Dolores del Prado"]


@pytest.mark.parametrize(
    ("text", "doubted", "rate"),
    [
        pytest.param(WORDS, "pain field", 0.05, id="a sound version"),
        pytest.param(WORDS, "", 0.15, id="no doubt"),
        pytest.param(WORDS.replace("pain of field", "she, of all,"), "she", 0.15, id="marks"),
        pytest.param("Del Prado has" + WORDS[19:], "has", 0.15, id="a part of the name"),
        pytest.param("Maria Lopez" + WORDS[19:], "lopez", 0.15, id="another name"),
        pytest.param(
            "It is pain of field who came to the ribbon of the plant which stands in a valley.",
            "pain field",
            0.15,
            id="other words beside it",
        ),
    ],
)
def test_else_nothing_is_said_of_words_for_a_name(
    engine: Engine, text: str, doubted: str, rate: float
) -> None:
    assert not as_words(found(read(engine, text, doubted, rate)))


def test_a_name_that_is_known_to_be_right_is_no_garbled_one(engine: Engine) -> None:
    story = read(engine, WORDS, "pain field", 0.15)
    assert not found(story, "It is pain of field")
