"""What the language model proposes for words that no witness has.

An alternative (`audit.measure.alternatives`) is judged by what stands before it alone. Where it is
better by far, the place is doubted, and the witnesses do not have the word that stands there, the
whole sentence is tried with it, as with an edit that a witness offers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from audit.judge.doubts import TRIED, greatest
from audit.model import Alternative, Confusion, Edit, Reading, Row, Sentence, Story

BETTER = 2.0
"""Least gain in nats, after what stands before, of a word's best alternative: of DEMETR's damaged
words that a try would mend, nine in ten are over it, of all words with alternatives half. Then the
others are tried too, as what stands after may favour them."""


def proposed(story: Story) -> list[Edit]:
    """The edits that the language model proposes, without their gains over the whole sentence.

    Those of the places with the best alternatives stand first.
    """
    found: list[tuple[float, Edit]] = []
    for version, sentences in story.sentences.items():
        quotes = story.annotations[version].quotes
        uses = Counter(t.text for s in sentences for t in s.tokens)
        for sentence in sentences:
            better = story.alternatives.get((version, sentence.index), ())
            best: dict[int, float] = {}
            for a in better:
                best[a.start] = max(a.gain, best.get(a.start, BETTER))
            tried = [
                a for a in better if best[a.start] > BETTER and not quotes.covers(a.start, a.end)
            ]
            if not tried or sentence.kind == "headline":  # headlines have a grammar of their own
                continue
            row = story.row_of[version, sentence.index]
            words = _words(story, row, story.witnesses[row.id, version].versions)
            places = {(t.start, t.end): k for k, t in enumerate(sentence.tokens)}
            for a in tried:
                kind = story.language.confusions(a.quote)[a.text]
                repeated = kind != "function" and uses[a.quote] > 1  # then it is a term of the text
                k = places.get((a.start, a.end))
                if k is not None and a.quote not in words and not repeated:
                    edit = _edit(story, sentence, k, a, kind, words.get(a.text, ()))
                    if edit.doubt.any >= TRIED:
                        found.append((best[a.start], edit))
    return [edit for _, edit in sorted(found, key=lambda x: (-x[0], -x[1].ahead))]


def _edit(
    story: Story,
    sentence: Sentence,
    k: int,
    a: Alternative,
    kind: Confusion,
    readings: Sequence[Reading],
) -> Edit:
    beside = story.doubts[sentence.version, sentence.index][max(k - 1, 0) : k + 2]
    return Edit(
        version=sentence.version,
        sentence=sentence.index,
        start=a.start,
        end=a.end,
        quote=a.quote,
        text=a.text,
        lost=(a.quote,),
        new=(a.text,),
        witness=readings[0] if readings else None,
        doubt=greatest(beside),
        support=len(readings),
        proposal=kind,
        ahead=a.gain,
    )


def _words(story: Story, row: Row, witnesses: Sequence[str]) -> Mapping[str, list[Reading]]:
    """The words of a row's witnesses in small letters, with the first place in each of them."""
    found: dict[str, list[Reading]] = {}
    for witness in witnesses:
        own: dict[str, Reading] = {}
        for s in story.cell(row, witness):
            for t in s.tokens:
                own.setdefault(t.text.casefold(), Reading(witness, t.start, t.end, t.text))
        for word, reading in own.items():
            found.setdefault(word, []).append(reading)
    return found
