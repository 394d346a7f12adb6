"""Fits the probability that an edit mends a marked place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from audit.fluency.surprisal import SurprisalModel
from audit.judge.contrast import FEATURES, features
from audit.judge.doubts import doubt
from audit.judge.edits import with_edits
from audit.model import Doubt, Story
from calibration.data import Spans, origin
from calibration.words import Words

FOLDS = 5
TAUGHT = "demetr"
SHARES = (0.4, 0.5, 0.6, 0.7, 0.8)
NO_DOUBT = Doubt(0.0, 0.0)


def with_kept_out_doubts(stories: Sequence[Story], words: Words, told: np.ndarray) -> list[Story]:
    """The stories with the doubts of forests that did not see them; what is not judged has none."""
    doubts: dict[str, dict[tuple[str, int], tuple[Doubt, ...]]] = {s.id: {} for s in stories}
    at = 0
    for (story, version, index), size in words.places:
        inside = told[at : at + size]
        at += size
        if story in doubts:
            doubts[story][version, index] = tuple(doubt(float(a), float(b)) for a, b in inside)
    return [
        replace(
            s,
            doubts={
                (v, x.index): doubts[s.id].get((v, x.index), (NO_DOUBT,) * len(x.tokens))
                for v, own in s.sentences.items()
                for x in own
            },
        )
        for s in stories
    ]


def fit(
    sets: Sequence[tuple[str, Sequence[Story], Spans]], model: SurprisalModel
) -> dict[str, Any]:
    """Fit a logistic model on the edits of DEMETR; prints what it reaches there and elsewhere.

    The stories must have kept-out doubts. Only known damage teaches: professionals mark what
    differs from the source, which a language model cannot hear, and then gain counts for nothing.
    """
    rows: list[tuple[str, str, tuple[float, ...], bool]] = []
    for name, stories, spans in sets:
        for story in with_edits(stories, model):
            for edit in story.edits or ():
                marked = spans.get((story.id, edit.version), ())
                hit = any(a < edit.end and edit.start < b for a, b, _ in marked)
                rows.append((name, origin(name, story), features(edit), hit))
    names, groups, table, target = (np.array(c) for c in zip(*rows, strict=True))
    taught = names == TAUGHT
    mean, spread = table[taught].mean(axis=0), table[taught].std(axis=0)
    scaled = (table - mean) / spread
    told = np.zeros(len(target))
    for train, test in GroupKFold(FOLDS).split(scaled, target, groups):
        kept = train[taught[train]]
        logistic = LogisticRegression().fit(scaled[kept], target[kept])
        told[test] = logistic.predict_proba(scaled[test])[:, 1]
    for name in np.unique(names):
        own = names == name
        auc = roc_auc_score(target[own], told[own])
        print(f"{name:<12} {own.sum()} edits, {target[own].mean():.3f} right, AUC {auc:.3f}")
        for share in SHARES:
            over = own & (told > share)
            right = target[over].mean() if over.any() else float("nan")
            print(f"    confidence > {share}: {over.sum()}, {right:.2f} of them right")
    final = LogisticRegression().fit(scaled[taught], target[taught])
    weights = final.coef_[0] / spread
    return {
        "intercept": round(float(final.intercept_[0] - (weights * mean).sum()), 5),
        "weights": {n: round(float(w), 5) for n, w in zip(FEATURES, weights, strict=True)},
    }
