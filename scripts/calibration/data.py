"""Development sets with their gold, as the calibration reads them."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from audit.model import Row, Story, Version
from audit.pipeline import Engine

BATCH = 16

MEASURED = "surprisal"
"""The stage after which the models are fitted: aligned, with witnesses and surprisal."""

SUFFIX = " damaged"
"""What the names of sets and stories end in that have damage of our own."""

Spans = dict[tuple[str, str], list[tuple[int, int, str]]]


def read(file: Path) -> list[dict[str, Any]]:
    """The objects of a gzipped JSON-lines file."""
    with gzip.open(file, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def measured(engine: Engine, data: Path, name: str) -> Iterator[Story]:
    """The stories of a set, aligned and with surprisal."""
    lines = read(data / f"{name}.jsonl.gz")
    for at in range(0, len(lines), BATCH):
        batch = [
            (s["id"], [Version(v["id"], v["text"]) for v in s["versions"]])
            for s in lines[at : at + BATCH]
        ]
        yield from engine.stories(batch, MEASURED)


def spans_of(data: Path, name: str) -> Spans:
    """Places marked as faults by (story, version): start, end, severity."""
    file = data / f"{name}.gold.jsonl.gz"
    found: Spans = {}
    for g in read(file) if file.is_file() else ():
        if name == "demetr":
            found[g["story"], "audited"] = [(a, b, g["severity"]) for a, b in g["changed"]]
        else:
            found[g["story"], g["version"]] = [(a, b, s) for a, b, s in g["spans"] or ()]
    return found


def origin(name: str, story: Story) -> str:
    """What may not be divided between training and test: DEMETR makes many of one sentence,
    `humanpair` translates the stories of `wmt21zhen`, and damage is done to the same text."""
    return f"demetr {story.id.split('#')[1]}" if name == "demetr" else story.id.removesuffix(SUFFIX)


def judged(name: str, row: Row) -> list[str]:
    """The versions of a row that have gold: of DEMETR the damaged one, else all."""
    return ["audited"] if name == "demetr" and "audited" in row.cells else sorted(row.cells)


def dealt(versions: Sequence[str], hand: int, seed: int) -> dict[str, frozenset[str]]:
    """For each version, the versions it is dealt with; all of them if `hand` is 0."""
    order = list(versions)
    random.Random(seed).shuffle(order)
    size = hand or len(order)
    groups = [frozenset(order[i : i + size]) for i in range(0, len(order), size)]
    return {v: group for group in groups for v in group}
