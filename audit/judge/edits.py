"""Readings that the witnesses offer for doubted places: a word for another, one more, one less.

Each of them, and of what the language model proposes (`audit.judge.proposals`), is an edit of one
sentence. What the sentence gains by it is the contrast between a fault and a paraphrase: a
language model is indifferent to a paraphrase, and prefers the sentence without the fault by far.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from audit.align.witnesses import LONGEST_CELL
from audit.compare.prior import weighed
from audit.judge.contrast import confidence
from audit.judge.doubts import TRIED, greatest
from audit.judge.proposals import proposed
from audit.judge.tried import gained, tried
from audit.model import CellMatch, Degree, Edit, Quotes, Reading, Sentence, Story, Token

if TYPE_CHECKING:
    from audit.measure.surprisal import SurprisalModel

RUN = 3
"""Longest run of words that is put in, taken out or exchanged."""

TOKENS_PER_EDIT = 12
LEAST_TRIED = 40
"""One edit is tried for so many tokens of a version, but so many at least: all that is offered for
sound news, and for most garbled pages. It bounds what a hostile text may cost."""

OFFERS = 2
"""Most edits that are tried at one place: those that most witnesses offer."""


def with_edits(stories: Sequence[Story], model: SurprisalModel) -> list[Story]:
    """The stories with the edits that witnesses offer or the language model proposes, and what
    they gain.

    The gain is the surprisal of the sentence less that of the edited one, in nats
    (`audit.judge.tried`): positive if the language model prefers the edit. The stories must have
    their doubts.
    """
    found = [
        _chosen(s, sorted(offered(s), key=lambda e: -e.doubt.any)) + _chosen(s, proposed(s))
        for s in stories
    ]
    pairs = [
        tried(s, s.sentences[e.version][e.sentence], e.start, e.end, e.text)
        for s, own in zip(stories, found, strict=True)
        for e in own
    ]
    gains = iter(gained(pairs, model))
    return [
        replace(s, edits=tuple(_judged(s, edit, next(gains)) for edit in own))
        for s, own in zip(stories, found, strict=True)
    ]


def _chosen(story: Story, found: Sequence[Edit]) -> tuple[Edit, ...]:
    """Of each version's edits the first, as many as may be tried, in the order of the text."""
    kept: list[Edit] = []
    for version, sentences in story.sentences.items():
        most = max(LEAST_TRIED, sum(len(s.tokens) for s in sentences) // TOKENS_PER_EDIT)
        kept += [e for e in found if e.version == version][:most]
    return tuple(sorted(kept, key=lambda e: (e.version, e.start, e.end, e.text)))


def _judged(story: Story, edit: Edit, gain: float) -> Edit:
    gained = replace(edit, gain=round(gain, 3))
    sure = weighed(story, edit.version, confidence(gained, story.language), _agreed(story, gained))
    return replace(gained, confidence=round(sure, 3))


def _agreed(story: Story, edit: Edit) -> int:
    """How many independent versions of the same text have one other content word in our place.

    What one version has more or less than the others may be its own, and so may a synonym: words
    that share a translation.
    """
    if not (edit.witness and len(edit.lost) == len(edit.new) == 1):
        return 1
    (ours,), (theirs,) = edit.lost, edit.new
    small = any(map(story.language.is_function_word, (ours, theirs)))
    if small or theirs.lower() in story.language.sharing_translation(ours.lower()):
        return 1
    row = story.row_of[edit.version, edit.sentence]
    near = story.nearness(row, edit.version, edit.witness.version)
    return edit.support if near == Degree.TEXT else 1


def offered(story: Story) -> Iterator[Edit]:
    """The edits that witnesses offer for doubted places of a story, without their gains."""
    quotes = {v.id: story.annotations[v.id].quotes for v in story.versions}
    named = {v: {m.start for m in a.names} for v, a in story.annotations.items()}
    for row in story.rows:
        for version in sorted(row.cells):
            sentences = story.cell(row, version)
            if sum(len(s.tokens) for s in sentences) > LONGEST_CELL:
                continue
            cell = _Cell(story, sentences, quotes[version], named[version])
            found: dict[tuple[int, int], dict[str, Edit]] = {}
            votes: defaultdict[tuple[int, int, str], set[frozenset[str]]] = defaultdict(set)
            for witness in story.witnesses[row.id, version].versions:
                if not story.is_credible(witness, version):
                    continue
                match = story.match(row, version, witness)
                for edit in cell.edits(match, witness) if match else ():
                    text = edit.text.casefold()
                    found.setdefault((edit.start, edit.end), {}).setdefault(text, edit)
                    votes[edit.start, edit.end, text].add(story.copies_of[witness])
            for (start, end), texts in sorted(found.items()):
                best = sorted(texts, key=lambda t: -len(votes[start, end, t]))[:OFFERS]
                yield from (replace(texts[t], support=len(votes[start, end, t])) for t in best)


class _Cell:
    """The tokens of one version's cell with their doubts, and the edits of it."""

    def __init__(
        self, story: Story, sentences: Sequence[Sentence], quotes: Quotes, named: set[int]
    ) -> None:
        self._story = story
        self._quotes = quotes
        self._named = named
        self._version = sentences[0].version
        self._text = story.version(self._version).text
        self._tokens = tuple(t for s in sentences for t in s.tokens)
        self._doubts = [d for s in sentences for d in story.doubts[s.version, s.index]]
        self._owner = [s.index for s in sentences for _ in s.tokens]
        self._first = {s.tokens[0].start for s in sentences if s.tokens}

    def edits(self, match: CellMatch, witness: str) -> Iterator[Edit]:
        """The edits that one witness offers."""
        for first, last, a, b in _exchanges(match):
            beside = range(max(first - 1, 0), min(last + 2, len(self._tokens)))
            doubt = greatest(self._doubts[i] for i in beside)
            one_sentence = len({self._owner[i] for i in beside}) == 1
            if doubt.any < TRIED or not one_sentence or not self._may_change(first, last):
                continue
            theirs = match.b_tokens[a:b]
            if any(not t.is_word or _is_named(t) for t in theirs):
                continue
            if self._tears(first, last, theirs):
                continue
            start, end = self._span(first, last)
            quote = self._text[start:end]
            text = self._written(first, last, witness, theirs)
            if text.casefold() != quote.casefold():
                yield Edit(
                    version=self._version,
                    sentence=self._owner[beside[0]],
                    start=start,
                    end=end,
                    quote=quote,
                    text=text,
                    lost=tuple(t.text for t in self._tokens[first : last + 1]),
                    new=tuple(t.text for t in theirs),
                    witness=_reading(self._story, witness, match, (a, b)),
                    doubt=doubt,
                )

    def _may_change(self, first: int, last: int) -> bool:
        """Whether the words are neither names, numbers nor marks, nor direct speech."""
        mine = self._tokens[first : last + 1]
        beside = mine or self._tokens[first - 1 : first + 1]
        return all(t.is_word and not self._quotes.covers(t.start, t.end) for t in beside) and not (
            any(self._is_kept(t) for t in mine)
        )

    def _tears(self, first: int, last: int, theirs: Sequence[Token]) -> bool:
        """Whether an ending would lose its word, or take the place of one."""
        if last < first:
            return False
        if theirs:
            return _is_ending(self._tokens[first]) != _is_ending(theirs[0])
        after = self._tokens[last + 1 : last + 2]
        return any(map(_is_ending, after)) and not _is_ending(self._tokens[first])

    def _is_kept(self, token: Token) -> bool:
        """Whether a word of ours is a name or a number; a sentence's first word may be neither."""
        if token.start in self._first:
            return token.start in self._named or token.has_digit
        return _is_named(token)

    def _span(self, first: int, last: int) -> tuple[int, int]:
        """What is replaced; for words that are put in, the two words that they come between."""
        if last < first:
            return self._tokens[first - 1].start, self._tokens[first].end
        return self._tokens[first].start, self._tokens[last].end

    def _written(self, first: int, last: int, witness: str, theirs: Sequence[Token]) -> str:
        """What the edit writes: the witness's words, in the case of the place."""
        new = ""
        if theirs:
            new = self._story.version(witness).text[theirs[0].start : theirs[-1].end]
        if last < first:
            left, right = self._tokens[first - 1], self._tokens[first]
            return f"{left.text}{_gap(theirs[0])}{new}{_gap(right)}{right.text}"
        if new and self._tokens[first].start in self._first:
            new = new[0].upper() + new[1:]
        return new


def _exchanges(match: CellMatch) -> Iterator[tuple[int, int, int, int]]:
    """Places where two cells differ between words that are linked in the same order.

    Yields (first, last, a, b): our tokens first … last (last = first − 1: none) stand where the
    witness has its tokens a … b − 1. A linked pair of different forms is such a place too, as are
    two neighbours in the other order.
    """
    pairs = sorted(match.pairs)
    for i, j in pairs:
        if match.a_tokens[i].text.casefold() != match.b_tokens[j].text.casefold():
            yield i, i, j, j + 1
    for (i, j), (k, m) in pairwise(pairs):
        ours, theirs = k - i - 1, m - j - 1
        if 0 <= ours <= RUN and 0 <= theirs <= RUN and (ours or theirs):
            yield i + 1, k - 1, j + 1, m
        if k == i + 1 and m == j - 1:
            yield i, k, m, j + 1


def _gap(token: Token) -> str:
    return "" if _is_ending(token) else " "


def _is_ending(token: Token) -> bool:
    """Whether a token belongs to the word before it, as that of a possessive does."""
    return token.text[0] in "'’"


def _is_named(token: Token) -> bool:
    """Whether a token is a name or a number, which have detectors of their own."""
    return token.text[0].isupper() or token.has_digit


def _reading(story: Story, witness: str, match: CellMatch, place: tuple[int, int]) -> Reading:
    """What the witness has there; where it has nothing, the words around the place."""
    a, b = place if place[1] > place[0] else (max(place[0] - 1, 0), place[0] + 1)
    start, end = match.b_tokens[a].start, match.b_tokens[b - 1].end
    return Reading(witness, start, end, story.version(witness).text[start:end])
