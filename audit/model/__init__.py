"""The records that every stage takes and returns, frozen.

Offsets (`start`, `end`) count Unicode code points of the version's untouched text, so
`version.text[start:end]` is the quoted span, always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from audit.model.evidence import Alternative, Confusion, Doubt, Heard, Retelling

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Severity = Literal["minor", "major", "critical"]
Category = Literal[
    "name-garble", "name-variant", "wrong-term", "meaning-shift", "number-mismatch",
    "broken-sentence", "ungrammatical", "unidiomatic", "duplicated-word", "stray-capital",
    "quote-punctuation", "untranslated", "scrape-residue", "typo", "quote-drift",
]  # fmt: skip
SentenceKind = Literal["headline", "body"]

CATEGORIES: tuple[Category, ...] = get_args(Category)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From least to most severe."""

PENALTY: Mapping[Severity, int] = {"minor": 1, "major": 5, "critical": 10}
"""MQM penalty points of one finding (Freitag et al. 2021, with critical as in MQM Core)."""


@dataclass(frozen=True, slots=True)
class Version:
    """One rendering of a story, as it was given."""

    id: str
    text: str
    title: str | None = None
    url: str | None = None
    outlet: str | None = None
    published: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or punctuation mark of a version."""

    start: int
    end: int
    text: str

    @property
    def is_word(self) -> bool:
        """Whether the token has a letter or a digit."""
        return any(c.isalnum() for c in self.text)

    @property
    def has_digit(self) -> bool:
        """Whether the token has a digit."""
        return any(c.isdigit() for c in self.text)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of a version that is scored as language.

    `index` counts the version's sentences from 0 in text order.
    """

    version: str
    index: int
    start: int
    end: int
    text: str
    kind: SentenceKind
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Residue:
    """A span of a version that is page furniture; `kind` says which (byline, caption, …)."""

    version: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """Sentences of several versions that say the same thing.

    `cells` maps a version id to the indices of its sentences in this row, in text order.
    A version that does not say it is absent. Every sentence lies in exactly one row.
    """

    id: str
    cells: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class CellMatch:
    """How the words of one version's cell correspond to the words of another's.

    `a_tokens` and `b_tokens` are all tokens of the two cells in text order, `similarity` their
    cosine similarities (len(a_tokens) × len(b_tokens); 0 where a token is punctuation), `pairs`
    the linked indices (i, j), each with `similarity[i, j]` above the linking threshold.
    """

    a_tokens: tuple[Token, ...]
    b_tokens: tuple[Token, ...]
    similarity: NDArray[np.float32]
    pairs: tuple[tuple[int, int], ...]

    def partners(self, i: int) -> tuple[int, ...]:
        """Indices of the b tokens that are linked to a token `i`."""
        return tuple(b for a, b in self.pairs if a == i)

    def transposed(self) -> CellMatch:
        """The same correspondence seen from the other cell."""
        pairs = tuple(sorted((b, a) for a, b in self.pairs))
        return CellMatch(self.b_tokens, self.a_tokens, self.similarity.T, pairs)


@dataclass(frozen=True, slots=True)
class GrammarMatch:
    """A place of a version that LanguageTool objects to.

    `rule` and `category` are LanguageTool's ids, `replacements` its proposals, best first.
    """

    start: int
    end: int
    rule: str
    category: str
    message: str
    replacements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one version has at one place."""

    version: str
    start: int
    end: int
    quote: str


Place = tuple[str, int]
"""A version's id and the index of one of its sentences."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What may be written in one sentence: `text` instead of `quote`.

    `witness` shows it; None if no version does, and the language model alone proposes it. `lost`
    and `new` are the tokens that go and come. `text` is "" where the witness has nothing there.
    Where it has a word more, `quote` and `text` hold the words on both sides too. `doubt` is the
    greatest at and beside the place, `support` the number of independent witnesses that have the
    new words, `gain` how many nats less surprising the sentence is with the edit (positive: the
    language model prefers it), `confidence` the probability that the place is a fault. `proposal`
    says how the language model came upon the new word, `ahead` what it gains after what precedes.
    """

    version: str
    sentence: int
    start: int
    end: int
    quote: str
    text: str
    lost: tuple[str, ...]
    new: tuple[str, ...]
    witness: Reading | None
    doubt: Doubt
    support: int = 1
    gain: float = 0.0
    confidence: float = 0.0
    proposal: Confusion | None = None
    ahead: float = 0.0


@dataclass(frozen=True)
class Story:
    """Versions that tell the same news, with what the stages found out about them.

    `versions` are sorted by id. A field that is None belongs to a stage that did not run.
    """

    id: str
    versions: tuple[Version, ...]
    sentences: Mapping[str, tuple[Sentence, ...]] = field(default_factory=dict)
    residue: tuple[Residue, ...] = ()
    rows: tuple[Row, ...] = ()
    matches: Mapping[tuple[str, str, str], CellMatch] | None = None
    """Word links by (row id, version a, version b), for a < b; use `match` to read them."""
    surprisal: Mapping[str, tuple[tuple[float, ...], ...]] | None = None
    """Surprisal in nats of every token of every sentence, by version id."""
    alternatives: Mapping[Place, tuple[Alternative, ...]] | None = None
    """What the language model would rather have read, by (version id, sentence index)."""
    grammar: Mapping[str, tuple[GrammarMatch, ...]] | None = None
    """All that LanguageTool objects to, by version id, in text order; page furniture included."""
    heard: Mapping[tuple[str, str], Heard] | None = None
    """The witnesses of each cell, by (row id, version id)."""
    retellings: Mapping[tuple[str, str], Retelling] | None = None
    """Cells read after a witness's, by (row id, version id); one without a witness has none."""
    doubts: Mapping[Place, tuple[Doubt, ...]] | None = None
    """Doubt of every token of a sentence, by (version id, sentence index)."""
    measures: Mapping[Place, Mapping[str, float]] | None = None
    """What the risk of a sentence is told from, by (version id, sentence index)."""
    edits: tuple[Edit, ...] | None = None
    """What witnesses offer for doubted places, and the language model for unsupported words."""

    def version(self, version_id: str) -> Version:
        """The version of that id. Raises KeyError if there is none."""
        return self._by_id[version_id]

    @cached_property
    def _by_id(self) -> dict[str, Version]:
        return {v.id: v for v in self.versions}

    @cached_property
    def row_of(self) -> Mapping[tuple[str, int], Row]:
        """The row of each sentence, by (version id, sentence index)."""
        return {(v, i): row for row in self.rows for v, cell in row.cells.items() for i in cell}

    def cell(self, row: Row, version_id: str) -> tuple[Sentence, ...]:
        """The sentences of one version in a row; empty if the version is absent."""
        return tuple(self.sentences[version_id][i] for i in row.cells.get(version_id, ()))

    def hearing(self, row: Row, version_id: str) -> Heard:
        """The witnesses of a cell; the stage that finds them must have run."""
        assert self.heard is not None
        return self.heard[row.id, version_id]

    def match(self, row: Row, a: str, b: str) -> CellMatch | None:
        """How words of version `a` correspond to words of `b` in a row; None without links."""
        if self.matches is None:
            return None
        if a < b:
            return self.matches.get((row.id, a, b))
        found = self.matches.get((row.id, b, a))
        return found.transposed() if found else None


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured value behind a finding and the threshold that it crossed."""

    name: str
    value: float
    threshold: float


DOUBT = "doubt"
"""Name of the measure that is the word model's doubt."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place of one version, with its evidence.

    `confidence` is the probability, 0 to 1, that a careful reader agrees it is a fault.
    `witnesses` are the other places (mostly of other versions) that show a different reading.
    `suggestion` is what to write instead of `quote`; "" means: delete it; None: not known.
    `rule` is the id of the detector.
    """

    version: str
    start: int
    end: int
    quote: str
    category: Category
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
        """Whether nothing but the word model's doubt speaks for it."""
        return all(m.name == DOUBT for m in self.measures)


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
class Score:
    """100 × (1 − penalty / words), never below 0, with a 95 % interval (low, high)."""

    value: float
    low: float
    high: float
    words: int


@dataclass(frozen=True, slots=True)
class VersionResult:
    """What the audit says of one version."""

    version: Version
    score: Score
    sentences: tuple[SentenceRisk, ...]
    residue: tuple[Residue, ...] = ()
    mt_likelihood: float | None = None
    """Probability that the version was machine-translated; None where it cannot be told."""
    mt_marks: tuple[str, ...] = ()
    """What decided `mt_likelihood`, in words, or why it cannot be told; last, the language through
    which the version is likely to have come, where its names show one."""
    fluency: float | None = None
    """Mean surprisal of a word in nats; None where no language model ran."""
    readability: Mapping[str, float] = field(default_factory=dict)
    surprisal: tuple[float | None, ...] = ()
    """Mean surprisal of the words of each sentence in nats, None for one without words.

    Empty where no language model ran.
    """


@dataclass(frozen=True, slots=True)
class AuditResult:
    """All that one audit of one story found. `versions` are sorted by id."""

    story: str
    versions: tuple[VersionResult, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    signature: str
    consensus: tuple[Consensus, ...] = ()
    """For each row that several versions have, what they agree on or why it cannot be told."""

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
        rank = {s: i for i, s in enumerate(SEVERITIES)}
        return tuple(
            sorted(
                self.findings,
                key=lambda f: (-rank[f.severity], -f.confidence, f.version, f.start),
            )
        )

    def findings_of(self, version_id: str) -> tuple[Finding, ...]:
        """Findings of one version in text order."""
        return tuple(f for f in self.findings if f.version == version_id)
