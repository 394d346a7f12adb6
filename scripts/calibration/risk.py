"""Fits the weights that turn a sentence's measures into its expected MQM penalty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from scipy.optimize import least_squares, minimize
from scipy.stats import kendalltau

from audit.judge.measures import MEASURES, sentence_measures
from calibration.data import read
from calibration.words import Place, Words

UNHEARD = ("unsupported", "unsupported_at_most", "unsaid", "root_words")
"""Measures that need no language model."""

RIDGE = 0.01
"""Penalty on the weights of the standardised measures; .001 to .1 give the same figures."""

SHARPNESS = 8.0
"""How steeply a pair of DEMETR in the wrong order costs; 4 to 16 give the same figures."""

ORDER = 0.5
"""Weight of the pairs beside the lines: with 1 the lines lose .005, with 0 the pairs .02."""

FOLDS = 5

Measured = dict[Place, np.ndarray]


@dataclass(frozen=True)
class Lines:
    """The rated lines of a set: measures, penalty, group that is ranked together, story."""

    name: str
    measures: np.ndarray
    mqm: np.ndarray
    segments: np.ndarray
    stories: np.ndarray
    weight: float


@dataclass(frozen=True)
class Pairs:
    """Measures of damaged sentences less those of the undamaged, kind of damage, origin."""

    difference: np.ndarray
    kinds: np.ndarray
    origins: np.ndarray


def sentences_of(words: Words, doubts: np.ndarray) -> Measured:
    """The measures of every sentence of a source."""
    found: Measured = {}
    at = 0
    for place, size in words.places:
        inside = slice(at, at + size)
        at += size
        measures = sentence_measures(words.table[inside], doubts[inside, 0])
        found[place] = np.array([measures[m] for m in MEASURES])
    return found


def lines_of(
    data: Path, name: str, starts: Mapping[Place, int], measured: Measured, weight: float
) -> Lines:
    """The rated lines of a set; `starts` says where each sentence begins."""
    by_version: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in measured:
        by_version[place[0], place[1]].append(place)
    rows: list[tuple[np.ndarray, float, str, str]] = []
    for g in read(data / f"{name}.gold.jsonl.gz"):
        own = by_version[g["story"], g["version"]]
        for line in g["lines"]:
            inside = [measured[p] for p in own if line["start"] <= starts[p] <= line["end"]]
            if inside:
                segment = f"{g['story']} {line['seg']}"
                rows.append((np.sum(inside, axis=0), line["mqm"], segment, g["story"]))
    table, mqm, segments, stories = zip(*rows, strict=True)
    return Lines(
        name, np.array(table), np.array(mqm), np.array(segments), np.array(stories), weight
    )


def pairs_of(data: Path, measured: Measured) -> Pairs:
    """The pairs of DEMETR."""
    whole: dict[str, np.ndarray] = {}
    for (story, _, _), values in measured.items():
        whole[story] = whole.get(story, 0.0) + values
    gold = read(data / "demetr.gold.jsonl.gz")
    return Pairs(
        np.array([whole[g["story"]] - whole[g["orig"]] for g in gold]),
        np.array([g["category"] for g in gold]),
        np.array([g["story"].split("#")[1] for g in gold]),
    )


def fit(sets: Sequence[Lines], pairs: Pairs, names: Sequence[str]) -> dict[str, Any]:
    """Weights, intercept and points per unit for the measures of those names; prints figures.

    One linear sum serves all: it follows the square root of the penalty over all lines and among
    the renderings of one segment (least squares), and puts damaged sentences above undamaged ones
    (logistic loss on DEMETR's pairs).
    """
    columns = [MEASURES.index(n) for n in names]
    scale = np.concatenate([s.measures for s in sets]).std(axis=0)[columns]
    chosen = [s.measures[:, columns] / scale for s in sets]
    difference = pairs.difference[:, columns] / scale
    fold_of = [_folds(s.stories) for s in sets]
    fold_of_pair = _folds(pairs.origins)
    kept_out = [np.zeros(len(s.mqm)) for s in sets]
    kept_out_pairs = np.zeros(len(difference))
    for fold in range(FOLDS):
        kept = [f != fold for f in fold_of]
        w = _weights(
            [x[k] for x, k in zip(chosen, kept, strict=True)],
            [s.mqm[k] for s, k in zip(sets, kept, strict=True)],
            [s.segments[k] for s, k in zip(sets, kept, strict=True)],
            [s.weight for s in sets],
            difference[fold_of_pair != fold],
        )
        for out, x, k in zip(kept_out, chosen, kept, strict=True):
            out[~k] = x[~k] @ w
        kept_out_pairs[fold_of_pair == fold] = difference[fold_of_pair == fold] @ w
    print(f"kept-out, measures {', '.join(names)}:")
    for s, out in zip(sets, kept_out, strict=True):
        print(f"    {s.name:<16} tau flat {kendalltau(s.mqm, out).statistic:.3f}")
    right = [np.mean(kept_out_pairs[pairs.kinds == k] > 0) for k in np.unique(pairs.kinds)]
    print(f"    demetr           accuracy {np.mean(right):.3f}")
    w = _weights(
        chosen,
        [s.mqm for s in sets],
        [s.segments for s in sets],
        [s.weight for s in sets],
        difference,
    )
    sums = np.concatenate([x @ w for x in chosen])
    slope, shift, points = _hinge(sums, np.concatenate([s.mqm for s in sets]))
    return {
        "intercept": round(shift, 5),
        "points": round(points, 5),
        "weights": {
            n: round(float(slope * v / s), 6) for n, v, s in zip(names, w, scale, strict=True)
        },
    }


def _folds(groups: np.ndarray) -> np.ndarray:
    """The fold of each story: the same in all sets, and for all stories dealt from one."""
    return np.array([crc32(g.partition("#")[0].encode()) % FOLDS for g in groups])


def _weights(
    tables: Sequence[np.ndarray],
    penalties: Sequence[np.ndarray],
    segments: Sequence[np.ndarray],
    shares: Sequence[float],
    difference: np.ndarray,
) -> np.ndarray:
    size = tables[0].shape[1]
    square, linear = np.zeros((size, size)), np.zeros(size)
    for table, mqm, segment, share in zip(tables, penalties, segments, shares, strict=True):
        x, y = table - table.mean(axis=0), np.sqrt(mqm)
        y = (y - y.mean()) / y.std()
        for part, target in ((x, y), (_within(x, segment), _within(y[:, None], segment)[:, 0])):
            square += share * part.T @ part / len(part)
            linear += share * part.T @ target / len(part)

    def loss(w: np.ndarray) -> float:
        order = np.logaddexp(0, -SHARPNESS * difference @ w).mean()
        return float(w @ square @ w / 2 - linear @ w + RIDGE * (w @ w) / 2 + ORDER * order)

    found: np.ndarray = minimize(loss, np.zeros(size)).x
    return found


def _within(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Values less the mean of their group."""
    _, index, count = np.unique(groups, return_inverse=True, return_counts=True)
    sums = np.zeros((len(count), values.shape[1]))
    np.add.at(sums, index, values)
    means: np.ndarray = values - (sums / count[:, None])[index]
    return means


def _hinge(sums: np.ndarray, mqm: np.ndarray) -> tuple[float, float, float]:
    """Slope, shift and points of points · log(1 + exp(slope · sum + shift)) nearest to the MQM."""

    def residual(p: np.ndarray) -> np.ndarray:
        points: np.ndarray = np.exp(p[2]) * np.logaddexp(0, np.exp(p[0]) * sums + p[1]) - mqm
        return points

    slope, shift, points = least_squares(residual, np.zeros(3), loss="soft_l1").x
    return float(np.exp(slope)), float(shift), float(np.exp(points))
