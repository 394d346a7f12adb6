"""Run the benchmark sets, score them from outside, and show the peers' figures beside ours.

    python scripts/benchmark.py [SET…] [--bench DIR] [--work DIR] [--reuse] [--write]

Each SET (all but ted21zhen if none is named) goes through the product's bulk path with the default
settings, all in one process, so that models load once; LanguageTool takes part where LTP_PATH names
it. DIR/score.py scores the predictions, for the ranking sets with scipy, which the extra `dev`
brings. A set whose data is missing is reported as skipped, with the reason.
`--write` puts the sections of the sets that ran into docs/benchmarks.md; those of others stay.
The seconds of the first set include the loading of models.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_page import COLUMNS, NoResult, Result, Run, read_peers, render, replace

if TYPE_CHECKING:
    from audit.pipeline import Engine

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
SEEDS = ROOT / "seeds"
ONLY_IF_NAMED = "ted21zhen"


def main(arguments: list[str] | None = None) -> int:
    """Run, print the sections, write the page if asked. 1 if a set failed, 2 for wrong usage."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(COLUMNS))
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--work", type=Path, help="where predictions go, as SET.out.jsonl")
    parser.add_argument("--reuse", action="store_true", help="take predictions that lie in --work")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.sets if name not in COLUMNS]:
        parser.error(f"unknown set {unknown[0]!r}; known are {', '.join(COLUMNS)}")
    if given.reuse and not given.work:
        parser.error("--reuse needs --work, the folder of the predictions")
    names = [n for n in COLUMNS if n in given.sets or (not given.sets and n != ONLY_IF_NAMED)]
    peers = read_peers()
    if given.write:
        replace(PAGE.read_bytes().decode(), {})  # a page without markers fails before a long run
    outcomes = []
    with ExitStack() as stack:
        work = given.work or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        work.mkdir(parents=True, exist_ok=True)
        for outcome in outcomes_of(names, given.bench, work, stack, reuse=given.reuse):
            print(render(outcome, peers), end="\n\n", flush=True)
            outcomes.append(outcome)
    if given.write:
        sections = {o.name: render(o, peers) for o in outcomes if isinstance(o, Result)}
        page = replace(PAGE.read_bytes().decode(), sections)
        PAGE.write_bytes(page.encode())
    return int(any(isinstance(o, NoResult) and o.failed for o in outcomes))


def outcomes_of(
    names: list[str], bench: Path, work: Path, stack: ExitStack, *, reuse: bool
) -> Iterator[Result | NoResult]:
    """The figures of each set in turn; one engine, closed by `stack`, serves all that must run."""
    engine: Engine | None = None
    for name in names:
        if why := missing(name, bench):
            yield NoResult(name, why, failed=False)
            continue
        predictions = work / f"{name}.out.jsonl"
        if not (reuse and predictions.exists()):
            print(f"{name}: running", file=sys.stderr)
            if engine is None:
                from audit.config import Settings
                from audit.pipeline import Engine

                engine = stack.enter_context(Engine(Settings()))
            predict(name, bench, predictions, engine)
        yield scored(name, bench, predictions)


def missing(name: str, bench: Path) -> str | None:
    """What is not there of the scorer and the set's data, if anything."""
    data = bench / "data"
    needed = {
        "seeds": [SEEDS / "story.toml", bench / "seeds_gold.tsv"],
        "native": [data / "native.jsonl.gz"],
        "humanpair": [data / "humanpair.jsonl.gz"],
    }.get(name, [data / f"{name}.jsonl.gz", data / f"{name}.gold.jsonl.gz"])
    lacking = [path.name for path in [bench / "score.py", *needed] if not path.is_file()]
    return f"missing: {', '.join(lacking)}; --bench names the folder" if lacking else None


def predict(name: str, bench: Path, predictions: Path, engine: Engine) -> None:
    """Audit a set and write its predictions, and beside them when, where and how long."""
    from audit.bulk.chunks import audit_chunk, chunks, write
    from audit.ingest.bulk import read_bulk
    from audit.report.write import writer

    source = bench / "data" / f"{name}.jsonl.gz"
    if name == "seeds":
        source = predictions.with_name("seeds.jsonl")
        versions = [
            {"id": path.name, "text": path.read_bytes().decode()}
            for path in sorted(SEEDS.glob("*.txt"))
        ]
        source.write_text(json.dumps({"id": "seeds", "versions": versions}), encoding="utf-8")
    _record_of(predictions).unlink(missing_ok=True)
    clock, processor = time.perf_counter(), time.process_time()
    with writer(str(predictions)) as out:
        write((audit_chunk(chunk, engine) for chunk in chunks(read_bulk(source))), out)
    record = {
        "date": datetime.now(UTC).date().isoformat(),
        "seconds": round(time.perf_counter() - clock, 1),
        "processor": round(time.process_time() - processor, 1),
        "machine": machine(),
    }
    _record_of(predictions).write_text(json.dumps(record), encoding="utf-8")


def scored(name: str, bench: Path, predictions: Path) -> Result | NoResult:
    """What the scorer says of a set's predictions."""
    stories = [json.loads(line) for line in predictions.read_bytes().splitlines() if line.strip()]
    if errors := [s for s in stories if "error" in s]:
        first = f"line {errors[0]['line']}: {errors[0]['error']['message']}"
        why = f"{len(errors):,} of {len(stories):,} stories could not be audited; first {first}"
        return NoResult(name, why, failed=True)
    done = subprocess.run(
        [sys.executable, str(bench / "score.py"), name, str(predictions), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        return NoResult(name, f"score.py: {reason}", failed=True)
    return Result(name, json.loads(done.stdout), _run(stories, _record_of(predictions)))


def machine() -> str:
    """This machine in words: cores that may be used, and the widest instruction set."""
    usable = getattr(os, "sched_getaffinity", None)
    cores = len(usable(0)) if usable else os.cpu_count()
    described = Path("/proc/cpuinfo")
    flags = set(described.read_text(encoding="utf-8").split()) if described.exists() else set()
    widest = {"avx512f": "AVX-512", "avx2": "AVX2", "asimd": "NEON"}
    found = [f" with {words}" for flag, words in widest.items() if flag in flags]
    return f"{cores} cores, {platform.machine()}{''.join(found[:1])}"


def _run(stories: list[dict[str, Any]], record: Path) -> Run:
    left_out = Counter(
        stage for s in stories for stage in {x["stage"] for x in s["skipped"]} - {"comparison"}
    )
    noted = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    return Run(
        stories=len(stories),
        words=sum(v["words"] for s in stories for v in s["versions"]),
        signatures=dict(Counter(s["signature"] for s in stories).most_common()),
        left_out=dict(sorted(left_out.items())),
        **noted,
    )


def _record_of(predictions: Path) -> Path:
    return predictions.with_name(predictions.name.replace(".out.jsonl", ".run.json"))


if __name__ == "__main__":
    sys.exit(main())
