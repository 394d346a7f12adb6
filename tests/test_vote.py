"""Versions convict each other by how often each errs and how near their cells are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from engines import engine
from hypothesis import given
from hypothesis import strategies as st
from stories import story_of

from audit.compare.prior import unweighed, weighed
from audit.compare.vote import blame
from audit.model import Degree, Story, Version

GARBLED, SOUND = 0.15, 0.01


def story(**rates: float) -> Story:
    texts = dict.fromkeys(rates, "The ship arrived.")
    return replace(story_of(**texts), error_rates=rates)


def test_the_garbled_page_is_wrong_and_the_sound_one_is_not() -> None:
    s = story(a=GARBLED, b=SOUND)
    assert blame(s, "a", ["b"], [], Degree.STATEMENT).is_decided
    assert not blame(s, "b", ["a"], [], Degree.STATEMENT).is_reported


def test_two_sound_pages_differ_rightly() -> None:
    s = story(a=SOUND, b=SOUND, c=SOUND)
    assert not blame(s, "a", ["b"], [], Degree.STATEMENT).is_reported
    assert not blame(s, "a", ["b", "c"], [], Degree.STATEMENT).is_reported


def test_of_two_unknown_pages_both_are_marked_and_neither_is_decided() -> None:
    found = blame(story_of(a="It came.", b="It went."), "a", ["b"], [], Degree.STATEMENT)
    assert found.is_reported and not found.is_decided
    assert found.believed == pytest.approx(found.either / 2)


def test_the_side_with_more_versions_is_right() -> None:
    s = story_of(a="It came.", b="It went.", c="It went.")
    assert blame(s, "a", ["b", "c"], [], Degree.STATEMENT).is_decided
    assert not blame(s, "b", ["a"], ["c"], Degree.STATEMENT).is_reported


def test_others_that_agree_convict_a_page_that_reads_well_if_it_is_the_same_text() -> None:
    s = story(a=SOUND, b=SOUND, c=SOUND, d=SOUND)
    assert blame(s, "a", ["b", "c", "d"], [], Degree.TEXT).is_decided
    assert not blame(s, "a", ["b", "c", "d"], [], Degree.STATEMENT).is_reported
    assert not blame(s, "b", ["a"], ["c", "d"], Degree.TEXT).is_reported
    assert not blame(s, "a", ["c", "d"], ["b"], Degree.TEXT).is_reported


@pytest.mark.parametrize("degree", [Degree.APART, Degree.EVENT])
def test_cells_that_are_not_near_contradict_nothing(degree: Degree) -> None:
    assert not blame(story(a=GARBLED, b=SOUND), "a", ["b"], [], degree).is_reported


def test_copies_count_once() -> None:
    s = story(a=GARBLED, b=GARBLED, c=GARBLED)
    forty = replace(s, copies=(frozenset({"a"}), frozenset({"b", "c"})))
    one = blame(forty, "a", ["b"], [], Degree.STATEMENT)
    assert blame(forty, "a", ["b", "c"], [], Degree.STATEMENT) == one


@given(st.floats(0, 1), st.floats(0.001, 0.9), st.floats(0.001, 0.9))
def test_what_models_judge_counts_more_in_a_version_that_errs_more(
    confidence: float, a: float, b: float
) -> None:
    s = story(a=min(a, b), b=max(a, b))
    low, high = (weighed(s, v, confidence) for v in "ab")
    assert 0 <= low <= high <= 1


@given(st.floats(0.05, 0.95), st.floats(0.001, 0.9))
def test_a_bar_for_what_is_weighed_has_its_like_before(bar: float, rate: float) -> None:
    s = story(a=rate)
    assert weighed(s, "a", unweighed(s, "a", bar)) == pytest.approx(bar, abs=0.05)


@given(st.floats(0, 0.99))
def test_a_version_of_unknown_quality_leaves_it_as_it_is(confidence: float) -> None:
    assert weighed(story_of(a="It came."), "a", confidence) == pytest.approx(confidence)


@pytest.mark.parametrize(
    ("other", "degree"),
    [
        (
            "The minister will fly to Riga on Thursday, where he will open a trade fair.",
            Degree.TEXT,
        ),
        (
            "The minister, who leaves for Riga on Tuesday, is to open a fair there.",
            Degree.STATEMENT,
        ),
    ],
    ids=["two words differ", "retold"],
)
def test_a_wrong_word_or_two_leave_it_the_same_text(other: str, degree: Degree) -> None:
    text = "The minister will fly to Riga on Tuesday, where she will open a trade fair."
    story = engine().align("s", [Version("a", text), Version("b", other)])
    assert story.nearness(story.rows[0], "a", "b") == degree
