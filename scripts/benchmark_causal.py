"""Time the causal language model against the same model in torch, in one process.

    python scripts/benchmark_causal.py FILE.jsonl.gz [--sentences N]

FILE is a set of `../shared/bench/data`. Each of its sentences is read after the one before it, and
scored once more as the rest of a list whose first entry is that one, with two variants of it: in
float32, in eight bits where the processor is fast with them, and in torch, in turns. Prints ids per
second of the processor (all threads), how many times torch's that is, and how surprisals differ
from those in float32.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import correlation, mean

from audit.language.en import ENGLISH
from audit.measure.causal import WINDOW, CausalModel, Job
from audit.measure.causal_torch import TorchRuntime
from audit.model import Version
from audit.models.eight_bit import is_used
from audit.models.store import locate
from audit.segment.sentences import segment

LAYERS = (12, 20)
AT_ONCE = 40
"""Sentences that one side reads before it is the next one's turn."""
FLOAT32, EIGHT_BIT, TORCH = "float32", "eight bits", "torch"
"""The sides: mtaudit twice, and transformers."""


def main() -> int:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    texts = [
        version["text"]
        for line in gzip.decompress(given.file.read_bytes()).decode().splitlines()
        for version in json.loads(line)["versions"]
    ]
    works, differences = compared(pairs_of(texts)[: given.sentences], given.threads)
    for work in works:
        print(f"{work.name}: {work.ids:,} ids")
        for side, seconds in work.seconds.items():
            print(f"  {side}: {work.ids / seconds:.0f} a second, {work.gain(side):.2f} x")
    for side, difference in differences.items():
        print(f"{side}: {difference}")
    return 0


@dataclass
class Work:
    """One kind of work: ids given to a model, those of them whose surprisal was asked for, and the
    seconds of the processor that each side took."""

    name: str
    ids: int = 0
    asked: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def gain(self, side: str) -> float:
        """How many times as fast as torch a side is."""
        return self.seconds[TORCH] / self.seconds[side]


def compared(pairs: list[tuple[str, str]], threads: int) -> tuple[list[Work], dict[str, str]]:
    """What each side takes for these pairs of sentences, and how its surprisals differ from those
    in float32, in nats."""
    folder = locate()
    sides = {FLOAT32: CausalModel(folder, threads), TORCH: CausalModel(folder, threads)}
    sides[TORCH]._runtime = TorchRuntime(folder, WINDOW, threads)
    if is_used(folder, allowed=True):
        sides[EIGHT_BIT] = CausalModel(folder, threads, in_eight_bits=True)
    works = [Work("read"), Work("surprisals")]
    found: dict[str, list[float]] = defaultdict(list)
    order = list(sides)
    for at in range(0, len(pairs), AT_ONCE):
        some = pairs[at : at + AT_ONCE]
        for work, made in zip(works, (_after, _variants), strict=True):
            jobs = made(sides[FLOAT32], some)
            work.ids += sum(len(a) + len(b) for a, b in jobs)
            work.asked += sum(len(b) for _, b in jobs)
            for side in order:
                start = time.process_time()
                if made is _after:
                    parts = [(given, (wanted,)) for given, wanted in jobs]
                    read = sides[side].read(parts, [{}] * len(jobs), LAYERS)
                    found[side] += [row[0] for pieces in read for row in pieces.nats]
                else:
                    nats = sides[side].surprisals(jobs)
                    found[side] += [n for own in nats for n in own]
                work.seconds[side] += time.process_time() - start
        order.append(order.pop(0))
    return works, {
        side: _difference(found[FLOAT32], found[side]) for side in sides if side != FLOAT32
    }


def _difference(a: list[float], b: list[float]) -> str:
    apart = [abs(x - y) for x, y in zip(a, b, strict=True)]
    return (
        f"largest difference {max(apart):.5f} nats, mean {mean(apart):.5f}, "
        f"correlation {correlation(a, b):.5f}"
    )


def pairs_of(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Each sentence of these texts with the one after it."""
    sentences = [segment(Version(str(i), text), ENGLISH)[0] for i, text in enumerate(texts)]
    return [(a.text, b.text) for own in sentences for a, b in pairwise(own)]


def _after(model: CausalModel, pairs: list[tuple[str, str]]) -> list[Job]:
    return [((model.start, *model.encode(a)[0]), model.encode(f" {b}")[0]) for a, b in pairs]


def _variants(model: CausalModel, pairs: list[tuple[str, str]]) -> list[Job]:
    """Each second sentence and two variants, without its middle word and without the one before."""
    jobs: list[Job] = []
    for first, second in pairs:
        words = second.split()
        half = len(words) // 2
        without = [[*words[:k], *words[k + 1 :]] for k in (half, half - 1) if k >= 0]
        given = (model.start, *model.encode(f"1. {first}\n2.")[0])
        for some in (words, *without):
            if ids := model.encode(f" {' '.join(some)}")[0]:
                jobs.append((given, ids))
    return jobs


if __name__ == "__main__":
    raise SystemExit(main())
