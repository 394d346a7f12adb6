"""Time a spot check as an editor sees it: in Chromium, against a warm `mtaudit serve`.

    python scripts/benchmark_spot.py STORIES [--versions N] [--words 800] [--checks 15] [--stored]

STORIES is a file of bulk input (JSON lines, may be gzipped). The i-th versions of as many stories
as it takes are put one after another and cut at a sentence, so that a check has N versions of about
800 words each; no text is checked twice. Times run from the click until the page shows the first
findings, and until it says that all checks are done. A cache folder of its own keeps out what
earlier runs have read. Prints the median and the slowest, and the seconds by stage for a check.

With `--stored` all versions but the first are articles that `mtaudit feeds run` has stored and read
the night before, and the editor pastes the first alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmark_nights import write
from invented_news import Told
from playwright.sync_api import sync_playwright
from served_alone import served

TIMED = """(texts) => new Promise((done, fail) => {
  const found = document.querySelector("#found");
  const progress = document.querySelector("#progress");
  const failed = document.querySelector("#failed");
  const times = {};
  const look = () => {
    if (!times.first && !found.hidden) times.first = performance.now() - began;
    if (failed.textContent) fail(new Error(failed.textContent));
    if (progress.textContent === "All checks are done.") {
      times.all = performance.now() - began;
      times.sheets = Math.max(1, document.querySelectorAll("#tabs > button").length);
      watch.disconnect();
      done(times);
    }
  };
  const watch = new MutationObserver(look);
  watch.observe(document.body, {subtree: true, childList: true, attributes: true,
    characterData: true});
  document.querySelectorAll("#versions textarea").forEach((t, i) => { t.value = texts[i]; });
  const began = performance.now();
  document.querySelector("#form").requestSubmit();
})"""
"""Fills in the texts, clicks, and resolves to the milliseconds until the first findings and all."""

STAGE = re.compile(r'^mtaudit_stage_seconds_sum\{stage="([^"]+)"\} (\S+)$', re.M)


def main() -> int:
    """Parse the command line, measure, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("stories", type=Path)
    parser.add_argument("--versions", type=int, default=1)
    parser.add_argument("--words", type=int, default=800)
    parser.add_argument("--checks", type=int, default=15)
    parser.add_argument("--stored", action="store_true")
    given = parser.parse_args()
    checks = list(joined(read(given.stories), given.versions, given.words))[: given.checks]
    if not checks:
        parser.error(f"{given.stories} has too little text of {given.versions} versions")
    with tempfile.TemporaryDirectory() as folder:
        options = night(checks, Path(folder)) if given.stored else []
        measure([texts[:1] for texts in checks] if given.stored else checks, options)
    return 0


def night(checks: Sequence[Sequence[str]], folder: Path) -> list[str]:
    """Store and read all versions but the first of each check; gives the options of the server."""
    (folder / "pages").mkdir()
    told = [
        Told(story, version, text[:60].rpartition(" ")[0], text)
        for story, texts in enumerate(checks)
        for version, text in enumerate(texts[1:], 2)
    ]
    write(told, folder / "pages/night.jsonl", datetime.now(UTC))
    store = f"sqlite:///{folder}/store.sqlite"
    file = folder / "mtaudit.toml"
    file.write_text(f'store = "{store}"\n[[feeds]]\nurl = "pages"\noutlet = "scraper"\n')
    command = [sys.executable, "-m", "audit.cli", "feeds", "run", "--config", str(file)]
    command += ["--formats", "json", "--no-grammar", "--output", str(folder / "reports")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return ["--store", store]


def measure(checks: Sequence[Sequence[str]], options: Sequence[str]) -> None:
    """Time the checks in Chromium and print."""
    with served(options) as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.set_default_timeout(600_000)
        before = stages(url)
        times = [timed(page, url, texts) for texts in checks]
        after = stages(url)
        browser.close()
    words = median(sum(len(text.split()) for text in texts) for texts in checks)
    found = median(t["sheets"] for t in times)
    print(f"{len(checks)} checks: {words:,.0f} words given, {found:.0f} versions audited\n")
    print("| | median | slowest |\n|---|---|---|")
    for name, key in (("first findings", "first"), ("all findings", "all")):
        seconds = [t[key] / 1000 for t in times]
        print(f"| {name} | {median(seconds):.2f} s | {max(seconds):.2f} s |")
    print("\n| stage | s a check |\n|---|---|")
    for stage, spent in sorted(after.items(), key=lambda item: -item[1]):
        own = (spent - before.get(stage, 0.0)) / len(checks)
        if own >= 0.005:
            print(f"| {stage} | {own:.2f} |")


def read(file: Path) -> list[list[str]]:
    """The texts of each story's versions."""
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        return [[v["text"] for v in json.loads(line)["versions"]] for line in lines]


def joined(stories: Sequence[Sequence[str]], versions: int, words: int) -> Iterator[list[str]]:
    """Checks of that many versions with about that many words each."""
    parts: list[list[str]] = [[] for _ in range(versions)]
    for texts in stories:
        if len(texts) < versions:
            continue
        for part, text in zip(parts, texts, strict=False):
            part.append(text)
        if all(len(" ".join(part).split()) >= words for part in parts):
            yield [cut("\n\n".join(part), words) for part in parts]
            parts = [[] for _ in range(versions)]


def cut(text: str, words: int) -> str:
    """The beginning of a text that has about so many words and ends with a sentence."""
    length = 0
    for number, word in enumerate(re.finditer(r"\S+", text), 1):
        length = word.end()
        if number >= words and word.group().endswith((".", "!", "?", "”", '"')):
            break
    return text[:length]


def stages(url: str) -> dict[str, float]:
    """Seconds of each stage so far."""
    text = urllib.request.urlopen(f"{url}/metrics").read().decode()
    spent: defaultdict[str, float] = defaultdict(float)
    for stage, seconds in STAGE.findall(text):
        spent[stage] += float(seconds)
    return dict(spent)


def timed(page: Any, url: str, texts: Sequence[str]) -> Mapping[str, float]:
    """Milliseconds of one check in a fresh page."""
    page.goto(url)
    for _ in texts[1:]:
        page.click("#add")
    times: Mapping[str, float] = page.evaluate(TIMED, list(texts))
    return times


if __name__ == "__main__":
    raise SystemExit(main())
