#!/usr/bin/env python3
"""Fit the forests that say how likely each word stands for another one, and what was meant.

    python scripts/fit_reader.py --work DIR
    python scripts/fit_misread.py --work DIR [--bench DIR] [--out DIR] [--limit N]

Reads the reader's doubts that `fit_reader.py` left in the work folder, all by networks that were
not taught by the text, and computes the evidence of `audit/judge/misread.py` from them:

- the garbled pages of `train/garbled.jsonl.gz`, each beside the sound page on its event; labels
  are the marks, weights as in the reader's training
- these sound pages, each beside the garbled one; every word counts as right
- the half of `clusters` that no network was taught by, each article beside the others on its event,
  and `native`, each article alone; every word counts as right, four times

Prints what share of the marks is touched by forests that were fitted without their stories, and
writes `misread_any.json` and `misread_serious.json` into OUT (default audit/language/en/trained).
Where these forests find garbled words, tries what may have been meant (`audit/judge/meant.py`), and
writes into `meant.json` how likely such a word is the one that the mark suggests.

`--limit` must be that of `fit_reader.py`; with it the models go into the work folder unless told
where. A few minutes.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from calibration.marked import (
    GARBLED,
    SETS,
    SOUND,
    Key,
    Known,
    Text,
    kept,
    labels,
    report,
    texts,
)
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from audit.align.copies import story_copies
from audit.config import Settings
from audit.judge.meant import features, with_meant
from audit.judge.misread import COLUMNS, doubtful, evidence, stems_of
from audit.judge.trees import dumps, to_text
from audit.measure.expected import DOUBTED, in_version
from audit.measure.surprisal import SurprisalModel
from audit.model import Doubt, Meant, Story
from audit.pipeline import NO_MODEL, Engine

ROOT = Path(__file__).resolve().parent.parent
SOUND_WEIGHT = 4.0
"""Of a word of real news: garbled pages are the smaller part of what is read."""
INVENTED = (GARBLED, SOUND)
FOLDS = 5
LABELS = ("any", "serious")


@dataclass(frozen=True, eq=False)
class Words:
    """Evidence, labels (any, serious), weight and story of each token of a sentence."""

    key: Key
    table: NDArray[np.float32]
    labels: NDArray[np.bool_]
    weight: NDArray[np.float64]


def main() -> None:
    """Compute evidence, fit, report, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--limit", type=int)
    given = parser.parse_args()
    trained = ROOT / "audit" / "language" / "en" / "trained"
    out = given.out or (given.work if given.limit else trained)
    out.mkdir(parents=True, exist_ok=True)
    known = kept(given.work / "doubts.jsonl.gz")
    with Engine(Settings(causal_model=NO_MODEL)) as engine:
        read = [t for name in SETS for t in texts(engine, given.bench, name, given.limit)]
    words = [w for t in read for w in words_of(t, known)]
    if {w.key for w in words} != known.keys():
        parser.error("the work folder has doubts of other texts: run fit_reader.py again")
    kept_out = fit(words, read, out)
    fit_chance([t for t in read if t.set == GARBLED], known, kept_out, out)


def words_of(text: Text, known: Mapping[Key, Known]) -> Iterator[Words]:
    """Evidence and labels of those sentences of a text whose doubts are known."""
    own = {
        s.index: known[k] for k, s in zip(text.keys(), text.sentences, strict=True) if k in known
    }
    if not own:
        return
    story = _with_doubts(text, own)
    stems = {v: stems_of(story, v) for v in story.sentences}
    seen = [s for s in text.sentences if s.index in own]
    # Only what was read of a version says how doubtful it is.
    mean = doubtful(replace(story, sentences={text.version: tuple(seen)}), text.version)
    for s in seen:
        found = labels(s, text.marks)
        dealt = _dealt(stems, text.version, s.index)
        factor = (1.0 if text.set in INVENTED else SOUND_WEIGHT) / len(dealt)
        for some in dealt:
            yield Words(
                (text.set, text.story.id, text.version, s.index),
                evidence(story, s, some, mean),
                np.array([(label.any, label.serious) for label in found]),
                np.array([factor * label.weight for label in found]),
            )


def _dealt(
    stems: Mapping[str, Counter[str]], version: str, number: int
) -> list[Mapping[str, Counter[str]]]:
    """The stems of a version beside all others, alone, and of several others beside one.

    So neither their number nor their absence says from which set a word is.
    """
    others = sorted(v for v in stems if v != version)
    dealt: list[Mapping[str, Counter[str]]] = [{version: stems[version]}]
    if others:
        dealt.append(stems)
    if len(others) > 1:
        one = others[number % len(others)]
        dealt.append({version: stems[version], one: stems[one]})
    return dealt


def _with_doubts(text: Text, own: Mapping[int, Known]) -> Story:
    """The story with the surprisal and doubts of one version, as the stages would assign them."""
    sentences = text.story.sentences[text.version]
    nats = tuple(own[s.index].nats if s.index in own else () for s in sentences)
    doubts = {i: tuple(map(Doubt, k.any, k.serious)) for i, k in own.items()}
    return replace(
        text.story,
        copies=story_copies(text.story),
        surprisal={text.version: nats},
        read_doubts={(text.version, i): d for i, d in doubts.items()},
        expected={
            (text.version, i): in_version(
                sentences[i],
                (
                    found
                    for found in k.expected
                    for t, d in zip(sentences[i].tokens, doubts[i], strict=True)
                    if t.start - sentences[i].start == found[0] and d.any >= DOUBTED
                ),
            )
            for i, k in own.items()
        },
    )


def forest() -> HistGradientBoostingClassifier:
    """The model that is fitted."""
    return HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=60, random_state=0
    )


def fit(words: Sequence[Words], read: Sequence[Text], out: Path) -> dict[Key, tuple[Doubt, ...]]:
    """Fit both forests and write them; say what such forests find in stories kept out.

    Returns what they make of each sentence beside all other versions.
    """
    table = np.concatenate([w.table for w in words])
    weight = np.concatenate([w.weight for w in words])
    stories = np.concatenate([[f"{w.key[0]} {w.key[1]}"] * len(w.weight) for w in words])
    used = weight > 0
    ends = np.cumsum([len(w.weight) for w in words])[:-1]
    scores = []
    for k, name in enumerate(LABELS):
        y = np.concatenate([w.labels[:, k] for w in words])
        kept_out = np.zeros(len(table))
        for train, test in GroupKFold(FOLDS).split(table, groups=stories):
            inside = train[used[train]]
            fitted = forest().fit(table[inside], y[inside], sample_weight=weight[inside])
            kept_out[test] = fitted.predict_proba(table[test])[:, 1]
        parts = np.split(kept_out, ends)
        print(f"as a fault, {name}:")
        scores.append({w.key: part.tolist() for w, part in zip(words, parts, strict=True)})
        report(read, scores[-1])
        whole = forest().fit(table[used], y[used], sample_weight=weight[used])
        made = dumps(whole, COLUMNS)
        (out / f"misread_{name}.json").write_text(to_text(made), encoding="utf-8")
    fault, serious = scores
    return {key: tuple(map(Doubt, fault[key], serious[key])) for key in fault}


def fit_chance(
    read: Sequence[Text],
    known: Mapping[Key, Known],
    misread: Mapping[Key, tuple[Doubt, ...]],
    out: Path,
) -> None:
    """Fit and write the chance that a word that is tried was meant, where its place is a fault."""
    stories = []
    for text in read:
        keys = dict(zip((s.index for s in text.sentences), text.keys(), strict=True))
        story = _with_doubts(text, {i: known[key] for i, key in keys.items() if key in known})
        found = {(text.version, i): misread[key] for i, key in keys.items() if key in misread}
        stories.append(replace(story, misread=found))
    tried = [
        pair
        for text, story in zip(read, with_meant(stories, SurprisalModel()), strict=True)
        for words in story.meant.values()
        for word in words
        for pair in _judged(word, text)
    ]
    names = list(tried[0][0])
    table = np.array([[values[name] for name in names] for values, _ in tried])
    model = LogisticRegression(max_iter=1000).fit(table, [right for _, right in tried])
    made = {
        "intercept": round(float(model.intercept_[0]), 4),
        "weights": {n: round(float(w), 4) for n, w in zip(names, model.coef_[0], strict=True)},
        "made_by": "scripts/fit_misread.py",
    }
    (out / "meant.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"{len(tried)} words tried in faults, {sum(right for _, right in tried)} right: {made}")


def _judged(word: Meant, text: Text) -> Iterator[tuple[Mapping[str, float], bool]]:
    """What the chance of a word is judged by, and whether a mark suggests it; none in no mark."""
    own = text.story.version(text.version).text
    over = [m for m in text.marks if m.start < word.end and word.start < m.end and m.suggestion]
    if over:
        new = [_forms(m.suggestion) - _forms(own[m.start : m.end]) for m in over]
        yield features(word), any(word.text.lower() in forms for forms in new)


def _forms(text: str) -> set[str]:
    return set(re.findall(r"[\w'-]+", text.lower()))


if __name__ == "__main__":
    main()
