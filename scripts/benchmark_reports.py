"""Time the HTML and PDF reports of audits that are done.

    python scripts/benchmark_reports.py [report.json] [--repeat N]

Without a file, seeds/ is audited first. Each story is rendered twice in a process of its own that
has loaded what an audit loads. Before the first rendering it loads what draws charts and fills the
page, as `mtaudit audit` does beside the sentence encoder; the second shows what every further story
costs. Prints the best of N processes: seconds by the clock / of the processor.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from audit.model import AuditResult

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = 15
"""Versions of the large story: those of the given one, three times over."""


def main() -> int:
    """Parse the command line, measure, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("report", nargs="?", type=Path)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        _measure(Path(given.one[0]), int(given.one[1]), given.one[2])
        return 0
    with tempfile.TemporaryDirectory() as folder:
        report = given.report
        if report is None:
            report = Path(folder) / "report.json"
            command = ["-m", "audit.cli", "audit", str(ROOT / "seeds"), "-q", "--formats", "json"]
            _run([*command, "-o", folder])
        print("| versions | form | load | first | again | size |\n|---|---|---|---|---|---|")
        for versions in (0, VERSIONS):
            for form in ("html", "pdf"):
                one = [__file__, "--one", str(report), str(versions), form]
                runs = [_run(one).split() for _ in range(given.repeat)]
                count, size = runs[0][0], int(runs[0][-1])
                best = [min(float(r[i]) for r in runs) for i in range(1, 7)]
                times = [f"{best[i]:.2f} / {best[i + 1]:.2f} s" for i in (0, 2, 4)]
                print(f"| {count} | {form} | {' | '.join(times)} | {size / 1000:,.0f} kB |")
    return 0


def _run(command: list[str]) -> str:
    # modules are compiled once, not by every process, as in an installation
    surroundings = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
        env=surroundings,
    )
    return done.stdout


def _measure(report: Path, versions: int, form: str) -> None:
    """Print the number of versions, the seconds of loading and both renderings, the bytes."""
    import sentence_transformers  # noqa: F401

    import audit.pipeline  # noqa: F401
    from audit.models.processor import keep_loaded
    from audit.report.formats import Reports, loading
    from audit.report.json import loads

    result = loads(report.read_text(encoding="utf-8"), str(report))
    if versions:
        result = _enlarged(result, versions)
    gc.collect()  # over the libraries, which is not the report's work
    keep_loaded()  # as a loaded model does
    marks = [(time.perf_counter(), time.process_time())]
    with loading([form]) as begin:
        begin()
    marks.append((time.perf_counter(), time.process_time()))
    for _ in range(2):
        made = Reports(result).render(form)
        marks.append((time.perf_counter(), time.process_time()))
    times = [b - a for before, after in pairwise(marks) for a, b in zip(before, after, strict=True)]
    print(len(result.versions), *times, len(made))


def _enlarged(result: AuditResult, versions: int) -> AuditResult:
    """The story with its versions repeated under new ids, findings and rows and all."""
    given = result.versions
    chosen = [(n, given[n % len(given)]) for n in range(versions)]
    return replace(
        result,
        versions=tuple(
            replace(
                v,
                version=replace(v.version, id=f"{n:02d}-{v.version.id}"),
                residue=tuple(replace(r, version=f"{n:02d}-{v.version.id}") for r in v.residue),
            )
            for n, v in chosen
        ),
        findings=tuple(
            replace(
                f,
                id=f"{n:02d}-{f.id}",
                version=f"{n:02d}-{f.version}",
                witnesses=tuple(
                    replace(w, version=f"{m:02d}-{w.version}")
                    for w in f.witnesses
                    for m, other in chosen
                    if other.version.id == w.version
                ),
            )
            for n, v in chosen
            for f in result.findings_of(v.version.id)
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
