"""What the language model reads to say what other words at a place would gain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit.model import Sentence, Story

if TYPE_CHECKING:
    from audit.measure.surprisal import SurprisalModel

TAIL = 8
"""Tokens after a place that are read with it: over them a gain is within a tenth of a nat of that
over the whole sentence."""

Item = tuple[str, str]
"""The text of the sentence before, and what is read after it."""


def tried(story: Story, sentence: Sentence, start: int, end: int, text: str) -> tuple[Item, Item]:
    """A sentence as it is and with other words from `start` to `end`, until TAIL tokens after them.

    Both are read after the sentence before alone, so that nothing but the words differs.
    """
    own = story.sentences[sentence.version]
    context = own[sentence.index - 1].text if sentence.index else ""
    later = [t.end for t in sentence.tokens if t.start >= end][:TAIL]
    before = sentence.text[: start - sentence.start]
    there = sentence.text[start - sentence.start : end - sentence.start]
    after = sentence.text[end - sentence.start : later[-1] - sentence.start] if later else ""
    changed = after.lstrip(" ") if not text and (not before or before.endswith(" ")) else after
    return (context, before + there + after), (context, before + text + changed)


def gained(pairs: Sequence[tuple[Item, Item]], model: SurprisalModel) -> list[float]:
    """How many nats less surprising the second of each pair is than the first."""
    # The model shares the beginning of the first item: of a sentence the one that goes on longest.
    first = sorted((before for before, _ in pairs), key=lambda item: -len(item[1]))
    items = list(dict.fromkeys([*first, *(after for _, after in pairs)]))
    nats = dict(zip(items, model.total(items), strict=True))
    return [nats[before] - nats[after] for before, after in pairs]
