"""Small words that carry the claim: how many, why and when, whither, and who vouches for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from audit.compare.claims.cell_pair import Facing, Shift
from audit.language.en.claims import groups_of, listed, phrases_of, table
from audit.language.en.verbs import base_forms

__all__ = ["bounds", "connectives", "directions", "hedges", "quantities"]

SAME_PLACE = 0.5
"""Least evidence that two small words stand at one place: a link and a linked neighbour, or
linked neighbours on both sides."""

_FAR_APART = {
    frozenset(pair)
    for pair in (
        ("all", "some"), ("all", "few"), ("all", "none"), ("most", "few"), ("most", "some"),
        ("most", "none"), ("many", "few"), ("many", "none"), ("some", "none"), ("all", "many"),
    )
}  # fmt: skip
_CONTRARY = {
    frozenset(pair)
    for pair in (
        ("before", "after"), ("cause", "concession"), ("condition", "exception"),
    )
}  # fmt: skip


def quantities(facing: Facing) -> Iterator[Shift]:
    """All beside some, most beside few: how many are spoken of."""
    yield from _small_words(facing, "quantities", _FAR_APART, "quantifier", need_link=True)


def connectives(facing: Facing) -> Iterator[Shift]:
    """Before beside after, because beside although."""
    yield from _small_words(facing, "connectives", _CONTRARY, "connective", need_link=False)


def _small_words(
    facing: Facing, name: str, contrary: set[frozenset[str]], kind: str, *, need_link: bool
) -> Iterator[Shift]:
    groups = groups_of(name)
    for i, a in enumerate(facing.ours):
        for j, b in enumerate(facing.theirs):
            if a not in groups or b not in groups:
                continue
            if frozenset((groups[a], groups[b])) not in contrary:
                continue
            linked = j in facing.partners(i)
            evidence = facing.same_place(i, j)
            if evidence < SAME_PLACE or (need_link and not linked) or _told(facing, i, j, groups):
                continue
            yield Shift(
                kind, (i, i + 1), (j, j + 1), "major", 0.4 + evidence / 2,
                f"“{a}” here, “{b}” there", swap=True,
            )  # fmt: skip


def _told(facing: Facing, i: int, j: int, groups: dict[str, str]) -> bool:
    """Whether each side also has the other's word, or one of its group."""
    a, b = groups[facing.ours[i]], groups[facing.theirs[j]]
    ours = {groups[f] for k, f in enumerate(facing.ours) if f in groups and k != i}
    theirs = {groups[f] for k, f in enumerate(facing.theirs) if f in groups and k != j}
    return b in ours or a in theirs


def bounds(facing: Facing) -> Iterator[Shift]:
    """More than beside less than, of one number."""
    ours, theirs = _bounds(facing.ours), _bounds(facing.theirs)
    for start, end, a in ours:
        for j, stop, b in theirs:
            if a == b or end >= len(facing.ours) or stop >= len(facing.theirs):
                continue
            if facing.ours[end] != facing.theirs[stop] and stop not in facing.partners(end):
                continue
            if not any(c.isdigit() for c in facing.ours[end]) and end not in _numbers(facing):
                continue
            if any(x == b for _, _, x in ours) or any(y == a for _, _, y in theirs):
                continue
            here, there = " ".join(facing.ours[start:end]), " ".join(facing.theirs[j:stop])
            yield Shift(
                "quantifier", (start, end), (j, stop), "major", 0.9,
                f"“{here}” here, “{there}” there", swap=True,
            )  # fmt: skip


def _numbers(facing: Facing) -> set[int]:
    return {i for i, f in enumerate(facing.ours) if f in listed("number_words")}


def _bounds(forms: Sequence[str]) -> list[tuple[int, int, str]]:
    """Where a phrase bounds what follows: start, end and "above" or "below". Longest first."""
    found: list[tuple[int, int, str]] = []
    for group in ("above", "below"):
        for phrase in phrases_of("bounds", group):
            for k in range(len(forms) - len(phrase) + 1):
                end = k + len(phrase)
                if tuple(forms[k:end]) == phrase and not (k and forms[k - 1] in ("no", "not")):
                    found.append((k, end, group))
    return [x for x in found if not any(y[0] <= x[0] and x[1] <= y[1] and y != x for y in found)]


def directions(facing: Facing) -> Iterator[Shift]:
    """A contrary preposition before the same word: taken by them, taken from them."""
    pairs = table("direction_pairs")
    groups = groups_of("directions")
    for i, a in enumerate(facing.ours):
        if a not in groups:
            continue
        after = next(facing.contents(i, 1, 3), None)
        head = next(facing.contents(i, -1, 2), None)
        if after is None or head is None or facing.ours[i - 1] in listed("before_to"):
            continue
        for p in facing.partners(after):
            j = _preposition_before(facing.theirs, p, p - (after - i) - 2, groups)
            if j is None or groups[b := facing.theirs[j]] not in pairs.get(groups[a], ()):
                continue
            their_head = next(facing.flipped.contents(j, -1, 2), None)
            if their_head is None or any(
                f.endswith("ing") for f in (facing.ours[after], facing.theirs[p])
            ):
                continue
            if facing.theirs[j - 1] in listed("before_to"):
                continue
            if not base_forms(facing.ours[after]) & base_forms(facing.theirs[p]):
                continue
            if a in facing.theirs or b in facing.ours:
                continue
            yield Shift(
                "role", (head, after + 1), (their_head, p + 1), "critical",
                0.5 + facing.likeness(after, p) / 2,
                f"{facing.ours[head]} {a} here, {facing.theirs[their_head]} {b} there",
                swap=True,
            )  # fmt: skip


def _preposition_before(
    forms: Sequence[str], end: int, start: int, groups: dict[str, str]
) -> int | None:
    return next((k for k in range(end - 1, max(-1, start - 1), -1) if forms[k] in groups), None)


def hedges(facing: Facing) -> Iterator[Shift]:
    """A word of doubt on one side where the other states."""
    marks = listed("hedges")
    if any(f in listed("doubts") for f in facing.theirs):
        return
    for i, form in enumerate(facing.ours):
        if form not in marks:
            continue
        around = [*list(facing.contents(i, 1))[:1], *list(facing.contents(i, -1))[:1]]
        places = facing.counterparts(around)
        if len(places) >= 2 and places[-1] - places[0] <= 4:
            yield Shift(
                "attribution", (i, i + 1), (places[0], places[-1] + 1), "major", 0.7,
                f"“{form}” here, stated as fact there",
            )  # fmt: skip
