"""Rule pages: what each detector says of itself in its docstring, for terminal and docs.

A detector's docstring is one sentence, then the sections `HEADINGS` in this order, each heading
on a line of its own (with or without a Markdown mark, an underline or a colon).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from inspect import getdoc
from pathlib import Path

from audit.detect.base import Detector, Info, Need
from audit.model import CATEGORIES

HEADINGS = ("What it finds", "Why it matters", "How it decides", "Known problems", "Example")

_MARK = "<!-- Generated from the detector by `mtaudit rules --write`; edit the docstring there. -->"
_NEEDS: Mapping[Need, str] = {
    "versions": "other versions of the story",
    "surprisal": "the causal language model",
    "grammar": "LanguageTool",
}
_HEADING = re.compile(rf"(?:#+ )?({'|'.join(HEADINGS)})s?:?\s*")
_UNDERLINE = re.compile(r"([-=~])\1{2,}\s*")


def sections(detector: Detector) -> dict[str, str]:
    """The text under each heading of a detector's docstring.

    Raises ValueError naming the detector if a heading is absent, empty or out of order.
    """
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (getdoc(detector) or "").splitlines():
        heading = _HEADING.fullmatch(line)
        if heading:
            current = found.setdefault(heading[1], [])
        elif not (_UNDERLINE.fullmatch(line) and not current):
            current.append(line)
    texts = {h: textwrap.dedent("\n".join(lines)).strip() for h, lines in found.items()}
    if tuple(texts) != HEADINGS or not all(texts.values()):
        raise ValueError(
            f"{detector.INFO.id}: its docstring must have {', '.join(HEADINGS)}, each with text; "
            f"it has {', '.join(h for h in texts if texts[h]) or 'none'}"
        )
    return texts


def summary(detector: Detector) -> str:
    """What it finds, in a few words: the first line of the docstring."""
    return (getdoc(detector) or "").partition("\n")[0]


def page(detector: Detector) -> str:
    """The rule page in Markdown."""
    info = detector.INFO
    mqm = CATEGORIES[info.category].mqm
    head = [
        f"# {info.id}",
        "",
        _MARK,
        "",
        summary(detector),
        "",
        "| category | MQM category | usual severity | draws on | status |",
        "|---|---|---|---|---|",
        f"| {info.category} | {mqm} | {info.severity} | {_drawn_on(info)} | {info.status} |",
    ]
    body = [f"\n## {heading}\n\n{text}" for heading, text in sections(detector).items()]
    return "\n".join((*head, *body)) + "\n"


def explanation(detector: Detector) -> str:
    """The rule page for a terminal."""
    info = detector.INFO
    mqm = CATEGORIES[info.category].mqm
    head = (
        f"{info.id}: {summary(detector)}\n"
        f"usually {info.severity}; {info.status}\n"
        f"category {info.category}, in MQM {mqm}; draws on {_drawn_on(info)}\n"
    )
    return head + "".join(
        f"\n{heading}\n{textwrap.indent(text, '  ')}\n"
        for heading, text in sections(detector).items()
    )


def _drawn_on(info: Info) -> str:
    return ", ".join(("the text", *(what for n, what in _NEEDS.items() if n in info.needs)))


def pages(detectors: Sequence[Detector]) -> dict[str, str]:
    """The rule pages and their index, by file name."""
    index = [
        "# Rules",
        "",
        _MARK,
        "",
        "| rule | usual severity | status | what it finds |",
        "|---|---|---|---|",
        *(
            f"| [{d.INFO.id}]({d.INFO.id}.md) | {d.INFO.severity} | {d.INFO.status} "
            f"| {summary(d).replace('|', chr(92) + '|')} |"
            for d in detectors
        ),
    ]
    return {"README.md": "\n".join(index) + "\n"} | {f"{d.INFO.id}.md": page(d) for d in detectors}


def write(folder: Path, detectors: Sequence[Detector]) -> tuple[Path, ...]:
    """Write the pages into a folder; generated pages of rules that are gone are removed.

    Returns the files that changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages(detectors)
    changed = []
    for name, text in wanted.items():
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            changed.append(file)
    for file in folder.glob("*.md"):
        if file.name not in wanted and _MARK in file.read_text(encoding="utf-8"):
            file.unlink()
            changed.append(file)
    return tuple(changed)


def listing(detectors: Iterable[Detector]) -> str:
    """One rule a line: id, usual severity, status, what it finds."""
    rows = [(d.INFO.id, d.INFO.severity, d.INFO.status, summary(d)) for d in detectors]
    widths = [max((len(r[i]) for r in rows), default=0) for i in range(3)]
    return "".join(
        "  ".join((*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[3])) + "\n"
        for row in rows
    )
