"""A finding: one fault at one place, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass

from audit.model.category import Severity
from audit.model.text import Reading


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured value behind a finding and the threshold that it crossed."""

    name: str
    value: float
    threshold: float


MISREAD = "probability of another word"
"""Name of the measure that a word stands for another one than was meant."""

EDIT = "confidence of the edit"
"""Name of the measure that is the confidence of an edit."""

DOUBT = "doubt"
"""Name of the measure that is the word model's doubt."""


SECOND_READER = "second reader"
"""Name of the measure that is how often what the second reader says is right."""

DENIED = "second reader’s denial"
"""Name of the measure that is what a finding is worth that the second reader denies."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place of one version, with its evidence.

    `confidence` is the probability, 0 to 1, that a careful reader agrees it is a fault.
    `witnesses` are the other places (mostly of other versions) that show a different reading.
    `category` is the id of one of `CATEGORIES`.
    `suggestion` is what to write instead of `quote`; "" means: delete it; None: not known.
    `rule` is the id of the detector.
    """

    version: str
    start: int
    end: int
    quote: str
    category: str
    severity: Severity
    confidence: float
    message: str
    rule: str
    measures: tuple[Measure, ...]
    suggestion: str | None = None
    witnesses: tuple[Reading, ...] = ()
    id: str = ""

    @property
    def rests_on_doubt(self) -> bool:
        """Whether nothing but doubt of its words, or the second reader besides, speaks for it."""
        names = {m.name for m in self.measures} - {SECOND_READER, DENIED}
        return bool(names) and names <= {DOUBT, MISREAD}

    @property
    def by_second_reader(self) -> bool:
        """Whether the second reader alone speaks for it."""
        return {m.name for m in self.measures} == {SECOND_READER}

    @property
    def found_by(self) -> str:
        """Who speaks for it, in words: the rules, the second reader, or both."""
        names = {m.name for m in self.measures}
        if DENIED in names:
            return "rules, against the second reader"
        if SECOND_READER not in names:
            return "rules"
        return "second reader" if len(names) == 1 else "rules and second reader"
