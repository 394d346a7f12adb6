"""Measure how well articles are put together to stories: B-cubed F1 on the benchmark.

    python scripts/score_stories.py [--data DIR] [--nights 5] [--seed 0] [--choose]

All articles of `clusters`, `newsroom`, `wmt21zhen` and `wmt23heen` are mixed, shuffled and added in
several nights; then each set is added alone. `--choose` chooses the weights and the threshold by
cross-validation over events: what is best on four fifths of them is measured on the rest. The two
like events of a topic of `clusters` are always in the same fifth.
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
from audit.stories.likeness import Likeness
from audit.stories.member import member_of

SETS = ("clusters", "newsroom", "wmt21zhen", "wmt23heen")
START = datetime(2026, 1, 1, 3, tzinfo=UTC)
FOLDS = 5
MIXTURES = [
    (words, names, round(1 - words - names, 2))
    for words in (0.3, 0.5, 0.7)
    for names in (0.0, 0.2, 0.35, 0.5)
    if words + names <= 1
]
"""Weights of words, names and leads."""
THRESHOLDS = np.arange(0.1, 0.6, 0.01)


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
    items: Sequence[Labelled], vectors: Sequence[NDArray[np.float32]], nights: int, seed: int
) -> list[str]:
    """The story of each item after all have been added, shuffled, in so many nights."""
    order = list(range(len(items)))
    random.Random(seed).shuffle(order)
    index = StoryIndex()
    for night in range(nights):
        tonight = order[night::nights]
        fetched = START + timedelta(days=night)
        index.add(
            [_fetched(items[i].article, fetched) for i in tonight], [vectors[i] for i in tonight]
        )
    return [index.members[i.article.id].story for i in items]


def _fetched(a: Article, at: datetime) -> Article:
    return Article(a.url, a.outlet, a.title, None, a.language, a.text, a.feed, at)


def choose(items: Sequence[Labelled], vectors: Sequence[NDArray[np.float32]]) -> None:
    """Print what is best on all but one fifth of the events, and what it gives on that fifth.

    Renderings of one source are no test: they are left out.
    """
    hard = [k for k, i in enumerate(items) if i.data in ("clusters", "newsroom")]
    items, vectors = [items[k] for k in hard], [vectors[k] for k in hard]
    members = [member_of(i.article, v) for i, v in zip(items, vectors, strict=True)]
    everything = np.arange(len(members))
    gold = [i.data + i.event for i in items]
    topics = sorted({i.topic for i in items})
    random.Random(0).shuffle(topics)
    fold_of = {t: k % FOLDS for k, t in enumerate(topics)}
    folds = [fold_of[i.topic] for i in items]
    inside = {f: [k for k in everything.tolist() if folds[k] == f] for f in range(FOLDS)}
    outside = {f: [k for k in everything.tolist() if folds[k] != f] for f in range(FOLDS)}
    scores: dict[tuple[tuple[float, float, float], float], dict[str, float]] = {}
    for weights in MIXTURES:
        square = Likeness(members, weights).of_all(everything)
        for least in THRESHOLDS:
            found = average_linkage(square, float(least))
            scores[weights, round(float(least), 2)] = {
                **{f"in{f}": b_cubed(gold, found, inside[f]).f1 for f in range(FOLDS)},
                **{f"out{f}": b_cubed(gold, found, outside[f]).f1 for f in range(FOLDS)},
                "all": b_cubed(gold, found).f1,
            }
        best = max((s["all"], t) for (w, t), s in scores.items() if w == weights)
        wide = sum(s["all"] >= 0.9 for (w, _), s in scores.items() if w == weights)
        print(f"{weights}: F1 {best[0]:.3f} at {best[1]}; {wide} thresholds above .9")
    held = []
    for f in range(FOLDS):
        chosen = max(scores, key=lambda c: scores[c][f"out{f}"])
        held.append(scores[chosen][f"in{f}"])
        print(f"without fifth {f}: {chosen}; F1 on it {held[-1]:.3f}")
    print(f"mean of the fifths: {np.mean(held):.3f}")


def report(
    items: Sequence[Labelled], vectors: Sequence[NDArray[np.float32]], nights: int, seed: int
) -> None:
    """Print B-cubed of the mixture, of each set's articles in it, and of each set alone."""
    found = clustered(items, vectors, nights, seed)
    gold = [i.data + i.event for i in items]
    print("what                 articles  precision  recall  F1")
    _line("mixture", len(items), b_cubed(gold, found))
    for name in SETS:
        of = [k for k, i in enumerate(items) if i.data == name]
        _line(f"{name} in it", len(of), b_cubed(gold, found, of))
        alone = clustered([items[k] for k in of], [vectors[k] for k in of], nights, seed)
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
        choose(items, vectors)
    else:
        report(items, vectors, options.nights, options.seed)


if __name__ == "__main__":
    main()
