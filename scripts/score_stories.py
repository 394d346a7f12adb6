"""Measure how well articles are put together to stories: B-cubed F1 on the benchmark.

    python scripts/score_stories.py [--data DIR] [--nights 5] [--seed 0] [--vectors FILE] [--choose]

All articles of `clusters`, `newsroom`, `wmt21zhen` and `wmt23heen` are mixed, shuffled and added in
several nights; then each set is added alone. That is what the shipped weights and threshold give,
which saw these events. `--choose` measures how much that helps, by cross-validation over events:
weights and threshold that are best on four fifths of `clusters` and `newsroom` are used for the
same nights, and each article is judged where its fifth was not chosen by. The two like events of a
topic of `clusters` are always in the same fifth.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.align.embed import Embedder
from audit.model.article import Article
from audit.stories import StoryIndex, lead_vectors
from audit.stories.groups import average_linkage
from audit.stories.index import LEAST
from audit.stories.likeness import WEIGHTS, Likeness, Weights
from audit.stories.member import Member, member_of

SETS = ("clusters", "newsroom", "wmt21zhen", "wmt23heen")
START = datetime(2026, 1, 1, 3, tzinfo=UTC)
FOLDS = 5
MIXTURES = [
    (words / 10, names / 10, (10 - words - names) / 10)
    for words in range(11)
    for names in range(11 - words)
]
"""Weights of words, names and leads."""
THRESHOLDS = np.arange(0.1, 0.5, 0.01)
WIDE = 0.9
HEADER = "what                 articles  precision  recall  F1"


@dataclass(frozen=True)
class Labelled:
    """An article of the benchmark and the event that it reports."""

    article: Article
    data: str
    event: str

    @property
    def topic(self) -> str:
        """What events of the same kind have in common: 5 of `5ecb` and `5ecbplus`."""
        number = re.match(r"\d+(?=ecb)", self.event)
        return f"{self.data}/{number[0] if number and self.data == 'clusters' else self.event}"


class Choice(NamedTuple):
    """What is chosen by the benchmark: `StoryIndex` takes it."""

    weights: Weights
    least: float


class Ranked(NamedTuple):
    """A mixture at its best threshold; `wide` thresholds give it an F1 of `WIDE`."""

    f1: float
    wide: int
    choice: Choice


class BCubed(NamedTuple):
    """Precision, recall and F1 (Bagga and Baldwin 1998), each 0 to 1."""

    precision: float
    recall: float
    f1: float


def b_cubed(gold: Sequence[str], found: Sequence[object], of: Sequence[int] = ()) -> BCubed:
    """B-cubed of a clustering; with `of` the mean is over these items only."""
    right: defaultdict[str, set[int]] = defaultdict(set)
    got: defaultdict[object, set[int]] = defaultdict(set)
    for i, (g, f) in enumerate(zip(gold, found, strict=True)):
        right[g].add(i)
        got[f].add(i)
    items = of or range(len(gold))
    both = [len(right[gold[i]] & got[found[i]]) for i in items]
    precision = float(np.mean([b / len(got[found[i]]) for b, i in zip(both, items, strict=True)]))
    recall = float(np.mean([b / len(right[gold[i]]) for b, i in zip(both, items, strict=True)]))
    return BCubed(precision, recall, 2 * precision * recall / (precision + recall))


def read(folder: Path) -> Iterator[Labelled]:
    """The articles of the sets, each rendering an article."""
    for name in SETS:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                story = json.loads(line)
                for v in story["versions"]:
                    url = f"https://{name}.example/{story['id']}/{v['id']}"
                    text = v["text"]
                    article = Article(url, v["id"], "", None, "en", text, "benchmark", START)
                    yield Labelled(article, name, story["id"])


def vectors_of(items: Sequence[Labelled], kept: Path | None) -> list[NDArray[np.float32]]:
    """The vectors of the leads; read from a file, or written to it, where one is named."""
    if kept and kept.exists():
        return list(np.load(kept))
    vectors = lead_vectors([i.article for i in items], Embedder())
    if kept:
        np.save(kept, np.stack(vectors))
    return vectors


def clustered(
    items: Sequence[Labelled],
    vectors: Sequence[NDArray[np.float32]],
    nights: int,
    seed: int,
    choice: Choice,
) -> list[str]:
    """The story of each item after all have been added, shuffled, in so many nights."""
    order = list(range(len(items)))
    random.Random(seed).shuffle(order)
    index = StoryIndex(*choice)
    for night in range(nights):
        tonight = order[night::nights]
        fetched = START + timedelta(days=night)
        index.add(
            [_fetched(items[i].article, fetched) for i in tonight], [vectors[i] for i in tonight]
        )
    return [index.members[i.article.id].story for i in items]


def _fetched(a: Article, at: datetime) -> Article:
    return Article(a.url, a.outlet, a.title, None, a.language, a.text, a.feed, at)


def fifths(items: Sequence[Labelled], seed: int) -> list[int]:
    """The fifth of each item; those of one topic are in the same."""
    topics = sorted({i.topic for i in items})
    random.Random(seed).shuffle(topics)
    place = {topic: k % FOLDS for k, topic in enumerate(topics)}
    return [place[i.topic] for i in items]


def ranked(members: Sequence[Member], gold: Sequence[str]) -> list[Ranked]:
    """Each mixture at its best threshold when all are grouped at once, the best mixture first.

    Of equal thresholds it is the middle one.
    """
    everything = np.arange(len(members))
    found: list[Ranked] = []
    for weights in MIXTURES:
        square = Likeness(members, weights).of_all(everything)
        f1 = np.array([b_cubed(gold, average_linkage(square, t)).f1 for t in THRESHOLDS.tolist()])
        among = np.flatnonzero(f1 >= f1.max() - 1e-9)
        least = round(float(THRESHOLDS[among[len(among) // 2]]), 2)
        found.append(Ranked(float(f1.max()), int((f1 >= WIDE).sum()), Choice(weights, least)))
    return sorted(found, key=lambda r: -r.f1)


def choose(
    items: Sequence[Labelled], vectors: Sequence[NDArray[np.float32]], nights: int, seed: int
) -> None:
    """Print what is best for each four fifths of the events, and what it gives on the others.

    Renderings of one source are easy: nothing is chosen by them, but they are measured.
    """
    members = [member_of(i.article, v) for i, v in zip(items, vectors, strict=True)]
    gold = [i.data + i.event for i in items]
    fifth = fifths(items, seed)
    hard = [k for k, i in enumerate(items) if i.data in ("clusters", "newsroom")]
    for r in ranked([members[k] for k in hard], [gold[k] for k in hard])[:10]:
        print(f"{r.choice.weights}: F1 {r.f1:.3f} at {r.choice.least}, {r.wide} above {WIDE}")
    chosen: list[Choice] = []
    for f in range(FOLDS):
        seen = [k for k in hard if fifth[k] != f]
        chosen.append(ranked([members[k] for k in seen], [gold[k] for k in seen])[0].choice)
        print(f"without fifth {f}: weights {chosen[f].weights}, threshold {chosen[f].least}")
    print(HEADER)
    for name in ("mixture", *SETS):
        of = [k for k, i in enumerate(items) if name in ("mixture", i.data)]
        picked = [items[k] for k in of], [vectors[k] for k in of]
        found = {c: clustered(*picked, nights, seed, c) for c in set(chosen)}
        labels, fold = [gold[k] for k in of], [fifth[k] for k in of]
        _line(f"{name} held out", len(of), _held_out(labels, fold, [found[c] for c in chosen]))
        if name == "mixture":
            for part in SETS:
                only = [k for k, i in enumerate(items) if i.data == part]
                held = _held_out(labels, fold, [found[c] for c in chosen], only)
                _line(f"{part} in it", len(only), held)


def _held_out(
    gold: Sequence[str],
    fifth: Sequence[int],
    found: Sequence[Sequence[str]],
    only: Sequence[int] = (),
) -> BCubed:
    """B-cubed where each item is judged in the clustering that was chosen without its fifth."""
    items = only or range(len(gold))
    sums = np.zeros(2)
    for f in range(FOLDS):
        of = [k for k in items if fifth[k] == f]
        if of:
            score = b_cubed(gold, found[f], of)
            sums += len(of) * np.array([score.precision, score.recall])
    precision, recall = (sums / len(items)).tolist()
    return BCubed(precision, recall, 2 * precision * recall / (precision + recall))


def report(
    items: Sequence[Labelled], vectors: Sequence[NDArray[np.float32]], nights: int, seed: int
) -> None:
    """Print B-cubed of the mixture, of each set's articles in it, and of each set alone."""
    shipped = Choice(WEIGHTS, LEAST)
    found = clustered(items, vectors, nights, seed, shipped)
    gold = [i.data + i.event for i in items]
    print(HEADER)
    _line("mixture", len(items), b_cubed(gold, found))
    for name in SETS:
        of = [k for k, i in enumerate(items) if i.data == name]
        _line(f"{name} in it", len(of), b_cubed(gold, found, of))
        alone = clustered([items[k] for k in of], [vectors[k] for k in of], nights, seed, shipped)
        _line(f"{name} alone", len(of), b_cubed([gold[k] for k in of], alone))


def _line(what: str, articles: int, s: BCubed) -> None:
    print(f"{what:20} {articles:8}  {s.precision:9.3f}  {s.recall:6.3f}  {s.f1:.3f}", flush=True)


def main() -> None:
    """Read the command line and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/bench/data"))
    parser.add_argument("--nights", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vectors", type=Path, help="a .npy file that keeps the vectors")
    parser.add_argument("--choose", action="store_true")
    options = parser.parse_args()
    items = list(read(options.data))
    vectors = vectors_of(items, options.vectors)
    if options.choose:
        choose(items, vectors, options.nights, options.seed)
    else:
        report(items, vectors, options.nights, options.seed)


if __name__ == "__main__":
    main()
