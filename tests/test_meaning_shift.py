"""Meaning-shift: what two versions claim at one place, and who is marked for it."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines import engine

from audit.compare.claims.cell_pair import cell_pairs
from audit.config import Settings
from audit.detect import meaning_shift
from audit.language.base import Plain
from audit.language.en.verbs import base_forms, groups
from audit.model import Finding, Version

EXAMPLES = tomllib.loads(
    (Path(__file__).parent / "examples" / "meaning-shift.toml").read_text(encoding="utf-8")
)


def found(**texts: str) -> list[Finding]:
    story = engine().align("story", [Version(v, text) for v, text in texts.items()])
    findings = list(meaning_shift.detect(story, Settings()))
    for f in findings:
        assert all(m.value >= m.threshold for m in f.measures), "a measure and the bar it passed"
        assert f.quote == story.version(f.version).text[f.start : f.end] != ""
        for w in f.witnesses:
            assert w.quote == story.version(w.version).text[w.start : w.end] != ""
    return findings


@pytest.mark.parametrize("example", EXAMPLES["flag"], ids=lambda e: e["why"])
def test_shift_is_found_with_its_suggestion(example: dict[str, Any]) -> None:
    version, quote = example["version"], example["quote"]
    start = example["versions"][version].index(quote)
    hits = [
        f
        for f in found(**example["versions"])
        if f.version == version and f.start < start + len(quote) and start < f.end
    ]
    assert hits
    if "suggestion" in example:
        assert example["suggestion"] in [f.suggestion for f in hits]


@pytest.mark.parametrize("example", EXAMPLES["pass"], ids=lambda e: e["why"])
def test_same_meaning_passes(example: dict[str, Any]) -> None:
    assert found(**example["versions"]) == []


def test_the_outnumbered_version_alone_is_marked() -> None:
    right = "The ship arrived late in the harbour of the capital on Sunday."
    wrong = "The ship arrived early in the harbour of the capital on Sunday."
    findings = found(a=right, b=wrong, c=right)
    assert {f.version for f in findings} == {"b"}
    assert {w.version for f in findings for w in f.witnesses} == {"a", "c"}


def test_a_tie_marks_both_sides_with_less_confidence() -> None:
    right = "The ship arrived late in the harbour of the capital on Sunday."
    wrong = "The ship arrived early in the harbour of the capital on Sunday."
    tie, decided = found(a=right, b=wrong), found(a=right, b=wrong, c=right)
    assert {f.version for f in tie} == {"a", "b"}
    assert max(f.confidence for f in tie) < min(f.confidence for f in decided)


def test_past_for_future_is_serious_and_other_tenses_are_minor() -> None:
    past = "The old bridge was a stop on the king's journey through the valley."
    future = past.replace("was", "will be")
    present = past.replace("was", "is")
    assert {f.severity for f in found(a=past, b=future)} == {"major"}
    assert {f.severity for f in found(a=past, b=present)} == {"minor"}


def test_one_version_alone_is_never_marked() -> None:
    assert found(a="The minister did not set any figures. She will not be early.") == []


def test_a_language_without_lists_claims_nothing() -> None:
    texts = {"a": "The ship did not arrive late.", "b": "The ship arrived early, all said."}
    story = engine().align("story", [Version(v, text) for v, text in texts.items()])
    assert list(meaning_shift.detect(replace(story, language=Plain()), Settings())) == []


def test_cells_of_several_sentences_are_read_as_one() -> None:
    texts = {
        "a": "The bridge was closed at noon. The ferry will run until the evening.",
        "b": "The bridge was closed at noon, and the ferry will run until the evening.",
    }
    story = engine().align("story", [Version(v, text) for v, text in texts.items()])
    (row,) = [r for r in story.rows if len(r.cells) == 2]
    assert len(row.cells["a"]) == 2
    pairs = cell_pairs(story, row)
    pair = pairs["a", "b"]
    assert pair.flipped is pairs["b", "a"] and pair.flipped.flipped is pair
    assert [pair.ours[g.start : g.end] for g in dict.fromkeys(pair.verbs.values())] == [
        ("was", "closed"),
        ("will", "run"),
    ]


@pytest.mark.parametrize(
    ("sentence", "tense", "perfect", "progressive"),
    [
        ("it has also been carefully tracking debris", "present", True, True),
        ("it will not be repaired", "will", False, False),
        ("he went home", "past", False, False),
        ("she wants to leave", "present", False, False),
        ("they had left", "past", True, False),
        ("it was being moved", "past", False, True),
    ],
)
def test_verb_groups(sentence: str, tense: str, perfect: bool, progressive: bool) -> None:
    group = min(groups(tuple(sentence.split())).values(), key=lambda g: g.start)
    assert (group.tense, group.perfect, group.progressive) == (tense, perfect, progressive)


@pytest.mark.parametrize(
    ("form", "base"), [("carried", "carry"), ("was", "be"), ("took", "take"), ("planned", "plan")]
)
def test_base_forms(form: str, base: str) -> None:
    assert base in base_forms(form)
