"""Sets apart the findings that somebody said are no faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from audit.baseline import Entry, digest
from audit.conclude.given import given_finding
from audit.conclude.merge import Merged
from audit.model import Finding, Skipped, Story, Suppressed, Suppression, faults_of, one_line


@dataclass(frozen=True, slots=True)
class Known:
    """What is known to be no fault of a story: entries of the baseline that are about it and hold,
    and what was dismissed of its versions, by version and fault. `source` names the baseline."""

    entries: tuple[Entry, ...] = ()
    dismissed: Mapping[tuple[str, str], Suppression] = field(default_factory=dict)
    source: str = ""

    def digest(self) -> str:
        """Ten hexadecimal digits that change with any of it; empty if nothing is known."""
        parts: list[object] = [*self.entries, *self.dismissed.items()]
        return digest(parts) if parts else ""

    def suppression(self, finding: Finding, fault: str, story: Story) -> Suppression | None:
        """What keeps a finding out, if anything does."""
        if verdict := self.dismissed.get((finding.version, fault)):
            return verdict
        outlet = next(v.outlet for v in story.versions if v.id == finding.version)
        for entry in self.entries:
            if entry.covers(story.id, outlet) and entry.is_about(finding.category, finding.quote):
                return entry.suppression(self.source)
        return None

    def stale(self, story: Story) -> Skipped | None:
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
    if not known.entries and not known.dismissed:
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
