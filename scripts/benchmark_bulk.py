"""Measure `mtaudit bulk` over many articles, of which 40 % are reprints: rate, memory, growth.

    python scripts/benchmark_bulk.py [--articles 1000 10000] [OPTION of mtaudit bulk…]
    python scripts/benchmark_bulk.py --jobs 2 --causal-model none --no-grammar

Five articles a story: three tellings of an invented event (`scripts/invented_news.py`) and two
reprints, which are a telling with another title and sometimes without its last sentence. Each
telling also has sentences of `seeds/`, in which every name was replaced by one that is invented for
the story. Each number of articles is a run of its own with an empty cache. Prints articles an hour,
seconds of the processor for an article, and the most memory of all processes together, in which
what they share counts once (PSS, sampled every second; Linux alone).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmark import machine
from invented_news import ENDINGS, SYLLABLES, invented

from audit.language.en import ENGLISH
from audit.model import Version
from audit.models.store import cache_folder
from audit.segment.sentences import segment

ROOT = Path(__file__).resolve().parent.parent
TELLINGS, REPRINTS = 3, 2
BACKGROUND, TOLD = 4, 2
"""Sentences of the seeds that belong to a story, and those of them in a telling."""
WORDS = range(8, 40)
"""Words of a sentence that is taken from the seeds."""

_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")


def main() -> int:
    """Parse the command line, run each size, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--articles", type=int, nargs="+", default=[1_000, 10_000])
    given, options = parser.parse_known_args()
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}; mtaudit bulk {' '.join(options)}")
    print("| articles | words each | clock | articles an hour | processor an article | memory |")
    print("|---|---|---|---|---|---|", flush=True)
    for articles in given.articles:
        with tempfile.TemporaryDirectory() as folder:
            _run(articles, options, Path(folder))
    return 0


def _run(articles: int, options: list[str], folder: Path) -> None:
    source, words = folder / "in.jsonl", 0
    with source.open("w", encoding="utf-8") as out:
        for story in stories(articles // (TELLINGS + REPRINTS)):
            words += sum(len(v["text"].split()) for v in story["versions"])
            out.write(json.dumps(story) + "\n")
    (folder / "models").symlink_to(cache_folder())
    command = [sys.executable, "-m", "audit.cli", "bulk", str(source), "-q", *options]
    before, start, most = _processor(), time.perf_counter(), 0
    with subprocess.Popen(
        [*command, "--parts", str(folder / "out")], env={**os.environ, "MTAUDIT_CACHE": str(folder)}
    ) as run:
        while run.poll() is None:
            most = max(most, sum(_memory(pid) for pid in (run.pid, *_below(run.pid))))
            time.sleep(1)
    clock, processor = time.perf_counter() - start, _processor() - before
    if run.returncode:
        raise SystemExit(f"mtaudit bulk ended with status {run.returncode}")
    hourly = articles / clock * 3600
    print(
        f"| {articles:,} | {words / articles:.0f} | {clock:,.0f} s | {hourly:,.0f} "
        f"| {1000 * processor / articles:.1f} ms | {most / 1e6:,.0f} MB |",
        flush=True,
    )


def stories(count: int) -> Iterator[dict[str, object]]:
    """Stories in the form of the bulk input; the same for the same number."""
    texts = [Version(f.name, f.read_text(encoding="utf-8")) for f in (ROOT / "seeds").glob("*.txt")]
    said = sorted({s.text for v in texts for s in segment(v, ENGLISH)[0]})
    said = [s for s in said if len(s.split()) in WORDS]
    for story in range(count):
        chance = random.Random(f"background {story}")
        background = [_renamed(s, story) for s in chance.sample(said, BACKGROUND)]
        versions = []
        for told in invented([story], range(TELLINGS)):
            lines = told.text.split("\n")
            for sentence in chance.sample(background, TOLD):
                lines.insert(chance.randrange(1, len(lines) + 1), sentence)
            versions.append({"id": f"v{told.version}", "title": told.title, "lines": lines})
        for number in range(REPRINTS):
            lines = chance.choice(versions[:TELLINGS])["lines"]
            kept = lines[: len(lines) - chance.randrange(2)]
            versions.append({"id": f"r{number}", "title": f"Report {story}", "lines": kept})
        yield {
            "id": f"s{story}",
            "versions": [
                {"id": v["id"], "title": v["title"], "text": "\n".join(v["lines"])}
                for v in versions
            ],
        }


def _renamed(sentence: str, story: int) -> str:
    """The sentence with names of the story; a name gets the same one everywhere in it."""

    def other(found: re.Match[str]) -> str:
        chance = random.Random(f"{story} {found.group()}")
        return "".join(chance.choices(SYLLABLES, k=2)).capitalize() + chance.choice(ENDINGS)

    return _NAME.sub(other, sentence)


def _processor() -> float:
    """Seconds that processes which have ended have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _below(pid: int) -> Iterator[int]:
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:  # it ended
            continue
        for child in map(int, found):
            yield child
            yield from _below(child)


def _memory(pid: int) -> int:
    """Bytes of a process; what several share is divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it ended
        return 0
    return sum(int(x.split()[1]) * 1024 for x in lines if x.startswith("Pss:"))


if __name__ == "__main__":
    sys.exit(main())
