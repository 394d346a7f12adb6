"""Meaning-shift: what two versions claim at one place, and who is marked for it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from engines import engine

from audit.config import Settings
from audit.detect import meaning_shift
from audit.language.en.verbs import base_forms, groups
from audit.model import Finding, Version

EXAMPLES = tomllib.loads(
    (Path(__file__).parent / "examples" / "meaning-shift.toml").read_text(encoding="utf-8")
)


def found(**texts: str) -> list[Finding]:
    story = engine().align("story", [Version(v, text) for v, text in texts.items()])
    findings = list(meaning_shift.detect(story, Settings()))
    for f in findings:
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
    tie, outnumbered = found(a=right, b=wrong), found(a=right, b=wrong, c=right)
    assert {f.version for f in tie} == {"a", "b"}
    assert max(f.confidence for f in tie) < min(f.confidence for f in outnumbered)


def test_past_for_future_is_serious_and_other_tenses_are_minor() -> None:
    past = "The old bridge was a stop on the king's journey through the valley."
    future = past.replace("was", "will be")
    present = past.replace("was", "is")
    assert {f.severity for f in found(a=past, b=future)} == {"major"}
    assert {f.severity for f in found(a=past, b=present)} == {"minor"}


def test_one_version_alone_is_never_marked() -> None:
    assert found(a="The minister did not set any figures. She will not be early.") == []


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
