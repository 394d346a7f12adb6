"""Measure nights: throughput by stage, growth with the number of articles, memory over nights.

    python scripts/benchmark_nights.py size [--articles 2500 10000]
    python scripts/benchmark_nights.py nights [--articles 500] [--nights 10]

`size` runs `mtaudit feeds run` in a process of its own for each number of articles, of ten versions
a story, which a scraper's folder holds; without the language model and LanguageTool, with
report.json alone. `nights` runs so many nights one after another in one process, with so many
articles each, in part new versions of the stories of the night before, and prints the memory of
the process and the size of the store after each.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from invented_news import Told, invented

VERSIONS = 10
START = datetime(2026, 1, 1, 3, tzinfo=UTC)
ROOT = Path(__file__).resolve().parent.parent


def write(told: Iterable[Told], file: Path, at: datetime) -> int:
    """Write articles as a scraper leaves them; returns how many."""
    count = 0
    with file.open("w", encoding="utf-8") as out:
        for t in told:
            outlet = f"outlet{t.version}.example"
            record = {
                "url": f"https://{outlet}/{t.story}",
                "outlet": outlet,
                "title": t.title,
                "text": t.text,
                "published": (at - timedelta(hours=t.version)).isoformat(),
                "language": "en",
            }
            out.write(json.dumps(record) + "\n")
            count += 1
    return count


def size(articles: int) -> None:
    """One night of so many articles, and the figures of its stages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pages").mkdir()
        stories = range(articles // VERSIONS)
        write(invented(stories, range(VERSIONS)), folder / "pages/night.jsonl", datetime.now(UTC))
        (folder / "mtaudit.toml").write_text(
            'store = "sqlite:///store.sqlite"\n[[feeds]]\nurl = "pages"\noutlet = "scraper"\n'
        )
        command = [sys.executable, "-m", "audit.cli", "feeds", "run", "--formats", "json"]
        command += ["--causal-model", "none", "--no-grammar", "--config", "mtaudit.toml"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
            _, status, used = os.wait4(process.pid, 0)
        lines = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
        if status:
            sys.exit(f"the night failed: {lines[-1]}")
        ends: defaultdict[str, datetime] = defaultdict(lambda: START)
        for line in lines:
            stage = "fetch" if line["stage"] == "feed" else line["stage"]
            ends[stage] = max(ends[stage], datetime.fromisoformat(line["time"]))
        before = datetime.fromisoformat(lines[0]["time"])
        print(f"{articles} articles of {len(stories)} stories:")
        for stage in ("fetch", "place", "audit", "run"):
            seconds = (ends[stage] - before).total_seconds()
            rate = f", {articles / seconds:.1f} articles/s" if stage != "run" else " (the end)"
            print(f"  {stage}: {seconds:.1f} s{rate}")
            before = ends[stage]
        whole = (ends["run"] - datetime.fromisoformat(lines[0]["time"])).total_seconds()
        print(
            f"  whole: {whole:.1f} s of the clock, {used.ru_utime + used.ru_stime:.1f} s of the "
            f"processor; peak memory {used.ru_maxrss / 1024:.0f} MB; store "
            f"{_megabytes(folder / 'store.sqlite'):.1f} MB; stories {lines[-1]['stories']}",
            flush=True,
        )


def nights(articles: int, count: int) -> None:
    """Nights one after another in this process, and what each leaves."""
    from audit.config import Settings
    from audit.feeds.settings import FeedSettings
    from audit.feeds.state import SystemClock
    from audit.nightly.log import open_log
    from audit.nightly.run import Night, run_night

    class Tonight(SystemClock):
        """The time of one of the nights."""

        night = 0

        def now(self) -> datetime:
            return START + timedelta(days=self.night)

    clock = Tonight()
    half = VERSIONS // 2
    each = articles // VERSIONS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pages").mkdir()
        settings = Settings(
            causal_model="none", grammar=False, store=f"sqlite:///{folder}/store.sqlite"
        )
        feed = FeedSettings(url=str(folder / "pages"), outlet="scraper")
        night = Night(settings, [feed], folder / "reports", ["json"])
        for clock.night in range(count):
            new = range(each * clock.night, each * (clock.night + 1))
            told = list(invented(new, range(half)))
            if clock.night:
                old = range(each * (clock.night - 1), each * clock.night)
                told += invented(old, range(half, VERSIONS))
            file = folder / "pages/night.jsonl"
            write(told, file, clock.now())
            os.utime(file, (clock.night, clock.night))
            began = clock.monotonic()
            summary = run_night(night, open_log(io.StringIO(), 50), clock=clock)
            gc.collect()
            print(
                f"night {clock.night + 1}: {summary.new} articles, {summary.audited} stories "
                f"audited in {clock.monotonic() - began:.0f} s; memory {_resident():.0f} MB, store "
                f"{_megabytes(folder / 'store.sqlite'):.1f} MB",
                flush=True,
            )


def _resident() -> float:
    """Megabytes of memory that this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _megabytes(file: Path) -> float:
    """Of an SQLite store and what is written ahead of it."""
    return sum(f.stat().st_size for f in file.parent.glob(f"{file.name}*")) / 1e6


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("size", "nights"))
    parser.add_argument("--articles", type=int, nargs="+")
    parser.add_argument("--nights", type=int, default=10)
    options = parser.parse_args()
    if options.what == "nights":
        nights((options.articles or [500])[0], options.nights)
        return
    for articles in options.articles or [2_500, 10_000]:
        size(articles)


if __name__ == "__main__":
    main()
