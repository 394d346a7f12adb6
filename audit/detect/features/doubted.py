"""Runs of words that the word model doubts, for which no edit offers a better wording.

Mostly the doubt must be high, as one who paraphrases uses words that no other version has. Where
many independent versions tell a sentence in nearly the same words, as renderings of one source do,
a lesser doubt is told, with what they have there. Numbers are left to their own detector, and what
stands in quotation marks is what somebody said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.detect.base import Info, counted, finding
from audit.detect.features.names import mentions
from audit.detect.features.offers import likely
from audit.detect.features.quotes import Quotes, quotes_of
from audit.model import Doubt, Finding, Measure, Row, Sentence, Story, Token

DOUBTED = 0.75
"""Least doubt of a run's most doubted word. Of the kept-out words over it .87 are damaged in
DEMETR, .58 marked by professionals in WMT21; with .7 free paraphrases are told too."""

SUSPECTED = 0.25
"""The same where many tell it alike and hardly one has it: what is told is marked in WMT21 as often
as what one professional marks is marked by another (.30 of it, half credit for wrong severity)."""

MANY = 6
"""Independent witnesses of a row that is told alike …"""

ALIKE = 0.7
"""… and their likeness to each other in the mean (best cosines of words). Rows of WMT's news are at
.80 in the median and one in ten is below. Of three witnesses that have "port" none may have
"harbour"; of many, some do."""

SHOWN = 0.1
"""Of a run that is told for less doubt, one word at least stands in so few of the witnesses, by
share. With words told that half of them have the span F1 is .24 instead of .16, and the precision
.25 instead of .30: most of what is more are synonyms."""

MAJORITY = 0.5
"""A wording is suggested if more of the witnesses than this share have it."""

MEMBER = 0.85
"""A word beside a doubted one belongs to its run at this share of the bar."""

LONGEST = 6
"""Longest run in words that is told by high doubt; more is a sentence that is off as a whole."""

SERIOUS = 0.6
"""Share of the doubt that must be for a serious fault to call the place one, as for what is
offered; .5 to .7 give the same figures."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """A sentence with the bar of its row.

    `witnesses` are those that tell it alike, `shown` the share of them that have each token in its
    place; both empty where they do not.
    """

    sentence: Sentence
    bar: float
    witnesses: Sequence[str] = ()
    shown: Sequence[float] = ()


def doubted(info: Info, story: Story, *, serious: bool) -> Iterator[Finding]:
    """Yield a finding for each run over the bar of its row, of serious faults or of the others.

    None where no language model or witness is.
    """
    from audit.consensus import Witnesses  # which stands on this package itself

    if story.doubts is None or story.surprisal is None:
        return
    offered = [(e.version, e.start, e.end) for e in likely(story.edits or ()) if e.witness]
    named = {v: {t for m in ms for t in range(*m.span)} for v, ms in mentions(story).items()}
    quotes = {v.id: quotes_of(story, v.id) for v in story.versions}
    consensus = Witnesses(story)
    for heard in _sentences(story):
        version = heard.sentence.version
        for start, end, doubt in _runs(story, heard, named[version], quotes[version]):
            grave = bool(heard.witnesses) and doubt.serious >= SERIOUS * doubt.any
            if grave != serious or any(
                v == version and a < end and start < b for v, a, b in offered
            ):
                continue
            row = story.row_of[version, heard.sentence.index]
            other = consensus.borrow(row, version, (start, end)) if heard.witnesses else None
            yield finding(
                info,
                story,
                version,
                (start, end),
                _message(heard),
                measure=Measure("doubt", round(doubt.any, 3), heard.bar),
                confidence=round(doubt.any, 2),
                severity="major" if serious else "minor",
                suggestion=other.text if other and other.support > MAJORITY else None,
                witnesses=[other.witness] if other else (),
            )


def _message(heard: _Heard) -> str:
    if not heard.witnesses:
        return "This reads wrongly beside the other versions of the sentence."
    return (
        f"{counted(len(heard.witnesses), 'other version')} tell the sentence in nearly the same "
        "words, and this does not fit them; it may be right all the same."
    )


def _sentences(story: Story) -> Iterator[_Heard]:
    """The sentences that have a witness, in the order of the rows."""
    for row in story.rows:
        for version in sorted(row.cells):
            heard = story.hearing(row, version)
            if not heard.witnesses:
                continue
            alike = len(heard.witnesses) >= MANY and (heard.likeness or 0.0) >= ALIKE
            shown = _shown(story, row, version, heard.witnesses) if alike else []
            at = 0
            for sentence in story.cell(row, version):
                size = len(sentence.tokens)
                if alike:
                    own = shown[at : at + size]
                    yield _Heard(sentence, SUSPECTED, heard.witnesses, own)
                else:
                    yield _Heard(sentence, DOUBTED)
                at += size


def _shown(story: Story, row: Row, version: str, witnesses: Sequence[str]) -> list[float]:
    """For each token of a cell, the share of the witnesses that have the same word in its place."""
    counts = [0] * sum(len(s.tokens) for s in story.cell(row, version))
    for w in witnesses:
        if match := story.match(row, version, w):
            for i, j in match.pairs:
                a, b = match.a_tokens[i].text, match.b_tokens[j].text
                counts[i] += a.casefold() == b.casefold()
    return [n / len(witnesses) for n in counts]


def _runs(
    story: Story, heard: _Heard, named: set[int], quotes: Quotes
) -> Iterator[tuple[int, int, Doubt]]:
    assert story.doubts is not None
    tokens = heard.sentence.tokens
    doubts = story.doubts[heard.sentence.version, heard.sentence.index]
    if max((d.any for d in doubts), default=0.0) < heard.bar:
        return
    names = set() if heard.witnesses else named
    i = 0
    while i < len(tokens):
        last = i
        while (
            last < len(tokens)
            and doubts[last].any >= MEMBER * heard.bar
            and _is_free(tokens[last], names, quotes)
        ):
            last += 1
        peak = max(doubts[i:last], key=lambda d: d.any, default=None)
        if peak is not None and peak.any >= heard.bar and _is_told(heard, i, last):
            yield tokens[i].start, tokens[last - 1].end, peak
        i = max(last, i + 1)


def _is_told(heard: _Heard, first: int, last: int) -> bool:
    if heard.witnesses:
        return min(heard.shown[first:last]) <= SHOWN
    return last - first <= LONGEST


def _is_free(token: Token, names: set[int], quotes: Quotes) -> bool:
    """Whether a token is a word that may be told."""
    return (
        token.is_word
        and token.start not in names
        and not token.has_digit
        and not quotes.covers(token.start, token.end)
    )
