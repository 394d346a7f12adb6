"""What becomes of edits that the language model prefers: how bad, and where nothing is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stories import story_of

from audit.config import Settings
from audit.detect import unidiomatic, wrong_term
from audit.model import Doubt, Edit, Finding, Reading, Story

GARBLED, SOUND = 0.15, 0.01
BODY = story_of(
    a="Boone scored 19 factors in one game on Monday.",
    b="Boone scored 19 points in one game on Monday.",
    c="On Monday, in one game, Boone scored 19 points.",
)
HEADLINE = story_of(
    a="Former guard useless at 44\n\nHe was ill.",
    b="Former guard dead at 44\n\nHe was ill.",
    c="Former guard dies at 44\n\nHe had been ill.",
)


def edited(quote: str, text: str, gain: float, rate: float) -> Story:
    """A story with one edit of its first version, which errs at this rate."""
    story = HEADLINE if quote == "useless" else BODY
    (own, theirs) = (story.version(v).text for v in "ab")
    start, at = own.index(quote), theirs.index(text)
    sentence = next(s for s in story.sentences["a"] if s.start <= start < s.end)
    edit = Edit(
        *("a", sentence.index, start, start + len(quote), quote, text),
        *(tuple(quote.split()), tuple(text.split())),
        Reading("b", at, at + len(text), text),
        Doubt(0.7, 0.3),
        gain=gain,
        confidence=0.9,
    )
    return replace(story, edits=(edit,), error_rates={"a": rate, "b": SOUND})


def found(story: Story) -> list[Finding]:
    return [f for d in (wrong_term, unidiomatic) for f in d.detect(story, Settings())]


@pytest.mark.parametrize(
    ("quote", "text", "gain", "rate", "severity"),
    [
        ("factors", "points", 10.0, GARBLED, "major"),
        ("factors", "points", 2.0, GARBLED, "minor"),
        ("factors", "points", 10.0, SOUND, "minor"),
        ("factors in one", "points in one", 10.0, GARBLED, "major"),
        ("in", "on", 10.0, GARBLED, None),
        ("useless", "dead", 10.0, GARBLED, "major"),
        ("useless", "dead", 2.0, GARBLED, None),
        ("useless", "dead", 10.0, SOUND, None),
    ],
)
def test_a_far_worse_word_of_a_garbled_version_is_major_in_headlines_too(
    quote: str, text: str, gain: float, rate: float, severity: str | None
) -> None:
    findings = found(edited(quote, text, gain, rate))
    assert [f.severity for f in findings] == ([severity] if severity else [])
    assert all((f.quote, f.suggestion) == (quote, text) for f in findings)
    assert all(f.measures[1].threshold == (8.0 if severity == "major" else 0.0) for f in findings)


def test_one_witness_or_one_that_has_the_word_too_makes_it_no_major_one() -> None:
    story = edited("factors", "points", 10.0, GARBLED)
    (row,) = story.rows
    witnesses = story.witnesses[row.id, "a"]
    alone = replace(witnesses, versions=("b",))
    (finding,) = found(replace(story, witnesses={**story.witnesses, (row.id, "a"): alone}))
    assert finding.severity == "minor"
    having = story_of(
        a=BODY.version("a").text, b=BODY.version("b").text, c="Boone had 19 factors on Monday."
    )
    again = replace(having, edits=story.edits, error_rates=story.error_rates)
    (finding,) = found(again)
    assert finding.severity == "minor"
