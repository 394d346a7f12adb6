"""Fits the two forests that give each word the probability of being marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from audit.align.witnesses import choose, row_likeness
from audit.judge.evidence import cell_evidence
from audit.measure.retelling import with_retellings
from audit.measure.surprisal import SurprisalModel
from audit.model import Story
from calibration.data import BATCH, Spans, dealt, judged, origin

TREES = {"any": 220, "serious": 150}
SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)

Place = tuple[str, str, int]
"""Story, version, index of a sentence."""


@dataclass(frozen=True)
class Words:
    """Evidence and label (0 right, 1 minor, 2 serious) of every word of a source.

    `origins` has what each word's sentence was made from, `places` the sentences in the order of
    the rows, each with its number of tokens.
    """

    name: str
    table: np.ndarray
    label: np.ndarray
    origins: np.ndarray
    places: list[tuple[Place, int]]
    weight: float


def words_of(
    name: str,
    stories: Sequence[Story],
    spans: Spans,
    model: SurprisalModel,
    *,
    hand: int = 0,
    weight: float = 1.0,
) -> Words:
    """The words of a set, its stories dealt into hands of so many versions (0: as they are)."""
    tables, labels, origins = [], [], []
    places: list[tuple[Place, int]] = []
    for story in _retold(name, stories, model, hand):
        for row in story.rows:
            for version in judged(name, row):
                table = cell_evidence(story, row, version)
                sentences = story.cell(row, version)
                label = np.zeros(len(table), dtype=np.int64)
                tokens = [t for s in sentences for t in s.tokens]
                for start, end, severity in spans.get((story.id, version), ()):
                    for k, t in enumerate(tokens):
                        if t.start < end and start < t.end:
                            label[k] = max(label[k], 1 if severity == "minor" else 2)
                tables.append(table)
                labels.append(label)
                origins.append(np.full(len(table), origin(name, story)))
                places += [((story.id, version, s.index), len(s.tokens)) for s in sentences]
    title = name + (f" in stories of {hand}" if hand else "")
    return Words(
        title,
        np.concatenate(tables),
        np.concatenate(labels),
        np.concatenate(origins),
        places,
        weight,
    )


def _retold(
    name: str, stories: Sequence[Story], model: SurprisalModel, hand: int
) -> Iterator[Story]:
    """The stories with the witnesses that each judged cell was dealt, and their retellings."""
    for at in range(0, len(stories), BATCH):
        some = enumerate(stories[at : at + BATCH], at)
        yield from with_retellings([_with_dealt(name, s, hand, n) for n, s in some], model)


def _with_dealt(name: str, story: Story, hand: int, seed: int) -> Story:
    beside = dealt([v.id for v in story.versions], hand, seed)
    chosen = {}
    for row in story.rows:
        likeness = row_likeness(story, row)
        for version in judged(name, row):
            witnesses = sorted(beside[version] & row.cells.keys() - {version})
            chosen[row.id, version] = choose(version, witnesses, likeness)
    return replace(story, witnesses=chosen)


def untrained(name: str) -> HistGradientBoostingClassifier:
    """A forest before training; its size was chosen once on wmt21zhen and hardly matters."""
    return HistGradientBoostingClassifier(
        max_iter=TREES[name],
        learning_rate=0.07,
        max_leaf_nodes=20,
        min_samples_leaf=100,
        l2_regularization=5.0,
        random_state=0,
    )


@dataclass(frozen=True)
class Fitted:
    """The forests, and for each source what forests say that did not see its stories.

    `kept_out` has an array (words, 2) for each source: any fault, serious fault.
    """

    forests: dict[str, HistGradientBoostingClassifier]
    kept_out: list[np.ndarray]


def fit(sources: Sequence[Words], folds: int) -> Fitted:
    """Fit both forests; split by origin for the kept-out predictions."""
    table = np.concatenate([w.table for w in sources])
    label = np.concatenate([w.label for w in sources])
    weight = np.concatenate([np.full(len(w.label), w.weight) for w in sources])
    _, group = np.unique(np.concatenate([w.origins for w in sources]), return_inverse=True)
    targets = {"any": label > 0, "serious": label == 2}
    kept_out = np.zeros((len(label), len(targets)))
    for train, test in GroupKFold(folds).split(table, label, group):
        for k, (name, target) in enumerate(targets.items()):
            forest = untrained(name).fit(table[train], target[train], sample_weight=weight[train])
            kept_out[test, k] = forest.predict_proba(table[test])[:, 1]
    forests = {n: untrained(n).fit(table, t, sample_weight=weight) for n, t in targets.items()}
    ends = np.cumsum([len(w.label) for w in sources])
    return Fitted(forests, np.split(kept_out, ends[:-1]))


def report(sources: Sequence[Words], kept_out: Sequence[np.ndarray]) -> None:
    """Print what the kept-out predictions reach, a block a source."""
    for w, doubt in zip(sources, kept_out, strict=True):
        line = f"{w.name:<26} {len(doubt):>7} words, {(w.label > 0).mean():.3f} marked"
        if (w.label > 0).any():
            line += f", AUC {roc_auc_score(w.label > 0, doubt[:, 0]):.3f}"
            line += f", serious {roc_auc_score(w.label == 2, doubt[:, 1]):.3f}"
        print(line)
        for share in SHARES:
            over = doubt[:, 0] > share
            right = (w.label[over] > 0).mean() if over.any() else float("nan")
            print(f"    doubt > {share}: {over.mean():.4f} of words, {right:.2f} of them marked")
