"""Rows and word links, on made-up vectors: the method is tested here, not the model."""

from __future__ import annotations

import hashlib
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.align.embed import SentenceVectors
from audit.align.rows import align
from audit.align.words import link_rows
from audit.language.en import ENGLISH
from audit.model import Row, Sentence
from audit.segment.sentences import tokenize

DIM = 64


def word_vector(word: str) -> np.ndarray:
    """A random unit vector that depends on the word alone: equal words are alike, others not."""
    seed = int.from_bytes(hashlib.sha256(word.casefold().encode()).digest()[:4], "big")
    vector = np.random.default_rng(seed).normal(size=DIM)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def made(version: str, texts: list[str]) -> list[Sentence]:
    """Sentences of one version, one a line."""
    sentences, start = [], 0
    for i, text in enumerate(texts):
        tokens = tuple(tokenize(" " * start + text, start, start + len(text), ENGLISH))
        sentences.append(Sentence(version, i, start, start + len(text), text, "body", tokens))
        start += len(text) + 1
    return sentences


def vectors(sentences: list[Sentence]) -> list[SentenceVectors]:
    """Bag-of-words vectors."""
    out = []
    for s in sentences:
        tokens = np.stack([word_vector(t.text) for t in s.tokens])
        whole = tokens.sum(axis=0)
        out.append(SentenceVectors(whole / np.linalg.norm(whole), tokens))
    return out


def cells(rows: tuple[Row, ...]) -> set[frozenset[tuple[str, int]]]:
    """Rows without their numbers."""
    return {frozenset((v, i) for v, cell in row.cells.items() for i in cell) for row in rows}


A = made("a", ["The mayor opened the bridge.", "Heavy rain fell on Tuesday.", "Nobody was hurt."])
B = made("b", ["On Tuesday heavy rain fell.", "The mayor opened a bridge on Monday."])


def test_same_news_shares_a_row_though_the_order_differs() -> None:
    rows = cells(align(A + B, vectors(A + B)))
    assert frozenset({("a", 0), ("b", 1)}) in rows
    assert frozenset({("a", 1), ("b", 0)}) in rows


def test_a_sentence_without_a_match_stays_alone() -> None:
    assert frozenset({("a", 2)}) in cells(align(A + B, vectors(A + B)))


def test_one_sentence_against_two() -> None:
    one = made("a", ["The mayor opened the bridge while heavy rain flooded several streets."])
    two = made("b", ["The mayor opened the bridge.", "Heavy rain flooded several streets."])
    rows = align(one + two, vectors(one + two))
    assert cells(rows) == {frozenset({("a", 0), ("b", 0), ("b", 1)})}


def test_a_short_quotation_matches_the_sentence_that_contains_it() -> None:
    long = made("a", ["Asked about taxes, the minister said the reform will come before winter."])
    short = made("b", ["The reform will come before winter.", "Cows graze on green hills."])
    rows = cells(align(long + short, vectors(long + short)))
    assert frozenset({("a", 0), ("b", 0)}) in rows


def test_neighbours_that_resemble_each_other_are_not_lumped() -> None:
    texts = ["Police closed the north road.", "Police closed the south road."]
    a, b = made("a", texts), made("b", texts)
    rows = cells(align(a + b, vectors(a + b)))
    assert rows == {frozenset({("a", 0), ("b", 0)}), frozenset({("a", 1), ("b", 1)})}


WORDS = st.sampled_from(["river", "bridge", "mayor", "rain", "road", "police", "winter", "tax"])
TEXT = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
STORY = st.dictionaries(
    st.sampled_from("abcd"), st.lists(TEXT, min_size=1, max_size=4), min_size=1, max_size=4
)


@settings(max_examples=60, deadline=None)
@given(STORY, st.randoms(use_true_random=False))
def test_every_sentence_is_in_one_row_whatever_the_order(
    story: dict[str, list[str]], shuffle: random.Random
) -> None:
    sentences = [s for v, texts in story.items() for s in made(v, texts)]
    rows = align(sentences, vectors(sentences))
    places = [(v, i) for row in rows for v, cell in row.cells.items() for i in cell]
    assert sorted(places) == sorted((s.version, s.index) for s in sentences)
    shuffle.shuffle(sentences)
    assert align(sentences, vectors(sentences)) == rows


@settings(max_examples=60, deadline=None)
@given(STORY)
def test_links_are_between_words_and_one_to_one(story: dict[str, list[str]]) -> None:
    by_version = {v: made(v, texts) for v, texts in story.items()}
    sentences = [s for own in by_version.values() for s in own]
    known = vectors(sentences)
    rows = align(sentences, known)
    at = {(s.version, s.index): v for s, v in zip(sentences, known, strict=True)}
    for match in link_rows(rows, by_version, at).values():
        ours = [i for i, _ in match.pairs]
        theirs = [j for _, j in match.pairs]
        assert len(set(ours)) == len(ours)
        assert len(set(theirs)) == len(theirs)
        assert match.similarity.shape == (len(match.a_tokens), len(match.b_tokens))
        assert match.transposed().transposed() is not match
        assert match.transposed().transposed().pairs == match.pairs


def linked_words(a: str, b: str) -> dict[str, str]:
    """Words of one sentence and what they are linked to in the other."""
    by_version = {"a": made("a", [a]), "b": made("b", [b])}
    at = {(v, 0): vectors(s)[0] for v, s in by_version.items()}
    row = Row("R001", {"a": (0,), "b": (0,)})
    match = link_rows([row], by_version, at)["R001", "a", "b"]
    return {match.a_tokens[i].text: match.b_tokens[j].text for i, j in match.pairs}


def test_a_garbled_word_is_linked_by_its_place() -> None:
    links = linked_words("The Tokmak administration said no", "The Tokarev administration said no")
    assert links["Tokmak"] == "Tokarev"


@pytest.mark.parametrize("mark", [",", ".", "”"])
def test_marks_are_never_linked(mark: str) -> None:
    assert mark not in linked_words(f"He came {mark} then left", f"He came {mark} then left")
