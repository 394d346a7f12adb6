"""Markdown (GFM), for issues, mails and chats: the summary and every finding."""

from __future__ import annotations

import re
from collections.abc import Iterable

from audit.model import SEVERITIES, AuditResult
from audit.report import words
from audit.report.html import SIGN
from audit.report.passages import clip
from audit.report.shown import Fault, VersionView, View
from audit.report.view import prepare
from audit.report.words import count

_ACTIVE = re.compile(
    r"""[\\`*_\[\]|~$@#{}]      # emphasis, code, links, tables, mathematics, mentions
      | :(?=//|[\w+-]+:)        # addresses, emoji names
      | (?<=\bwww)\.            # addresses
      | ^[-+=]                  # lists, underlined headings
      | (?:(?<=^\d)|(?<=^\d\d)|(?<=^\d{3}))[.)](?=\s|$)  # numbered lists
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ENTITIES = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;"})
_QUOTE = 160
_WITNESSES = 3


def render(result: AuditResult) -> str:
    """The report of one story; text of articles is escaped and cannot become markup."""
    view = prepare(result)
    parts = [
        f"# Audit of {escape(view.story)}",
        "**" + escape("".join(p.text for p in view.verdict)) + "**",
        *(escape(c) for c in view.caveats),
        *_ranking(view),
        "## Worst faults",
        "\n".join(f"{n}. {_card(view, f)}" for n, f in enumerate(view.worst, 1))
        or "No fault was found.",
        "## What was not checked",
        "\n".join(f"- {escape(stage)}: {escape(why)}" for stage, why in view.unchecked)
        or "Every stage ran on every version.",
        *(part for v in view.versions if v.total for part in _findings(view, v)),
        *_suspicions(view),
        *_contradictions(view),
        *_names(view),
        "## Limits",
        "\n".join(f"- {escape(p)}" for p in words.LIMITS),
        f"Signature: {escape(view.signature)}",
    ]
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """The text on one line with all that Markdown or HTML would act on made inert.

    A backslash before ASCII punctuation keeps it literal (CommonMark 0.31, section 2.4).
    """
    return _ACTIVE.sub(r"\\\g<0>", " ".join(text.split())).translate(_ENTITIES)


def _ranking(view: View) -> list[str]:
    if not view.versions:
        return []
    head = (
        "", "Version", "Score", "95 % interval", "Words", "Compared", "Faults",
        "Machine-translated?",
    )  # fmt: skip
    rows = (
        (
            v.letter,
            v.name,
            f"{v.result.score.value:.1f}",
            f"{v.result.score.low:.1f} to {v.result.score.high:.1f}",
            f"{v.result.score.words:,}",
            v.compared,
            _counts(v),
            v.mt,
        )
        for v in view.versions
    )
    reads = [f"- {v.letter}: {escape(v.reads)}" for v in view.versions if v.reads]
    remarks = ["\n".join(reads)] if reads else []
    return ["## Versions from best to worst", _table(head, rows), *remarks]


def _counts(version: VersionView) -> str:
    found = (f"{SIGN[s]} {n} {s}" for s, n in version.counts.items() if n)
    return ", ".join(found) or "none found"


def _card(view: View, fault: Fault) -> str:
    severity = fault.finding.severity
    letters = ", ".join(v.letter for v in (fault.version, *view.also(fault)))
    return (
        f"“{escape(clip(fault.quote, _QUOTE))}” in {letters}: {_remedy(view, fault)} "
        f"{SIGN[severity]} {severity}, {fault.category.label.lower()}, {fault.percent} % sure."
    )


def _remedy(view: View, fault: Fault) -> str:
    said = "elsewhere " + "; ".join(
        f"“{escape(clip(w.text, _QUOTE))}” ({view.letters(w.versions)})"
        for w in fault.witnesses[:_WITNESSES]
    )
    parts = [said + "." if fault.witnesses else ""]
    if fault.disputed:
        parts.append("Check which is right.")
    elif fault.suggestion:
        parts.append(f"Write “{escape(clip(fault.suggestion, _QUOTE))}”.")
    elif fault.suggestion is not None:
        parts.append("Delete it.")
    return " ".join(p for p in parts if p) or escape(fault.message)


def _findings(view: View, version: VersionView) -> list[str]:
    head = ("", "Fault", "Line", "Text", "Why", "Instead", "Sure")
    rows = (
        (
            SIGN[f.finding.severity],
            f.category.label,
            f"{f.line}:{f.column}",
            clip(f.quote, _QUOTE),
            f.message,
            _instead(f),
            f"{f.percent} %",
        )
        for f in view.faults_of(version)
    )
    signs = ", ".join(f"{SIGN[s]} {s}" for s in reversed(SEVERITIES))
    title = f"## {version.letter}: {escape(version.name)}, {count(version.total, 'fault')}"
    return [title, _table(head, rows), signs]


def _suspicions(view: View) -> list[str]:
    """A line each, without message and witnesses; with the profile `errors` their number alone."""
    if not view.suspicions:
        return []
    lines = (
        f"- {f.version.letter}, {f.line}:{f.column}, {f.category.label.lower()}? "
        f"“{escape(clip(f.quote, _QUOTE))}”{_arrow(f)} ({f.percent} %)"
        for v in view.versions
        for f in view.suspicions_of(v)
    )
    listed = ["\n".join(lines)] if view.profile != "errors" else []
    return ["## Suspicions", escape(view.suspected), *listed]


def _arrow(fault: Fault) -> str:
    if fault.disputed or fault.suggestion is None:
        return ""
    return f" → “{escape(clip(fault.suggestion, _QUOTE))}”" if fault.suggestion else " → delete"


def _instead(fault: Fault) -> str:
    if fault.disputed:
        return "check which is right"
    if fault.suggestion is None:
        return ""
    return clip(fault.suggestion, _QUOTE) or "delete it"


def _contradictions(view: View) -> list[str]:
    if not view.contradictions:
        return []
    lines = (
        f"- {view.fault[c.findings[0]].category.label}: "
        + " against ".join(
            f"“{escape(clip(s.text, _QUOTE))}” ({view.letters(s.versions)})" for s in c.sides
        )
        for c in view.contradictions
    )
    return ["## Contradictions", "\n".join(lines)]


def _names(view: View) -> list[str]:
    if not view.names:
        return []
    rows = (
        (
            n.preferred or "undecided",
            "; ".join(f"{clip(w.text, _QUOTE)} ({view.letters(w.versions)})" for w in n.forms),
        )
        for n in view.names
    )
    return ["## Names and their forms", _table(("Suggested form", "Forms in use"), rows)]


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles)]
    body = [[escape(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in [*lines, *body])
