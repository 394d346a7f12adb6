#!/usr/bin/env python3
"""Fit how near two cells of a row are: whether they express one statement.

    python scripts/fit_nearness.py [--bench DIR] [--out FILE] [--limit N]

Aligns stories of BENCH (default ../shared/bench) with the packaged encoder, without the language
model, and takes the features (`audit/align/nearness.py`) of every two cells of a row that have
content words enough:

- one statement: cells that translate one source sentence, of `humanpair` (10 stories),
  `wmt23heenfew` (12) and `demetr` (80)
- other: cells that different articles have in a row, of `clusters` (14), and of the garbled beside
  the sound pages of `train/garbled.jsonl.gz` (40). A few of these are one statement all the same,
  copied from an agency; so the probability is on the low side.

The first stories of each set are taken. A logistic model, both classes with the same weight as a
whole. Prints quantiles of what it gives by set, of the very pairs that it was fitted on, and writes
audit/language/en/trained/nearness.json. `--limit` takes fewer stories of each set, to try it; it
then needs an `--out`. Two minutes of a free core.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
from calibration.data import read
from sklearn.linear_model import LogisticRegression

from audit.align.embed import Embedder
from audit.align.nearness import FEATURES, features
from audit.config import Settings
from audit.errors import NotScored
from audit.model import Story, Version
from audit.pipeline import NO_MODEL, Batch, Engine

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "audit" / "language" / "en" / "trained" / "nearness.json"
TRAIN = "garbled"
SAME = {"humanpair": 10, "wmt23heenfew": 12, "demetr": 80}
OTHER = {"clusters": 14, TRAIN: 40}
"""Stories of each set."""
REGULARISATION = 10.0
"""Inverse strength of the L2 penalty, where all weights together are TOTAL."""
TOTAL = 2000.0
QUANTILES = (0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9)


def main() -> None:
    """Align, fit, report, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--limit", type=int)
    given = parser.parse_args()
    if given.limit and not given.out:
        parser.error("--limit needs --out")
    found: dict[str, list[list[float]]] = {}
    with Engine(Settings(causal_model=NO_MODEL)) as engine:
        for name, count in (SAME | OTHER).items():
            batch = stories(given.bench, name, min(count, given.limit or count))
            found[name] = [row for story in aligned(engine, batch) for row in pairs(story)]
            print(f"{name}: {len(found[name])} pairs", flush=True)
        encoder = engine.embedder
    (given.out or TARGET).write_text(fitted(found, encoder), encoding="utf-8")


def stories(bench: Path, name: str, count: int) -> Batch:
    """The first stories of a set."""
    if name == TRAIN:
        lines = read(bench / "train" / f"{name}.jsonl.gz")[:count]
        return [(s["id"], [Version(v, s[v]) for v in ("garbled", "sound")]) for s in lines]
    lines = read(bench / "data" / f"{name}.jsonl.gz")[:count]
    return [(s["id"], [Version(v["id"], v["text"]) for v in s["versions"]]) for s in lines]


def aligned(engine: Engine, batch: Batch) -> Iterator[Story]:
    """The stories that can be scored, in rows."""
    for story in batch:
        try:
            yield from engine.stories([story], "align")
        except NotScored as e:
            print(f"left out: {e}")


def pairs(story: Story) -> Iterator[list[float]]:
    """The features of every two cells of a row."""
    for row in story.rows:
        for a, b in combinations(sorted(row.cells), 2):
            match = story.match(row, a, b)
            values = features(match, story.language) if match else None
            if values:
                yield [values[name] for name in FEATURES]


def fitted(found: dict[str, list[list[float]]], encoder: Embedder) -> str:
    """The model as the product reads it."""
    same, other = ([row for name in names for row in found[name]] for names in (SAME, OTHER))
    x = np.array(same + other)
    y = np.array([1] * len(same) + [0] * len(other))
    half = TOTAL / 2
    weight = np.where(y == 1, half / len(same), half / len(other))
    model = LogisticRegression(C=REGULARISATION, max_iter=1000).fit(x, y, sample_weight=weight)
    for name, rows in found.items():
        probabilities = model.predict_proba(np.array(rows))[:, 1]
        print(name, np.quantile(probabilities, QUANTILES).round(3).tolist())
    data = {
        "made_by": "scripts/fit_nearness.py",
        "trained": {
            "one statement": "cells that translate one source sentence: humanpair, wmt23heenfew,"
            " demetr (development halves)",
            "other": "cells of one row in different articles: clusters, and garbled beside sound"
            " pages of bench/train",
            "pairs": [len(same), len(other)],
            "encoder": encoder.name,
        },
        "intercept": round(float(model.intercept_[0]), 4),
        "weights": {
            name: round(float(w), 4) for name, w in zip(FEATURES, model.coef_[0], strict=True)
        },
    }
    return json.dumps(data, indent=1) + "\n"


if __name__ == "__main__":
    main()
