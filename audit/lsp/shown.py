"""Findings as diagnostics, each with what mends or dismisses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types as lsp
from pygls.workspace import PositionCodec

from audit.lsp.document import Document, Source
from audit.lsp.positions import Lines
from audit.model import AuditResult, Finding, Severity
from audit.report.passages import clip, visible
from audit.report.shown import Fault
from audit.report.view import prepare

DISMISS = "mtaudit.dismiss"
"""The command by which a client says that a finding is no fault: address, category, quote."""

SURE = 0.9
"""Confidence from which on a suggestion is the one that an editor applies at a key: nine in ten of
such findings are right."""

_QUOTE = 80
_SEVERITY: Mapping[Severity, lsp.DiagnosticSeverity] = {
    "critical": lsp.DiagnosticSeverity.Error,
    "major": lsp.DiagnosticSeverity.Warning,
    "minor": lsp.DiagnosticSeverity.Information,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding as a client shows it; `edit` mends it, None where no remedy is known."""

    finding: Finding
    diagnostic: lsp.Diagnostic
    edit: lsp.TextEdit | None

    def touches(self, where: lsp.Range) -> bool:
        """Whether it shares a place with a range, be it but an edge."""
        own = self.diagnostic.range
        return own.start <= where.end and where.start <= own.end

    def quick_fixes(self, uri: str) -> Iterator[lsp.CodeAction]:
        """The code actions that mend the document at that address, or dismiss the finding."""
        if self.edit is not None:
            yield lsp.CodeAction(
                title=_remedy(visible(self.edit.new_text)),
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[self.diagnostic],
                is_preferred=self.finding.confidence >= SURE,
                edit=lsp.WorkspaceEdit(changes={uri: [self.edit]}),
            )
        quote = self.finding.quote
        title = f"“{clip(visible(quote), _QUOTE)}” is no fault here: add it to the baseline"
        yield lsp.CodeAction(
            title=title,
            kind=lsp.CodeActionKind.QuickFix,
            diagnostics=[self.diagnostic],
            command=lsp.Command(title, DISMISS, arguments=[uri, self.finding.category, quote]),
        )


class Marker:
    """Marks the findings of one document. `files` are the other versions that are files, by id."""

    def __init__(
        self,
        document: Document,
        source: Source,
        result: AuditResult,
        files: Mapping[str, Path],
        codec: PositionCodec,
    ) -> None:
        self._document = document
        self._source = source
        self._result = result
        self._uris = {v: file.absolute().as_uri() for v, file in files.items()}
        self._lines = Lines(document.text, codec)
        self._others = {
            v.version.id: Lines(v.version.text, codec)
            for v in result.versions
            if v.version.id in files
        }

    def marks(self) -> tuple[Mark, ...]:
        """What the profile shows of the document; what stands nowhere in it is left out."""
        faults = prepare(self._result).fault
        own = [f for f in self._result.shown if f.version == self._source.version.id]
        placed = [(faults[f], self._source.span(f.start, f.end)) for f in own]
        return tuple(self._mark(fault, span) for fault, span in placed if span is not None)

    def _mark(self, fault: Fault, span: tuple[int, int]) -> Mark:
        finding = fault.finding
        diagnostic = lsp.Diagnostic(
            range=self._lines.range(*span),
            message=_message(fault),
            severity=lsp.DiagnosticSeverity.Hint
            if fault.is_suspicion
            else _SEVERITY[finding.severity],
            code=finding.rule,
            source="mtaudit",
            related_information=list(self._related(finding)),
        )
        return Mark(finding, diagnostic, self._edit(fault, span))

    def _edit(self, fault: Fault, span: tuple[int, int]) -> lsp.TextEdit | None:
        start, end = span
        text, finding = self._document.text, fault.finding
        if finding.suggestion is None or fault.disputed or text[start:end] != finding.quote:
            return None
        if finding.suggestion == "" and text[:start].endswith(" ") and text[end : end + 1] == " ":
            end += 1  # of the two spaces that deleted words leave, one
        return lsp.TextEdit(range=self._lines.range(start, end), new_text=finding.suggestion)

    def _related(self, finding: Finding) -> Iterator[lsp.DiagnosticRelatedInformation]:
        """The witnesses that can be opened: places of the document itself and of other files."""
        for w in finding.witnesses:
            if w.version == self._source.version.id:
                span = self._source.span(w.start, w.end)
                if span is None:
                    continue
                place = lsp.Location(self._document.uri, self._lines.range(*span))
            elif w.version in self._others:
                where = self._others[w.version].range(w.start, w.end)
                place = lsp.Location(self._uris[w.version], where)
            else:
                continue
            words = f"{visible(w.version)}: “{clip(visible(w.quote), _QUOTE)}”"
            yield lsp.DiagnosticRelatedInformation(location=place, message=words)


def _message(fault: Fault) -> str:
    todo = ""
    if fault.disputed and not fault.says_what_to_do:
        todo = " Check which is right."
    elif fault.suggestion is not None and not fault.says_what_to_do:
        todo = f" {_remedy(fault.suggestion)}."
    return f"{fault.category.label}: {fault.message}{todo} ({fault.percent} % sure)"


def _remedy(suggestion: str) -> str:
    return f"Write “{clip(suggestion, _QUOTE)}”" if suggestion else "Delete it"
