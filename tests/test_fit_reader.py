"""Training the reader: what marks say of tokens, and that the product runs what was trained."""

from __future__ import annotations

import numpy as np
import torch
from calibration.marked import (
    CATEGORIES,
    KEPT_WEIGHT,
    NO_FAULT,
    Label,
    fold_of,
    labels,
    marks_of,
)
from calibration.network import Scales, lessons, predict, train, weights
from calibration.seen import Seen

from audit.language.en import ENGLISH
from audit.measure.reader import NUMBERS, Reader
from audit.model import Version
from audit.segment.sentences import segment

TEXT = "The harbour opened again on Friday. The president of the pillars has approved after it."
SOUND = Label(False, False, NO_FAULT, 1.0)


def mark(quote: str, category: str, severity: str, suggestion: str | None) -> dict[str, object]:
    start = TEXT.index(quote)
    return {
        "start": start,
        "end": start + len(quote),
        "category": category,
        "severity": severity,
        "suggestion": suggestion,
    }


def labelled(*marks: dict[str, object]) -> dict[str, Label]:
    sentences, _ = segment(Version("a", TEXT), ENGLISH)
    found = marks_of(marks)
    return {
        t.text: label
        for s in sentences[1:]
        for t, label in zip(s.tokens, labels(s, found), strict=True)
    }


def test_tokens_under_a_mark_are_faults_and_no_others() -> None:
    of = labelled(mark("president of the pillars", "wrong-term", "critical", "chief of staff"))
    wrong = CATEGORIES.index("wrong-term")
    assert of["president"] == of["pillars"] == Label(True, True, wrong, 1.0)
    assert of["has"] == of["approved"] == SOUND


def test_a_marked_word_that_the_suggestion_keeps_weighs_less() -> None:
    of = labelled(mark("president of the pillars", "wrong-term", "critical", "Chief Of Staff"))
    assert of["of"].any
    assert of["of"].weight == KEPT_WEIGHT


def test_a_minor_mark_is_a_fault_but_not_a_serious_one() -> None:
    of = labelled(mark("approved after", "typo", "minor", "<delete>"))
    assert of["after"] == Label(True, False, CATEGORIES.index("other"), 1.0)


def test_of_two_marks_over_a_token_the_graver_severity_and_the_last_category_count() -> None:
    of = labelled(
        mark("approved after", "ungrammatical", "minor", None),
        mark("has approved", "meaning-shift", "major", None),
    )
    assert of["approved"] == Label(True, True, CATEGORIES.index("ungrammatical"), 1.0)


def test_scrape_residue_and_punctuation_teach_nothing() -> None:
    of = labelled(mark("after it", "scrape-residue", "minor", "<delete>"))
    assert of["it"].weight == 0.0
    assert of["."].weight == 0.0


def test_every_story_has_the_same_fold_whatever_the_order() -> None:
    stories = [f"ar-{k:02}" for k in range(20)]
    folds = fold_of(reversed(stories), 5)
    assert folds == fold_of(stories, 5)
    assert sorted(folds.values()) == sorted([*range(5)] * 4)


def test_the_product_says_of_each_token_what_the_trained_networks_say() -> None:
    torch.set_num_threads(1)
    rng = np.random.default_rng(1)
    ends = np.array([4, 5, 40, 64])
    layers, width = 2, 160  # more than the axes that are kept
    seen = Seen(
        tuple(("garbled", "s", "garbled", k) for k in range(len(ends))),
        ends,
        rng.normal(size=(64, layers * width)).astype(np.float16),
        rng.normal(size=(64, NUMBERS)).astype(np.float32),
        np.zeros(64, np.float32),
        ((),) * len(ends),
    )
    told = [Label(k % 4 == 0, k % 8 == 0, 0 if k % 4 == 0 else NO_FAULT, 1.0) for k in range(64)]
    scales = Scales(seen, np.arange(64), layers)
    given = lessons(seen, told, scales)
    networks = [train(given, np.arange(4), seed) for seed in (0, 1)]
    for network in networks:  # what so short a training tells apart is too little to compare
        torch.nn.init.normal_(network.out.weight)
    logits = np.mean([predict(n, given, np.arange(4)) for n in networks], axis=0)
    arrays = {k: v.astype(np.float32) for k, v in weights(networks, scales).items()}
    reader = Reader(
        arrays | {"layers": np.array([1.0, 2.0]), "calibration": np.array([[1.0, 1.0], [0.0, 0.0]])}
    )
    for start, end in zip([0, *ends], ends, strict=False):
        states = seen.states[start:end].astype(np.float32)
        found = reader._apply(states, seen.numbers[start:end])
        expected = 1 / (1 + np.exp(-logits[start:end]))
        assert np.allclose(found, expected, atol=5e-3)
    assert logits.std() > 1
