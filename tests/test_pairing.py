"""Pairs of what two cells have at one place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from audit.compare.pairing import Pair, best_pairs, rivals
from audit.model import Quantity


def number(start: int) -> Quantity:
    return Quantity(start, start + 1, 1, 1, "count", "exact", "", 1)


def pair(ours: int, theirs: int, evidence: float) -> Pair[Quantity]:
    return Pair(number(ours), number(theirs), evidence)


PAIRS = st.lists(st.builds(pair, st.integers(0, 5), st.integers(0, 5), st.sampled_from([0.5, 1.0])))


def test_the_best_pair_goes_first_and_takes_both_its_items() -> None:
    scored = [pair(0, 0, 0.7), pair(0, 1, 0.9), pair(1, 1, 0.8), pair(1, 2, 0.6)]
    assert best_pairs(scored, 0.5) == [scored[1], scored[3]]


def test_a_pair_of_too_little_evidence_is_left_out() -> None:
    assert best_pairs([pair(0, 0, 0.4)], 0.5) == []


@given(PAIRS)
def test_both_sides_choose_the_same_pairs(scored: list[Pair[Quantity]]) -> None:
    flipped = [Pair(p.theirs, p.ours, p.evidence) for p in scored]
    back = {(p.theirs, p.ours) for p in best_pairs(flipped, 0.5)}
    assert {(p.ours, p.theirs) for p in best_pairs(scored, 0.5)} == back


def test_each_two_versions_are_paired_once_and_seen_from_both_sides() -> None:
    asked: list[tuple[str, str]] = []

    def pairs_of(a: str, b: str) -> list[Pair[Quantity]]:
        asked.append((a, b))
        return [pair(1, 2, 0.9)] if (a, b) == ("a", "b") else []

    found = rivals(["b", "c", "a"], pairs_of)
    assert asked == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found == {
        ("a", number(1)): {"b": pair(1, 2, 0.9)},
        ("b", number(2)): {"a": pair(2, 1, 0.9)},
    }
