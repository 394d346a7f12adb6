#!/usr/bin/env python3
"""Train the reader: the networks that doubt words by the causal model's hidden states.

    python scripts/fit_reader.py --work DIR [--bench DIR] [--out DIR] [--limit N] [--eight-bit]

Reads, with the default causal model, in BENCH (default ../shared/bench)

- the garbled pages of `train/garbled.jsonl.gz`, with their marks: 160 stories, 35,000 words
- the sound pages beside them, and three sentences of each article of `clusters` and of `native`,
  where every word counts as sound

and trains five networks (`calibration/network.py`), each on four fifths of the stories and on half
of the events of `clusters`. What the networks say of the garbled pages of the last fifth, and of
the other half and of `native`, which none was taught by, calibrates the mean of their log-odds: as
many garbled as real words. Scrape residue does not count, a marked word that stands in the
suggestion too counts .3.

Prints what share of the marks held out is touched, and writes `reader.npz`, or `reader_8bit.npz` if
the model is to compute in eight bits, into OUT (default audit/language/en/trained), and into the
work folder

- `seen-SET.npz`: hidden states and numbers of each token; what is there is not read again
- `doubts.jsonl.gz`: what networks say that were not taught by it, for `fit_misread.py`

Each way of computing needs a work folder of its own.

`--limit` takes the first stories of each set, to try it; it then writes the networks into the work
folder unless told where. Ten minutes of two free cores, most of it reading, and 1 GB of memory.
The same data on the same machine give the same weights.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from calibration.marked import (
    CLUSTERS,
    GARBLED,
    NATIVE,
    SETS,
    SOUND,
    Key,
    Known,
    Label,
    Text,
    fold_of,
    is_taught,
    keep,
    labels,
    report,
    texts,
)
from calibration.network import Lessons, Rows, Scales, lessons, predict, train, weights
from calibration.seen import Seen, joined, seen_texts
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from audit.config import Settings
from audit.measure.surprisal import SurprisalModel
from audit.pipeline import NO_MODEL, Engine

ROOT = Path(__file__).resolve().parent.parent
LAYERS = (12, 20)
"""Of SmolLM2-135M's 30. Further layers gained nothing that could be told from noise."""
FOLDS = 5
SEED = 50
"""Of the first network; the others follow."""


def main() -> None:
    """Read, train, calibrate, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--eight-bit", action="store_true")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    trained = ROOT / "audit" / "language" / "en" / "trained"
    out = given.out or (given.work if given.limit else trained)
    out.mkdir(parents=True, exist_ok=True)
    model = SurprisalModel(eight_bit=given.eight_bit)  # refuses at once if its files are missing
    if model.in_eight_bits != given.eight_bit:
        parser.error("this processor does not compute in eight bits (AVX-512 VNNI)")
    with Engine(Settings(causal_model=NO_MODEL)) as engine:
        read = {name: list(texts(engine, given.bench, name, given.limit)) for name in SETS}
    seen = joined([seen_texts(name, read[name], LAYERS, model, given.work) for name in SETS])
    file = out / ("reader_8bit.npz" if given.eight_bit else "reader.npz")
    fit([t for name in SETS for t in read[name]], seen, file, given.work)


def fit(read: Sequence[Text], seen: Seen, file: Path, work: Path) -> None:
    """Train and calibrate the networks on what was read; write them to a file, and what they say
    into the work folder."""
    torch.set_num_threads(1)
    by_key = {
        key: labels(s, t.marks) for t in read for key, s in zip(t.keys(), t.sentences, strict=True)
    }
    told = [label for key in seen.keys for label in by_key[key]]
    taught, held, fold = _split(seen.keys)
    rows = _rows(seen, np.flatnonzero((fold >= 0) | taught))
    scales = Scales(seen, rows, len(LAYERS))
    given = lessons(seen, told, scales)
    networks = []
    logits = np.zeros((len(told), 2), np.float32)
    for k in range(FOLDS):
        network = train(given, np.flatnonzero(((fold >= 0) & (fold != k)) | taught), SEED + k)
        networks.append(network)
        mine = np.flatnonzero(fold == k)
        if len(mine):
            logits[given.rows(mine)] = predict(network, given, mine)
        logits[given.rows(held)] += predict(network, given, held) / FOLDS
        print(f"network {k + 1} of {FOLDS} trained", flush=True)
    invented = np.flatnonzero(fold >= 0)
    garbled = np.array([i for i in invented if seen.keys[i][0] == GARBLED])
    calibration = calibrated(logits, told, given, garbled, held)
    chances = 1 / (1 + np.exp(-(logits * calibration[0] + calibration[1])))
    arrays = weights(networks, scales) | {
        "layers": np.array(LAYERS, np.float32),
        "calibration": calibration,
    }
    np.savez(file, **arrays)
    known = {
        seen.keys[i]: _known(chances, seen, given, i) for i in np.concatenate([invented, held])
    }
    keep(work / "doubts.jsonl.gz", known)
    for name, scores in (
        ("any", {key: k.any for key, k in known.items()}),
        ("serious", {key: k.serious for key, k in known.items()}),
    ):
        print(f"as a fault, {name}:")
        report(read, scores)


def _split(keys: Sequence[Key]) -> tuple[NDArray[np.bool_], Rows, Rows]:
    """Which sentences of real news teach all networks, those that teach none, and the fold of each
    one of an invented story (−1 for real news)."""
    invented = (GARBLED, SOUND)
    folds = fold_of((story for name, story, _, _ in keys if name in invented), FOLDS)
    fold = np.array([folds[story] if name in invented else -1 for name, story, _, _ in keys])
    taught = np.array([name == CLUSTERS and is_taught(story) for name, story, _, _ in keys])
    held = [
        name == NATIVE or (name == CLUSTERS and not is_taught(story)) for name, story, _, _ in keys
    ]
    return taught, np.flatnonzero(held), fold


def _rows(seen: Seen, chosen: Rows) -> Rows:
    spans = list(pairwise([0, *seen.ends.tolist()]))
    return np.concatenate([np.arange(*spans[i]) for i in chosen])


def calibrated(
    logits: NDArray[np.float32],
    told: Sequence[Label],
    given: Lessons,
    garbled: Rows,
    held: Rows,
) -> NDArray[np.float32]:
    """Slopes and intercepts of both outputs (Platt 1999), for as many garbled as real words."""
    weight = np.array([label.weight for label in told])
    a, b = (r[weight[r] > 0] for r in (given.rows(garbled), given.rows(held)))
    rows = np.concatenate([a, b])
    each = np.concatenate([np.ones(len(a)), np.full(len(b), len(a) / len(b))])
    lines: list[Any] = []
    for k, y in enumerate(([label.any for label in told], [label.serious for label in told])):
        model = LogisticRegression(C=1e6)
        model.fit(logits[rows, k][:, None], np.array(y)[rows], sample_weight=each)
        lines.append((model.coef_[0, 0], model.intercept_[0]))
    return np.array(lines, np.float32).T


def _known(chances: NDArray[np.float32], seen: Seen, given: Lessons, i: int) -> Known:
    rows = given.rows([i])
    fault, serious = np.round(chances[rows].astype(float), 4).T.tolist()
    nats = seen.nats[rows].round(4).tolist()
    return Known(tuple(fault), tuple(serious), tuple(nats), seen.expected[i])


if __name__ == "__main__":
    main()
