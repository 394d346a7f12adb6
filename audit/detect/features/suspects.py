"""Runs of words that the trained word model suspects, sorted by what kind of fault they look like.

The model says where; the words and their links say what. A run of closed-class words, or one whose
linked words share its stem (another inflection), is grammar. A run whose place the witnesses fill
with another content word is a wrong term. What is left is phrasing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from audit.detect.base import Info, finding
from audit.detect.features.lexicon import is_function_word, plain
from audit.model import Finding, Measure, Reading, Sentence, Severity, Story

Kind = Literal["wrong-term", "ungrammatical", "unidiomatic"]

LONE = 0.6
"""Least probability of a run's most suspect word with no or one witness …"""

SEVERAL = 0.5
"""… and with several. Chosen on kept-out stories: see docs/word-model.md."""

MEMBER = 0.7
"""A word beside a suspect one belongs to the run at this share of the bar."""

LONGEST = 6
"""Longest run in words; more is a sentence that is off as a whole, not a place."""

SERIOUS = 0.6
"""Share of a run's probability that must be for a serious fault to call it major."""

STEM = 4
"""Letters that another inflection of a word shares with it."""


@dataclass(frozen=True)
class Run:
    """Neighbouring suspect tokens of one sentence: [first, last] and the bar they crossed."""

    sentence: Sentence
    first: int
    last: int
    bar: float
    peak: float
    serious: float
    readings: tuple[Reading, ...]
    kind: Kind

    @property
    def span(self) -> tuple[int, int]:
        """Where the run stands in the version's text."""
        tokens = self.sentence.tokens
        return tokens[self.first].start, tokens[self.last].end

    @property
    def severity(self) -> Severity:
        """Major if most of the probability is for a serious fault."""
        return "major" if self.serious >= SERIOUS * self.peak else "minor"


def runs(story: Story, kind: Kind) -> Iterator[Run]:
    """Suspect runs of one kind in all versions."""
    for version in story.versions:
        for sentence in story.sentences[version.id]:
            for run in _sentence_runs(story, sentence):
                if run.kind == kind:
                    yield run


def suspect(info: Info, story: Story, run: Run, what: str) -> Finding:
    """The finding of a run; `what` begins its message."""
    shown = ", ".join(f"“{r.quote}”" for r in run.readings[:2])
    return finding(
        info,
        story,
        run.sentence.version,
        run.span,
        f"{what}; other versions write {shown}." if shown else f"{what}.",
        measure=Measure("suspicion", round(run.peak, 3), run.bar),
        confidence=round(run.peak, 2),
        severity=run.severity,
        suggestion=run.readings[0].quote if run.readings else None,
        witnesses=run.readings,
    )


def _sentence_runs(story: Story, sentence: Sentence) -> Iterator[Run]:
    if story.suspicion is None:
        return
    row = story.row_of[sentence.version, sentence.index]
    bar = SEVERAL if len(row.cells) > 2 else LONE
    doubts = story.suspicion[sentence.version][sentence.index]
    tokens = sentence.tokens
    i = 0
    while i < len(tokens):
        if doubts[i].any < MEMBER * bar or not tokens[i].is_word:
            i += 1
            continue
        last = i
        while (
            last + 1 < len(tokens)
            and tokens[last + 1].is_word
            and doubts[last + 1].any >= MEMBER * bar
        ):
            last += 1
        inside = doubts[i : last + 1]
        peak = max(inside, key=lambda d: d.any)
        if peak.any >= bar and last - i < LONGEST:
            readings = _readings(story, sentence, i, last)
            kind = _kind([t.text for t in tokens[i : last + 1]], readings)
            worst = max(d.serious for d in inside)
            yield Run(sentence, i, last, bar, peak.any, worst, readings, kind)
        i = last + 1


def _readings(story: Story, sentence: Sentence, first: int, last: int) -> tuple[Reading, ...]:
    """What other versions have at the place, the most similar sentence first."""
    row = story.row_of[sentence.version, sentence.index]
    start, end = sentence.tokens[first].start, sentence.tokens[last].end
    own = story.version(sentence.version).text[start:end]
    found: list[tuple[float, Reading]] = []
    for witness in sorted(row.cells):
        match = story.match(row, sentence.version, witness) if witness != sentence.version else None
        if match is None:
            continue
        inside = {i for i, t in enumerate(match.a_tokens) if t.start < end and t.end > start}
        partners = sorted(j for i, j in match.pairs if i in inside)
        if not partners or partners[-1] - partners[0] > len(inside) + 1:
            continue
        a, b = match.b_tokens[partners[0]].start, match.b_tokens[partners[-1]].end
        quote = story.version(witness).text[a:b]
        if plain(quote) != plain(own):
            near = float(match.similarity.max(axis=1).mean())
            found.append((-near, Reading(witness, a, b, quote)))
    return tuple(r for _, r in sorted(found, key=lambda f: (f[0], f[1].version)))


def _kind(words: list[str], readings: tuple[Reading, ...]) -> Kind:
    content = [w for w in words if not is_function_word(plain(w))]
    if not content:
        return "ungrammatical"
    other = [plain(w) for r in readings for w in r.quote.split() if not is_function_word(plain(w))]
    if len(content) == 1 and other:
        stem = plain(content[0])[:STEM]
        return "ungrammatical" if any(w[:STEM] == stem for w in other) else "wrong-term"
    return "unidiomatic"
