"""Measure how fast the story index is, and how its time and memory grow.

    python scripts/benchmark_stories.py [--articles 2500 10000] [--stories 1000] [--nights 10]
    python scripts/benchmark_stories.py --articles 10000 --nights 25

Synthetic articles: ordinary words as often as they are in English, names made of syllables and rare
words that the articles of a story have in common, and vectors around the middle of the story. A
story breaks on one night, and its articles come that night and the next. From the 15th night on as
many articles leave the index as come. The encoder is not measured. Each size runs in its own
process.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from wordfreq import top_n_list, zipf_frequency

from audit.model.article import Article
from audit.stories import StoryIndex

WORDS = 300
"""Words of an article."""
START = datetime(2026, 1, 1, 3, tzinfo=UTC)
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]


def synthetic(
    articles: int, stories: int, seed: int
) -> Iterator[tuple[int, str, NDArray[np.float32]]]:
    """Story, text and vector of each article; article i tells story i % stories."""
    rng = random.Random(seed)
    numbers = np.random.default_rng(seed)
    ordinary = top_n_list("en", 20_000)
    weights = np.cumsum([10 ** zipf_frequency(w, "en") for w in ordinary]).tolist()
    own = []
    for _ in range(stories):
        names = ["".join(rng.choices(SYLLABLES, k=3)).capitalize() for _ in range(12)]
        own.append((names + rng.sample(ordinary[2_000:], 30), numbers.normal(size=384)))
    for i in range(articles):
        special, middle = own[i % stories]
        words = rng.choices(ordinary, cum_weights=weights, k=WORDS)
        for place in rng.sample(range(1, WORDS), 60):
            words[place] = rng.choice(special)
        vector = middle + 0.8 * numbers.normal(size=384)
        yield i % stories, " ".join(words), (vector / np.linalg.norm(vector)).astype(np.float32)


def measure(articles: int, stories: int, nights: int) -> None:
    """Add so many articles in so many nights, shuffled, and print the figures."""
    made = list(synthetic(articles, stories, 1))
    rng = random.Random(2)
    tonight: list[list[int]] = [[] for _ in range(nights)]
    for i, (story, _, _) in enumerate(made):
        tonight[min(story * nights // stories + rng.randrange(2), nights - 1)].append(i)
    index = StoryIndex()
    before = megabytes()
    told: set[str] = set()
    total = 0.0
    for night, of in enumerate(tonight):
        rng.shuffle(of)
        at = START + timedelta(days=night)
        batch = [
            Article(f"https://x.example/{i}", "x", "", at, "en", made[i][1], "x", at) for i in of
        ]
        vectors = [made[i][2] for i in of]
        start = time.process_time()
        index.add(batch, vectors)
        seconds = time.process_time() - start
        total += seconds
        told |= set(index.stories)
        print(
            f"night {night + 1}: {len(of)} articles in {seconds:.2f} s, "
            f"{len(index.members)} in the index, {megabytes() - before:.0f} MB more than before"
        )
    print(
        f"{articles} articles of {stories} stories, {nights} nights: {total:.1f} s of processor "
        f"time, {articles / total:.0f} articles/s, {len(told)} stories found",
        flush=True,
    )


def megabytes() -> float:
    """The most memory that the process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Read the command line; measure each size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[2_500, 10_000])
    parser.add_argument("--stories", type=int, default=1_000)
    parser.add_argument("--nights", type=int, default=10)
    options = parser.parse_args()
    if len(options.articles) == 1:
        measure(options.articles[0], options.stories, options.nights)
        return
    for articles in options.articles:
        shared = ["--stories", str(options.stories), "--nights", str(options.nights)]
        command = [sys.executable, __file__, "--articles", str(articles), *shared]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
