"""What reads wrongly: words that an edit would mend, and runs of words that are only doubted.

Mostly the doubt must be high, as one who paraphrases uses words that no other version has. Where
many independent versions say a sentence in nearly the same words, as renderings of one source do,
a word that hardly one of them has is reported for less doubt, names included. Numbers and negations
are left to their own detectors, and what stands in quotation marks is what somebody said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from audit.compare.known_names import KnownNames
from audit.compare.prior import unweighed, weighed
from audit.detect.base import Info, Settings, counted, finding, reading
from audit.detect.shared.edits import is_serious, likely, offers
from audit.detect.shared.markable import is_markable
from audit.language.spelling import plain
from audit.model import (
    DOUBT,
    Doubt,
    Finding,
    Measure,
    Reading,
    Row,
    Sentence,
    Story,
    Token,
    indices,
)

DOUBTED = 0.75
"""Least doubt of a run's most doubted word. Of the kept-out words over it .87 are damaged in
DEMETR, .58 marked by professionals in WMT21; with .7 free paraphrases are reported too. A version
that is sounder than an unknown one must be doubted more, by Bayes' rule (`audit.compare.prior`):
sound pages of `newsroom` lose five false alarms by it, and the garbled ones no fault."""

SUSPECTED = 0.25
"""The same where many say it alike and hardly one has it: what is reported is marked in WMT21 as
often as what one professional marks is marked by another (.30 of it, half credit for wrong
severity)."""

MANY = 6
"""Independent witnesses of a row that is worded alike …"""

ALIKE = 0.7
"""… and their likeness to each other in the mean. Rows of WMT's news are at .80 in the median and
one in ten is below. Of three witnesses that have "port" none may have "harbour"; of many, some do.
"""

SHOWN = 0.1
"""Of a run that is reported for less doubt, one word at least stands in so few of the witnesses, by
share. With words that half of them have the span F1 is .24 instead of .16, and the precision .25
instead of .30: most of what is more are synonyms."""

MEMBER = 0.85
"""A word beside a doubted one belongs to its run at this share of the bar."""

LONGEST_RUN = 6
"""Longest run in words; more is a sentence that is off as a whole, not a place."""

WIDER = 2
"""What a witness has in the place of a run has at most so many words more."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """A sentence with the doubt of its words, the bar of its row, the bar from which a doubt needs
    nothing else, and which words may be marked.

    `witnesses` word it alike, and `shown` is the share of them that have each token in its place;
    both are empty where there are fewer or they are freer.
    """

    sentence: Sentence
    doubts: Sequence[Doubt]
    bar: float
    sure: float
    free: Sequence[bool]
    witnesses: Sequence[str] = ()
    shown: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class _Run:
    """Doubted words in a row of a sentence, [start, end), with the greatest of their doubts."""

    judged: _Judged
    start: int
    end: int
    doubt: Doubt

    @property
    def is_grave(self) -> bool:
        """Whether it is doubted mostly as a serious fault, where many witnesses word it alike."""
        return bool(self.judged.witnesses) and is_serious(self.doubt)


def misworded(info: Info, story: Story, settings: Settings) -> Iterator[Finding]:
    """What reads wrongly: edits of the detector's kind, then runs that are doubted and not mended.

    Grave runs are wrong terms, the others are unidiomatic. Nothing is reported where no language
    model or witness is.
    """
    yield from offers(info, story, settings)
    grave = info.id == "wrong-term"
    for run in _runs(story, settings.names):
        if run.is_grave != grave:
            continue
        judged = run.judged
        yield finding(
            info,
            story,
            judged.sentence.version,
            (run.start, run.end),
            _message(judged),
            measure=Measure(DOUBT, round(run.doubt.any, 3), round(judged.bar, 3)),
            confidence=round(weighed(story, judged.sentence.version, run.doubt.any), 2),
            severity="major" if grave else "minor",
            witnesses=_wording(story, judged.sentence, (run.start, run.end)),
        )


@lru_cache(maxsize=1)
def _runs(story: Story, names: tuple[str, ...]) -> tuple[_Run, ...]:
    """The doubted runs of a story for which no edit offers a wording; two detectors share them."""
    if story.surprisal is None:
        return ()
    known = KnownNames(names, story.language)
    offered = [
        (e.version, e.start, e.end) for e in likely(story.edits, story.language) if e.witness
    ]
    return tuple(
        run
        for judged in _sentences(story, known)
        for run in _runs_in(judged)
        if not any(
            v == judged.sentence.version and a < run.end and run.start < b for v, a, b in offered
        )
    )


def _message(judged: _Judged) -> str:
    if not judged.witnesses:
        return "This reads wrongly beside the other versions of the sentence."
    return (
        f"{counted(len(judged.witnesses), 'other version')} word the sentence nearly alike, and "
        "this does not fit them; it may be right all the same."
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


def _sentences(story: Story, known: KnownNames) -> Iterator[_Judged]:
    """The sentences that have a witness and a word of enough doubt, in the order of the rows."""
    named = {v: {t for m in a.names for t in range(*m.span)} for v, a in story.annotations.items()}
    for row in story.rows:
        for version in sorted(row.cells):
            witnesses = story.witnesses[row.id, version]
            if not witnesses.versions:
                continue
            alike = len(witnesses.versions) >= MANY and (witnesses.likeness or 0.0) >= ALIKE
            at = 0
            for sentence in story.cell(row, version):
                first, at = at, at + len(sentence.tokens)
                doubts = story.doubts[version, sentence.index]
                suspected = alike and sentence.kind != "headline"
                sure = max(DOUBTED, unweighed(story, version, DOUBTED))
                bar = SUSPECTED if suspected else sure
                if max((d.any for d in doubts), default=0.0) < bar:
                    continue
                free = _free(story, sentence, set() if suspected else named[version], known)
                if suspected:
                    shown = _shown(story, row, version, witnesses.versions)[first:at]
                    yield _Judged(sentence, doubts, bar, sure, free, witnesses.versions, shown)
                else:
                    yield _Judged(sentence, doubts, bar, sure, free)


def _shown(story: Story, row: Row, version: str, witnesses: Sequence[str]) -> list[float]:
    """For each token of a cell, the share of the witnesses that have the same word in its place."""
    counts = [0] * sum(len(s.tokens) for s in story.cell(row, version))
    for w in witnesses:
        if match := story.match(row, version, w):
            for i, j in match.pairs:
                a, b = match.a_tokens[i].text, match.b_tokens[j].text
                counts[i] += a.casefold() == b.casefold()
    return [n / len(witnesses) for n in counts]


def _runs_in(judged: _Judged) -> Iterator[_Run]:
    tokens, doubts = judged.sentence.tokens, judged.doubts
    i = 0
    while i < len(tokens):
        last = i
        while last < len(tokens) and judged.free[last] and doubts[last].any >= MEMBER * judged.bar:
            last += 1
        peak = max(doubts[i:last], key=lambda d: d.any, default=None)
        if peak is not None and peak.any >= judged.bar and _is_enough(judged, i, last, peak):
            yield _Run(judged, tokens[i].start, tokens[last - 1].end, peak)
        i = max(last, i + 1)


def _is_enough(judged: _Judged, first: int, last: int, peak: Doubt) -> bool:
    if judged.witnesses and min(judged.shown[first:last]) <= SHOWN:
        return True
    return peak.any >= judged.sure and last - first <= LONGEST_RUN


def _free(story: Story, sentence: Sentence, named: set[int], known: KnownNames) -> list[bool]:
    """For each token whether it is a word that may be marked."""
    negations = story.language.words("negations")
    quotes = story.annotations[sentence.version].quotes
    own = story.annotations[sentence.version].quantities[sentence.index]
    numbers = {k for q in own for k in range(*q.span)}
    views = story.beside(sentence)

    def is_recased(t: Token) -> bool:
        """Whether another version has the word in other letters: then its case is doubted."""
        beside = (b.text for view in views for b in view.linked(t.start, t.end))
        return any(b != t.text and b.casefold() == t.text.casefold() for b in beside)

    return [
        is_markable(t, known)
        and not is_recased(t)
        and t.start not in named
        and t.start not in numbers
        and plain(t.text) not in negations
        and not quotes.covers(t.start, t.end)
        for t in sentence.tokens
    ]
