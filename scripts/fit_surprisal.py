"""Fit how surprising a word usually is to how frequent it is, on good news text.

    python scripts/fit_surprisal.py SET.jsonl.gz …

Reads sets of stories in the bulk input form, scores every token of every version with the
default causal model, and writes audit/language/en/trained/surprisal.toml.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import numpy as np

from audit.language.en import ENGLISH
from audit.measure.expectation import WordClass, predictor, word_class
from audit.measure.passages import passages
from audit.measure.surprisal import SurprisalModel
from audit.model import Token, Version
from audit.segment.sentences import segment

DATA = Path("audit/language/en/trained/surprisal.toml")
TO_STANDARD_DEVIATION = (np.pi / 2) ** 0.5
"""Mean absolute deviation times this is the standard deviation of a normal distribution."""

Row = tuple[WordClass, float, float]
"""Class of a token, the predictor's value, surprisal in nats."""


def rows_of(tokens: tuple[Token, ...], nats: tuple[float, ...]) -> Iterator[Row]:
    """What a sentence's tokens add to the fit."""
    first = next((i for i, t in enumerate(tokens) if t.is_word), None)
    for i, (token, surprisal) in enumerate(zip(tokens, nats, strict=True)):
        kind = word_class(token.text, first=i == first)
        yield kind, predictor(token.text, kind, ENGLISH), surprisal


def measured(files: Iterable[Path], model: SurprisalModel) -> Iterator[Row]:
    """Every token of every version of every story."""
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                for version in json.loads(line)["versions"]:
                    sentences, _ = segment(Version(version["id"], version["text"]), ENGLISH)
                    read = model.read([(p, ENGLISH) for p in passages(sentences)])
                    for s, found in zip(sentences, read, strict=True):
                        yield from rows_of(s.tokens, found.nats)


def line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Intercept and slope of a least-squares line; a constant where x does not vary."""
    if np.ptp(x) == 0:
        return float(y.mean()), 0.0
    slope, intercept = np.polyfit(x, y, 1)
    return float(intercept), float(slope)


def fitted(rows: Iterable[Row], model: str, digest: str, sets: Iterable[str]) -> str:
    """The data file: a line for the mean and one for the spread of every class."""
    by_class: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for kind, x, nats in rows:
        by_class[kind].append((x, nats))
    out = [
        "# Usual surprisal of a token, in nats: mean + mean_slope · x, spread + spread_slope · x;",
        "# x is the zipf frequency of a word, the length of a number, 0 for punctuation.",
        "# Written by scripts/fit_surprisal.py",
        f'model = "{model}"',
        f'model_digest = "{digest}"',
        f"sets = {json.dumps(sorted(sets))}",
    ]
    for kind in get_args(WordClass):
        x, y = np.array(by_class[kind], dtype=float).T
        mean, mean_slope = line(x, y)
        rest = y - mean - mean_slope * x
        spread, spread_slope = line(x, np.abs(rest) * TO_STANDARD_DEVIATION)
        r2 = 1 - rest.var() / y.var()
        out += [
            "",
            f"[{kind}]  # {len(y):,} tokens, R² {r2:.2f}",
            f"mean = {mean:.3f}",
            f"mean_slope = {mean_slope:.3f}",
            f"spread = {spread:.3f}",
            f"spread_slope = {spread_slope:.3f}",
        ]
    return "\n".join(out) + "\n"


def main() -> None:
    """Fit on the sets named on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="SET.jsonl.gz")
    files: list[Path] = parser.parse_args().files
    model = SurprisalModel()
    sets = [f.name.split(".")[0] for f in files]
    text = fitted(measured(files, model), model.name, model.digest, sets)
    DATA.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
