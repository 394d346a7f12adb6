"""Runs of words that the word model doubts, for which no edit offers a better wording.

Mostly the doubt must be high, as one who paraphrases uses words that no other version has. Where
many independent versions tell a sentence in nearly the same words, as renderings of one source do,
a word that hardly one of them has is told for less doubt, names included. Numbers and negations are
left to their own detectors, and what stands in quotation marks is what somebody said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.detect.base import Info, counted, finding, reading
from audit.detect.shared.edits import NEGATIONS, is_serious, likely
from audit.language.spelling import plain
from audit.model import (
    DOUBT,
    Doubt,
    Finding,
    Measure,
    Place,
    Reading,
    Row,
    Sentence,
    Story,
    indices,
)

DOUBTED = 0.75
"""Least doubt of a run's most doubted word. Of the kept-out words over it .87 are damaged in
DEMETR, .58 marked by professionals in WMT21; with .7 free paraphrases are told too."""

SUSPECTED = 0.25
"""The same where many tell it alike and hardly one has it: what is told is marked in WMT21 as often
as what one professional marks is marked by another (.30 of it, half credit for wrong severity)."""

MANY = 6
"""Independent witnesses of a row that is told alike …"""

ALIKE = 0.7
"""… and their likeness to each other in the mean. Rows of WMT's news are at .80 in the median and
one in ten is below. Of three witnesses that have "port" none may have "harbour"; of many, some do.
"""

SHOWN = 0.1
"""Of a run that is told for less doubt, one word at least stands in so few of the witnesses, by
share. With words told that half of them have the span F1 is .24 instead of .16, and the precision
.25 instead of .30: most of what is more are synonyms."""

MEMBER = 0.85
"""A word beside a doubted one belongs to its run at this share of the bar."""

LONGEST_RUN = 6
"""Longest run in words; more is a sentence that is off as a whole, not a place."""

WIDER = 2
"""What a witness has in the place of a run has at most so many words more."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """A sentence with the doubt of its words, the bar of its row, and which words may be told.

    `witnesses` tell it alike, and `shown` is the share of them that have each token in its place;
    both are empty where fewer or freer ones do.
    """

    sentence: Sentence
    doubts: Sequence[Doubt]
    bar: float
    free: Sequence[bool]
    witnesses: Sequence[str] = ()
    shown: Sequence[float] = ()


def doubted(info: Info, story: Story, *, serious: bool) -> Iterator[Finding]:
    """Yield a finding for each run over the bar of its row, of serious faults or of the others.

    None where no language model or witness is.
    """
    if story.surprisal is None:
        return
    offered = [(e.version, e.start, e.end) for e in likely(story.edits) if e.witness]
    for judged in _sentences(story, story.doubts):
        version = judged.sentence.version
        for start, end, doubt in _runs(judged):
            grave = bool(judged.witnesses) and is_serious(doubt)
            is_offered = any(v == version and a < end and start < b for v, a, b in offered)
            if grave != serious or is_offered:
                continue
            yield finding(
                info,
                story,
                version,
                (start, end),
                _message(judged),
                measure=Measure(DOUBT, round(doubt.any, 3), judged.bar),
                confidence=round(doubt.any, 2),
                severity="major" if serious else "minor",
                witnesses=_wording(story, judged.sentence, (start, end)),
            )


def _message(judged: _Judged) -> str:
    if not judged.witnesses:
        return "This reads wrongly beside the other versions of the sentence."
    return (
        f"{counted(len(judged.witnesses), 'other version')} tell the sentence in nearly the same "
        "words, and this does not fit them; it may be right all the same."
    )


def _wording(story: Story, sentence: Sentence, span: tuple[int, int]) -> tuple[Reading, ...]:
    """What the key witness has in the place of a run, if it stands together there."""
    row = story.row_of[sentence.version, sentence.index]
    key = story.witnesses[row.id, sentence.version].key
    if key is None:
        return ()
    view = next(c for c in story.beside(sentence) if c.version == key)
    linked = view.linked(*span)
    if not linked:
        return ()
    place = linked[0].start, linked[-1].end
    if len(indices(view.tokens, *place)) > len(indices(sentence.tokens, *span)) + WIDER:
        return ()
    return (reading(story, key, place),)


def _sentences(story: Story, doubts_of: Mapping[Place, Sequence[Doubt]]) -> Iterator[_Judged]:
    """The sentences that have a witness and a word of enough doubt, in the order of the rows."""
    named = {v: {t for m in a.names for t in range(*m.span)} for v, a in story.annotations.items()}
    for row in story.rows:
        for version in sorted(row.cells):
            heard = story.witnesses[row.id, version]
            if not heard.versions:
                continue
            alike = len(heard.versions) >= MANY and (heard.likeness or 0.0) >= ALIKE
            at = 0
            for sentence in story.cell(row, version):
                first, at = at, at + len(sentence.tokens)
                doubts = doubts_of[version, sentence.index]
                suspected = alike and sentence.kind != "headline"
                bar = SUSPECTED if suspected else DOUBTED
                if max((d.any for d in doubts), default=0.0) < bar:
                    continue
                free = _free(story, sentence, set() if suspected else named[version])
                if suspected:
                    shown = _shown(story, row, version, heard.versions)[first:at]
                    yield _Judged(sentence, doubts, bar, free, heard.versions, shown)
                else:
                    yield _Judged(sentence, doubts, bar, free)


def _shown(story: Story, row: Row, version: str, witnesses: Sequence[str]) -> list[float]:
    """For each token of a cell, the share of the witnesses that have the same word in its place."""
    counts = [0] * sum(len(s.tokens) for s in story.cell(row, version))
    for w in witnesses:
        if match := story.match(row, version, w):
            for i, j in match.pairs:
                a, b = match.a_tokens[i].text, match.b_tokens[j].text
                counts[i] += a.casefold() == b.casefold()
    return [n / len(witnesses) for n in counts]


def _runs(judged: _Judged) -> Iterator[tuple[int, int, Doubt]]:
    tokens, doubts = judged.sentence.tokens, judged.doubts
    i = 0
    while i < len(tokens):
        last = i
        while last < len(tokens) and judged.free[last] and doubts[last].any >= MEMBER * judged.bar:
            last += 1
        peak = max(doubts[i:last], key=lambda d: d.any, default=None)
        if peak is not None and peak.any >= judged.bar and _is_told(judged, i, last, peak):
            yield tokens[i].start, tokens[last - 1].end, peak
        i = max(last, i + 1)


def _is_told(judged: _Judged, first: int, last: int, peak: Doubt) -> bool:
    if judged.witnesses and min(judged.shown[first:last]) <= SHOWN:
        return True
    return peak.any >= DOUBTED and last - first <= LONGEST_RUN


def _free(story: Story, sentence: Sentence, named: set[int]) -> list[bool]:
    """For each token whether it is a word that may be told."""
    quotes = story.annotations[sentence.version].quotes
    own = story.annotations[sentence.version].quantities[sentence.index]
    numbers = {k for q in own for k in range(*q.span)}
    return [
        t.is_word
        and not t.has_digit
        and t.start not in named
        and t.start not in numbers
        and plain(t.text) not in NEGATIONS
        and not quotes.covers(t.start, t.end)
        for t in sentence.tokens
    ]
