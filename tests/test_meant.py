"""What may have been meant by a misread word: where it comes from, what is tried, what it gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from audit.config import Settings
from audit.judge.meant import TRIED, chance, with_meant
from audit.language.en import ENGLISH
from audit.model import Doubt, Expected, Meant, Story, Version
from audit.pipeline import NO_MODEL, Engine

OWN = 12.0
"""Nats of every word of the page that is read."""

PAGE = "The circulation on the bridge stopped after the crash."
OTHER = "On the old bridge traffic came to a halt when a lorry overturned near Milverton."


class Ear:
    """A language model that knows what it expects: nats by word, and by text."""

    def __init__(self, **totals: float) -> None:
        self._totals = totals
        self.asked: list[tuple[str, str]] = []

    def pieces(self, word: str) -> tuple[int, ...]:
        return (sum(ord(c) * 31**k for k, c in enumerate(word)),)

    def total(self, items: Sequence[tuple[str, str]]) -> list[float]:
        self.asked += items
        return [next((n for w, n in self._totals.items() if w in text), 200.0) for _, text in items]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Settings(causal_model=NO_MODEL))


def story(engine: Engine, *texts: str, misread: str, expected: dict[str, float]) -> Story:
    """A story whose first version has one misread word, and what was expected there."""
    versions = [Version(chr(97 + k), text) for k, text in enumerate(texts)]
    (found,) = engine.stories([("s", versions)], "witnesses")
    (sentence,) = found.sentences["a"]
    token = next(t for t in sentence.tokens if t.text == misread)
    nats = {Ear().pieces(word)[0]: n for word, n in expected.items()}
    return replace(
        found,
        surprisal={"a": (tuple(OWN for _ in sentence.tokens),)},
        expected={("a", 0): (Expected(token.start, token.end, nats),)},
        misread={("a", 0): tuple(Doubt(0.5, 0.4 * (t == token)) for t in sentence.tokens)},
    )


def meant(found: Story, ear: Ear) -> dict[str, Meant]:
    (result,) = with_meant([found], ear)  # type: ignore[arg-type]
    return {m.text: m for m in result.meant.get(("a", 0), ())}


def test_a_shared_translation_that_another_page_has_is_the_likeliest(engine: Engine) -> None:
    found = story(
        engine, PAGE, OTHER, misread="circulation", expected={"traffic": 1.0, "lorry": 3.0}
    )
    words = meant(found, Ear(traffic=60.0, lorry=110.0))
    right = words["traffic"]
    assert right.quote == "circulation"
    assert right.confusion is not None
    assert right.witness is not None
    assert right.witness.quote == "traffic"
    assert right.ahead == pytest.approx(OWN - 1.0)
    assert right.gain > words["lorry"].gain
    assert right.chance > words["lorry"].chance


def test_a_page_alone_has_the_shared_translations(engine: Engine) -> None:
    found = story(engine, PAGE, misread="circulation", expected={"traffic": 1.0})
    assert meant(found, Ear(traffic=60.0))["traffic"].witness is None


def test_what_the_model_did_not_expect_is_not_tried(engine: Engine) -> None:
    found = story(engine, PAGE, OTHER, misread="circulation", expected={"zebra": 1.0})
    ear = Ear()
    assert meant(found, ear) == {}
    assert ear.asked == []


def test_words_that_are_not_misread_are_not_tried(engine: Engine) -> None:
    found = story(engine, PAGE, OTHER, misread="circulation", expected={"traffic": 1.0})
    sound = {p: tuple(Doubt(0.1, 0.01) for _ in d) for p, d in found.misread.items()}
    assert meant(replace(found, misread=sound), Ear()) == {}


def test_a_name_is_tried_for_a_name_and_no_word_for_it(engine: Engine) -> None:
    page = "They met in Springfield before the vote on the budget."
    expected = {"Milverton": 2.0, "traffic": 1.0}
    found = story(engine, page, OTHER, misread="Springfield", expected=expected)
    assert set(meant(found, Ear())) == {"Milverton"}


def test_few_words_are_tried_at_a_place(engine: Engine) -> None:
    many = dict.fromkeys(["old", "came", "halt", "lorry", "overturned", "near", "traffic"], 1.0)
    found = story(engine, PAGE, OTHER, misread="circulation", expected=many)
    ear = Ear()
    meant(found, ear)
    assert 0 < len(ear.asked) <= 2 * TRIED


def test_the_chance_grows_with_the_gain() -> None:
    word = Meant(0, 3, "old", "new", 5.0, -3.0, None)
    chances = [chance(replace(word, gain=g), ENGLISH) for g in (-20.0, 0.0, 5.0, 12.0)]
    assert chances == sorted(chances)
    assert 0 < chances[0] < chances[-1] < 1
