"""Which sentences the second reader is asked about, and in what stretches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from audit.compare.instructions import is_instruction, may_be_instruction
from audit.model import OtherCell, Scope, Sentence, Story

DOUBTFUL = 0.15
"""Least doubt of any word that makes a sentence doubtful, or …"""

ALONE = 0.1
"""… one that no other version retells. Together 93 in 100 sentences of the garbled pages of
`newsroom`, with 99 in 100 of their faults, 85 of its sound pages and 77 of `clusters`."""

STRETCH = 10
"""Most sentences of one question: their faults fit in one answer, and what is said before them,
some 700 tokens, is not said for too few."""

MOST_BESIDE = 3
"""Most other versions whose wording of one sentence is shown."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sentences of one version that are asked about together, in text order.

    `before` has the text before each of them that does not follow another of them. `doubt` is the
    greatest of any word, 0 to 1. `is_apart` says that no other page is shown beside.
    """

    story: Story
    version: str
    sentences: tuple[Sentence, ...]
    before: Mapping[int, str]
    """By the index of the sentence."""
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
            doubt = max(_doubt(story, s) for s in together)
            found.append(Stretch(story, version, together, _before(story, together), doubt))
    return found


def apart(stretch: Stretch) -> list[Stretch]:
    """Each sentence of a stretch with nothing else beside it."""
    return [replace(stretch, sentences=(s,), before={}, is_apart=True) for s in stretch.sentences]


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


def _together(sentences: Sequence[Sentence], story: Story) -> Iterator[tuple[Sentence, ...]]:
    """At most `STRETCH` of them at once, in text order; what might speak to a model alone."""
    is_alone = [may_be_instruction(s, story.language) for s in sentences]
    yield from ((s,) for s, alone in zip(sentences, is_alone, strict=True) if alone)
    others = [s for s, alone in zip(sentences, is_alone, strict=True) if not alone]
    for k in range(0, len(others), STRETCH):
        yield tuple(others[k : k + STRETCH])


def _before(story: Story, together: Sequence[Sentence]) -> dict[int, str]:
    """The sentence before each one that does not follow another of them."""
    asked = {s.index for s in together}
    own = story.sentences[together[0].version]
    return {
        s.index: own[s.index - 1].text
        for s in together
        if s.index
        and s.index - 1 not in asked
        and not may_be_instruction(own[s.index - 1], story.language)
    }
