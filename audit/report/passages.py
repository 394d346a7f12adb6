"""Text of articles as reports show it: safe to look at, cut at faults and at differing words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from audit.model import SEVERITIES, Finding, Language, Severity

_WORD = re.compile(r"\w+(?:[’'.,-]\w+)*")
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Span = tuple[int, int]


def visible(text: str) -> str:
    """The text with characters that act on their surroundings shown by their code point.

    Controls, lone surrogates and the bidirectional embeddings, overrides and isolates (which can
    make text read as something else, CVE-2021-42574) become `⟨U+202E⟩`; line ends become spaces.
    """
    if text.isprintable():  # nearly every text, at a hundredth of the time
        return text
    return "".join(_shown(c) for c in text)


def _shown(c: str) -> str:
    if c in "\n\r\t\u2028\u2029":
        return " "
    if c in _BIDI_CONTROLS or unicodedata.category(c) in ("Cc", "Cs", "Cn"):
        return f"⟨U+{ord(c):04X}⟩"
    return c


def clip(text: str, limit: int) -> str:
    """The text, shortened in the middle with an ellipsis if longer than `limit` characters."""
    if len(text) <= limit:
        return text
    half = (limit - 3) // 2
    return f"{text[:half]} … {text[-half:]}"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a passage in one style.

    `covering` are the findings that lie over it, the most severe first; `ending` those of them
    that end with it, where their labels go; `suspected` and `suspected_ending` are the same of
    suspicions. `alone` says that its words differ from the consensus.
    """

    text: str
    covering: tuple[Finding, ...] = ()
    ending: tuple[Finding, ...] = ()
    alone: bool = False
    suspected: tuple[Finding, ...] = ()
    suspected_ending: tuple[Finding, ...] = ()

    @property
    def severity(self) -> Severity | None:
        """The worst severity over the run; None where nothing was found."""
        return self.covering[0].severity if self.covering else None


def runs(
    text: str,
    span: Span,
    findings: Iterable[Finding],
    alone: Sequence[Span] = (),
    suspicions: Iterable[Finding] = (),
) -> tuple[Run, ...]:
    """Cut `text[start:end]` at the edges of findings, suspicions and spans of differing words."""
    start, end = span
    inside = _within(span, findings)
    suspected = _within(span, suspicions)
    cuts = {start, end}
    for a, b in [(f.start, f.end) for f in (*inside, *suspected)] + list(alone):
        cuts.update(min(max(c, start), end) for c in (a, b))
    edges = sorted(cuts)
    return tuple(
        Run(
            text=visible(text[a:b]),
            covering=_covering(inside, a, b),
            ending=_ending(inside, b, end),
            alone=any(s < b and e > a for s, e in alone),
            suspected=_covering(suspected, a, b),
            suspected_ending=_ending(suspected, b, end),
        )
        for a, b in pairwise(edges)
    )


def _within(span: Span, findings: Iterable[Finding]) -> list[Finding]:
    """Those that touch a span, the most severe first."""
    return sorted(
        (f for f in findings if f.start < span[1] and f.end > span[0]),
        key=lambda f: (-SEVERITIES.index(f.severity), f.start),
    )


def _covering(findings: Sequence[Finding], start: int, end: int) -> tuple[Finding, ...]:
    return tuple(f for f in findings if f.start < end and f.end > start)


def _ending(findings: Sequence[Finding], at: int, last: int) -> tuple[Finding, ...]:
    """Those that end at a cut; at the last one also those that reach beyond."""
    return tuple(f for f in findings if f.end == at or (at == last and f.end > last))


@dataclass(frozen=True, slots=True)
class Difference:
    """How one cell of a row departs from the consensus of the row.

    `alone` are the spans of words that the consensus lacks, `missing` the words of the consensus
    that the cell lacks.
    """

    alone: tuple[Span, ...] = ()
    missing: tuple[str, ...] = ()


def differences(
    cells: Mapping[str, tuple[str, Span]], language: Language | None
) -> dict[str, Difference]:
    """Compare the words of every version of a row with the row's consensus.

    `cells` maps a version id to its text and the span of its cell. With three versions or more a
    word differs if no other version has it. It is missing if more than half of the row have it,
    but not this version. Of two versions each is compared with the other. Word order and the
    commonest words of the language are passed over: versions that went through another language
    differ there without fault.
    """
    if len(cells) < 2:
        return {v: Difference() for v in cells}
    words = {v: _words(text, span, language) for v, (text, span) in cells.items()}
    support = Counter(w for found in words.values() for w in {w for w, _ in found})
    shared = [w for w in dict.fromkeys(w for f in words.values() for w, _ in f)
              if support[w] > len(cells) / 2 and len(cells) > 2]  # fmt: skip
    shown: dict[str, str] = {}
    for v, found in words.items():
        for w, (a, b) in found:
            shown.setdefault(w, cells[v][0][a:b])
    return {
        v: Difference(
            alone=_joined(cells[v][0], [s for w, s in found if support[w] == 1]),
            missing=tuple(visible(shown[w]) for w in shared if w not in {w for w, _ in found}),
        )
        for v, found in words.items()
    }


def _words(text: str, span: Span, language: Language | None) -> list[tuple[str, Span]]:
    passed_over = language.words("passed_over") if language else frozenset()
    possessives = language.words("possessives") if language else frozenset()
    found = []
    for m in _WORD.finditer(text, *span):
        folded = m.group().casefold().replace("’", "'")
        for ending in possessives:
            folded = folded.removesuffix(ending)
        if folded not in passed_over:
            found.append((folded, m.span()))
    return found


def _joined(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans with nothing but white space between them made one."""
    joined: list[Span] = []
    for a, b in spans:
        if joined and not text[joined[-1][1] : a].strip():
            joined[-1] = (joined[-1][0], b)
        else:
            joined.append((a, b))
    return tuple(joined)
