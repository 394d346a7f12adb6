"""Fits the probabilities that an edit mends a marked place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from audit.judge.contrast import features, source
from audit.judge.edits import with_edits
from audit.measure.surprisal import SurprisalModel
from audit.model import Story
from calibration.data import SUFFIX, Spans, origin

FOLDS = 5
TAUGHT = {"offered": ("demetr",), "proposed": ("demetr", "native", "native" + SUFFIX)}
"""The sets that teach each of the two models: a text alone is offered nothing."""
SHARES = (0.4, 0.5, 0.6, 0.7, 0.8)


def fit(
    sets: Sequence[tuple[str, Sequence[Story], Spans]], model: SurprisalModel
) -> dict[str, Any]:
    """Fit a logistic model on the edits of each source; prints what it reaches on every set.

    The stories must have kept-out doubts. Only known damage and original news teach: professionals
    mark what differs from the source, which a language model cannot hear, and then gain counts for
    nothing.
    """
    rows: dict[str, list[tuple[str, str, Mapping[str, float], bool]]] = {s: [] for s in TAUGHT}
    for name, stories, spans in sets:
        for story in with_edits(stories, model):
            for edit in story.edits:
                marked = spans.get((story.id, edit.version), ())
                hit = any(a < edit.end and edit.start < b for a, b, _ in marked)
                rows[source(edit)].append(
                    (name, origin(name, story), features(edit, story.language), hit)
                )
    return {s: _fit(s, own) for s, own in rows.items()}


def _fit(of: str, rows: Sequence[tuple[str, str, Mapping[str, float], bool]]) -> dict[str, Any]:
    columns = tuple(rows[0][2])
    names, groups = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    table = np.array([[r[2][c] for c in columns] for r in rows])
    target = np.array([r[3] for r in rows])
    taught = np.isin(names, TAUGHT[of])
    mean, spread = table[taught].mean(axis=0), table[taught].std(axis=0)
    scaled = (table - mean) / spread
    sure = np.zeros(len(target))
    for train, test in GroupKFold(FOLDS).split(scaled, target, groups):
        kept = train[taught[train]]
        logistic = LogisticRegression().fit(scaled[kept], target[kept])
        sure[test] = logistic.predict_proba(scaled[test])[:, 1]
    print(f"edits {of}:")
    for name in np.unique(names):
        own = names == name
        right = target[own].mean()
        auc = roc_auc_score(target[own], sure[own]) if 0 < right < 1 else float("nan")
        print(f"    {name:<16} {own.sum()}, {right:.3f} right, AUC {auc:.3f}")
        for share in SHARES:
            over = own & (sure > share)
            of_them = target[over].mean() if over.any() else float("nan")
            print(f"        confidence > {share}: {over.sum()}, {of_them:.2f} of them right")
    final = LogisticRegression().fit(scaled[taught], target[taught])
    weights = final.coef_[0] / spread
    return {
        "intercept": round(float(final.intercept_[0] - (weights * mean).sum()), 5),
        "weights": {n: round(float(w), 5) for n, w in zip(columns, weights, strict=True)},
    }
