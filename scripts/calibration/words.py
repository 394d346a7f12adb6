"""Fits the two forests that give each word the probability of being marked.

An audit asks them twice: of every word without its retelling, and of the words of doubtful cells
again with it (`audit.judge.doubts`). So they learn both: first forests say which cells are
doubtful, those are read after their witness, and the final forests learn from the words of these
cells with and without what that gave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from audit.align.witnesses import choose, row_likeness
from audit.judge.doubts import doubt, doubtful
from audit.judge.evidence import cell_evidence
from audit.measure.retelling import with_retellings
from audit.measure.surprisal import SurprisalModel
from audit.model import CellId, Doubt, Story
from calibration.data import BATCH, Spans, dealt, judged, origin

TREES = {"any": 220, "serious": 150}
SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)

Place = tuple[str, str, int]
"""Story, version, index of a sentence."""
NO_DOUBT = Doubt(0.0, 0.0)


@dataclass(frozen=True)
class Words:
    """Evidence and label (0 right, 1 minor, 2 serious) of every word of a source.

    `stories` are as they were dealt, without retellings. `origins` has what each word's sentence
    was made from, `cells` the cells in the order of the words, each with its story's place among
    `stories` and its number of words, `places` the sentences in that order, each with its number of
    words. `retold` says of which words the evidence has what was read after the witness; of one
    story in `part` it can.
    """

    name: str
    stories: list[Story]
    table: np.ndarray
    label: np.ndarray
    origins: np.ndarray
    cells: list[tuple[int, CellId, int]]
    places: list[tuple[Place, int]]
    retold: np.ndarray
    weight: float
    part: int


def words_of(
    name: str,
    stories: Sequence[Story],
    spans: Spans,
    *,
    hand: int = 0,
    weight: float = 1.0,
    part: int = 1,
) -> Words:
    """The words of a set, its stories dealt into hands of so many versions (0: as they are)."""
    tables, labels, origins = [], [], []
    cells: list[tuple[int, CellId, int]] = []
    places: list[tuple[Place, int]] = []
    own = [_with_dealt(name, s, hand, n) for n, s in enumerate(stories)]
    for at, story in enumerate(own):
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
                cells.append((at, (row.id, version), len(table)))
                places += [((story.id, version, s.index), len(s.tokens)) for s in sentences]
    title = name + (f" in stories of {hand}" if hand else "")
    label = np.concatenate(labels)
    return Words(
        title,
        own,
        np.concatenate(tables),
        label,
        np.concatenate(origins),
        cells,
        places,
        np.zeros(len(label), bool),
        weight,
        part,
    )


def with_retold(words: Words, doubts: np.ndarray, model: SurprisalModel) -> Words:
    """The words, with the evidence of an audit: the cells that these doubts (words, 2) call
    doubtful are read after their witness's."""
    told = with_doubts(words.stories[:: words.part], words.places, doubts)
    table, retold = words.table.copy(), words.retold.copy()
    stories: dict[int, Story] = {}
    for at in range(0, len(told), BATCH):
        some = told[at : at + BATCH]
        for n, story in enumerate(with_retellings(some, model, map(doubtful, some)), at):
            stories[n * words.part] = story
    rows = {at: {row.id: row for row in story.rows} for at, story in stories.items()}
    start = 0
    for at, (row, version), size in words.cells:
        if at in stories and (row, version) in stories[at].retellings:
            table[start : start + size] = cell_evidence(stories[at], rows[at][row], version)
            retold[start : start + size] = True
        start += size
    return replace(words, table=table, retold=retold)


def with_doubts(
    stories: Sequence[Story], places: Sequence[tuple[Place, int]], doubts: np.ndarray
) -> list[Story]:
    """The stories with doubts (words, 2) of the sentences at some places; the others have none."""
    found: dict[Place, tuple[Doubt, ...]] = {}
    at = 0
    for place, size in places:
        found[place] = tuple(doubt(float(a), float(b)) for a, b in doubts[at : at + size])
        at += size
    return [
        replace(
            s,
            doubts={
                (v, x.index): found.get((s.id, v, x.index), (NO_DOUBT,) * len(x.tokens))
                for v, own in s.sentences.items()
                for x in own
            },
        )
        for s in stories
    ]


def _with_dealt(name: str, story: Story, hand: int, seed: int) -> Story:
    beside = dealt([v.id for v in story.versions], hand, seed)
    chosen = {}
    for row in story.rows:
        likeness = row_likeness(story, row)
        for version in judged(name, row):
            witnesses = sorted(beside[version] & row.cells.keys() - {version})
            chosen[row.id, version] = choose(version, witnesses, likeness)
    return replace(story, witnesses={**story.witnesses, **chosen})


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
    """The forests, the words that they were fitted on, with retellings, and for each source what
    forests say that did not see its stories.

    `kept_out` has an array (words, 2) for each source: any fault, serious fault.
    """

    forests: dict[str, HistGradientBoostingClassifier]
    words: list[Words]
    kept_out: list[np.ndarray]


def fit(sources: Sequence[Words], folds: int, model: SurprisalModel) -> Fitted:
    """Fit both forests; split by origin for the kept-out predictions."""
    first = [w.table for w in sources]
    doubts = _kept_out(sources, first, folds)
    retold = [with_retold(w, d, model) for w, d in zip(sources, doubts, strict=True)]
    kept_out = _kept_out(retold, first, folds)
    table, label, weight, _ = _taught(retold, first)
    forests = {
        name: untrained(name).fit(table, target, sample_weight=weight)
        for name, target in _targets(label).items()
    }
    return Fitted(forests, retold, kept_out)


def _kept_out(
    sources: Sequence[Words], first: Sequence[np.ndarray], folds: int
) -> list[np.ndarray]:
    """What forests say of the words of each source that did not see its stories."""
    table, label, weight, origins = _taught(sources, first)
    table = table[:, ~np.isnan(table).all(axis=0)]  # scikit-learn refuses what is always missing
    _, group = np.unique(origins, return_inverse=True)
    size = sum(len(w.label) for w in sources)
    said = np.zeros((size, len(TREES)))
    for train, test in GroupKFold(folds).split(table, label, group):
        asked = test[test < size]
        for k, (name, target) in enumerate(_targets(label).items()):
            forest = untrained(name).fit(table[train], target[train], sample_weight=weight[train])
            said[asked, k] = forest.predict_proba(table[asked])[:, 1]
    return np.split(said, np.cumsum([len(w.label) for w in sources])[:-1])


def _taught(
    sources: Sequence[Words], first: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Evidence, label, weight and origin of the words of all sources, one after another; and after
    them of the retold ones as they were without retelling."""
    again = [w.retold for w in sources]

    def both(values: Sequence[np.ndarray], before: Sequence[np.ndarray]) -> np.ndarray:
        return np.concatenate([*values, *(x[k] for x, k in zip(before, again, strict=True))])

    labels, origins = [w.label for w in sources], [w.origins for w in sources]
    weights = [np.full(len(w.label), w.weight) for w in sources]
    return (
        both([w.table for w in sources], first),
        both(labels, labels),
        both(weights, weights),
        both(origins, origins),
    )


def _targets(label: np.ndarray) -> dict[str, np.ndarray]:
    return {"any": label > 0, "serious": label == 2}


def report(sources: Sequence[Words], kept_out: Sequence[np.ndarray]) -> None:
    """Print what the kept-out predictions reach, a block a source."""
    for w, doubts in zip(sources, kept_out, strict=True):
        line = f"{w.name:<26} {len(doubts):>7} words, {(w.label > 0).mean():.3f} marked"
        if (w.label > 0).any():
            line += f", AUC {roc_auc_score(w.label > 0, doubts[:, 0]):.3f}"
            line += f", serious {roc_auc_score(w.label == 2, doubts[:, 1]):.3f}"
        print(line)
        for share in SHARES:
            over = doubts[:, 0] > share
            right = (w.label[over] > 0).mean() if over.any() else float("nan")
            print(f"    doubt > {share}: {over.mean():.4f} of words, {right:.2f} of them marked")
