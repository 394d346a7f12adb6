"""One speaker's words: which quote is said to drift, and which differences are none."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from engines import engine

from audit.compare.speech import likeness, speech
from audit.config import Settings
from audit.detect import quote_drift
from audit.model import Finding, Story, Version

EXAMPLES = tomllib.loads(
    (Path(__file__).parent / "examples" / "quote-drift.toml").read_text(encoding="utf-8")
)
SAID = "It hurts us to know that the old bridge is gone"
OTHER = "Knowing that the old bridge is gone is painful to us"


def align(texts: dict[str, str]) -> Story:
    return engine().align("story", [Version(v, t) for v, t in texts.items()])


def drift(texts: dict[str, str]) -> list[Finding]:
    return list(quote_drift.detect(align(texts), Settings()))


def words(text: str) -> tuple[str, ...]:
    story = align({"a": f"“{text},” she said."})
    return speech(story, story.rows[0])["a"].words


@pytest.mark.parametrize("example", EXAMPLES["flag"])
def test_drift_is_found_once(example: dict[str, dict[str, str]]) -> None:
    found = drift(example["versions"])
    assert [f.version for f in found] == [example["version"]], example["why"]
    assert found[0].quote in str(example["quote"]) or str(example["quote"]) in found[0].quote


@pytest.mark.parametrize("example", EXAMPLES["pass"])
def test_right_quotes_pass(example: dict[str, dict[str, str]]) -> None:
    assert drift(example["versions"]) == [], example["why"]


def test_finding_is_minor_and_suggests_nothing() -> None:
    (f,) = drift(
        {
            "a": f"“{SAID},” said the ferryman.",
            "b": f"The ferryman said: “{SAID}.”",
            "c": f"“{OTHER},” said the ferryman.",
        }
    )
    assert (f.severity, f.suggestion) == ("minor", None)
    assert {w.version for w in f.witnesses} == {"a", "b"}
    assert "not corrected" in f.message


def test_two_copies_are_one_witness() -> None:
    rest = (
        "The bridge over the Venn was built ninety years ago by farmers of three villages, who "
        "carried the stones from the quarry in baskets. It stood two floods and one war. On Sunday "
        "the third flood took it within an hour, while the market was still open on the bank. "
        "Nobody was hurt. The ferry has run without a pause ever since, and the queue reaches the "
        "church. The council wants to decide in June whether there is money for a new one."
    )
    quoted = f"“{SAID},” said the ferryman. {rest}"
    copies = {"a": quoted, "b": quoted, "c": f"“{OTHER},” said the ferryman."}
    assert drift(copies) == []
    assert drift(copies | {"d": f"“{SAID},” the ferryman told reporters on the bank."}) != []


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("we don't know the colour of it", "We do not know the color of it"),
        ("I’m sure they won’t organise the centre", "I am sure they will not organize the center"),
        ("you can't see that it's there now", "you cannot see that it is there now"),
    ],
)
def test_contractions_and_spelling_are_no_difference(a: str, b: str) -> None:
    assert likeness(words(a), words(b)) == 1.0


def test_title_in_quotation_marks_is_not_speech() -> None:
    story = align({"a": "She read “The Old Man and the Quiet Grey Sea of Stories” on the ferry."})
    assert speech(story, story.rows[0]) == {}
