"""Damages clean text in known places, as translation does: another form, function word or letter.

The kinds are those of DEMETR (Karpinska et al. 2022) that a text shows without a witness.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from audit.model import Language, Sentence, Story, Version
from calibration.data import SUFFIX, Spans

SHARE = 0.5
"""Share of the sentences that are damaged, in one word each."""


def damaged(
    stories: Sequence[Story], seed: int = 0
) -> tuple[list[tuple[str, list[Version]]], Spans]:
    """The stories with damage, to be audited again, and the places of it."""
    rng = random.Random(seed)
    batch: list[tuple[str, list[Version]]] = []
    places: Spans = {}
    for story in stories:
        versions = []
        for v in story.versions:
            text, spans, shift = v.text, [], 0
            for s in story.sentences[v.id]:
                chosen = s.kind == "body" and rng.random() < SHARE
                found = _slip(s, story.language, rng) if chosen else None
                if found:
                    start, end, new = found
                    text = text[: start + shift] + new + text[end + shift :]
                    spans.append((start + shift, start + shift + len(new), "minor"))
                    shift += len(new) - (end - start)
            versions.append(Version(v.id, text))
            places[story.id + SUFFIX, v.id] = spans
        batch.append((story.id + SUFFIX, versions))
    return batch, places


def _slip(
    sentence: Sentence, language: Language, rng: random.Random
) -> tuple[int, int, str] | None:
    """A word of the sentence and another that may be taken for it; the kinds are equally likely."""
    by_kind: dict[str, list[tuple[int, int, str]]] = {}
    for t in sentence.tokens[1:]:
        if t.text.isalpha() and t.text.islower():
            for other, kind in language.confusions(t.text).items():
                by_kind.setdefault(kind, []).append((t.start, t.end, other))
    if not by_kind:
        return None
    return rng.choice(by_kind[rng.choice(sorted(by_kind))])
