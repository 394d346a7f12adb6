"""Runs of words that the word model doubts, for which no witness offers a better wording.

Names and numbers are left to their own detectors, and what stands in quotation marks is what
somebody said.
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.detect.base import Info, finding
from audit.detect.features.copies import copies_of
from audit.detect.features.names import mentions
from audit.detect.features.offers import likely
from audit.detect.features.quotes import Quotes, quotes_of
from audit.model import Doubt, Finding, Measure, Sentence, Story, Token

DOUBTED = 0.75
"""Least doubt of a run's most doubted word. Of the kept-out words over it .86 are damaged in
DEMETR, .62 marked by professionals in WMT21; with .7 free paraphrases are told too."""

MEMBER = 0.85
"""A word beside a doubted one belongs to its run at this share of DOUBTED."""

LONGEST = 6
"""Longest run in words; more is a sentence that is off as a whole, not a place."""


def doubted(info: Info, story: Story) -> Iterator[Finding]:
    """Yield a finding for each run over the bar; none where no language model or witness is."""
    if story.doubts is None or story.surprisal is None:
        return
    offered = [(e.version, e.start, e.end) for e in likely(story.edits or ()) if e.witness]
    copies = copies_of(story)
    named = {v: {t for m in ms for t in range(*m.span)} for v, ms in mentions(story).items()}
    for version in story.versions:
        quotes = quotes_of(story, version.id)
        for sentence in story.sentences[version.id]:
            row = story.row_of[version.id, sentence.index]
            if not row.cells.keys() - copies[version.id]:
                continue
            doubts = story.doubts[version.id, sentence.index]
            if max((d.any for d in doubts), default=0.0) < DOUBTED:
                continue
            free = [_is_free(t, named[version.id], quotes) for t in sentence.tokens]
            for start, end, doubt in _runs(sentence, doubts, free):
                if not any(v == version.id and a < end and start < b for v, a, b in offered):
                    yield finding(
                        info,
                        story,
                        version.id,
                        (start, end),
                        "This reads wrongly beside the other versions of the sentence.",
                        measure=Measure("doubt", round(doubt.any, 3), DOUBTED),
                        confidence=round(doubt.any, 2),
                        severity="minor",
                    )


def _is_free(token: Token, named: set[int], quotes: Quotes) -> bool:
    """Whether a token is a word that may be told."""
    return (
        token.is_word
        and token.start not in named
        and not token.has_digit
        and not quotes.covers(token.start, token.end)
    )


def _runs(
    sentence: Sentence, doubts: tuple[Doubt, ...], free: list[bool]
) -> Iterator[tuple[int, int, Doubt]]:
    tokens = sentence.tokens
    i = 0
    while i < len(tokens):
        last = i
        while last < len(tokens) and free[last] and doubts[last].any >= MEMBER * DOUBTED:
            last += 1
        peak = max(doubts[i:last], key=lambda d: d.any, default=None)
        if peak is not None and peak.any >= DOUBTED and last - i <= LONGEST:
            yield tokens[i].start, tokens[last - 1].end, peak
        i = max(last, i + 1)
