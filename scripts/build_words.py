"""Write the SCOWL word lists as a file in which single words are looked up.

    python scripts/build_words.py

`words.txt.xz` beside this script has the common words (size 60), an empty line and the rarer ones
(size 70). `words.bin` notes which of them a word is, and under a blank and a letter all common
words in lower case that begin with it.
"""

from __future__ import annotations

import lzma
from itertools import groupby
from pathlib import Path

from audit.language.en.lexicon import COMMON, RARE
from audit.language.frequencies import packed

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "audit" / "language" / "en" / "data"


def main() -> None:
    """Write the file."""
    lists = lzma.decompress((HERE / "words.txt.xz").read_bytes()).decode()
    common, rare = (part.split() for part in lists.split("\n\n"))
    notes = dict.fromkeys(rare, RARE) | dict.fromkeys(common, COMMON)
    small = (w for w in sorted(common) if w.islower())
    starts = {f" {letter}": " ".join(ws) for letter, ws in groupby(small, key=lambda w: w[0])}
    (DATA / "words.bin").write_bytes(packed(notes | starts))


if __name__ == "__main__":
    main()
