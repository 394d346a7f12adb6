"""Measure how long `mtaudit serve` looks for other versions of an article in a large store.

    python scripts/benchmark_siblings.py [--articles 20000] [--stories 2000]

The store has synthetic articles, see benchmark_stories.py. "Read" is the time in which the index of
stories is read from the store, which every request took until it was kept; "look" the time of a
request after that. The encoder is measured too: a request has to encode its text.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from benchmark_stories import START, synthetic

from audit.align.embed import Embedder
from audit.model import Article, Version
from audit.serve.siblings import Siblings
from audit.store.articles import Articles
from audit.store.database import Store
from audit.store.members import Members
from audit.stories import StoryIndex

ASKED = 20
ROOM = 150_000


def fill(store: Store, articles: int, stories: int) -> list[str]:
    """Put articles and the rows of their index into a store; returns texts to ask about."""
    made = list(synthetic(articles + ASKED, stories, 1))
    kept = [
        Article(
            f"https://x.example/{i}",
            f"Outlet {i % 40}",
            "",
            None,
            "en",
            text,
            "feed",
            START + timedelta(minutes=i % 10_000),
        )
        for i, (_, text, _) in enumerate(made[:articles])
    ]
    index = StoryIndex()
    rows = {}
    for at in range(0, articles, 2_000):
        part = slice(at, at + 2_000)
        changes = index.add(kept[part], [vector for _, _, vector in made[part]])
        rows |= {row.article: row for row in changes.rows}
    with store.unit():
        for article in kept:
            Articles(store).put(article)
        Members(store).put(map(asdict, rows.values()))
    return [text for _, text, _ in made[articles:]]


def main() -> None:
    """Read the command line, fill a store, ask it, and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--stories", type=int, default=2_000)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(f"sqlite:///{Path(folder)}/store.sqlite") as store,
    ):
        texts = fill(store, options.articles, options.stories)
        siblings = Siblings(store, Embedder())
        siblings.of(Version("warm", texts[0]), ROOM)
        began = time.perf_counter()
        Siblings(store, Embedder()).refresh()
        read = time.perf_counter() - began
        times = []
        for number, text in enumerate(texts):
            began = time.perf_counter()
            siblings.of(Version(f"asked {number}", text), ROOM)
            times.append(time.perf_counter() - began)
    median, most = statistics.median(times), max(times)
    print(f"{options.articles} articles of {options.stories} stories: read {1000 * read:.0f} ms")
    print(f"look {1000 * median:.0f} ms (median of {ASKED}), {1000 * most:.0f} ms at most")


if __name__ == "__main__":
    main()
