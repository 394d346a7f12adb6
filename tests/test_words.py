"""What English knows of its words, and what becomes of text in a language that knows nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import story_of

from audit.config import Settings
from audit.detect import quote_punctuation, stray_capital, typo, untranslated
from audit.detect.base import Detector
from audit.language.base import Plain
from audit.language.en import ENGLISH
from audit.language.en.lexicon import classes
from audit.language.spelling import is_one_edit, one_edit
from audit.model import GrammarMatch

FORMS = st.text("abcß’é", max_size=6)


def test_lists_are_put_together_from_each_other() -> None:
    assert all(classes().values())
    assert not {w for listed in classes().values() for w in listed if w[0] in "@-"}
    names = ("articles", "core_prepositions", "usual_prepositions", "prepositions")
    articles, *prepositions = map(ENGLISH.words, names)
    assert prepositions[0] < prepositions[1] < prepositions[2]
    assert "despite" in prepositions[2] - ENGLISH.words("name_prepositions")
    assert articles | prepositions[2] < ENGLISH.words("function_words")


@given(FORMS, FORMS)
def test_words_are_one_edit_apart_if_one_edit_makes_them(a: str, b: str) -> None:
    assert is_one_edit(a, b) == is_one_edit(b, a)
    if b in set(one_edit(a)) - {a}:
        assert is_one_edit(a, b)
    elif b.isascii() and b.isalpha():
        assert not is_one_edit(a, b)


@pytest.mark.parametrize("word", ["counterattack", "waterproof", "weatherproof", "policymakers"])
def test_words_are_formed_of_listed_ones(word: str) -> None:
    assert ENGLISH.is_formed(word)


@pytest.mark.parametrize("word", ["gaurd", "hospitl", "wich", "thecat"])
def test_misspellings_are_not_formed_of_listed_ones(word: str) -> None:
    assert not ENGLISH.is_formed(word)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("boat", "boats", True),
        ("colour", "color", True),
        ("centre", "center", True),
        ("judgement", "judgment", True),
        ("walk", "talk", True),
        ("was", "as", False),
        ("form", "from", False),
        ("quiet", "quite", False),
    ],
)
def test_grammar_and_spelling_conventions_are_no_slip(a: str, b: str, expected: bool) -> None:
    assert ENGLISH.is_inflection(a, b) == ENGLISH.is_inflection(b, a) == expected


def test_endings_show_plurals_and_adverbs() -> None:
    assert ENGLISH.is_plural("boats")
    assert not ENGLISH.is_plural("boat")
    assert ENGLISH.is_adverb("violently")
    assert not ENGLISH.is_adverb("monthly")
    assert not ENGLISH.is_adverb("violent")


def test_an_before_a_consonant_was_cut_short() -> None:
    assert ENGLISH.completed("an", "the") == "and"
    assert ENGLISH.completed("an", "all") is None
    assert ENGLISH.completed("a", "the") is None


@pytest.mark.parametrize("detector", [quote_punctuation, stray_capital, typo, untranslated])
def test_detectors_cope_with_a_language_that_knows_nothing(detector: Detector) -> None:
    texts = {
        "a": "The gaurd closed the gate; an the mayor “left Early. He sell~ the Wohnung.",
        "b": "The guard closed the gate and the mayor left early. He sold the flat.",
    }
    story = replace(
        story_of(**texts, language=Plain()),
        grammar={"a": (GrammarMatch(4, 9, "MORFOLOGIK", "TYPOS", "A message.", ("guard",)),)},
    )
    for f in detector.detect(story, Settings()):
        assert f.rule == detector.INFO.id
