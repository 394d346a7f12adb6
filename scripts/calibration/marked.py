"""Pages whose faults are marked, real news beside them, and what the marks say of each token."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from audit.errors import NotScored
from audit.measure.expected import Found
from audit.measure.passages import Passage, passages
from audit.model import Sentence, Story, Version
from audit.pipeline import Engine
from calibration.data import read

GARBLED, SOUND, CLUSTERS, NATIVE = SETS = ("garbled", "sound", "clusters", "native")
"""The garbled pages of `train/garbled.jsonl.gz`, the sound ones beside them, and two sets of real
news."""

CATEGORIES = (
    "wrong-term",
    "ungrammatical",
    "unidiomatic",
    "meaning-shift",
    "name-garble",
    "other",
)
NO_FAULT = -1

READ, AMONG = 3, 3
"""So many sentences in a row are read of an article of real news, from one of its first ones."""

IGNORED = "scrape-residue"
"""Not a matter of language: it is neither a fault nor sound."""

KEPT_WEIGHT = 0.3
"""Weight of a marked word that stands in the mark's suggestion too: it is hardly the wrong one."""

RATES = (1, 2, 3, 5, 10)
"""Words of sound text in 1,000 that are flagged, at which a report says what is found."""

Key = tuple[str, str, str, int]
"""Set, story, version, index of a sentence."""


class Mark(NamedTuple):
    """A place of a page that its annotator calls a fault."""

    start: int
    end: int
    category: str
    severity: str
    suggestion: str = ""

    @property
    def is_serious(self) -> bool:
        """Major or critical."""
        return self.severity != "minor"


class Label(NamedTuple):
    """What the marks say of a token; `category` is a place in CATEGORIES, or NO_FAULT."""

    any: bool
    serious: bool
    category: int
    weight: float


@dataclass(frozen=True, eq=False)
class Text:
    """A version of a story that is learnt from, and those of its sentences that are read."""

    set: str
    story: Story
    version: str
    marks: tuple[Mark, ...]
    sentences: tuple[Sentence, ...]

    def keys(self) -> list[Key]:
        """The key of each sentence."""
        return [(self.set, self.story.id, self.version, s.index) for s in self.sentences]

    def passages(self) -> list[Passage]:
        """The sentences as they are read, after the one before them."""
        first = self.sentences[0].index if self.sentences else 0
        before = self.story.sentences[self.version][first - 1].text if first else ""
        return list(passages(self.sentences, before))


@dataclass(frozen=True)
class Known:
    """What is known of the tokens of a sentence whose text was kept out of training.

    `expected` is what was expected in the place of doubted words (`audit.measure.expected`).
    """

    any: tuple[float, ...]
    serious: tuple[float, ...]
    nats: tuple[float, ...]
    expected: tuple[Found, ...]


def texts(engine: Engine, bench: Path, name: str, limit: int | None = None) -> Iterator[Text]:
    """The texts of a set (of its first `limit` stories), cut into sentences and not aligned.

    A garbled page has the sound one on the same event beside it in its story, and a sound one the
    garbled one.
    """
    marked = name in (GARBLED, SOUND)
    file = bench / ("train/garbled.jsonl.gz" if marked else f"data/{name}.jsonl.gz")
    for line in read(file)[:limit]:
        if marked:
            versions = [Version(v, line[v]) for v in ("garbled", "sound")]
        else:
            versions = [Version(v["id"], v["text"]) for v in line["versions"]]
        try:
            (story,) = engine.stories([(line["id"], versions)], "segment")
        except NotScored:
            continue
        for version, sentences in story.sentences.items():
            if not marked:
                at = _hashed(f"{story.id}/{version}x") % AMONG
                yield Text(name, story, version, (), sentences[at : at + READ])
            elif version == name:
                marks = marks_of(line["marks"]) if name == GARBLED else ()
                yield Text(name, story, version, marks, sentences)


def marks_of(marks: Iterable[Mapping[str, Any]]) -> tuple[Mark, ...]:
    """Marks as the data has them, in text order."""
    found = (
        Mark(m["start"], m["end"], m["category"], m["severity"], m.get("suggestion") or "")
        for m in marks
    )
    return tuple(sorted(found))


def labels(sentence: Sentence, marks: Sequence[Mark]) -> list[Label]:
    """What the marks of its text say of each token of a sentence. Punctuation has no weight."""
    found = []
    for token in sentence.tokens:
        over = [m for m in marks if m.start < token.end and token.start < m.end]
        weight = float(token.is_word)
        for m in over:
            if m.category == IGNORED:
                weight = 0.0
            elif token.text.lower() in re.findall(r"\w+", m.suggestion.lower()):
                weight = min(weight, KEPT_WEIGHT)
        serious = any(m.is_serious for m in over)
        found.append(Label(bool(over), serious, _category(over), weight))
    return found


def _category(marks: Sequence[Mark]) -> int:
    """Of several marks the last one counts."""
    if not marks:
        return NO_FAULT
    name = marks[-1].category
    return CATEGORIES.index(name if name in CATEGORIES else "other")


def is_taught(event: str) -> bool:
    """Whether an event of `clusters` is in the half that the reader is taught by."""
    return _hashed(event) % 2 == 0


def fold_of(stories: Iterable[str], folds: int) -> dict[str, int]:
    """A fold for each story, the same in every run."""
    order = np.random.default_rng(3).permutation(sorted(set(stories))).tolist()
    return {story: k % folds for k, story in enumerate(order)}


def report(read_texts: Iterable[Text], scores: Mapping[Key, Sequence[float]]) -> None:
    """Print what share of the marks a score touches where it flags so many words of real news."""
    sound: list[float] = []
    marked: list[tuple[bool, float]] = []  # whether a mark is serious, and its highest score
    for text in read_texts:
        words = [
            (t, score)
            for key, s in zip(text.keys(), text.sentences, strict=True)
            if key in scores
            for t, score in zip(s.tokens, scores[key], strict=True)
            if t.is_word
        ]
        if text.set != GARBLED:
            sound += [score for _, score in words]
        for m in text.marks:
            over = [score for t, score in words if m.start < t.end and t.start < m.end]
            if over and m.category != IGNORED:
                marked.append((m.is_serious, max(over)))
    if not sound or not marked:
        return
    sound.sort(reverse=True)
    print(f"{len(sound)} words of real news, {len(marked)} marks")
    for rate in RATES:
        bar = sound[len(sound) * rate // 1000]
        every, serious = (
            np.mean([score > bar for grave, score in marked if grave or not only] or [0.0])
            for only in (False, True)
        )
        print(f"{rate:3} in 1,000 (> {bar:.3f}): marks {every:.2f}, serious ones {serious:.2f}")


def keep(file: Path, known: Mapping[Key, Known]) -> None:
    """Write what is known of sentences, one a line."""
    with gzip.open(file, "wt", encoding="utf-8") as f:
        for key, k in known.items():
            print(
                json.dumps([*key, k.any, k.serious, k.nats, k.expected], ensure_ascii=False), file=f
            )


def kept(file: Path) -> dict[Key, Known]:
    """What `keep` wrote."""
    return {
        tuple(line[:4]): Known(*map(tuple, line[4:7]), found_in(line[7])) for line in read(file)
    }


def found_in(data: Iterable[Sequence[Any]]) -> tuple[Found, ...]:
    """What was expected in a sentence, from JSON."""
    return tuple((a, b, tuple(ids), tuple(nats)) for a, b, ids, nats in data)


def _hashed(text: str) -> int:
    return int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(), 16)
