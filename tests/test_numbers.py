"""Numbers: what is read from text, and which two can both be right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import story_of

from audit.compare.quantities import agree, other_unit
from audit.config import Settings
from audit.detect import number_mismatch
from audit.language.en import ENGLISH
from audit.model import Quantity


def read(text: str) -> tuple[Quantity, ...]:
    return ENGLISH.quantities(text, 0)


def one(text: str) -> Quantity:
    (found,) = read(text)
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,500,000 tulips", 1_500_000),
        ("1.5 million tulips", 1_500_000),
        ("272.000 cases", 272_000),
        ("two dozen men", 24),
        ("twenty-five men", 25),
        ("two hundred and six bones", 206),
        ("three milliard stars", 3e9),
        ("half a dozen eggs", 6),
        ("half a million coins", 500_000),
        ("10 km away", 10_000),
        ("71,4 percent", 71.4),
        ("$14.2bn", 14.2e9),
        ("€13 500", 13_500),
        ("₹5 lakh crore", 5e12),
        ("Rs 12,34,567", 1_234_567),
        ("40 lakh", 4_000_000),
        ("1.5m people", 1_500_000),
        ("£1.5m", 1_500_000),
        ("1.5m high", 1.5),
        ("one and a half million people", 1_500_000),
        ("5 dl", 0.5),
        ("at noon GMT", 720),
    ],
)
def test_values_are_read(text: str, value: float) -> None:
    assert one(text).low == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("It opened in 1985.", "year"),
        ("about 2000 people came", "count"),
        ("the 1920s", "period"),
        ("in the 19th century", "period"),
        ("men in their forties", "decade"),
        ("on the 24th", "day"),
        ("in April", "month"),
        ("by May", None),
        ("on Thursday", "weekday"),
        ("Black Friday sales", None),
        ("at 3:40 p.m.", "time"),
        ("at 8 pm", "time"),
        ("34 percent of voters", "percent"),
        ("$40 a barrel", "money"),
        ("RMB280 million", "money"),
        ("the F-35 jet", "label"),
    ],
)
def test_kinds_are_told_apart(text: str, kind: str | None) -> None:
    assert [q.kind for q in read(text)] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("more than 3,800 homes", "3,812 homes"),
        ("dozens of men", "26 men"),
        ("about 2,500 men", "2,523 men"),
        ("2,500 men", "2,523 men"),
        ("nearly 100 men", "96 men"),
        ("10 km", "6.2 miles"),
        ("48 hours", "two days"),
        ("the 1800s", "the 19th century"),
        ("3:40 p.m.", "15:40"),
        ("the 24th", "24th"),
        ("1.062 coins", "1,062 coins"),
        ("12:30 p.m. EST", "1730 GMT"),
        ("7 a.m. Eastern time", "noon GMT"),
        ("12:30 local time", "12:30 p.m. local time"),
        ("£250m", "250 million pounds"),
        ("60 miles an hour", "97 km/h"),
        ("two dozen men", "24 men"),
    ],
)
def test_what_can_both_be_right_agrees(a: str, b: str) -> None:
    assert agree(one(a), one(b)) and agree(one(b), one(a))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("more than 3,700 arrests", "more than 3,800 arrests"),
        ("250 runs", "247 runs"),
        ("around 5,900 dead", "around 5000 dead"),
        ("14 percent", "19 percent"),
        ("in 1985", "in 1958"),
        ("early 20th century", "the 1800s"),
        ("the F-43 jet", "the F-35 jet"),
        ("the 18th", "the 24th"),
        ("25-33 years", "25-30 years"),
    ],
)
def test_what_cannot_both_be_right_disagrees(a: str, b: str) -> None:
    assert agree(read(a)[-1], read(b)[-1]) is False


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("34 percent", "34 men"),
        ("in 1985", "1,985 men"),
        ("$870,000", "£695,000"),
        ("HK$40", "US$5"),
        ("11:30 a.m. local time", "5.32pm GMT"),
        ("the 100m hurdles", "100 million"),
        ("in April", "on Friday"),
    ],
)
def test_different_kinds_are_not_compared(a: str, b: str) -> None:
    assert agree(one(a), one(b)) is None


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("20 million dollars", "20 million kronor", True),
        ("€5", "£5", True),
        ("3 cups", "3 dl", True),
        ("5 days", "5 weeks", True),
        ("20 million kroner", "20 million kronor", False),
        ("$5", "5 Australian dollars", False),
        ("$5", "£6", False),
        ("5 people", "5 days", False),
    ],
)
def test_the_same_figure_in_another_unit_is_told_apart(a: str, b: str, expected: bool) -> None:
    assert other_unit(one(a), one(b)) is expected


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("about 20 million Australian dollars more", "20 million Australian dollars"),
        ("for €13 500 a year", "€13 500"),
        ("at 12:30 p.m. ET today", "12:30 p.m. ET"),
        ("some 3 dl of milk", "3 dl"),
    ],
)
def test_a_quantity_knows_where_its_unit_stands(text: str, whole: str) -> None:
    assert text[slice(*one(text).whole)] == whole


@given(st.text(max_size=80))
def test_any_text_is_read_with_right_offsets(text: str) -> None:
    for q in read(text):
        assert 0 <= q.whole[0] <= q.start < q.end <= q.whole[1] <= len(text)
        assert q.low <= q.high
        assert agree(q, q)


@given(st.integers(0, 10**9))
def test_a_grouped_figure_is_the_plain_figure(n: int) -> None:
    assert agree(one(f"{n:,} coins"), one(f"exactly {n:,} coins"))
    assert one(f"{n:,} coins").low == n


def test_two_versions_contradict_each_other_on_both_sides() -> None:
    s = story_of(a="Police made 37 arrests in Veldin.", b="Police made 73 arrests in Veldin.")
    found = {f.version: f for f in number_mismatch.detect(s, Settings())}
    assert (found["a"].quote, found["a"].suggestion) == ("37", "73")
    assert (found["b"].quote, found["b"].suggestion) == ("73", "37")
    assert "not decided" in found["a"].message and found["a"].confidence <= 0.5


def test_the_side_of_fewer_versions_is_marked() -> None:
    right = "Police made 73 arrests in Veldin."
    s = story_of(a="Police made 37 arrests in Veldin.", b=right, c=right)
    (only,) = number_mismatch.detect(s, Settings())
    assert only.version == "a" and only.severity == "critical"
    assert {w.version for w in only.witnesses} == {"b", "c"}


def test_a_number_that_stands_elsewhere_in_the_version_is_no_contradiction() -> None:
    a = "Police made 3,700 arrests on Monday. On Tuesday they made 250 arrests."
    b = "On Tuesday they made 250 arrests. Police had made 3,700 arrests on Monday."
    assert not list(number_mismatch.detect(story_of(a=a, b=b), Settings()))


def test_one_version_alone_gives_nothing() -> None:
    s = story_of(a="Police made 37 arrests. Then police made 73 arrests.")
    assert not list(number_mismatch.detect(s, Settings()))
