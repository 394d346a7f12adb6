"""A result in brief, for lists of stories: its lowest score and its worst finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from audit.model import AuditResult, Finding, Score
from audit.report.json import finding_to_dict
from audit.report.text import change, clean
from audit.report.words import count

__all__ = ["Brief", "worst_first"]


@dataclass(frozen=True, slots=True)
class Brief:
    """A story in brief. `score` is the lowest of its versions, that of `version`; `worst` is its
    most severe finding, of several the surest, None if there is none. `title` may be unknown."""

    story: str
    title: str | None
    versions: int
    findings: int
    version: str
    score: Score
    worst: Finding | None

    @classmethod
    def of(cls, result: AuditResult) -> Brief:
        """The brief of a result. Its title is that of the best version that has one."""
        lowest = result.ranked[-1]
        return cls(
            result.story,
            next((v.version.title for v in result.ranked if v.version.title), None),
            len(result.versions),
            len(result.findings),
            lowest.version.id,
            lowest.score,
            next(iter(result.worst), None),
        )

    def text(self) -> str:
        """One line, and a second for the worst finding."""
        counts = f"{count(self.versions, 'version')}, {count(self.findings, 'finding')}"
        title = f"  {clean(self.title)}" if self.title else ""
        head = f"{self.score.value:5.1f}  {clean(self.story)}{title}  [{counts}]"
        if self.worst is None:
            return head
        f = self.worst
        return f"{head}\n       {f.severity} {f.category}, {clean(f.version)}: {change(f)}"

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return {
            "story": self.story,
            "title": self.title,
            "versions": self.versions,
            "findings": self.findings,
            "score": {"version": self.version, **asdict(self.score)},
            "worst": None if self.worst is None else finding_to_dict(self.worst),
        }


def worst_first(briefs: Iterable[Brief]) -> list[Brief]:
    """Stories by their lowest score, lowest first."""
    return sorted(briefs, key=lambda b: (b.score.value, b.story))
