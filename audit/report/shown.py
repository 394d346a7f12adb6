"""The records that reports for readers show.

All strings are safe to look at (`passages.visible`) but not escaped for any markup: that is each
renderer's work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from audit.model import Category, Finding, Profile, Severity, VersionResult
from audit.report.basis import percent
from audit.report.groups import Contradiction, Name, Wording
from audit.report.lineage import Lineage
from audit.report.passages import Run
from audit.report.places import first_screen
from audit.report.words import count

_ASKS = re.compile(r"\b(?:delete it|check which is right)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version as a report shows it. `letter` is its rank as a letter, A the best."""

    id: str
    """As given: for look-up; `shown_id` is for showing."""
    shown_id: str
    letter: str
    name: str
    """The outlet if no other version has it, else the id without a file's extension."""
    note: str | None
    """What the name leaves unsaid: the outlet, or the id."""
    title: str | None
    url: str | None
    published: str | None
    language: str
    result: VersionResult
    counts: Mapping[Severity, int]
    mt: str
    """Likelihood in per cent, or why it is unknown."""
    reads: str | None = None
    """How it reads unlike its siblings; None if it does not."""
    marks: str | None = None
    """What decided its machine-translation likelihood; None where that is unknown."""
    basis: str | None = None
    """How little of it could be compared; None where most of it was."""
    suspected: int = 0
    """Number of suspicions."""
    sought: str = "fault"
    """What the profile shows: "fault" or "serious fault"."""

    @property
    def total(self) -> int:
        """Number of findings."""
        return sum(self.counts.values())

    @property
    def tally(self) -> str:
        """Number of findings in words."""
        return count(self.total, self.sought) if self.total else f"no {self.sought} found"

    @property
    def compared(self) -> str:
        """In per cent, how much of it could be compared with other versions."""
        return percent(self.result.compared)


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding or suspicion as a report shows it.

    `number` counts from 1, the most important first; suspicions are counted apart.
    """

    number: int
    anchor: str
    finding: Finding
    category: Category
    version: VersionView
    quote: str
    message: str
    context: tuple[Run, ...]
    row: int | None
    line: int
    column: int
    witnesses: tuple[Wording, ...]
    suggestion: str | None
    is_suspicion: bool = False

    @property
    def called(self) -> str:
        """The fault by its number: "finding 3", "suspicion 1"."""
        return f"{'suspicion' if self.is_suspicion else 'finding'} {self.number}"

    @property
    def alike(self) -> tuple[str, str]:
        """What faults that are the same at several places have in common."""
        return self.finding.category, self.quote.casefold()

    @property
    def disputed(self) -> bool:
        """Whether versions contradict each other here, so that no side is to be recommended."""
        return self.category.is_contradiction

    @property
    def says_what_to_do(self) -> bool:
        """Whether the message itself asks to delete the words, or to check them."""
        return bool(_ASKS.search(self.message))

    @property
    def percent(self) -> int:
        """Confidence in per cent."""
        return round(100 * self.finding.confidence)


@dataclass(frozen=True, slots=True)
class CellView:
    """What one version has in a row."""

    version: VersionView
    runs: tuple[Run, ...]
    missing: tuple[str, ...]
    support: float | None
    """Share of the independent versions that agree with the cell if it is the row's consensus."""
    severity: Severity | None
    """The worst severity found in the cell."""


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: `cells` in the order of the ranking, None where a version does not say it."""

    number: int
    id: str
    cells: tuple[CellView | None, ...]

    @property
    def faulty(self) -> bool:
        """Whether anything was found in the row."""
        return any(c is not None and c.severity for c in self.cells)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the verdict."""

    text: str
    role: Literal["plain", "version", "quote"] = "plain"


@dataclass(frozen=True)
class View:
    """Everything that a report for readers shows."""

    story: str
    verdict: tuple[Piece, ...]
    caveats: tuple[str, ...]
    versions: tuple[VersionView, ...]
    """From best to worst."""
    faults: tuple[Fault, ...]
    """From most to least important."""
    suspicions: tuple[Fault, ...]
    """From most to least important; in no score."""
    profile: Profile
    rows: tuple[RowView, ...]
    contradictions: tuple[Contradiction, ...]
    names: tuple[Name, ...]
    tree: Lineage | None
    """None where there is nothing to compare."""
    unchecked: tuple[tuple[str, str], ...]
    signature: str

    @cached_property
    def worst(self) -> tuple[Fault, ...]:
        """The faults of the first screen."""
        return tuple(self.fault[f] for f in first_screen(f.finding for f in self.faults))

    def also(self, fault: Fault) -> tuple[VersionView, ...]:
        """Other versions that have the same fault."""
        have = {f.version.id for f in self.faults if f.alike == fault.alike}
        return tuple(v for v in self.versions if v.id in have and v is not fault.version)

    @property
    def suspected(self) -> str:
        """How many suspicions there are, and what that means."""
        places = count(len(self.suspicions), "place")
        return f"{places} where a fault is only suspected; no score counts them."

    @property
    def unread(self) -> str:
        """Why there is no surprisal to show."""
        reasons = (why for stage, why in self.unchecked if stage == "surprisal")
        return next(reasons, "the result holds no surprisal of sentences")

    @property
    def is_second_read(self) -> bool:
        """Whether the second reader said something of any fault."""
        return any(f.found_by != "rules" for f in self.fault)

    def faults_of(self, version: VersionView) -> tuple[Fault, ...]:
        """Faults of one version in text order."""
        mine = [f for f in self.faults if f.version is version]
        return tuple(sorted(mine, key=lambda f: (f.finding.start, f.finding.end)))

    def suspicions_of(self, version: VersionView) -> tuple[Fault, ...]:
        """Suspicions of one version in text order."""
        mine = [f for f in self.suspicions if f.version is version]
        return tuple(sorted(mine, key=lambda f: (f.finding.start, f.finding.end)))

    def version(self, version_id: str) -> VersionView:
        """The version of that id. Raises KeyError if there is none."""
        return next(v for v in self.versions if v.id == version_id)

    @cached_property
    def fault(self) -> Mapping[Finding, Fault]:
        """The fault that shows each finding and suspicion of the result."""
        return {f.finding: f for f in (*self.faults, *self.suspicions)}

    def letters(self, version_ids: tuple[str, ...]) -> str:
        """Letters of versions, in order of rank."""
        return ", ".join(v.letter for v in self.versions if v.id in version_ids)
