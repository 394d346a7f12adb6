"""The terminal listing: ranked versions, worst faults, one finding a line, counts.

Suspicions are counted; the profile `everything` lists them apart.

Texts come from strangers, so control and direction-changing characters are shown by their code
(`\\x1b`, `\\u202e`) and never reach the terminal.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from audit.model import SEVERITIES, AuditResult, Finding, VersionResult
from audit.report.basis import bases, percent
from audit.report.places import Places, first_screen
from audit.report.readings import readings
from audit.report.words import kept_out

_QUOTE_CHARS = 120
"""Longest quote on one line of the listing; the middle of a longer one is left out."""

_STYLES = {"critical": "1;31", "major": "31", "minor": "33", "head": "1", "dim": "2", "good": "32"}


def render(result: AuditResult) -> str:
    """The whole listing, plain."""
    return listing(result)


def listing(
    result: AuditResult,
    *,
    files: Mapping[str, str] | None = None,
    seconds: float | None = None,
    summary: bool = True,
    colour: bool = False,
) -> str:
    """The listing as text that ends with a line end.

    `files` gives the path to print for a version id (the id itself where it has none); `summary`
    puts the ranking and the worst faults first; `colour` adds ANSI styles.
    """
    page = _Page(result, files or {}, colour)
    blocks: list[Iterable[str]] = []
    if summary:
        blocks.append(page.ranking())
        if result.findings:
            blocks.append(page.worst())
    if result.findings:
        blocks.append(page.findings())
    if result.suspicions and result.profile == "everything":
        blocks.append(page.suspicions())
    blocks.append(page.closing(seconds))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def clean(text: str) -> str:
    """The text on one line, with every character that a terminal would obey made visible."""
    return "".join(_visible(c) for c in " ".join(text.splitlines()))


def _visible(char: str) -> str:
    # Cc: control, Cf: format (direction overrides, zero-width), Cs: lone surrogates. Joiners and
    # variation selectors belong to words of some scripts and to emoji.
    if unicodedata.category(char) not in {"Cc", "Cf", "Cs"} or char in "\u200c\u200d":
        return char
    if char == "\t":
        return " "
    code = ord(char)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )


def _short(text: str) -> str:
    shown = clean(text)
    if len(shown) <= _QUOTE_CHARS:
        return shown
    half = _QUOTE_CHARS // 2
    return f"{shown[:half].rstrip()} … {shown[-half:].lstrip()}"


class _Page:
    """What the blocks of one listing share."""

    def __init__(self, result: AuditResult, files: Mapping[str, str], colour: bool) -> None:
        self._result = result
        self._files = files
        self._colour = colour
        self._places = Places(result)

    def ranking(self) -> Iterable[str]:
        """The versions from best to worst."""
        yield self._style("head", f"Story {clean(self._result.story)}")
        yield ""
        head = ("rank", "version", "score", "interval", "words", "compared", "machine-translated")
        rows = [_ranked(i, v) for i, v in enumerate(self._result.ranked, 1)]
        yield from _table(head, rows, right={0, 2, 4, 5})
        for version, line in (*bases(self._result).items(), *readings(self._result).items()):
            yield f"{clean(version)}: {line}"

    def worst(self) -> Iterable[str]:
        """The most important findings, with the witnesses' wording."""
        yield self._style("head", "Worst faults")
        for number, finding in enumerate(first_screen(self._result.worst), 1):
            severity = self._style(finding.severity, finding.severity)
            where = self._where(finding)
            yield f"{number}. {severity} {finding.category}, {where} [{finding.confidence:.2f}]"
            yield f"   {change(finding)}"
            yield f"   {clean(finding.message)}"
            for quote, versions in _witnesses(finding):
                yield f"   {', '.join(clean(v) for v in versions)}: “{quote}”"

    def findings(self) -> Iterable[str]:
        """One finding a line, by version and place."""
        for f in self._in_order(self._result.findings):
            severity = self._style(f.severity, f.severity)
            where = self._style("head", self._where(f))
            message = f"{clean(f.message).removesuffix('.')}: {change(f)}"
            sure = self._style("dim", f"[{f.confidence:.2f}]")
            yield f"{where} {severity} {f.category}: {message} {sure}"

    def suspicions(self) -> Iterable[str]:
        """One suspicion a line, without its message."""
        yield self._style("head", "Suspicions, in no score")
        for f in self._in_order(self._result.suspicions):
            sure = self._style("dim", f"[{f.confidence:.2f}]")
            yield f"{self._where(f)} {f.category}? {change(f)} {sure}"

    def _in_order(self, findings: Iterable[Finding]) -> list[Finding]:
        order = {v.version.id: i for i, v in enumerate(self._result.versions)}
        return sorted(findings, key=lambda f: (order[f.version], f.start, f.end))

    def closing(self, seconds: float | None) -> Iterable[str]:
        """What was left out and what was not checked, the signature, the counts."""
        for s in self._result.suppressed:
            place = f"{self._where(s.finding)} {s.finding.category}: {change(s.finding)}"
            yield f"suppressed {place}: {clean(kept_out(s.by))}"
        for skipped in self._result.skipped:
            yield f"skipped {clean(skipped.stage)}: {clean(skipped.why)}"
        yield self._style("dim", self._result.signature)
        yield "; ".join(_counts(self._result, seconds))

    def _where(self, finding: Finding) -> str:
        line, column = self._places.line_column(finding.version, finding.start)
        name = clean(self._files.get(finding.version, finding.version))
        return f"{name}:{line}:{column}"

    def _style(self, style: str, text: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._colour else text


def _ranked(rank: int, v: VersionResult) -> tuple[str, ...]:
    likelihood = "unknown" if v.mt_likelihood is None else f"{v.mt_likelihood:.0%}"
    return (
        str(rank),
        clean(v.version.id),
        f"{v.score.value:.1f}",
        f"{v.score.low:.1f} to {v.score.high:.1f}",
        str(v.score.words),
        percent(v.compared),
        likelihood,
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], right: set[int]) -> Iterable[str]:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    for row in (head, *rows):
        cells = (
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def change(finding: Finding) -> str:
    """The quote of a finding and what to put in its place, on one line."""
    quote = f"“{_short(finding.quote)}”"
    if finding.suggestion is None:
        return quote
    return (
        f"{quote} → “{_short(finding.suggestion)}”" if finding.suggestion else f"{quote} → delete"
    )


def _witnesses(finding: Finding) -> list[tuple[str, list[str]]]:
    """Each different reading with the versions that have it, the most shared first."""
    readings: dict[str, list[str]] = {}
    for witness in finding.witnesses:
        readings.setdefault(_short(witness.quote), []).append(witness.version)
    return sorted(readings.items(), key=lambda r: -len(r[1]))


def _counts(result: AuditResult, seconds: float | None) -> Iterable[str]:
    by_severity = Counter(f.severity for f in result.findings)
    detail = ", ".join(f"{by_severity[s]} {s}" for s in reversed(SEVERITIES) if by_severity[s])
    findings = _number(len(result.findings), "finding")
    yield f"{findings} ({detail})" if detail else findings
    if result.profile == "errors":
        yield "minor ones not shown"
    if result.suspicions:
        hidden = "" if result.profile == "everything" else " not shown (--profile everything)"
        yield f"{_number(len(result.suspicions), 'suspicion')}{hidden}"
    if result.suppressed:
        yield f"{len(result.suppressed)} suppressed"
    rows = [{s.row for s in v.sentences} for v in result.versions]
    shared = Counter(row for version in rows for row in version)
    sentences = [s for v in result.versions for s in v.sentences]
    if len(result.versions) > 1:
        aligned = sum(shared[s.row] > 1 for s in sentences)
        yield f"{aligned} of {_number(len(sentences), 'sentence')} aligned"
    else:
        yield f"{_number(len(sentences), 'sentence')} of one version, nothing to compare with"
    yield f"{_number(sum(v.score.words for v in result.versions), 'word')} scored"
    yield f"{len(result.skipped)} skipped"
    if seconds is not None:
        yield f"{seconds:.1f} s"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
