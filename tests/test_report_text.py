"""The terminal listing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from story import RESULT

from audit.report.text import clean, listing

GOLDEN = Path(__file__).parent / "golden"
LINE = re.compile(r"\S+:\d+:\d+ (minor|major|critical) [a-z-]+: .+ \[[01]\.\d\d\]")

CONTROL = {"Cc", "Cf", "Cs", "Zl", "Zp"}
JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))


def finding_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if LINE.fullmatch(line)]


def test_listing_is_as_kept() -> None:
    shown = listing(RESULT, seconds=3.21)
    assert shown == (GOLDEN / "report.txt").read_text(encoding="utf-8")


def test_one_line_a_finding_by_version_and_place() -> None:
    shuffled = replace(RESULT, findings=RESULT.findings[::-1])
    assert finding_lines(listing(shuffled)) == finding_lines(listing(RESULT))
    assert len(finding_lines(listing(RESULT))) == len(RESULT.findings)


def test_place_counts_lines_and_code_points_from_one() -> None:
    line = finding_lines(listing(RESULT))[9]
    assert line.startswith("d-blog:4:14 minor name-variant: ")
    text = RESULT.version("d-blog").version.text
    assert text.split("\n")[3][13:].startswith("Marketti")


def test_spot_check_names_the_file_and_leaves_out_the_ranking() -> None:
    shown = listing(RESULT, files={"b-post": "in/b.txt"}, summary=False)
    assert shown.startswith("in/b.txt:2:10 major number-mismatch")
    assert "Worst faults" not in shown


def test_message_that_is_a_sentence_runs_into_its_quote() -> None:
    said = replace(RESULT.findings[4], message="Wrong word.")
    shown = listing(replace(RESULT, findings=(said,)))
    assert finding_lines(shown) == [
        "b-post:5:5 major wrong-term: Wrong word: “tank” → “reservoir” [0.84]"
    ]


def test_clean_story_says_so() -> None:
    shown = listing(replace(RESULT, findings=(), skipped=()), seconds=1.0)
    assert shown.splitlines()[-1] == (
        "0 findings; 25 of 26 sentences aligned; 275 words scored; 0 skipped; 1.0 s"
    )
    assert "Worst faults" not in shown


def test_one_version_alone_is_said() -> None:
    alone = replace(RESULT, versions=RESULT.versions[:1], findings=())
    assert "7 sentences of one version, nothing to compare with" in listing(alone)


def test_colour_changes_nothing_but_colour() -> None:
    coloured = listing(RESULT, seconds=3.21, colour=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == listing(RESULT, seconds=3.21)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("a\u202eb", r"a\u202eb"),
        ("two\nlines", "two lines"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("क्‍ष", "क्‍ष"),
    ],
)
def test_hostile_text_cannot_steer_the_terminal(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


@given(st.text(st.characters()))
def test_cleaned_text_is_one_line_without_control_characters(text: str) -> None:
    shown = clean(text)
    assert len(shown.splitlines()) <= 1
    assert {unicodedata.category(c) for c in shown.translate(JOINERS)} & CONTROL == set()
