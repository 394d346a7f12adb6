"""The formats by name, each with its renderer, imported when it is used.

To add one: write its module with a function AuditResult -> str or bytes, or Drawn -> str or bytes
if it shows charts, and name it here, with the options that it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from audit.model import AuditResult

if TYPE_CHECKING:
    from concurrent.futures import Future

    from audit.report.drawn import Drawn

Option = Literal["files", "paper"]
Paper = Literal["a4", "letter"]


@dataclass(frozen=True, slots=True)
class Format:
    """`file` is the name under which a report is written, `media_type` what servers call it;
    `renderer` is `module:function`.

    `takes` names the options of `Reports` that the renderer takes; `charts` says that it is given
    the result drawn.
    """

    file: str
    media_type: str
    renderer: str
    takes: tuple[Option, ...] = ()
    charts: bool = False


FORMATS: Mapping[str, Format] = {
    "html": Format(
        "report.html", "text/html; charset=utf-8", "audit.report.html:page", charts=True
    ),
    "pdf": Format(
        "report.pdf", "application/pdf", "audit.report.pdf:page", ("paper",), charts=True
    ),
    "json": Format("report.json", "application/json", "audit.report.json:render"),
    "csv": Format("findings.csv", "text/csv; charset=utf-8", "audit.report.table:to_csv"),
    "parquet": Format(
        "findings.parquet", "application/vnd.apache.parquet", "audit.report.table:to_parquet"
    ),
    "jsonl": Format("findings.jsonl", "application/jsonl", "audit.report.json:render_lines"),
    "text": Format("report.txt", "text/plain; charset=utf-8", "audit.report.text:render"),
    "sarif": Format(
        "findings.sarif", "application/sarif+json", "audit.report.sarif:render", ("files",)
    ),
    "github": Format(
        "findings.github.txt", "text/plain; charset=utf-8", "audit.report.github:render", ("files",)
    ),
    "rdjsonl": Format(
        "findings.rdjsonl", "application/jsonl", "audit.report.rdjsonl:render", ("files",)
    ),
    "md": Format("report.md", "text/markdown; charset=utf-8", "audit.report.markdown:render"),
}

ALIASES: Mapping[str, str] = {"markdown": "md"}
"""Names that users may write for a format of `FORMATS`."""


@contextmanager
def loading(names: Iterable[str]) -> Iterator[Callable[[], None]]:
    """Have what draws the charts of these formats loaded while the block does something else.

    Yields what begins it, in a thread; to be called once the libraries of the models are loaded, as
    two threads must not load the same ones. The end of the block waits for the thread and raises
    what went wrong in it. Half of the time of the first report with charts is saved.
    """
    from concurrent.futures import ThreadPoolExecutor

    begun: list[Future[None]] = []
    with ThreadPoolExecutor(max_workers=1) as thread:

        def begin() -> None:
            if any(FORMATS[name].charts for name in names):
                begun.append(thread.submit(_load))

        yield begin
    for loaded in begun:
        loaded.result()


def _load() -> None:
    from audit.report import html

    html.load()
    from audit.models.processor import keep_loaded

    keep_loaded()


class Reports:
    """The reports of one result; what several of them show is prepared and drawn once.

    `files` maps version ids to the paths that they were read from, for tools that open them.
    """

    def __init__(
        self,
        result: AuditResult,
        *,
        files: Mapping[str, str] | None = None,
        paper: Paper = "a4",
    ) -> None:
        self._result = result
        self._options: Mapping[Option, object] = {"files": files or {}, "paper": paper}

    def render(self, name: str) -> bytes:
        """The result in a format of `FORMATS`; text is encoded as UTF-8."""
        chosen = FORMATS[name]
        module, function = chosen.renderer.split(":")
        renderer = getattr(import_module(module), function)
        options = {option: self._options[option] for option in chosen.takes}
        rendered: str | bytes = renderer(self._drawn if chosen.charts else self._result, **options)
        if isinstance(rendered, bytes):
            return rendered
        # An article from JSON may hold a lone surrogate, which has no UTF-8 form.
        return rendered.encode(errors="backslashreplace")

    @cached_property
    def _drawn(self) -> Drawn:
        from audit.report.drawn import draw

        return draw(self._result)
