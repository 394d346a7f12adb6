"""What may have been meant where a word reads wrongly."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wordfreq import get_frequency_dict

from audit.language.en import ENGLISH
from audit.language.en.confusions import KNOWN, confusions
from audit.language.en.lexicon import zipf
from audit.measure.alternatives import LEAST_GAIN, MOST, answers, questions

WORDS = st.sampled_from(["a", "they", "is", "normal", "seeing", "soem", "people", "boats", "went"])


@pytest.mark.parametrize(
    ("word", "meant", "kind"),
    [
        ("a", "an", "function"),
        ("they", "their", "function"),
        ("is", "was", "function"),
        ("went", "gone", "form"),
        ("normal", "normally", "form"),
        ("kindness", "kind", "form"),
        ("boats", "boat", "form"),
        ("seeing", "seeking", "spelling"),
        ("soem", "some", "spelling"),
        ("angel", "angle", "spelling"),
    ],
)
def test_what_is_often_confused_may_be_meant(word: str, meant: str, kind: str) -> None:
    assert confusions(word).get(meant) == kind


@pytest.mark.parametrize(("word", "other"), [("batch", "bitch"), ("a", "at")])
def test_insults_and_words_outside_a_closed_class_are_not_proposed(word: str, other: str) -> None:
    assert other not in confusions(word)


def test_the_listed_forms_are_those_of_wordfreq() -> None:
    file = files("audit.language.en").joinpath("data", "known.txt")
    _, *listed = file.read_text("utf-8").split("\n")
    assert set(listed) == {w for w in get_frequency_dict("en", "large") if zipf(w) >= KNOWN}
    assert listed == sorted(listed, key=zipf, reverse=True), "the most frequent first"


def test_a_curly_apostrophe_is_no_other_word() -> None:
    assert confusions("wasn’t")["hasn’t"] == confusions("wasn't")["hasn't"] == "spelling"


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=12) | WORDS)
def test_no_word_is_meant_by_itself(word: str) -> None:
    assert word not in confusions(word)
    assert all(w.isalpha() and w.islower() for w in confusions(word))


def spans_of(text: str) -> list[tuple[int, int]]:
    """A piece for each word, with the space before it."""
    ends = [i for i, c in enumerate(text) if c == " "] + [len(text)]
    return list(zip([0, *ends], ends, strict=False))


@given(st.lists(WORDS, min_size=1, max_size=8))
def test_questions_name_words_and_skip_the_first(words: list[str]) -> None:
    text = " ".join(words)
    asked = list(questions(text, spans_of(text), lambda w: len(w), ENGLISH))
    for q in asked:
        assert text[q.start : q.end] == words[q.pieces.start]
        assert q.pieces.start > 0
        assert q.meant.keys() <= confusions(text[q.start : q.end]).keys()


def test_names_numbers_and_parts_of_words_are_not_asked_for() -> None:
    text = "the Boats of 12 they-said it's fine"
    asked = list(questions(text, spans_of(text), lambda w: 7, ENGLISH))
    assert [text[q.start : q.end] for q in asked] == ["of", "fine"]


def test_answers_are_the_best_words_that_gain_enough() -> None:
    text = "we saw they boats"
    (q,) = [q for q in questions(text, spans_of(text), lambda w: 1, ENGLISH) if q.start == 7]
    gains = [5.0, LEAST_GAIN, 7.0][: len(q.meant)]
    nats = [(1.0,), (1.0,), (9.0, *(9.0 - g for g in gains)), (1.0,)]
    found = answers([q], nats)
    assert len(found) == MOST
    assert [gain for *_, gain in found] == [7.0, 5.0]
    assert {word for _, _, word, _ in found} <= q.meant.keys()
    assert answers([q], [(1.0,), (1.0,), (1.0, *(1.0 for _ in gains)), (1.0,)]) == ()


def test_the_best_of_each_kind_is_kept() -> None:
    text = "we are seeing boats"
    (q,) = [
        q
        for q in questions(text, spans_of(text), lambda w: 1, ENGLISH)
        if text[q.start : q.end] == "seeing"
    ]
    gains = {w: 1.5 if kind == "spelling" else 6.0 for w, kind in confusions("seeing").items()}
    nats = [(1.0,), (1.0,), (9.0, *(9.0 - gains[w] for w in q.meant)), (1.0,)]
    found = [word for _, _, word, _ in answers([q], nats)]
    assert len(found) == MOST + 1
    assert found[-1] == "seeking"
