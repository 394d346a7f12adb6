"""Small words that carry the claim: how many, why and when, whither, and who vouches for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from audit.compare.claims.cell_pair import BETWEEN, CELLS, CellPair, Shift
from audit.model import Language, Measure

__all__ = ["bounds", "connectives", "directions", "hedges", "quantities"]

SAME_PLACE = 0.5
"""Least evidence that two small words stand at one place: a link and a linked neighbour, or
linked neighbours on both sides."""

APART = 4
"""Tokens that lie between these words at most."""


def _is_contrary(language: Language, a: str, b: str) -> bool:
    """Whether words of two groups contradict each other at one place."""
    return (b,) in language.phrases("contrary", a)


def quantities(pair: CellPair) -> Iterator[Shift]:
    """All beside some, most beside few: how many are spoken of."""
    yield from _small_words(pair, "quantities", "quantifier", "Another amount", need_link=True)


def connectives(pair: CellPair) -> Iterator[Shift]:
    """Before beside after, because beside although."""
    yield from _small_words(
        pair, "connectives", "connective", "Another order or cause", need_link=False
    )


def _small_words(
    pair: CellPair, table: str, kind: str, states: str, *, need_link: bool
) -> Iterator[Shift]:
    groups = pair.language.groups(table)
    ours = [(i, groups[f]) for i, f in enumerate(pair.ours) if f in groups]
    theirs = [(j, groups[f]) for j, f in enumerate(pair.theirs) if f in groups]
    for i, a in ours:
        for j, b in theirs:
            if not _is_contrary(pair.language, a, b) or (need_link and j not in pair.partners(i)):
                continue
            near = pair.same_place(i, j)
            if near < SAME_PLACE or _have_both(pair, i, j, groups):
                continue
            yield Shift(
                kind,
                (i, i + 1),
                (j, j + 1),
                "major",
                0.4 + near / 2,
                Measure("same-place evidence", near, SAME_PLACE),
                states,
                swap=True,
            )


def _have_both(pair: CellPair, i: int, j: int, groups: Mapping[str, str]) -> bool:
    """Whether one side also has the other's word, or one of its group."""
    a, b = groups[pair.ours[i]], groups[pair.theirs[j]]
    ours = {groups[f] for k, f in enumerate(pair.ours) if f in groups and k != i}
    theirs = {groups[f] for k, f in enumerate(pair.theirs) if f in groups and k != j}
    return b in ours or a in theirs


def bounds(pair: CellPair) -> Iterator[Shift]:
    """More than beside less than, of one number."""
    ours, theirs = _bounds(pair), _bounds(pair.flipped)
    numbers = pair.language.words("number_words")
    for start, end, a in ours:
        for j, stop, b in theirs:
            if a == b or end >= len(pair.ours) or stop >= len(pair.theirs):
                continue
            number = pair.ours[end]
            if number != pair.theirs[stop] and stop not in pair.partners(end):
                continue
            if not any(c.isdigit() for c in number) and number not in numbers:
                continue
            if any(x == b for _, _, x in ours) or any(y == a for _, _, y in theirs):
                continue
            yield Shift(
                "quantifier",
                (start, end),
                (j, stop),
                "major",
                0.9,
                Measure("same number", 1, 1),
                "Another limit",
                swap=True,
            )


def _bounds(pair: CellPair) -> tuple[tuple[int, int, str], ...]:
    """Where a phrase of ours bounds what follows: start, end and "above" or "below".

    Of phrases inside each other the longest counts.
    """
    return _bounds_of(pair.language, pair.ours)


@lru_cache(maxsize=CELLS)
def _bounds_of(language: Language, forms: tuple[str, ...]) -> tuple[tuple[int, int, str], ...]:
    turning = language.words("before_bounds")
    found = [
        (k, end, group)
        for group in ("above", "below")
        for phrase in language.phrases("bounds", group)
        for k in range(len(forms) - len(phrase) + 1)
        if forms[k : (end := k + len(phrase))] == phrase and not (k and forms[k - 1] in turning)
    ]
    return tuple(
        x for x in found if not any(y[0] <= x[0] and x[1] <= y[1] and y != x for y in found)
    )


def directions(pair: CellPair) -> Iterator[Shift]:
    """A contrary preposition before the same word: taken by them, taken from them."""
    language = pair.language
    groups, base_forms = language.groups("directions"), language.base_forms
    gerunds = tuple(language.words("gerund_endings"))
    for i, a in enumerate(pair.ours):
        ours = _around(pair, i, groups)
        if ours is None:
            continue
        head, after = ours
        for p in pair.partners(after):
            j = _preposition_before(pair, p, p - (after - i) - 2, groups)
            if j is None or not _is_contrary(language, groups[a], groups[b := pair.theirs[j]]):
                continue
            their_head = _head(pair.flipped, j)
            if their_head is None or a in pair.theirs or b in pair.ours:
                continue
            words = pair.ours[after], pair.theirs[p]
            if any(w.endswith(gerunds) for w in words):
                continue
            if not base_forms(words[0]) & base_forms(words[1]):
                continue
            yield Shift(
                "role",
                (head, after + 1),
                (their_head, p + 1),
                "critical",
                0.5 + pair.likeness(after, p) / 2,
                Measure("linked words behind it", len(pair.partners(after)), 1),
                "Who does what to whom is turned round",
                swap=True,
            )


def _around(pair: CellPair, i: int, groups: Mapping[str, str]) -> tuple[int, int] | None:
    """The content words before and after our preposition; None if it has none or is none."""
    if pair.ours[i] not in groups:
        return None
    head, after = _head(pair, i), next(pair.contents(i, 1, 3), None)
    return None if head is None or after is None else (head, after)


def _head(pair: CellPair, i: int) -> int | None:
    """The content word that our preposition goes with; None where it is part of a longer one."""
    if i and pair.ours[i - 1] in pair.language.words("before_to"):
        return None
    return next(pair.contents(i, -1, 2), None)


def _preposition_before(
    pair: CellPair, end: int, start: int, groups: Mapping[str, str]
) -> int | None:
    """Their last preposition of a direction in [start, end)."""
    places = range(end - 1, max(-1, start - 1), -1)
    return next((k for k in places if pair.theirs[k] in groups), None)


def hedges(pair: CellPair) -> Iterator[Shift]:
    """A word of doubt on one side where the other states."""
    marks, doubts = pair.language.words("hedges"), pair.language.words("doubts")
    if any(f in doubts for f in pair.theirs):
        return
    for i, form in enumerate(pair.ours):
        if form not in marks:
            continue
        places = pair.counterparts(pair.neighbours(i))
        if len(places) >= BETWEEN and places[-1] - places[0] <= APART:
            yield Shift(
                "attribution",
                (i, i + 1),
                (places[0], places[-1] + 1),
                "major",
                0.7,
                Measure("words linked to its neighbours", len(places), BETWEEN),
                "In doubt here, stated as fact there",
            )
