"""Findings that somebody said are no faults, and the names by which faults are known again.

A fault is known again, after the text changed around it, by its category and the words that it
quotes; of several alike in one version the first is the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b

from audit.model.finding import Finding


@dataclass(frozen=True, slots=True)
class Suppression:
    """Who said that a finding is no fault, why and when, and where that stands written.

    `until` is the last day, in UTC, on which it holds; None if it holds for good. A comment in the
    text itself says neither who nor when: `who` is empty and `at` is None.
    """

    who: str
    why: str
    at: datetime | None
    source: str
    until: date | None = None

    @property
    def is_in_text(self) -> bool:
        """Whether the text itself says so."""
        return self.at is None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that is kept out of the findings and the score, and what keeps it out."""

    finding: Finding
    by: Suppression


def faults_of(findings: Iterable[Finding]) -> list[tuple[Finding, str]]:
    """Findings in text order, each with sixteen hexadecimal digits that name its fault."""
    seen: Counter[tuple[str, str, str]] = Counter()
    named = []
    for f in sorted(findings, key=lambda f: (f.version, f.start, f.end)):
        alike = (f.version, f.category, one_line(f.quote))
        text = "\0".join((f.category, alike[2], str(seen[alike])))
        seen[alike] += 1
        digest = blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()
        named.append((f, digest))
    return named


def one_line(quote: str) -> str:
    """Quoted words with single spaces: a line break among them makes no other fault."""
    return " ".join(quote.split())
