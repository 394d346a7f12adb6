"""Measure a second reader on pages whose faults are known, and keep what was measured.

    python scripts/judge_eval.py --url URL --model MODEL [--data FOLDER] [--settings FILE]
        [--stories N] [--write FILE]

FOLDER holds `newsroom.jsonl.gz`, `newsroom.gold.jsonl.gz` and `clusters.jsonl.gz`
(default: ../shared/bench/data). Every sentence is asked about, and every serious finding of the
rules is put to the model. What it marks is right if it overlaps a known fault of a garbled page and
is at most 3 times as long + 40 characters; on sound pages and in `clusters` it is wrong. Prints
precision and recall by category, what its verdicts are worth, and a reliability table: each half of
the stories judged by the calibration of the other half. Writes the calibration of all stories into
FILE (default: mtaudit-judge.json beside the settings), which `mtaudit` then uses.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from audit.conclude.merge import SUSPICION, merge
from audit.config import find_file, load, usual_calibration
from audit.model import Finding, Remark, Story, Version
from audit.pipeline import Engine
from audit.second_reader import calibration
from audit.second_reader.prompts import ANSWERS, PROMPT
from audit.second_reader.reader import SecondReader

ROOT = Path(__file__).resolve().parent.parent
BINS = ((0.0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 1.0))


@dataclass
class Judged:
    """What a model did with one story: what it marked and what it said of findings, each with
    whether there is a fault; and the faults that there are."""

    marked: list[tuple[Remark, bool]] = field(default_factory=list)
    said: list[tuple[Finding, str, bool]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)
    words: int = 0


def main() -> int:
    """Parse the command line, measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/bench/data")
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--stories", type=int, help="only so many stories of each set")
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    file = given.write or usual_calibration(given.settings or find_file())
    settings = load(given.settings, judge_url=given.url, judge_model=given.model, judge_scope="all")
    gold = {(g["story"], g["version"]): g for g in lines(given.data / "newsroom.gold.jsonl.gz")}
    with Engine(settings) as engine:
        reader = engine.second_reader
        if not isinstance(reader, SecondReader):
            parser.error(f"the second reader cannot be asked: {reader.why if reader else 'none'}")
        judged = {
            name: [
                judge(engine, reader, story, gold)
                for story in list(lines(given.data / f"{name}.jsonl.gz"))[: given.stories]
            ]
            for name in ("newsroom", "clusters")
        }
    everything = [j for own in judged.values() for j in own]
    when = datetime.now(UTC).date()
    on = (
        f"{len(judged['newsroom'])} newsroom and {len(judged['clusters'])} clusters stories, {when}"
    )
    print(table(judged["newsroom"]))
    for name, own in judged.items():
        wrong = sum(not right for j in own for _, right in j.marked)
        words = sum(j.words for j in own)
        print(f"\n`{name}`: {1000 * wrong / max(1, words):.2f} wrong marks per 1,000 words")
    print(f"\n{verdict_table(everything)}\n\n{reliability(everything)}")
    calibration.write(file, given.model, measured(everything, on))
    print(f"\nwritten: {file}")
    return 0


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines."""
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        yield from map(json.loads, opened)


def judge(
    engine: Engine,
    reader: SecondReader,
    story: Mapping[str, Any],
    gold: Mapping[tuple[str, str], Mapping[str, Any]],
) -> Judged:
    """What the model makes of one story."""
    versions = [Version(v["id"], v["text"]) for v in story["versions"]]
    (read,) = engine.stories([(story["id"], versions)], "second reader")
    faults = {v.id: gold.get((story["id"], v.id), {}).get("artifacts", ()) for v in versions}
    found = Judged(words=sum(len(v.text.split()) for v in versions))
    reached: set[tuple[str, int]] = set()
    for r in read.remarks:
        hits = [i for i, g in enumerate(faults[r.version]) if is_hit(r, g)]
        reached |= {(r.version, i) for i in hits}
        found.marked.append((r, bool(hits)))
    for version, own in faults.items():
        for i, g in enumerate(own):
            found.faults[g["category"]] += 1
            found.hit[g["category"]] += (version, i) in reached
    rules = merge(of_rules(engine, read), SUSPICION).findings
    said, _, _ = reader.verdicts(read, rules)
    for f, (answer, _) in said.items():
        found.said.append((f, answer, any(is_hit(f, g) for g in faults[f.version])))
    return found


def of_rules(engine: Engine, story: Story) -> Iterator[Finding]:
    """What the detectors find without the second reader."""
    for d in engine.detectors:
        yield from d.detect(story, engine.settings)


def is_hit(span: Remark | Finding, fault: Mapping[str, Any]) -> bool:
    """Whether a span marks a fault, as the scorer of the benchmark has it."""
    overlap = min(span.end, fault["end"]) - max(span.start, fault["start"])
    return overlap > 0 and span.end - span.start <= 3 * (fault["end"] - fault["start"]) + 40


def measured(judged: Iterable[Judged], on: str) -> calibration.Measured:
    """What the stories say of the model, counted."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    verified: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for j in judged:
        for r, right in j.marked:
            found[r.category][not right] += 1
        for _, answer, right in j.said:
            verified[answer][not right] += 1
    return calibration.Measured(
        prompt=PROMPT,
        measured_on=on,
        found={c: (n[0], n[1]) for c, n in sorted(found.items())},
        verified={a: (n[0], n[1]) for a, n in sorted(verified.items())},
    )


def table(judged: Sequence[Judged]) -> str:
    """Precision and recall by category, in Markdown."""
    marked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for j in judged:
        marked.update(r.category for r, _ in j.marked)
        right.update(r.category for r, is_right in j.marked if is_right)
    faults = sum((j.faults for j in judged), Counter())
    hit = sum((j.hit for j in judged), Counter())
    rows = ["| category | marked | precision | faults | recall |", "|---|---|---|---|---|"]
    for c in [*sorted(faults.keys() | marked.keys()), None]:
        n, ok = (marked[c], right[c]) if c else (marked.total(), right.total())
        total, reached = (faults[c], hit[c]) if c else (faults.total(), hit.total())
        rows.append(f"| {c or 'all'} | {n} | {share(ok, n)} | {total} | {share(reached, total)} |")
    return "\n".join(rows)


def verdict_table(judged: Iterable[Judged]) -> str:
    """What was said of serious findings of the rules, in Markdown."""
    said = Counter((answer, right) for j in judged for _, answer, right in j.said)
    rows = ["| said | of faults | of what is none |", "|---|---|---|"]
    rows += [f"| {a} | {said[a, True]} | {said[a, False]} |" for a in ANSWERS]
    return "\n".join(rows)


def reliability(judged: Sequence[Judged]) -> str:
    """Confidence against the share that is right, over halves that did not see each other; with the
    expected calibration error (Naeini et al. 2015) and the Brier score."""
    pairs: list[tuple[float, bool]] = []
    for half in (0, 1):
        model = calibration.Calibration(measured(judged[1 - half :: 2], "the other half"))
        pairs += [
            (model.confidence(r.category), right) for j in judged[half::2] for r, right in j.marked
        ]
    rows = ["| confidence | marks | mean | right |", "|---|---|---|---|"]
    error = 0.0
    for low, high in BINS:
        own = [(c, right) for c, right in pairs if low <= c < high]
        if own:
            mean = sum(c for c, _ in own) / len(own)
            right = sum(r for _, r in own) / len(own)
            error += abs(mean - right) * len(own) / len(pairs)
            rows.append(f"| {low:g} to {high:g} | {len(own)} | {mean:.3f} | {right:.3f} |")
    brier = sum((c - right) ** 2 for c, right in pairs) / max(1, len(pairs))
    return "\n".join([*rows, "", f"expected calibration error {error:.3f}, Brier {brier:.3f}"])


def share(part: int, whole: int) -> str:
    """A share, to three decimals."""
    return f"{part / whole:.3f}" if whole else "–"


if __name__ == "__main__":
    raise SystemExit(main())
