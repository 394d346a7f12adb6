"""Sure suggestions as changes of the text that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import unified_diff

from audit.model import CATEGORIES, EDIT, Finding

SURE = 0.9
"""Confidence from which on a suggestion is applied unseen."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def sure(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings whose suggestions may be applied unseen, in text order, none of which overlap.

    They are of high confidence and a rule makes them: no model's doubt or edit alone, and nothing
    about which versions contradict each other. Of two that overlap the surer, then the longer one
    stays.
    """
    fit = [
        f
        for f in findings
        if f.suggestion is not None
        and f.suggestion != f.quote
        and f.confidence >= SURE
        and not f.rests_on_doubt
        and EDIT not in {m.name for m in f.measures}
        and not CATEGORIES[f.category].is_contradiction
    ]
    kept: list[Finding] = []
    for f in sorted(fit, key=lambda f: (-f.confidence, f.start - f.end, f.start)):
        if not any(_overlap(f, k) for k in kept):
            kept.append(f)
    return tuple(sorted(kept, key=lambda f: f.start))


def _overlap(a: Finding, b: Finding) -> bool:
    """Whether two spans share a character or a beginning: two insertions at one place do."""
    return a.start == b.start or (a.start < b.end and b.start < a.end)


def applied(text: str, findings: Sequence[Finding]) -> str:
    """The text with these suggestions, in text order, at their offsets."""
    parts, at = [], 0
    for f in findings:
        parts += [text[at : f.start], f.suggestion or ""]
        at = f.end
    return "".join(parts) + text[at:]


def unified(before: str, after: str, path: str) -> str:
    """The change of a file as a unified patch, which `git apply` and `patch -p1` take; empty if
    there is none. Line ends stay as they are: a line ends with a line feed alone."""
    lines = unified_diff(
        _LINE.findall(before), _LINE.findall(after), f"a/{path}", f"b/{path}", lineterm="\n"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
