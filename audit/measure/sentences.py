"""What the language model makes of every sentence of a story."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from audit.measure.passages import passages
from audit.measure.surprisal import ReadSentence, SurprisalModel
from audit.model import Story


def with_surprisal(stories: Sequence[Story], model: SurprisalModel) -> list[Story]:
    """The stories with how surprising each word is, after the sentence before it."""
    laid = [(p, s.language) for s in stories for own in s.sentences.values() for p in passages(own)]
    read = iter(model.read(laid))
    return [_with_own(s, read) for s in stories]


def _with_own(story: Story, read: Iterator[ReadSentence]) -> Story:
    """The story with what the language model read of its sentences, taken in their order."""
    own = {v: [next(read) for _ in sentences] for v, sentences in story.sentences.items()}
    return replace(
        story,
        surprisal={v: tuple(r.nats for r in found) for v, found in own.items()},
        alternatives={(v, r): s.alternatives for v, f in own.items() for r, s in enumerate(f)},
        read_doubts={(v, r): s.doubts for v, f in own.items() for r, s in enumerate(f)},
        expected={(v, r): s.expected for v, f in own.items() for r, s in enumerate(f)},
    )
