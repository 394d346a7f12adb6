"""Simulate the clustering of many articles: what the next ones cost when so many are there.

    python scripts/simulate_stories.py [--articles 10000 100000 1000000] [--more 5000]

An index is restored that has so many articles, as a process that begins anew restores it, and so
many more are added. Each number runs in a process of its own. Rows of the index
(`audit.stories.member`) are made at random instead of being read from texts: words as often as
Zipf's law has them, names and rare words that the articles of a story have in common, vectors
around the middle of the story, and MinHash signatures, of which 40 % repeat an earlier article of
the story as a reprint does. A story has ten articles on average; all come on one day. The bound of
the index, 50,000 articles, is lifted. Neither the reading of texts nor the encoder is measured:
`scripts/benchmark_stories.py` measures the reading of texts as well.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np
from benchmark_stories import START, megabytes
from numpy.typing import NDArray

from audit.model.article import Article
from audit.stories import StoryIndex, index
from audit.stories.member import COMMON, HASHES, Member

VOCABULARY = 20_000
ORDINARY = 200
"""Ordinary words of an article, drawn; the same word may be drawn again."""
NAMES, RARE = 12, 30
"""Of a story; an article has two in three of them."""
REPRINTS = 0.4
OF_STORY = 10

RANKS = np.arange(1, VOCABULARY + 1)
SHARES = np.cumsum(1 / RANKS) / np.sum(1 / RANKS)
WEIGHTS = np.maximum(COMMON - (7.7 - np.log10(RANKS)), 0)
"""Zipf frequencies of English begin near 7.7 and fall by one in ten times the rank."""


@lru_cache(maxsize=50_000)
def _story(story: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Its names, its rare words, the middle of its vectors."""
    chance = np.random.default_rng(story)
    names = VOCABULARY + chance.integers(0, 1 << 31, NAMES)
    return names, chance.integers(2_000, VOCABULARY, RARE), chance.normal(size=384)


def made(numbers: range, articles: int) -> Iterator[Member]:
    """The rows of these of so many articles, each in its story; a story's come one soon after the
    other."""
    chance = np.random.default_rng(numbers.start)
    stories = articles // OF_STORY
    signatures: dict[int, NDArray[np.uint32]] = {}
    for number in numbers:
        story = int(np.clip(number / OF_STORY + chance.normal(0, 300), 0, stories - 1))
        reprinted = signatures.get(story) if chance.random() < REPRINTS else None
        row = _row(number, story, reprinted, chance)
        signatures[story] = np.frombuffer(row.signature, "<u4")
        yield row


def _row(
    number: int,
    story: int,
    reprinted: NDArray[np.uint32] | None,
    chance: np.random.Generator,
) -> Member:
    names, rare, middle = _story(story)
    names = names[chance.random(NAMES) < 2 / 3]
    rare = rare[chance.random(RARE) < 2 / 3]
    ordinary = np.searchsorted(SHARES, chance.random(ORDINARY))
    words = np.unique(np.concatenate([ordinary, rare]))
    weights = np.concatenate([np.full(len(names), COMMON), WEIGHTS[words]])
    vector = middle + 0.8 * chance.normal(size=384)
    if reprinted is None:
        signature = chance.integers(0, 1 << 32, HASHES, np.uint32)
    else:
        signature = np.where(chance.random(HASHES) < 0.1, 0, reprinted)
    return Member(
        article=f"{number:016x}",
        story=f"{story:016x}",
        digest=f"{number}",
        language="en",
        time=START,
        fetched=START,
        words=_packed(np.concatenate([names, words]), weights),
        names=_packed(names, np.full(len(names), COMMON)),
        vector=(vector / np.linalg.norm(vector)).astype("<f4").tobytes(),
        signature=signature.astype("<u4").tobytes(),
    )


def _packed(terms: NDArray[np.int64], weights: NDArray[np.float64]) -> bytes:
    order = np.argsort(-weights, kind="stable")
    order = order[weights[order] > 0]
    pairs = np.empty(len(order), [("term", "<u4"), ("weight", "<f4")])
    pairs["term"] = terms[order]
    pairs["weight"] = weights[order] / max(np.linalg.norm(weights), 1e-9)
    return pairs.tobytes()


class Timed:
    """Seconds of the processor that the making of rows takes, which is no part of the measure."""

    seconds = 0.0

    def __call__(self, rows: Iterator[Member]) -> Iterator[Member]:
        """The rows as they are made."""
        while True:
            start = time.process_time()
            row = next(rows, None)
            self.seconds += time.process_time() - start
            if row is None:
                return
            yield row


def simulate(articles: int, more: int) -> None:
    """Restore an index of so many articles, add more, and print the figures."""
    index.MOST_ARTICLES = sys.maxsize
    before, start, making = megabytes(), time.process_time(), Timed()
    stories = StoryIndex.restored(making(made(range(articles), articles + more)))
    restored = time.process_time() - start - making.seconds
    held = megabytes() - before
    rows = [
        replace(row, story="") for row in made(range(articles, articles + more), articles + more)
    ]
    batch = [Article(r.article, "x", "", START, "en", "", "x", START) for r in rows]
    rows_of = {a.url: replace(r, article=a.id) for a, r in zip(batch, rows, strict=True)}
    index.member_of = lambda article, _: rows_of[article.url]  # type: ignore[assignment]
    start = time.process_time()
    changes = stories.add(batch, [np.frombuffer(row.vector, "<f4") for row in rows])
    added = time.process_time() - start
    print(
        f"{articles:,} articles: restored in {restored:,.0f} s of the processor, "
        f"{1000 * restored / articles:.2f} ms and {1000 * held / articles:.1f} kB an article; "
        f"{more:,} more in {added:.1f} s, {1000 * added / more:.2f} ms an article, "
        f"{len(changes.new):,} new stories, {len(changes.grown):,} grown; "
        f"at most {megabytes() - before:,.0f} MB",
        flush=True,
    )


def main() -> None:
    """Read the command line; simulate each number in a process of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--more", type=int, default=5_000)
    given = parser.parse_args()
    if len(given.articles) == 1:
        simulate(given.articles[0], given.more)
        return
    for articles in given.articles:
        shared = ["--articles", str(articles), "--more", str(given.more)]
        subprocess.run([sys.executable, __file__, *shared], check=True)


if __name__ == "__main__":
    main()
