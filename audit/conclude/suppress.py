"""Sets apart the findings that somebody said are no faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from audit import baseline
from audit.baseline import Entry, digest
from audit.conclude.given import given_finding
from audit.conclude.ignored import ignored, notes
from audit.conclude.merge import Merged
from audit.detect.base import Detector
from audit.model import (
    Finding,
    Ignore,
    Skipped,
    Story,
    Suppressed,
    Suppression,
    Version,
    faults_of,
    one_line,
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known to be no fault of a story: entries of the baseline that are about it and hold,
    what was dismissed of its versions, by version and fault, and what comments in its texts say, by
    version. `source` names the baseline."""

    entries: tuple[Entry, ...] = ()
    dismissed: Mapping[tuple[str, str], Suppression] = field(default_factory=dict)
    source: str = ""
    ignores: tuple[tuple[str, Ignore], ...] = ()

    @classmethod
    def of(
        cls,
        story: str,
        versions: Sequence[Version],
        file: Path | None,
        dismissed: Mapping[tuple[str, str], Suppression],
    ) -> Known:
        """What is known of a story's versions, with the baseline as it stands in its file now.

        Raises ConfigurationError if it cannot be read.
        """
        ignores = tuple((v.id, i) for v in versions for i in v.ignores)
        if file is None:
            return cls((), dismissed, "", ignores)
        today = datetime.now(UTC).date()
        outlets = {v.outlet for v in versions}
        entries = (
            e
            for e in baseline.read(file)
            if e.holds(today) and any(e.covers(story, outlet) for outlet in outlets)
        )
        return cls(tuple(entries), dismissed, file.name, ignores)

    def digest(self) -> str:
        """Ten hexadecimal digits that change with any of it; empty if nothing is known."""
        parts: list[object] = [*self.entries, *self.dismissed.items(), *self.ignores]
        return digest(parts) if parts else ""

    def suppression(self, finding: Finding, fault: str, story: Story) -> Suppression | None:
        """What keeps a finding out, if anything does."""
        if verdict := self.dismissed.get((finding.version, fault)):
            return verdict
        if comment := ignored(finding, story):
            return comment
        outlet = next(v.outlet for v in story.versions if v.id == finding.version)
        for entry in self.entries:
            if entry.covers(story.id, outlet) and entry.is_about(finding.category, finding.quote):
                return entry.suppression(self.source)
        return None

    def notes(
        self, story: Story, found: Merged, detectors: Sequence[Detector]
    ) -> tuple[Skipped, ...]:
        """Which of it is stale, and which comments are not understood."""
        stale = self._stale(story)
        told = (stale,) if stale else ()
        if not self.ignores:
            return told
        given = [given_finding(f, story.repaired) for f in (*found.findings, *found.suspicions)]
        return (*told, *notes(given, story, detectors))

    def _stale(self, story: Story) -> Skipped | None:
        """Which entries are stale, if any are (`Entry.is_stale`)."""
        texts = [given_text(story, v.id) for v in story.versions]
        gone = [one_line(e.quote or "") for e in self.entries if e.is_stale(story.id, texts)]
        if not gone:
            return None
        why = f"stale in {self.source}, no text has it any more: “{'”, “'.join(gone)}”"
        return Skipped("baseline", f"{why}; `mtaudit baseline prune` drops it")


def given_text(story: Story, version: str) -> str:
    """The text of a version as it was given."""
    mended = story.repaired.get(version)
    return mended.given.text if mended else story.version(version).text


def suppress(merged: Merged, story: Story, known: Known) -> Merged:
    """The findings and suspicions without those that are known, which stand apart."""
    if not (known.entries or known.dismissed or known.ignores):
        return merged
    all_found = (*merged.findings, *merged.suspicions)
    given = {given_finding(f, story.repaired): f for f in all_found}
    by: dict[Finding, Suppression] = {}
    for finding, fault in faults_of(given):
        if found := known.suppression(finding, fault, story):
            by[given[finding]] = found

    def left(findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(f for f in findings if f not in by)

    return replace(
        merged,
        findings=left(merged.findings),
        suspicions=left(merged.suspicions),
        suppressed=tuple(Suppressed(f, by[f]) for f in all_found if f in by),
    )
