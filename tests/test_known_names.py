"""The setting `names`: what counts as a known name, and that no finding objects to one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stories import story_of

from audit.compare.known_names import KnownNames
from audit.config import Settings
from audit.detect import (
    name_garble,
    name_variant,
    stray_capital,
    typo,
    ungrammatical,
    unidiomatic,
    untranslated,
    wrong_term,
)
from audit.detect.base import Detector
from audit.language.en import ENGLISH
from audit.model import Doubt, Edit, GrammarMatch, Reading, Story

KNOWN = KnownNames(
    [
        "Nursultan Nazarbayev",
        "Ursula von der Leyen",
        "Theresa May",
        "Robin Forestier-Walker",
        "bell hooks",
        "Tal Afar",
    ],
    ENGLISH,
)


@pytest.mark.parametrize(
    "text",
    [
        "Nursultan Nazarbayev",
        "Nazarbayev",
        "Nazarbayev’s",
        "NAZARBAYEV",
        "nazarbayev",
        "von der Leyen",
        "Forestier-Walker",
        "Forestier Walker",
        "Walker",
        "May",
        "bell hooks",
        "hooks",
    ],
)
def test_a_known_name_is_covered_in_whole_and_in_part(text: str) -> None:
    assert KNOWN.covers(text)


@pytest.mark.parametrize(
    "text",
    ["", "…", "Nazarbaev", "der", "may", "President Nazarbayev", "Ursula Leyen", "Walker said"],
)
def test_other_words_are_not(text: str) -> None:
    assert not KNOWN.covers(text)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Nazarbayev", "Nazarbaev"),
        ("Nazarbayev", "nazarbayev"),
        ("Nazarbayev", "Nursultan"),
        ("said Nazarbayev", "said he"),
        ("hooks", "Hooks"),
        ("Tal Afar", "Tal-Afar"),
    ],
)
def test_no_known_name_is_changed(text: str, new: str) -> None:
    assert KNOWN.forbids(text, new)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Nazarbaev", "Nazarbayev"),
        ("nazarbayev", "Nazarbayev"),
        ("Tal-Afar", "Tal Afar"),
        ("the Nazarbayev", "Nazarbayev’s"),
        ("may", "might"),
    ],
)
def test_what_keeps_a_known_name_is_allowed(text: str, new: str) -> None:
    assert not KNOWN.forbids(text, new)


def test_without_known_names_nothing_is_covered() -> None:
    nothing = KnownNames((), ENGLISH)
    assert not nothing.covers("Nazarbayev") and not nothing.forbids("Nazarbayev", "he")


def objecting(detector: Detector, story: Story, *known: str) -> set[str]:
    """What a detector quotes, with these names known."""
    return {f.quote for f in detector.detect(story, Settings(names=known))}


NAME = "Nursultan Nazarbayev"
"""The example of the README."""

CUT = story_of(
    a="Nazarbayevov spoke. Nazarbayevov left. The Nazarbayev office closed. Nazarbayevov is back."
)
REPLACED = story_of(
    a="The comet hit the yacht of Nazarbayev’s aide on Sunday.",
    b="The comet hit the yacht of Tarquin’s aide on Sunday.",
    c="The comet hit the yacht of Tarquin’s aide on Sunday.",
)
VARIANT = story_of(
    a="Nazarbayev came. Nursultan Nazarbayev spoke.",
    b="Nazarbajew came. Nursultan Nazarbajew spoke.",
    c="Nazarbajew came. Nursultan Nazarbajew spoke.",
)
BRINKEN = story_of(a="On Monday Anthony Brinken met the envoy. Later Brinken’s aide went home.")
MISSPELLED = story_of(a="They met Sevral there.", b="They met several there.")
CAPITAL = story_of(a="They had Put sandbags there.")
FOREIGN = story_of(a="They met Назарбаев there today.")
OBJECTION = replace(
    story_of(a="Nazarbayev spoke."),
    grammar={"a": (GrammarMatch(0, 16, "AGREEMENT", "GRAMMAR", "", ("Nazareths speak",)),)},
)
SURE = Doubt(0.9, 0.9)
TARQUIN = Reading("b", 0, 7, "Tarquin")
EDITED = replace(
    story_of(a="Nazarbayev spoke.", b="Tarquin spoke."),
    edits=(
        Edit(
            *("a", 0, 0, 10, "Nazarbayev", "Tarquin", ("Nazarbayev",), ("Tarquin",), TARQUIN, SURE),
            gain=5.0,
            confidence=0.9,
        ),
    ),
)
ALIKE = story_of(a="They met nazarbayev there.", b="They met everyone there.")
DOUBTED = replace(
    ALIKE,
    surprisal={},
    doubts={
        (s.version, s.index): [SURE if t.text == "nazarbayev" else Doubt(0, 0) for t in s.tokens]
        for s in ALIKE.all_sentences()
    },
)


@pytest.mark.parametrize(
    ("detector", "story", "quote", "known"),
    [
        pytest.param(name_garble, CUT, "Nazarbayev", NAME, id="a slip"),
        pytest.param(name_garble, REPLACED, "Nazarbayev", NAME, id="another name"),
        pytest.param(name_garble, BRINKEN, "Brinken", "Anthony Brinken", id="nearly a figure"),
        pytest.param(name_garble, BRINKEN, "Anthony Brinken", "Brinken", id="its surname"),
        pytest.param(name_variant, VARIANT, "Nazarbayev", NAME, id="a variant"),
        pytest.param(typo, MISSPELLED, "Sevral", "Ilse Sevral", id="a non-word"),
        pytest.param(ungrammatical, OBJECTION, "Nazarbayev spoke", NAME, id="LanguageTool"),
        pytest.param(wrong_term, EDITED, "Nazarbayev", NAME, id="an edit"),
        pytest.param(unidiomatic, DOUBTED, "nazarbayev", NAME, id="doubt"),
        pytest.param(stray_capital, CAPITAL, "Put", "Ilse Put", id="a capital"),
        pytest.param(untranslated, FOREIGN, "Назарбаев", "Нурсултан Назарбаев", id="a script"),
    ],
)
def test_no_detector_objects_to_a_known_name(
    detector: Detector, story: Story, quote: str, known: str
) -> None:
    assert quote in objecting(detector, story)
    assert quote not in objecting(detector, story, known)


def test_a_known_name_written_small_is_brought_to_its_spelling() -> None:
    story = story_of(a="They met nazarbayev there.", b="They met Nazarbayev there.")
    assert objecting(stray_capital, story, NAME) == {"nazarbayev"}
