"""Words that stand for another one than was meant, found without a row of other versions.

What the reader doubts, weighed against what the other versions have anywhere
(`audit.judge.misread`). Neighbouring words make one finding. Numbers have a detector of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from audit.compare.known_names import KnownNames
from audit.detect.base import Info, Settings, finding, quoted, reading
from audit.detect.shared.markable import is_markable
from audit.language.spelling import plain
from audit.model import MISREAD, Finding, Meant, Measure, Reading, Sentence, Story, Token, indices

Kind = Literal["ungrammatical", "unidiomatic", "wrong-term"]

SHOWN = 0.25
"""Least probability of a serious fault of a run's most doubtful word. On `newsroom` some three
words in 1,000 of the sound pages reach it, and of those that reach it on the garbled pages four in
five lie in a marked fault."""

NAME = 0.38
"""The same for a word with a capital inside a sentence: rare names are what the reader errs on."""

GRAVE = 0.5
"""Probability of a serious fault from which the finding is major."""

SUGGESTED = 0.25
"""Least chance of a word that is suggested without a witness in the row. On `newsroom` one in two
such suggestions is right, from .10 on one in five; so the message says "perhaps"."""

MEMBER = 0.6
"""A word beside a doubtful one belongs to its run at this share of the bar."""

WIDER = 2
"""What a witness has in the place of a run has at most so many tokens more."""

LONGEST = 6
"""Longest run in words: of a longer one only the words over the bar are marked."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Doubtful neighbours in a sentence, with the greatest probabilities among them."""

    sentence: Sentence
    tokens: tuple[Token, ...]
    fault: float
    serious: float
    kind: Kind

    @property
    def span(self) -> tuple[int, int]:
        return self.tokens[0].start, self.tokens[-1].end


def misread(info: Info, story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield the misread places of a detector's kind; none where no reader is."""
    for run in _runs(story, settings.names):
        if run.kind != info.id:
            continue
        text = story.version(run.sentence.version).text[slice(*run.span)]
        shown = _wordings(story, run)
        meant = None if shown else _meant(story, run)
        yield finding(
            info,
            story,
            run.sentence.version,
            run.span,
            f"{quoted(text)} does not fit here.{_advice(shown, meant)}",
            measure=Measure(MISREAD, round(run.serious, 3), SHOWN),
            confidence=round(run.fault, 2),
            severity="major" if run.serious >= GRAVE else "minor",
            suggestion=_rewritten(text, run, meant) if meant else shown[0].quote if shown else None,
            witnesses=[meant.witness] if meant and meant.witness else shown,
        )


def _advice(shown: Sequence[Reading], meant: Meant | None) -> str:
    if meant:
        return f" Perhaps {quoted(meant.text)} was meant."
    return "" if shown else " Look up what was meant."


def _meant(story: Story, run: _Run) -> Meant | None:
    """What was most likely meant by one of the words of a run, where that is likely enough."""
    start, end = run.span
    words = story.meant.get((run.sentence.version, run.sentence.index), ())
    inside = [m for m in words if start <= m.start and m.end <= end and m.chance >= SUGGESTED]
    return max(inside, key=lambda m: m.chance, default=None)


def _rewritten(text: str, run: _Run, meant: Meant) -> str:
    """The text of a run with the word that was meant in the place of its own."""
    at = run.span[0]
    return text[: meant.start - at] + meant.text + text[meant.end - at :]


def _wordings(story: Story, run: _Run) -> list[Reading]:
    """What credible witnesses have in the place of a run, the wording that most have first."""
    found = []
    own = {plain(t.text) for t in run.tokens}
    for cell in story.witnesses_beside(run.sentence):
        tokens = cell.linked(*run.span)
        if not tokens:
            continue
        place = tokens[0].start, tokens[-1].end
        between = indices(cell.tokens, *place)
        theirs = {plain(cell.tokens[k].text) for k in between}
        if len(between) <= len(run.tokens) + WIDER and not theirs <= own:
            found.append(reading(story, cell.version, place))
    votes = Counter(r.quote.casefold() for r in found)
    return sorted(found, key=lambda r: (-votes[r.quote.casefold()], r.version))


@lru_cache(maxsize=1)
def _runs(story: Story, names: tuple[str, ...]) -> tuple[_Run, ...]:
    """The misread runs of a story; the detectors share them."""
    known = KnownNames(names, story.language)
    return tuple(r for s in story.all_sentences() for r in _runs_in(story, s, known))


def _runs_in(story: Story, s: Sentence, known: KnownNames) -> Iterator[_Run]:
    doubts = story.misread.get((s.version, s.index), ())
    run: list[int] = []
    for i, (token, doubt) in enumerate(zip(s.tokens, doubts, strict=False)):
        bar = NAME if _is_name(s, i) else SHOWN
        if is_markable(token, known) and doubt.serious >= MEMBER * bar:
            run.append(i)
            continue
        yield from _finished(story, s, run)
        run = []
    yield from _finished(story, s, run)


def _finished(story: Story, s: Sentence, run: list[int]) -> Iterator[_Run]:
    doubts = story.misread[s.version, s.index] if run else ()
    over = [i for i in run if doubts[i].serious >= (NAME if _is_name(s, i) else SHOWN)]
    if not over:
        return
    parts = [run] if len(run) <= LONGEST else [[i] for i in over]
    for part in parts:
        tokens = tuple(s.tokens[i] for i in part)
        yield _Run(
            s,
            tokens,
            max(doubts[i].any for i in part),
            max(doubts[i].serious for i in part),
            _kind(story, tokens),
        )


def _is_name(s: Sentence, i: int) -> bool:
    return s.tokens[i].text[:1].isupper() and any(t.is_word for t in s.tokens[:i])


def _kind(story: Story, tokens: tuple[Token, ...]) -> Kind:
    """Function words are grammar, one or two words a term, more a phrase."""
    content = [t for t in tokens if not story.language.is_function_word(t.text)]
    if not content:
        return "ungrammatical"
    return "wrong-term" if len(tokens) <= 2 else "unidiomatic"
