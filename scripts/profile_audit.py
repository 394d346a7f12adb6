"""Show where the time of an audit goes, by library and by room of the program.

    python scripts/profile_audit.py PATH...

Each PATH (a file, or a folder of versions) is audited by a new process, first with nothing kept of
earlier runs and then with what that left. Prints seconds by the clock, measured by cProfile, which
makes Python code slower and compiled code not.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from audit.models.store import cache_folder

LEAST = 0.03
"""Share of the time from which a line is printed."""


def main() -> int:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        _audit(given.paths[0], given.one)
        return 0
    for path in given.paths:
        with tempfile.TemporaryDirectory() as cache:
            (Path(cache) / "models").symlink_to(cache_folder())
            for state in ("never read before", "read before"):
                profile = Path(cache) / "profile"
                subprocess.run(
                    [sys.executable, __file__, str(path), "--one", str(profile)],
                    check=True,
                    env=os.environ | {"MTAUDIT_CACHE": cache},
                )
                _print(f"{path.name}, {state}", profile)
    return 0


def _audit(path: Path, into: Path) -> None:
    profiler = cProfile.Profile()
    with profiler:
        from audit.config import Settings
        from audit.ingest.read import read_story
        from audit.pipeline import Engine

        settings = Settings(grammar=False)
        story, versions, _ = read_story([path], settings)
        with Engine(settings) as engine:
            engine.audit(story, versions)
    profiler.dump_stats(into)


def _print(title: str, profile: Path) -> None:
    shares: dict[str, float] = defaultdict(float)
    stats = pstats.Stats(str(profile)).stats  # type: ignore[attr-defined]
    for (file, _, name), (_, _, own, _, callers) in stats.items():
        if file != "~":
            shares[_holder(file)] += own
        elif not callers:
            shares[name] += own
        for (caller, _, _), (_, _, part, _) in callers.items() if file == "~" else ():
            shares[_holder(caller)] += part
    total = sum(shares.values())
    print(f"\n{title}: {total:.1f} s")
    for holder, seconds in sorted(shares.items(), key=lambda pair: -pair[1]):
        if seconds >= LEAST * total:
            print(f"  {seconds:6.2f} s  {holder}")


def _holder(file: str) -> str:
    """The library or the room that a file belongs to."""
    if file.startswith("<frozen importlib"):
        return "loading modules"
    parts = Path(file).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    if "audit" in parts:
        return ".".join(Path(*parts[parts.index("audit") :]).with_suffix("").parts[:3])
    return f"Python's {parts[-2] if parts[-1] == '__init__.py' else Path(file).stem}"


if __name__ == "__main__":
    raise SystemExit(main())
