"""What a language model's doubt never marks, however great it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stories import story_of

from audit.config import Settings
from audit.detect import unidiomatic, wrong_term
from audit.model import Doubt, Story

SURE, NONE = Doubt(0.9, 0.9), Doubt(0.0, 0.0)


def doubted(word: str, kind: str) -> Story:
    """A story in whose first version one word is doubted, by the row or by the reader."""
    story = story_of(
        a="They met at 5 p.m. by the quay with 300 NATO sailors.",
        b="They met at 5 in the evening by the quay with 300 sailors.",
    )

    def of(doubt: Doubt) -> dict[tuple[str, int], tuple[Doubt, ...]]:
        return {
            (s.version, s.index): tuple(
                doubt if s.version == "a" and t.text == word else NONE for t in s.tokens
            )
            for s in story.all_sentences()
        }

    return replace(story, surprisal={}, **{"doubts": of(NONE), "misread": of(NONE), kind: of(SURE)})


@pytest.mark.parametrize("kind", ["doubts", "misread"])
@pytest.mark.parametrize(("word", "marked"), [("quay", True), ("p.m.", False), ("300", False)])
def test_abbreviations_and_numbers_are_not_marked(word: str, marked: bool, kind: str) -> None:
    story = doubted(word, kind)
    assert any(t.text == word for s in story.all_sentences() for t in s.tokens)
    found = {
        f.quote
        for detector in (unidiomatic, wrong_term)
        for f in detector.detect(story, Settings())
        if f.version == "a"
    }
    assert (word in found) == marked


@pytest.mark.parametrize(("rate", "marked"), [(0.15, True), (0.08, True), (0.01, False)])
def test_a_sound_version_must_be_doubted_more(rate: float, marked: bool) -> None:
    story = replace(doubted("quay", "doubts"), error_rates={"a": rate, "b": 0.01})
    found = list(unidiomatic.detect(story, Settings()))
    assert bool(found) == marked
    assert all(f.measures[0].value >= f.measures[0].threshold for f in found)
