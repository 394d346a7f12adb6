"""The formats by name, each with its renderer, imported when it is used.

To add one: write its module with a function AuditResult -> str or bytes and name it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from audit.model import AuditResult


@dataclass(frozen=True, slots=True)
class Format:
    """`file` is the name under which a report is written; `renderer` is `module:function`."""

    file: str
    renderer: str


FORMATS: Mapping[str, Format] = {
    "html": Format("report.html", "audit.report.html:render"),
    "pdf": Format("report.pdf", "audit.report.pdf:render"),
    "json": Format("report.json", "audit.report.json:render"),
    "csv": Format("findings.csv", "audit.report.table:to_csv"),
    "parquet": Format("findings.parquet", "audit.report.table:to_parquet"),
    "jsonl": Format("findings.jsonl", "audit.report.json:render_lines"),
    "text": Format("report.txt", "audit.report.text:render"),
    "sarif": Format("findings.sarif", "audit.report.sarif:render"),
    "github": Format("findings.github.txt", "audit.report.github:render"),
    "md": Format("report.md", "audit.report.markdown:render"),
}


def render(name: str, result: AuditResult) -> bytes:
    """The result in a format of `FORMATS`; text is encoded as UTF-8."""
    module, function = FORMATS[name].renderer.split(":")
    rendered: str | bytes = getattr(import_module(module), function)(result)
    if isinstance(rendered, bytes):
        return rendered
    # An article from JSON may hold a lone surrogate, which has no UTF-8 form.
    return rendered.encode(errors="backslashreplace")
