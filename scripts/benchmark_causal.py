"""Time the causal language model as it is against the same model in torch, in one process.

    python scripts/benchmark_causal.py FILE.jsonl.gz [--sentences N]

FILE is a set of `../shared/bench/data`. Each of its sentences is read after the one before it, and
scored once more as the rest of a list whose first entry is that one, with two variants of it, on
either runtime in turns. Prints ids per second of the processor (all threads), the ratio, and the
largest difference of surprisals in nats.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from audit.language.en import ENGLISH
from audit.measure.causal import WINDOW, CausalModel, Job
from audit.measure.causal_torch import TorchRuntime
from audit.model import Version
from audit.models.store import locate
from audit.segment.sentences import segment

LAYERS = (12, 20)
AT_ONCE = 40
"""Sentences that one runtime reads before it is the other's turn."""


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
    works, worst = compared(pairs_of(texts)[: given.sentences], given.threads)
    for work in works:
        print(
            f"{work.name}: {work.ids:,} ids; {work.ids / work.ours:.0f} a second, torch "
            f"{work.ids / work.torchs:.0f}; ratio {work.torchs / work.ours:.2f}"
        )
    print(f"largest difference {worst:.5f} nats")
    return 0


@dataclass
class Work:
    """One kind of work: ids given to a runtime, those of them whose surprisal was asked for, and
    the seconds of the processor that either runtime took."""

    name: str
    ids: int = 0
    asked: int = 0
    ours: float = 0.0
    torchs: float = 0.0


def compared(pairs: list[tuple[str, str]], threads: int) -> tuple[list[Work], float]:
    """What either runtime takes for these pairs of sentences, and the largest difference, nats."""
    fast = CausalModel(locate(), threads)
    slow = CausalModel(locate(), threads)
    slow._runtime = TorchRuntime(locate(), WINDOW, threads)
    read, variants = Work("read"), Work("surprisals")
    worst = 0.0
    for at in range(0, len(pairs), AT_ONCE):
        some = pairs[at : at + AT_ONCE]
        for work, jobs in ((read, _after(fast, some)), (variants, _variants(fast, some))):
            work.ids += sum(len(a) + len(b) for a, b in jobs)
            work.asked += sum(len(b) for _, b in jobs)
            found = []
            for side in (fast, slow) if at % (2 * AT_ONCE) else (slow, fast):
                start = time.process_time()
                if work is read:
                    parts = [(given, (wanted,)) for given, wanted in jobs]
                    pieces = side.read(parts, [{}] * len(jobs), LAYERS)
                    found.append([[row[0] for row in p.nats] for p in pieces])
                else:
                    found.append([list(nats) for nats in side.surprisals(jobs)])
                seconds = time.process_time() - start
                work.ours += seconds if side is fast else 0
                work.torchs += seconds if side is slow else 0
            for one, other in zip(*found, strict=True):
                worst = max([worst, *(abs(a - b) for a, b in zip(one, other, strict=True))])
    return [read, variants], worst


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
