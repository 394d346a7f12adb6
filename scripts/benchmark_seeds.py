"""Time audits of one story in one process, and the memory that they took.

    python scripts/benchmark_seeds.py [STORY] [--repeat N]

STORY is what `mtaudit audit` takes; `seeds/` if not given. The first audit loads the models; the
best of the others is what every further story costs. Each audit gets texts that are longer by an
empty line, so that nothing kept from the one before helps it. Prints seconds by the clock, seconds
of the processor (all threads), and the peak resident memory of the process and of those it started.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

from audit.config import Settings
from audit.ingest import read_story
from audit.pipeline import Engine

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Parse the command line, measure, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("story", nargs="?", default=str(ROOT / "seeds"))
    parser.add_argument("--repeat", type=int, default=3, help="warm audits")
    given = parser.parse_args()
    settings = Settings()
    story, versions, _ = read_story([given.story], settings)
    times = []
    with Engine(settings) as engine:
        for n in range(given.repeat + 1):
            fresh = [replace(v, text=v.text + "\n" * n) for v in versions]
            clock, processor = time.perf_counter(), time.process_time()
            result = engine.audit(story, fresh)
            times.append((time.perf_counter() - clock, time.process_time() - processor))
    print("| audit | clock | processor |\n|---|---|---|")
    for name, (clock, processor) in (("first", times[0]), ("warm", min(times[1:]))):
        print(f"| {name} | {clock:.1f} s | {processor:.1f} s |")
    own, started = (
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"\npeak memory {own:,.0f} MiB, of the largest process started {started:,.0f} MiB")
    print("skipped: " + ("; ".join(f"{s.stage} ({s.why})" for s in result.skipped) or "nothing"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
