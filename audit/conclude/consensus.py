"""What independent versions agree on in each row.

Consensus is not truth. A wire story reprinted forty times is one witness, so copies share one vote.
Numbers and direct speech are never voted on: where versions differ there, no reading is given, and
the detectors show both sides. Below three independent versions nothing is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audit.compare.place import linked
from audit.compare.quantities import agree
from audit.compare.speech import likeness, speech
from audit.model import CellMatch, Consensus, Quantity, Reading, Row, Story

WITNESSES = 3
"""Fewest independent versions in a row for a consensus reading: of two neither can be preferred."""

AGREES = 0.7
"""Least agreement of two cells that say the same, of 1. Of 300 pairs of sentences in two human
translations a tenth lies below, of 25,000 pairs by machines (WMT21) one in thirty."""

MAJORITY = 0.5
"""A reading is the consensus only above this share of the independent witnesses."""

SAME_QUOTE = 0.9
"""Least word likeness of quotes that are one: a function word in ten may differ."""


def consensus_of(story: Story) -> tuple[Consensus, ...]:
    """What the versions of each row agree on; a row of one version has no consensus.

    The reading is the weighted medoid: the cell whose words find their like best in the other
    cells (mean of best cosines in both directions, as BERTScore F1; Zhang et al. 2020).
    """
    found = _Consensus(story)
    return tuple(found.of_row(row) for row in story.rows if len(row.cells) > 1)


@dataclass(frozen=True)
class _Consensus:
    story: Story

    def _votes(self, present: Iterable[str]) -> dict[str, float]:
        """The vote of each version that is present; copies that are present share one vote."""
        group = {v: n for n, members in enumerate(self.story.copies) for v in members}
        here = sorted(present)
        size = Counter(group[v] for v in here)
        return {v: 1 / size[group[v]] for v in here}

    def of_row(self, row: Row) -> Consensus:
        vote = self._votes(row.cells)
        total = sum(vote.values())
        if round(total) < WITNESSES:
            return _none(row, f"independent versions: {round(total)}; {WITNESSES} are needed")
        whole = sorted(v for v, cell in row.cells.items() if cell[-1] - cell[0] == len(cell) - 1)
        if not whole:
            return _none(row, "every version says it in several places")
        agreement = {v: {w: _agreement(m) for w, m in self._matches(row, v).items()} for v in whole}
        best = max(
            whole,
            key=lambda v: sum(vote[w] * a for w, a in agreement[v].items()) / (total - vote[v]),
        )
        agreeing = [best, *(w for w, a in agreement[best].items() if a >= AGREES)]
        support = sum(vote[w] for w in agreeing) / total
        if support <= MAJORITY:
            return _none(row, "no version agrees with most of the others")
        open_question = self._differing_number(row, best) or self._differing_speech(row, best)
        if open_question:
            return _none(row, open_question)
        cell = self.story.cell(row, best)
        reading = _reading(self.story, best, (cell[0].start, cell[-1].end))
        return Consensus(row.id, reading, round(support, 3))

    def _matches(self, row: Row, version: str) -> dict[str, CellMatch]:
        """The word links of a version's cell with each other cell of its row."""
        return {
            w: match
            for w in sorted(row.cells)
            if w != version and (match := self.story.match(row, version, w)) is not None
        }

    def _differing_number(self, row: Row, best: str) -> str:
        """Which number of a cell another version has otherwise at its place, in words; or ""."""
        for other, match in self._matches(row, best).items():
            theirs = _quantities(self.story, row, other)
            for q in _quantities(self.story, row, best):
                rival = _rival(match, q, theirs)
                if rival is not None:
                    here = self.story.version(best).text[slice(*q.span)]
                    there = self.story.version(other).text[slice(*rival.span)]
                    return (
                        f"numbers differ: {here} in {best}, {there} in {other}; "
                        "numbers are not voted on"
                    )
        return ""

    def _differing_speech(self, row: Row, best: str) -> str:
        """That versions quote a speaker in other words than a cell does, in words; or ""."""
        said = speech(self.story, row)
        if best not in said:
            return ""
        own = said.pop(best).words
        against = [v for v, s in said.items() if likeness(own, s.words) < SAME_QUOTE]
        if not against:
            return ""
        return f"direct speech differs in {', '.join([best, *against])}; it is not voted on"


def _agreement(match: CellMatch) -> float:
    """How well two cells agree, 0 to 1: F1 of the mean best cosines of their words."""
    import numpy as np

    ours = np.array([t.is_word for t in match.a_tokens], dtype=bool)
    theirs = np.array([t.is_word for t in match.b_tokens], dtype=bool)
    words = match.similarity[np.ix_(ours, theirs)]
    if not words.size:
        return 0.0
    recall, precision = words.max(axis=1).mean(), words.max(axis=0).mean()
    return float(2 * recall * precision / max(1e-9, recall + precision))


def _rival(match: CellMatch, own: Quantity, others: Sequence[Quantity]) -> Quantity | None:
    """The linked quantity that contradicts one, if none of the other cell agrees with it."""
    if any(agree(own, x) for x in others):
        return None
    for x in others:
        same_thing = not own.unit or not x.unit or own.unit == x.unit
        if same_thing and agree(own, x) is False and linked(match, own.span, x.span):
            return x
    return None


def _quantities(story: Story, row: Row, version: str) -> list[Quantity]:
    return [q for i in row.cells[version] for q in story.annotations[version].quantities[i]]


def _reading(story: Story, version: str, span: tuple[int, int]) -> Reading:
    return Reading(version, *span, story.version(version).text[slice(*span)])


def _none(row: Row, why: str) -> Consensus:
    return Consensus(row.id, None, 0.0, why)
