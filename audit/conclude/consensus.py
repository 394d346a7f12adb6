"""What independent versions agree on: the reading of a row, the form of a word, a borrowed wording.

Consensus is not truth. A wire story reprinted forty times is one witness, so copies share one vote.
Numbers and direct speech are never voted on: where versions differ there, no reading is given, and
the detectors show both sides. Below three independent versions nothing is said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from audit.align.copies import story_copies
from audit.compare.place import linked
from audit.compare.quantities import agree
from audit.compare.speech import likeness, speech
from audit.language.en.names import is_capitalised, is_variant
from audit.language.en.numbers import Quantity, quantities
from audit.language.en.quotes import Quotes, quotes_of
from audit.model import CellMatch, Consensus, Reading, Row, Story

__all__ = ["Borrowed", "Form", "Witnesses", "independence"]

WITNESSES = 3
"""Fewest independent versions in a row for a consensus reading: of two neither can be preferred."""

AGREES = 0.7
"""Least agreement of two cells that say the same, of 1. Of 300 pairs of sentences in two human
translations a tenth lies below, of 25,000 pairs by machines (WMT21) one in thirty."""

MAJORITY = 0.5
"""A form or a reading is the consensus only above this share of the independent witnesses."""

FORM_WITNESSES = 2
"""Fewest independent versions that have a linked word at a place."""

SAME_QUOTE = 0.9
"""Least word likeness of quotes that are one: a function word in ten may differ."""

LONGER = 3
"""A borrowed wording has at most this many words more than what it replaces."""

QUOTES = frozenset('“”„«»"')
MARKS = "".join(QUOTES) + " .,;:!?()[]'‘’"


@dataclass(frozen=True, slots=True)
class Form:
    """What most independent witnesses have at one word's place, and their share, 0 to 1."""

    text: str
    support: float


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A wording to write instead of a span, and the witness that has it.

    `support` is the share of the independent witnesses with a wording there that have this one.
    """

    text: str
    witness: Reading
    support: float


def independence(story: Story) -> dict[str, float]:
    """How much of an independent witness each version is: 1, or 1/n for each of n copies."""
    return Witnesses(story).votes(v.id for v in story.versions)


@dataclass(frozen=True)
class Witnesses:
    """What the versions of a story agree on; the story must have its rows and word links."""

    story: Story

    @cached_property
    def copies(self) -> tuple[frozenset[str], ...]:
        """The versions in groups of copies."""
        return story_copies(self.story)

    @cached_property
    def marks(self) -> Mapping[str, Quotes]:
        """What each version has in quotation marks."""
        return {v.id: quotes_of(self.story, v.id) for v in self.story.versions}

    def votes(self, present: Iterable[str]) -> dict[str, float]:
        """The vote of each version that is present; copies that are present share one vote."""
        group = {v: n for n, members in enumerate(self.copies) for v in members}
        here = sorted(present)
        size = Counter(group[v] for v in here)
        return {v: 1 / size[group[v]] for v in here}

    def consensus(self) -> dict[str, Consensus]:
        """The consensus of each row, by row id.

        The reading is the weighted medoid: the cell whose words find their like best in the other
        cells (mean of best cosines in both directions, as BERTScore F1; Zhang et al. 2020).
        """
        return {row.id: self._of_row(row) for row in self.story.rows}

    def form(self, row: Row, version: str, index: int) -> Form | None:
        """What most independent witnesses have at the place of a word of a version's cell.

        `index` counts the tokens of the cell. A word that is linked to several has them all, in
        text order. None for marks, numbers and direct speech, with fewer than two independent
        witnesses, and where no form has a majority. Forms are compared without case; the consensus
        is told as the first witness (by id) writes it.
        """
        token = [t for s in self.story.cell(row, version) for t in s.tokens][index]
        if not token.is_word or self.marks[version].covers(token.start, token.end):
            return None
        forms: dict[str, str] = {}
        for witness, match in self._matches(row, version).items():
            partners = sorted(match.partners(index))
            if partners:
                forms[witness] = " ".join(match.b_tokens[j].text for j in partners)
        vote = self.votes(forms)
        total = sum(vote.values())
        if round(total) < FORM_WITNESSES or any(map(_has_digit, (token.text, *forms.values()))):
            return None
        share = _shares(forms, vote)
        best = max(sorted(forms), key=lambda w: (share[w], -list(forms).index(w)))
        return Form(forms[best], round(share[best], 3)) if share[best] > MAJORITY else None

    def borrow(self, row: Row, version: str, span: tuple[int, int]) -> Borrowed | None:
        """What a witness has in the place of a span of a version's cell, or None.

        The wording that most independent witnesses have comes first, of those with as many the one
        whose cell agrees best with the version's. A wording is refused if it repeats what the
        version has beside the span, or brings a name or number that another witness contradicts.
        So is one that crosses the edge of a quotation. Whether direct speech may be corrected is
        for the caller to say.
        """
        matches = self._matches(row, version)
        places = {w: place for w, m in matches.items() if (place := _place(m, span))}
        text = {w: self.story.version(w).text[slice(*place)] for w, place in places.items()}
        share = _shares(text, self.votes(text))
        order = sorted(text, key=lambda w: (-share[w], -_agreement(matches[w]), w))
        own = self.story.version(version).text[slice(*span)].strip(MARKS)
        for w in order:
            if text[w] == own or QUOTES.intersection(text[w]):
                continue
            if not self._contradicted(row, version, w, places[w]):
                return Borrowed(text[w], _reading(self.story, w, places[w]), round(share[w], 3))
        return None

    def _of_row(self, row: Row) -> Consensus:
        vote = self.votes(row.cells)
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
        said = speech(self.story, row, self.marks)
        if best not in said:
            return ""
        own = said.pop(best).words
        against = [v for v, s in said.items() if likeness(own, s.words) < SAME_QUOTE]
        if not against:
            return ""
        return f"direct speech differs in {', '.join([best, *against])}; it is not voted on"

    def _contradicted(self, row: Row, version: str, witness: str, place: tuple[int, int]) -> bool:
        """Whether a wording has a name or number that another witness has otherwise there."""
        numbers = [q for q in _quantities(self.story, row, witness) if _within(q.start, place)]
        for other, match in self._matches(row, witness).items():
            if other == version:
                continue
            theirs = _quantities(self.story, row, other)
            if any(_rival(match, q, theirs) for q in numbers):
                return True
            if any(
                _within(match.a_tokens[i].start, place) and _other_name(match, i, j)
                for i, j in match.pairs
            ):
                return True
        return False


def _shares(texts: Mapping[str, str], vote: Mapping[str, float]) -> dict[str, float]:
    """For each version, the share of the votes that have its text, case set aside."""
    total: dict[str, float] = defaultdict(float)
    for version, text in texts.items():
        total[text.casefold()] += vote[version] / sum(vote.values())
    return {version: total[text.casefold()] for version, text in texts.items()}


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


def _place(match: CellMatch, span: tuple[int, int]) -> tuple[int, int] | None:
    """The span of the other cell's words that stand in the place of a span's words.

    From the partner of the span's first word to that of its last; where such a word has none, from
    or to the partner of its neighbour outside the span. None where order or length show that the
    places do not correspond.
    """
    words = [i for i, t in enumerate(match.a_tokens) if t.is_word]
    inside = [
        i for i in words if match.a_tokens[i].start < span[1] and span[0] < match.a_tokens[i].end
    ]
    if not inside:
        return None
    partners: dict[int, list[int]] = defaultdict(list)
    for i, j in match.pairs:
        partners[i].append(j)
    own = [j for i in inside for j in partners[i]]
    before = [j for i in words[: words.index(inside[0])][-1:] for j in partners[i]]
    after = [j for i in words[words.index(inside[-1]) + 1 :][:1] for j in partners[i]]
    firsts = partners[inside[0]] or [j + 1 for j in before[-1:]]
    lasts = partners[inside[-1]] or [j - 1 for j in after[:1]]
    if not firsts or not lasts:
        return None
    first, last = min(own + firsts), max(own + lasts)
    place = [j for j in range(first, last + 1) if match.b_tokens[j].is_word]
    beside = {j for i, js in partners.items() if i not in inside for j in js}
    if not place or len(place) > len(inside) + LONGER or beside.intersection(place):
        return None
    return match.b_tokens[place[0]].start, match.b_tokens[place[-1]].end


def _rival(match: CellMatch, own: Quantity, others: Sequence[Quantity]) -> Quantity | None:
    """The linked quantity that contradicts one, if none of the other cell agrees with it."""
    if any(agree(own, x) for x in others):
        return None
    for x in others:
        same_thing = not own.unit or not x.unit or own.unit == x.unit
        if same_thing and agree(own, x) is False and linked(match, own.span, x.span):
            return x
    return None


def _other_name(match: CellMatch, i: int, j: int) -> bool:
    """Whether two linked words are two different names; the first word of a cell may be none."""
    ours, theirs = match.a_tokens[i].text, match.b_tokens[j].text
    if min(i, j) == 0 or not (is_capitalised(ours) and is_capitalised(theirs)):
        return False
    told = any(t.text.casefold() == ours.casefold() for t in match.b_tokens)
    return not told and not is_variant(ours, theirs)


def _within(at: int, span: tuple[int, int]) -> bool:
    return span[0] <= at < span[1]


def _quantities(story: Story, row: Row, version: str) -> list[Quantity]:
    return [q for s in story.cell(row, version) for q in quantities(s)]


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _reading(story: Story, version: str, span: tuple[int, int]) -> Reading:
    return Reading(version, *span, story.version(version).text[slice(*span)])


def _none(row: Row, why: str) -> Consensus:
    return Consensus(row.id, None, 0.0, why)
