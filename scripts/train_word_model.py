#!/usr/bin/env python3
"""Train the word model: how likely a careful reader marks a word as wrong.

    python scripts/train_word_model.py [--bench DIR] [--out DIR] [--folds N]

Reads stories with error spans by professionals (`wmt21zhen`, `humanpair`), sentences with known
damage (`demetr`) and original news (`native`, no spans: every word counts as right) from DIR/data
(default ../shared/bench), audits them with the current program and fits two gradient-boosted
forests on the evidence of each word: any fault, serious fault. The stories of many versions are
also dealt into stories of four, two and one, so that the model knows what few witnesses are worth.

Prints, for each set, what the forests reach on stories kept out of their training (split by story),
and writes `word_any.json` and `word_serious.json` into OUT (default audit/judge/data). About half
an hour on two cores, nearly all of it the language model.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from audit.judge.evidence import COLUMNS, cell_evidence
from audit.judge.trees import dumps, to_text
from audit.model import Story, Version
from audit.pipeline import Engine

ROOT = Path(__file__).resolve().parent.parent
BATCH = 16

SOURCES: tuple[tuple[str, int, float], ...] = (
    ("demetr", 0, 1.0),
    ("humanpair", 0, 1.0),
    ("wmt21zhen", 0, 1.0),
    ("wmt21zhen", 4, 1.0),
    ("wmt21zhen", 2, 0.7),
    ("wmt21zhen", 1, 0.5),
    ("native", 1, 1.0),
)
"""Set, versions a story is dealt into (0: as it is), weight of a word."""

TREES = {"any": 220, "serious": 150}
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7)

Spans = dict[tuple[str, str], list[tuple[int, int, str]]]


@dataclass(frozen=True)
class Words:
    """Evidence, label (0 right, 1 minor, 2 serious) and story of every word of a source."""

    name: str
    table: np.ndarray
    label: np.ndarray
    story: np.ndarray
    weight: float


def read(path: Path) -> list[dict[str, Any]]:
    """The objects of a gzipped JSON-lines file; none if there is no such file."""
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def spans_of(data: Path, name: str) -> Spans:
    """Marked places by (story, version)."""
    spans: Spans = {}
    for g in read(data / f"{name}.gold.jsonl.gz"):
        if "changed" in g:
            marked = [(a, b, g["severity"]) for a, b in g["changed"]]
        else:
            marked = [(a, b, s) for a, b, s in g["spans"] or ()]
        spans[g["story"], g["version"]] = marked
    return spans


def measured(engine: Engine, data: Path, name: str) -> Iterator[Story]:
    """The stories of a set, aligned and with surprisal."""
    lines = read(data / f"{name}.jsonl.gz")
    for at in range(0, len(lines), BATCH):
        chunk = lines[at : at + BATCH]
        yield from engine.measure(
            [(s["id"], [Version(v["id"], v["text"]) for v in s["versions"]]) for s in chunk]
        )


def dealt(versions: Sequence[str], hand: int, seed: int) -> dict[str, frozenset[str]]:
    """For each version, the versions it is dealt with; all of them if `hand` is 0."""
    order = list(versions)
    random.Random(seed).shuffle(order)
    size = hand or len(order)
    groups = [frozenset(order[i : i + size]) for i in range(0, len(order), size)]
    return {v: group for group in groups for v in group}


def words_of(stories: Sequence[Story], spans: Spans, source: tuple[str, int, float]) -> Words:
    """Evidence and labels of one source."""
    name, hand, weight = source
    tables, labels, owners = [], [], []
    for number, story in enumerate(stories):
        beside = dealt([v.id for v in story.versions], hand, number)
        # DEMETR's sentences share their number with the sentence that they were made from
        group = story.id.split("#")[1] if name == "demetr" else story.id
        for row in story.rows:
            for version in row.cells:
                if name == "demetr" and version != "audited":
                    continue
                tokens, table = cell_evidence(story, row, version, beside[version])
                label = np.zeros(len(tokens), dtype=np.int64)
                for start, end, severity in spans.get((story.id, version), ()):
                    for k, t in enumerate(tokens):
                        if t.start < end and start < t.end:
                            label[k] = max(label[k], 1 if severity == "minor" else 2)
                tables.append(table)
                labels.append(label)
                owners.append(np.full(len(tokens), group))
    title = name + (f" in stories of {hand}" if hand else "")
    return Words(
        title, np.concatenate(tables), np.concatenate(labels), np.concatenate(owners), weight
    )


def forest(name: str) -> HistGradientBoostingClassifier:
    """An untrained forest; its size was chosen once on wmt21zhen and hardly matters."""
    return HistGradientBoostingClassifier(
        max_iter=TREES[name],
        learning_rate=0.07,
        max_leaf_nodes=20,
        min_samples_leaf=100,
        l2_regularization=5.0,
        random_state=0,
    )


def report(words: Sequence[Words], any_fault: np.ndarray, serious: np.ndarray) -> None:
    """Print what the kept-out predictions reach, a line a source."""
    at = 0
    for w in words:
        p, q = any_fault[at : at + len(w.label)], serious[at : at + len(w.label)]
        at += len(w.label)
        line = f"{w.name:<24} {len(p):>7} words, {(w.label > 0).mean():.3f} marked"
        if (w.label > 0).any():
            line += f", AUC {roc_auc_score(w.label > 0, p):.3f}"
            line += f" serious {roc_auc_score(w.label == 2, q):.3f}"
        print(line)
        for share in SHARES:
            over = p > share
            right = (w.label[over] > 0).mean() if over.any() else float("nan")
            print(f"    p > {share}: {over.mean():.4f} of words, {right:.2f} of them marked")


def main() -> None:
    """Train, report on kept-out stories, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--out", type=Path, default=ROOT / "audit" / "judge" / "data")
    parser.add_argument("--folds", type=int, default=3)
    arguments = parser.parse_args()
    data = arguments.bench / "data"

    stories: dict[str, list[Story]] = {}
    with Engine() as engine:
        for name in dict.fromkeys(name for name, _, _ in SOURCES):
            stories[name] = list(measured(engine, data, name))
    words = [words_of(stories[s[0]], spans_of(data, s[0]), s) for s in SOURCES]
    table = np.concatenate([w.table for w in words])
    label = np.concatenate([w.label for w in words])
    weight = np.concatenate([np.full(len(w.label), w.weight) for w in words])
    _, story = np.unique(np.concatenate([w.story for w in words]), return_inverse=True)
    targets = {"any": label > 0, "serious": label == 2}

    kept_out = {name: np.zeros(len(label)) for name in targets}
    for train, test in GroupKFold(arguments.folds).split(table, label, story):
        for name, target in targets.items():
            fitted = forest(name).fit(table[train], target[train], sample_weight=weight[train])
            kept_out[name][test] = fitted.predict_proba(table[test])[:, 1]
    report(words, kept_out["any"], kept_out["serious"])

    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, target in targets.items():
        fitted = forest(name).fit(table, target, sample_weight=weight)
        trained = dumps(fitted, COLUMNS) | {"made_by": "scripts/train_word_model.py"}
        (arguments.out / f"word_{name}.json").write_text(to_text(trained), encoding="utf-8")


if __name__ == "__main__":
    main()
