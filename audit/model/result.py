"""The result of an audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from audit.model.category import SEVERITIES
from audit.model.finding import Finding
from audit.model.second_reading import SecondReading
from audit.model.suppression import Suppressed, faults_of
from audit.model.text import Reading, Residue, Version

if TYPE_CHECKING:
    import pandas as pd

Profile = Literal["errors", "editor", "everything"]
"""What is shown: serious findings, all findings, or all findings and the suspicions."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A stage or an input that did not take part, and why."""

    stage: str
    why: str


@dataclass(frozen=True, slots=True)
class SentenceRisk:
    """A scored sentence: its expected MQM penalty and its row."""

    start: int
    end: int
    risk: float
    row: str


@dataclass(frozen=True, slots=True)
class Consensus:
    """What independent versions agree on in a row.

    `reading` is the cell that agrees best with the others, `support` the share of independent
    versions that agree with it, itself included. Where there is no consensus, `reading` is None,
    `support` 0 and `why` says so.
    """

    row: str
    reading: Reading | None
    support: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Descent:
    """From which version one was made: `parent` is None where that is unknown.

    `support` is the share of resamples that name the parent, 0 to 1. `why` is the evidence, or the
    reason why no parent is named.
    """

    version: str
    parent: str | None
    support: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class SharedFault:
    """One fault that several versions have at the same place, and their outlets as far as known."""

    category: str
    places: tuple[Reading, ...]
    outlets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FamilyTree:
    """The descent of each version, by version id, and the rare faults that versions share.

    `why` says in a sentence what the tree rests on.
    """

    descents: tuple[Descent, ...]
    shared: tuple[SharedFault, ...]
    why: str

    @property
    def is_known(self) -> bool:
        """Whether the parent of any version is known."""
        return any(d.parent is not None for d in self.descents)


@dataclass(frozen=True, slots=True)
class Score:
    """100 × (1 − penalty / words), never below 0, with a 95 % interval (low, high)."""

    value: float
    low: float
    high: float
    words: int


@dataclass(frozen=True, slots=True)
class VersionResult:
    """What the audit found about one version."""

    version: Version
    score: Score
    sentences: tuple[SentenceRisk, ...]
    residue: tuple[Residue, ...] = ()
    mt_likelihood: float | None = None
    """Probability that the version was machine-translated; None where it is unknown."""
    mt_marks: tuple[str, ...] = ()
    """What decided `mt_likelihood`, in words, or why it is unknown. Where the names show a language
    through which the version is likely to have come, the last mark names it."""
    fluency: float | None = None
    """Mean surprisal of a word in nats; None where no language model ran."""
    readability: Mapping[str, float] = field(default_factory=dict)
    surprisal: tuple[float | None, ...] = ()
    """Mean surprisal of the words of each sentence in nats, None for one without words.

    Empty where no language model ran.
    """
    compared: float = 1.0
    """Share of its words, 0 to 1, in sentences that share a row with another version: only there
    can a departure from the other versions be seen."""


@dataclass(frozen=True, slots=True)
class AuditResult:
    """All that one audit of one story found. `versions` are sorted by id.

    `findings`, `suspicions` and `suppressed` are those of the profile's severities; only findings
    are in a score.
    """

    story: str
    versions: tuple[VersionResult, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    signature: str
    consensus: tuple[Consensus, ...] = ()
    """For each row that several versions have, what they agree on, or why that is unknown."""
    family: FamilyTree | None = None
    """None in a result that was read from a report of an older release."""
    suspicions: tuple[Finding, ...] = ()
    """What is less certain than the bar that a finding must reach (`conclude.merge`)."""
    profile: Profile = "editor"
    suppressed: tuple[Suppressed, ...] = ()
    """What was found and somebody said is no fault: in no list of findings and in no score."""
    second_reading: SecondReading | None = None
    """What the second reader read; None where none was asked."""

    def version(self, version_id: str) -> VersionResult:
        """The result of the version of that id. Raises KeyError if there is none."""
        for v in self.versions:
            if v.version.id == version_id:
                return v
        raise KeyError(version_id)

    @property
    def ranked(self) -> tuple[VersionResult, ...]:
        """Versions from best to worst score."""
        return tuple(sorted(self.versions, key=lambda v: (-v.score.value, v.version.id)))

    @property
    def worst(self) -> tuple[Finding, ...]:
        """Findings from most to least important: by severity, then confidence."""
        return by_importance(self.findings)

    @property
    def shown(self) -> tuple[Finding, ...]:
        """What the profile shows: the findings and, if it shows them, the suspicions after them."""
        return self.findings + (self.suspicions if self.profile == "everything" else ())

    def of_version(self, version_id: str) -> AuditResult:
        """The same result with what was found in one version alone."""
        return replace(
            self,
            findings=self.findings_of(version_id),
            suspicions=tuple(f for f in self.suspicions if f.version == version_id),
            suppressed=tuple(s for s in self.suppressed if s.finding.version == version_id),
        )

    @property
    def found(self) -> tuple[Finding, ...]:
        """All that was found: findings, suspicions and what is suppressed."""
        return (*self.findings, *self.suspicions, *(s.finding for s in self.suppressed))

    @property
    def faults(self) -> Mapping[Finding, str]:
        """All that was found, each with the name of its fault."""
        return dict(faults_of(self.found))

    def fault(self, finding: Finding) -> str:
        """The name of the fault of one of `found`. Raises KeyError if it is none of them."""
        return self.faults[finding]

    def findings_of(self, version_id: str) -> tuple[Finding, ...]:
        """Findings of one version in text order."""
        return tuple(f for f in self.findings if f.version == version_id)

    def to_frame(self) -> pd.DataFrame:
        """What the profile shows, one row a finding; `audit.report.table` names the columns."""
        frame: pd.DataFrame = self._rendered("audit.report.table", "to_frame")
        return frame

    def _repr_html_(self) -> str:
        """How a notebook shows the result: verdict, ranking and worst faults."""
        return str(self._rendered("audit.report.notebook", "render"))

    def _rendered(self, module: str, function: str) -> Any:
        """What a renderer makes of the result. Renderers stand on the records, so that they are
        found by name and on use."""
        return getattr(import_module(module), function)(self)


def by_importance(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """From most to least important: by severity, then confidence."""
    rank = {s: i for i, s in enumerate(SEVERITIES)}
    return tuple(
        sorted(findings, key=lambda f: (-rank[f.severity], -f.confidence, f.version, f.start))
    )
