"""Time the audit of one story, and the memory that it takes.

    python scripts/benchmark_seeds.py [STORY] [--repeat N]

STORY is what `mtaudit audit` takes; `seeds/` if not given. Each of N processes audits two short
versions first, which loads all models, and then STORY, of which it has seen nothing. A cache folder
of its own keeps surprisals of earlier runs out. Prints the best of the processes: seconds by the
clock, seconds of the processor (all threads), and the peak resident memory.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from audit.config import Settings
from audit.ingest.read import read_story
from audit.model import Version
from audit.models.store import cache_folder
from audit.pipeline import Engine

ROOT = Path(__file__).resolve().parent.parent
SHORT = "The harbour reopened on Friday after repairs.\n" * 12
"""Long enough for every stage to take part."""


def main() -> int:
    """Parse the command line, measure, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("story", nargs="?", default=str(ROOT / "seeds"))
    parser.add_argument("--repeat", type=int, default=3, help="processes")
    parser.add_argument("--one", metavar="SETTINGS", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        _measure(given.story, Settings.model_validate_json(given.one))
        return 0
    runs = [timed(given.story, Settings()) for _ in range(given.repeat)]
    best = [min(values) for values in zip(*runs, strict=True)]
    print("| | clock | processor |\n|---|---|---|")
    print(f"| load the models | {best[0]:.1f} s | {best[1]:.1f} s |")
    print(f"| audit | {best[2]:.1f} s | {best[3]:.1f} s |")
    print(f"\npeak memory {max(r[4] for r in runs):,.0f} MB")
    return 0


def timed(story: str, settings: Settings) -> list[float]:
    """Seconds of loading and of the audit, each by the clock and the processor, and the peak memory
    in MB, of one process that has a cache of its own."""
    with tempfile.TemporaryDirectory() as cache:
        (Path(cache) / "models").symlink_to(cache_folder())
        done = subprocess.run(
            [sys.executable, __file__, story, "--one", settings.model_dump_json()],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=os.environ | {"MTAUDIT_CACHE": cache},
        )
    return [float(word) for word in done.stdout.split()]


def _measure(path: str, settings: Settings) -> None:
    """Print what `timed` returns."""
    story, versions, _ = read_story([path], settings)
    times = []
    with Engine(settings) as engine:
        for name, some in (
            ("short", [Version("a", SHORT), Version("b", SHORT)]),
            (story, versions),
        ):
            clock, processor = time.perf_counter(), time.process_time()
            engine.audit(name, some)
            times += [time.perf_counter() - clock, time.process_time() - processor]
    print(*times, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)


if __name__ == "__main__":
    sys.exit(main())
