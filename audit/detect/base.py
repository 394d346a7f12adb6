"""What a detector is: an INFO record and a `detect` function in a file named after its id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from audit.config import Settings
from audit.model import CATEGORIES, Finding, Measure, Reading, Severity, Story

__all__ = [
    "Detector",
    "Info",
    "Need",
    "Settings",
    "counted",
    "finding",
    "quoted",
    "reading",
]

Need = Literal["versions", "surprisal", "grammar"]


@dataclass(frozen=True, slots=True)
class Info:
    """What the pipeline and the rule pages need to know of a detector.

    `needs` names what it draws on besides the text itself: other versions of the story, or a stage
    that may be skipped. Without it the detector finds less, or nothing, and the result's `skipped`
    says what did not run.
    Raises ValueError if `audit.model.CATEGORIES` has no such category.
    """

    id: str
    category: str
    severity: Severity
    needs: frozenset[Need] = frozenset()
    status: Literal["preview", "stable"] = "stable"

    def __post_init__(self) -> None:
        if self.category not in CATEGORIES:
            raise ValueError(f"{self.id}: audit/model/category.py has no {self.category!r}")


class Detector(Protocol):
    """A module of this package that finds one kind of fault."""

    INFO: Info

    def detect(self, story: Story, settings: Settings) -> Iterable[Finding]:
        """Yield the findings of this detector in all versions of a story."""


def finding(
    info: Info,
    story: Story,
    version: str,
    span: tuple[int, int],
    message: str,
    *,
    measure: Measure | Sequence[Measure],
    confidence: float,
    severity: Severity | None = None,
    suggestion: str | None = None,
    witnesses: Sequence[Reading] = (),
) -> Finding:
    """Build a finding of one detector; the quote is read from the version's text.

    `severity` is the detector's default unless given.
    """
    start, end = span
    return Finding(
        version=version,
        start=start,
        end=end,
        quote=story.version(version).text[start:end],
        category=info.category,
        severity=severity or info.severity,
        confidence=confidence,
        message=message,
        rule=info.id,
        measures=(measure,) if isinstance(measure, Measure) else tuple(measure),
        suggestion=suggestion,
        witnesses=tuple(witnesses),
    )


def reading(story: Story, version: str, span: tuple[int, int]) -> Reading:
    """A witness: what a version has at a span."""
    start, end = span
    return Reading(version, start, end, story.version(version).text[start:end])


def quoted(text: str) -> str:
    """A piece of a text as messages show it: in quotation marks, on one line."""
    return f"“{' '.join(text.split())}”"


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 other version", "3 other versions"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
