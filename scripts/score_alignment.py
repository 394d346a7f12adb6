#!/usr/bin/env python3
"""Score the alignment of the seed articles against rows made by hand.

    python scripts/score_alignment.py [GOLD.tsv] [--seeds DIR]

GOLD (default ../shared/bench/rows_gold.tsv) has the columns row, file, start, end, kind, link and
quote; a sentence may stand in several rows.

Definition. The unit is a pair of gold sentences of two different files. It is *right* if the two
share a row in which both have the link `same`; it is *open*, and counts neither way, if they share
a row only as `related`. It is *found* if a sentence of ours that overlaps the one by at least half
of the shorter shares a row with such a sentence of the other. Only files that the gold covers are
counted, though all articles are aligned together.

    precision = right and found / (found and not open)
    recall    = right and found / right
    F1        = their harmonic mean
"""

from __future__ import annotations

import argparse
import csv
import itertools
from collections import defaultdict
from pathlib import Path

from audit.config import Settings
from audit.ingest.read import read_story
from audit.model import Sentence, Story
from audit.pipeline import Engine

ROOT = Path(__file__).resolve().parent.parent
Place = tuple[str, int, int]
Pair = frozenset[Place]


def read_gold(path: Path) -> tuple[set[Place], set[Pair], set[Pair]]:
    """Gold sentences, right pairs and open pairs."""
    members: dict[str, list[tuple[Place, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as f:
        for line in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            place = (line["file"], int(line["start"]), int(line["end"]))
            members[line["row"]].append((place, line["link"]))
    right: set[Pair] = set()
    related: set[Pair] = set()
    for row in members.values():
        for (a, link_a), (b, link_b) in itertools.combinations(row, 2):
            if a[0] != b[0]:
                (right if link_a == link_b == "same" else related).add(frozenset((a, b)))
    places = {place for row in members.values() for place, _ in row}
    return places, right, related - right


def overlaps(sentence: Sentence, place: Place) -> bool:
    """Whether a sentence shares at least half of the shorter span with a gold place."""
    shared = min(sentence.end, place[2]) - max(sentence.start, place[1])
    return shared > 0 and 2 * shared >= min(sentence.end - sentence.start, place[2] - place[1])


def found_pairs(story: Story, places: set[Place]) -> set[Pair]:
    """Pairs of gold sentences of different files whose sentences of ours share a row."""
    rows: dict[Place, set[str]] = {
        place: {
            story.row_of[place[0], s.index].id
            for s in story.sentences[place[0]]
            if overlaps(s, place)
        }
        for place in places
    }
    return {
        frozenset((a, b))
        for a, b in itertools.combinations(sorted(places), 2)
        if a[0] != b[0] and rows[a] & rows[b]
    }


def main() -> None:
    """Print precision, recall and F1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = ROOT.parent / "shared" / "bench" / "rows_gold.tsv"
    parser.add_argument("gold", type=Path, nargs="?", default=default)
    parser.add_argument("--seeds", type=Path, default=ROOT / "seeds")
    arguments = parser.parse_args()

    places, right, related = read_gold(arguments.gold)
    settings = Settings()
    story_id, versions, _ = read_story([arguments.seeds], settings)
    with Engine(settings) as engine:
        story = engine.align(story_id, versions)
    found = found_pairs(story, places) - related
    hits = len(found & right)
    precision = hits / len(found) if found else 0.0
    recall = hits / len(right) if right else 0.0
    f1 = 2 * hits / (len(found) + len(right)) if found or right else 0.0
    files = len({place[0] for place in places})
    print(f"{files} files, {len(places)} sentences, {len(right)} right pairs, {len(found)} found")
    print(f"precision {precision:.3f}\nrecall    {recall:.3f}\nF1        {f1:.3f}")


if __name__ == "__main__":
    main()
