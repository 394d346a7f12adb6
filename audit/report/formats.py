"""The formats by name, each with its renderer, imported when it is used.

To add one: write its module with a function AuditResult -> str or bytes and name it here, with the
options that it takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from audit.model import AuditResult

Option = Literal["files", "paper"]
Paper = Literal["a4", "letter"]


@dataclass(frozen=True, slots=True)
class Format:
    """`file` is the name under which a report is written; `renderer` is `module:function`.

    `takes` names the options of `render` that the renderer takes.
    """

    file: str
    renderer: str
    takes: tuple[Option, ...] = ()


FORMATS: Mapping[str, Format] = {
    "html": Format("report.html", "audit.report.html:render"),
    "pdf": Format("report.pdf", "audit.report.pdf:render", ("paper",)),
    "json": Format("report.json", "audit.report.json:render"),
    "csv": Format("findings.csv", "audit.report.table:to_csv"),
    "parquet": Format("findings.parquet", "audit.report.table:to_parquet"),
    "jsonl": Format("findings.jsonl", "audit.report.json:render_lines"),
    "text": Format("report.txt", "audit.report.text:render"),
    "sarif": Format("findings.sarif", "audit.report.sarif:render", ("files",)),
    "github": Format("findings.github.txt", "audit.report.github:render", ("files",)),
    "md": Format("report.md", "audit.report.markdown:render"),
}


def render(
    name: str,
    result: AuditResult,
    *,
    files: Mapping[str, str] | None = None,
    paper: Paper = "a4",
) -> bytes:
    """The result in a format of `FORMATS`; text is encoded as UTF-8.

    `files` maps version ids to the paths that they were read from, for tools that open them.
    """
    chosen = FORMATS[name]
    module, function = chosen.renderer.split(":")
    options: dict[Option, object] = {"files": files or {}, "paper": paper}
    taken = {option: options[option] for option in chosen.takes}
    rendered: str | bytes = getattr(import_module(module), function)(result, **taken)
    if isinstance(rendered, bytes):
        return rendered
    # An article from JSON may hold a lone surrogate, which has no UTF-8 form.
    return rendered.encode(errors="backslashreplace")
