"""Pronouns of one gender against those of another, or of a person against a thing: he, she, its."""

from __future__ import annotations

from collections.abc import Iterator

from audit.compare.claims.cell_pair import CellPair, Shift
from audit.model import Measure

__all__ = ["genders", "has_gender", "things"]

CLEAR = 0.4
"""Least coverage of our words by theirs for the one gender of all their pronouns to decide ours."""

BOTH_SIDES = 1.0
"""Least evidence that a thing's pronoun stands for a person's, which a ship or a country may have
too, and that another version has ours in its place: it is linked, and so are the words on both
sides."""


def genders(pair: CellPair) -> Iterator[Shift]:
    """A pronoun of the other gender than the other cell's at the same place."""
    gender = pair.language.groups("gender")
    ours = [(i, gender[f]) for i, f in enumerate(pair.ours) if f in gender]
    theirs = [(j, gender[f]) for j, f in enumerate(pair.theirs) if f in gender]
    known = {g for _, g in theirs}
    for n, (i, our_gender) in enumerate(ours):
        linked = [(j, g) for j, g in theirs if j in pair.partners(i)]
        if linked:
            j, g = linked[0]
            evidence, measure = 1.0, Measure("linked pronouns", len(linked), 1)
        elif len(known) == 1 and pair.coverage >= CLEAR:
            j, g = theirs[0]
            evidence, measure = 0.8, Measure("linked content words", round(pair.coverage, 3), CLEAR)
        elif theirs and len(ours) == len(theirs):
            j, g = theirs[n]
            evidence, measure = 0.7, Measure("pronouns", len(ours), len(theirs))
        else:
            continue
        if g == our_gender:
            continue
        yield Shift(
            "gender",
            (i, i + 1),
            (j, j + 1),
            "critical",
            evidence,
            measure,
            "Another person",
            swap=bool(linked),
        )


def has_gender(pair: CellPair, ours: tuple[int, int]) -> bool:
    """Whether the other cell has a pronoun of the gender of ours in its place, or else no other.

    A thing's pronoun counts as a gender.
    """
    gender = {**pair.language.groups("gender"), **dict.fromkeys(pair.language.words("things"), "")}
    theirs = {j: gender[f] for j, f in enumerate(pair.theirs) if f in gender}
    there = {g for j, g in theirs.items() if pair.same_place(ours[0], j) >= BOTH_SIDES}
    return (there or set(theirs.values())) == {gender[pair.ours[ours[0]]]}


def things(pair: CellPair) -> Iterator[Shift]:
    """A thing's pronoun at the place of a person's."""
    gender, thing = pair.language.groups("gender"), pair.language.words("things")
    for i, form in enumerate(pair.ours):
        if form not in thing:
            continue
        found = [j for j in pair.partners(i) if pair.theirs[j] in gender]
        if not found or (near := pair.same_place(i, found[0])) < BOTH_SIDES:
            continue
        yield Shift(
            "gender",
            (i, i + 1),
            (found[0], found[0] + 1),
            "major",
            near,
            Measure("same-place evidence", near, BOTH_SIDES),
            "A thing for a person",
            swap=True,
        )
