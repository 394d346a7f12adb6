"""Questions against statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from audit.compare.claims.cell_pair import CellPair, Shift
from audit.model import Language, Measure

__all__ = ["questions"]


def questions(pair: CellPair) -> Iterator[Shift]:
    """A question where the other cell only states, or a statement where it asks."""
    asks, asked = _question_marks(pair.ours), _question_marks(pair.theirs)
    evidence = 0.5 + pair.coverage / 2
    if asks and not asked:
        start = _fronted(pair.ours, asks[0], pair.language)
        place = asks[0] if start is None else start
        yield Shift(
            "question",
            (place, place + 1),
            _end(pair.theirs),
            "major",
            evidence,
            Measure("question marks here alone", len(asks), 1),
            "A question here, a statement there",
        )
    elif asked and not asks and pair.ours:
        yield Shift(
            "question",
            _end(pair.ours),
            (asked[0], asked[0] + 1),
            "major",
            evidence,
            Measure("question marks there alone", len(asked), 1),
            "A statement here, a question there",
        )


def _question_marks(forms: Sequence[str]) -> list[int]:
    return [i for i, f in enumerate(forms) if "?" in f]


def _end(forms: Sequence[str]) -> tuple[int, int]:
    return (len(forms) - 1, len(forms)) if forms else (0, 0)


def _fronted(forms: Sequence[str], mark: int, language: Language) -> int | None:
    """The auxiliary that opens the question: first in its sentence or after a comma."""
    start = max((k + 1 for k in range(mark) if forms[k] in (".", "!", "?")), default=0)
    openings = [start, *(k + 1 for k in range(start, mark) if forms[k] in (",", '"', "“", "'"))]
    return next((k for k in openings if k < mark and language.is_auxiliary(forms[k])), None)
