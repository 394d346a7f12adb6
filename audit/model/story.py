"""A story on its way through the stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from audit.model.alignment import CellMatch, Degree, OtherCell, Row, Witnesses
from audit.model.annotation import Annotation
from audit.model.evidence import Alternative, Doubt, Edit, Expected, GrammarMatch, Meant, Retelling
from audit.model.language import Language
from audit.model.repair import Repaired
from audit.model.result import Skipped
from audit.model.second_reading import Remark, SecondReading
from audit.model.text import Place, Residue, Sentence, Version

CellId = tuple[str, str]
"""A row's id and a version's."""

UNKNOWN_RATE = 0.08
"""Share of the contradictable places of a version of unknown quality that are wrong."""

MARGIN = 0.05
"""A version whose share of wrong places is higher by this is the more garbled one."""


@dataclass(frozen=True, eq=False)
class Story:
    """Versions that report the same news, with what the stages found out about them.

    Two stories are equal only if they are one object, so what is computed of one can be kept by it.
    `versions` are sorted by id and written in one `language`. The stage that assigns a field is
    named in `audit.pipeline`; a field that is None belongs to a stage that could not run.
    """

    id: str
    versions: tuple[Version, ...]
    language: Language
    skipped: tuple[Skipped, ...] = ()
    """What did not take part so far, and why."""
    repaired: Mapping[str, Repaired] = field(default_factory=dict)
    """The versions whose text was mended before it was read, by id, as they were given."""
    sentences: Mapping[str, tuple[Sentence, ...]] = field(default_factory=dict)
    residue: tuple[Residue, ...] = ()
    annotations: Mapping[str, Annotation] = field(default_factory=dict)
    """What each version is made of, by version id."""
    rows: tuple[Row, ...] = ()
    matches: Mapping[tuple[str, str, str], CellMatch] = field(default_factory=dict)
    """Word links by (row id, version a, version b), for a < b; use `match` to read them."""
    copies: tuple[frozenset[str], ...] = ()
    """The versions in groups of copies; a version without a copy is alone."""
    witnesses: Mapping[CellId, Witnesses] = field(default_factory=dict)
    """The witnesses of each cell."""
    others: Mapping[CellId, tuple[OtherCell, ...]] = field(default_factory=dict)
    """The other cells of a row as each of its cells sees them, by version id."""
    surprisal: Mapping[str, tuple[tuple[float, ...], ...]] | None = None
    """Surprisal in nats of every token of every sentence, by version id."""
    alternatives: Mapping[Place, tuple[Alternative, ...]] = field(default_factory=dict)
    """What the language model would rather have read, by (version id, sentence index)."""
    read_doubts: Mapping[Place, tuple[Doubt, ...]] = field(default_factory=dict)
    """Doubt of every token by the reader, which needs no witness, by (version id, sentence)."""
    expected: Mapping[Place, tuple[Expected, ...]] = field(default_factory=dict)
    """What was expected in the place of words that the reader doubts, by (version id, sentence)."""
    meant: Mapping[Place, tuple[Meant, ...]] = field(default_factory=dict)
    """What may have been meant by misread words, by (version id, sentence index)."""
    misread: Mapping[Place, tuple[Doubt, ...]] = field(default_factory=dict)
    """Probability that each token stands for another word, by (version id, sentence index)."""
    error_rates: Mapping[str, float] = field(default_factory=dict)
    """Share of the places that are wrong, 0 to 1, of each version that the reader has read."""
    grammar: Mapping[str, tuple[GrammarMatch, ...]] | None = None
    """All that LanguageTool objects to, by version id, in text order; page furniture included."""
    retellings: Mapping[CellId, Retelling] = field(default_factory=dict)
    """Cells read after a witness's; one without a witness has none."""
    doubts: Mapping[Place, tuple[Doubt, ...]] = field(default_factory=dict)
    """Doubt of every token of a sentence, by (version id, sentence index)."""
    measures: Mapping[Place, Mapping[str, float]] = field(default_factory=dict)
    """What the risk of a sentence is computed from, by (version id, sentence index)."""
    edits: tuple[Edit, ...] = ()
    """What witnesses offer for doubted places, and the language model for unsupported words."""
    remarks: tuple[Remark, ...] = ()
    """The faults that the second reader sees."""
    second_reading: SecondReading | None = None
    """What the second reader read; None where there is none."""

    def version(self, version_id: str) -> Version:
        """The version of that id. Raises KeyError if there is none."""
        return self._by_id[version_id]

    @cached_property
    def _by_id(self) -> dict[str, Version]:
        return {v.id: v for v in self.versions}

    def all_sentences(self) -> Iterator[Sentence]:
        """The sentences of all versions, by version and in text order."""
        for v in self.versions:
            yield from self.sentences.get(v.id, ())

    def paragraphs(self, version_id: str) -> list[list[Sentence]]:
        """The sentences of a version by paragraph."""
        sentences = self.sentences[version_id]
        return [[sentences[i] for i in p] for p in self.annotations[version_id].paragraphs]

    @cached_property
    def row_of(self) -> Mapping[Place, Row]:
        """The row of each sentence, by (version id, sentence index)."""
        return {(v, i): row for row in self.rows for v, cell in row.cells.items() for i in cell}

    @cached_property
    def copies_of(self) -> Mapping[str, frozenset[str]]:
        """The copies of each version, itself among them."""
        return {v: group for group in self.copies for v in group}

    def cell(self, row: Row, version_id: str) -> tuple[Sentence, ...]:
        """The sentences of one version in a row; empty if the version is absent."""
        return tuple(self.sentences[version_id][i] for i in row.cells.get(version_id, ()))

    def beside(self, sentence: Sentence) -> tuple[OtherCell, ...]:
        """The other cells of a sentence's row, by version id."""
        row = self.row_of.get((sentence.version, sentence.index))
        return self.others.get((row.id, sentence.version), ()) if row else ()

    def nearness(self, row: Row, a: str, b: str) -> Degree:
        """How near the cells of two versions are in a row."""
        return next(c.nearness.degree for c in self.others[row.id, a] if c.version == b)

    def is_credible(self, witness: str, version: str) -> bool:
        """Whether a version may convict another: not if it is clearly the more garbled one."""
        return self.error_rate(witness) <= self.error_rate(version) + MARGIN

    def error_rate(self, version: str) -> float:
        """Share of the places of a version that are wrong, 0 to 1; `UNKNOWN_RATE` if not read."""
        return self.error_rates.get(version, UNKNOWN_RATE)

    def witnesses_beside(self, sentence: Sentence) -> tuple[OtherCell, ...]:
        """The other cells of a sentence's row that retell it and may convict it."""
        return tuple(
            c
            for c in self.beside(sentence)
            if c.nearness.degree >= Degree.STATEMENT
            and self.is_credible(c.version, sentence.version)
        )

    def match(self, row: Row, a: str, b: str) -> CellMatch | None:
        """How words of version `a` correspond to words of `b` in a row; None without links."""
        if a < b:
            return self.matches.get((row.id, a, b))
        found = self.matches.get((row.id, b, a))
        return found.transposed() if found else None
