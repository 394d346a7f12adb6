"""What a sentence does and of whom it speaks: questions against statements, he against she."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from audit.compare.claims.cell_pair import Facing, Shift
from audit.language.en.claims import groups_of
from audit.language.en.verbs import is_auxiliary

__all__ = ["genders", "questions"]

CLEAR = 0.4
"""Least coverage of our words by theirs for the one gender of all their pronouns to tell ours."""


def questions(facing: Facing) -> Iterator[Shift]:
    """A question where the other cell only states, or a statement where it asks."""
    asks, asked = _question_marks(facing.ours), _question_marks(facing.theirs)
    if asks and not asked:
        mark = asks[0]
        start = _fronted(facing.ours, mark)
        place = (start, start + 1) if start is not None else (mark, mark + 1)
        yield Shift(
            "question", place, _end(facing.theirs), "major", _cover(facing),
            "asked here, stated there",
        )  # fmt: skip
    elif asked and not asks and facing.ours:
        yield Shift(
            "question", _end(facing.ours), (asked[0], asked[0] + 1), "major", _cover(facing),
            "stated here, asked there",
        )  # fmt: skip


def _question_marks(forms: Sequence[str]) -> list[int]:
    return [i for i, f in enumerate(forms) if "?" in f]


def _end(forms: Sequence[str]) -> tuple[int, int]:
    return (len(forms) - 1, len(forms)) if forms else (0, 0)


def _fronted(forms: Sequence[str], mark: int) -> int | None:
    """The auxiliary that opens the question: first in its sentence or after a comma."""
    start = max((k + 1 for k in range(mark) if forms[k] in (".", "!", "?")), default=0)
    openings = [start, *(k + 1 for k in range(start, mark) if forms[k] in (",", '"', "“", "'"))]
    return next((k for k in openings if k < mark and is_auxiliary(forms[k])), None)


def _cover(facing: Facing) -> float:
    return 0.5 + facing.coverage / 2


def genders(facing: Facing) -> Iterator[Shift]:
    """A pronoun of the other gender than the other cell's at the same place."""
    gender = groups_of("gender")
    ours = [(i, gender[f]) for i, f in enumerate(facing.ours) if f in gender]
    theirs = [(j, gender[f]) for j, f in enumerate(facing.theirs) if f in gender]
    known = {g for _, g in theirs}
    aligned = len(ours) == len(theirs)
    for n, (i, ours_gender) in enumerate(ours):
        linked = [(j, g) for j, g in theirs if j in facing.partners(i)]
        if linked:
            j, g = linked[0]
            evidence = 1.0
        elif len(known) == 1 and facing.coverage >= CLEAR:
            j, g = theirs[0]
            evidence = 0.8
        elif aligned and theirs:
            j, g = theirs[n]
            evidence = 0.7
        else:
            continue
        if g == ours_gender:
            continue
        theirs_form = facing.theirs[j]
        yield Shift(
            "gender", (i, i + 1), (j, j + 1), "critical", evidence,
            f"“{facing.ours[i]}” here, “{theirs_form}” there", swap=bool(linked),
        )  # fmt: skip
