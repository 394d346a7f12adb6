"""Write wordfreq's lists as files in which single words are looked up.

    python scripts/build_frequencies.py

`frequencies.bin` has how rare an English word is, in hundredths of the logarithm of its share of
all words ("centibels": 600 is one in a million, Zipf 3), as wordfreq's large list has it.
`foreign.bin` has for a word of the other languages the one in which it is most frequent, and how
rare it is there. `known.txt` has the English words that a confused word is looked for among, the
most frequent first. Same version of wordfreq: same bytes.
"""

from __future__ import annotations

from pathlib import Path

from wordfreq import get_frequency_list

from audit.language.en.confusions import KNOWN
from audit.language.en.lexicon import OTHER_LANGUAGES
from audit.language.frequencies import packed

SOURCE = "# Source: wordfreq, by scripts/build_frequencies.py; its terms in frequencies.LICENSE."
DATA = Path(__file__).resolve().parent.parent / "audit" / "language" / "en" / "data"


def main() -> None:
    """Write the three files."""
    english = ranks("en", "large")
    (DATA / "frequencies.bin").write_bytes(packed({w: str(n) for w, n in english.items()}))
    known = (w for w, n in english.items() if 9 - n / 100 >= KNOWN)
    (DATA / "known.txt").write_text("\n".join([SOURCE, *known]), encoding="utf-8")
    rarest: dict[str, tuple[int, str]] = {}
    for language in sorted(OTHER_LANGUAGES, reverse=True):
        for word, rank in ranks(language, "small").items():
            if word not in rarest or rank < rarest[word][0]:
                rarest[word] = (rank, language)
    (DATA / "foreign.bin").write_bytes(
        packed({w: f"{n} {code}" for w, (n, code) in rarest.items()})
    )


def ranks(language: str, size: str) -> dict[str, int]:
    """Centibels below certainty, by word."""
    return {w: n for n, words in enumerate(get_frequency_list(language, size)) for w in words}


if __name__ == "__main__":
    main()
