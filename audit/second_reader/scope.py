"""Which sentences the second reader is asked about, and in what stretches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from audit.compare.instructions import is_instruction, may_be_instruction
from audit.model import OtherCell, Scope, Sentence, Story

DOUBTFUL = 0.15
"""Least doubt of any word that makes a sentence doubtful, or …"""

ALONE = 0.1
"""… one that no other version retells. Together 93 in 100 sentences of the garbled pages of
`newsroom`, with 99 in 100 of their faults, 85 of its sound pages and 77 of `clusters`."""

STRETCH = 6
"""Most sentences of one question: their faults fit in one answer, and a page that speaks to the
reader spoils no more than these."""

MOST_BESIDE = 3
"""Most other versions whose wording of one sentence is shown."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring sentences of one version that are asked about together, and the one before.

    `doubt` is the greatest of any word, 0 to 1. `is_apart` says that no other page is shown beside.
    """

    story: Story
    version: str
    sentences: tuple[Sentence, ...]
    before: Sentence | None
    doubt: float
    is_apart: bool = False


def stretches(story: Story, scope: Scope) -> list[Stretch]:
    """What is to be asked of a story.

    A sentence that speaks to a language model is left out. One that might is asked about alone and
    not shown with others, so that what it says can touch no other's answer.
    """
    found = []
    for version, sentences in story.sentences.items():
        wanted = [s for s in sentences if _may_be_asked(story, s) and _is_open(story, s, scope)]
        for together in _together(wanted, story):
            first = together[0].index
            before = sentences[first - 1] if first else None
            if before is not None and may_be_instruction(before, story.language):
                before = None
            doubt = max(_doubt(story, s) for s in together)
            found.append(Stretch(story, version, tuple(together), before, doubt))
    return found


def apart(stretch: Stretch) -> list[Stretch]:
    """Each sentence of a stretch with nothing else beside it."""
    return [replace(stretch, sentences=(s,), before=None, is_apart=True) for s in stretch.sentences]


def wording_beside(story: Story, sentence: Sentence) -> list[OtherCell]:
    """The wording of other versions, the nearest first; none that might speak to a language
    model."""
    cells = sorted(story.beside(sentence), key=lambda c: (-c.nearness.probability, c.version))
    fit = [c for c in cells if not any(may_be_instruction(s, story.language) for s in c.sentences)]
    return fit[:MOST_BESIDE]


def _may_be_asked(story: Story, sentence: Sentence) -> bool:
    has_words = any(t.is_word for t in sentence.tokens)
    return has_words and not is_instruction(sentence, story.language)


def _is_open(story: Story, sentence: Sentence, scope: Scope) -> bool:
    """Whether a sentence is doubtful; less doubt will do where no other version retells it."""
    least = DOUBTFUL if story.witnesses_beside(sentence) else ALONE
    return scope == "all" or _doubt(story, sentence) >= least


def _doubt(story: Story, sentence: Sentence) -> float:
    """The greatest of any word; 1 where nothing was measured."""
    place = (sentence.version, sentence.index)
    doubts = (*story.doubts.get(place, ()), *story.read_doubts.get(place, ()))
    return max((d.any for d in doubts), default=1.0)


def _together(sentences: Sequence[Sentence], story: Story) -> Iterator[list[Sentence]]:
    """Neighbours, at most `STRETCH` of them at once; what might speak to a model alone."""
    group: list[Sentence] = []
    for s in sentences:
        is_alone = may_be_instruction(s, story.language)
        if group and (is_alone or len(group) == STRETCH or s.index != group[-1].index + 1):
            yield group
            group = []
        group.append(s)
        if is_alone:
            yield group
            group = []
    if group:
        yield group
