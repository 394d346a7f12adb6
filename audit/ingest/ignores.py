"""Comments in a file that say what is no fault of it.

    <!-- mtaudit: ignore RULE[, RULE…] [REASON] -->
    <!-- mtaudit: ignore-file RULE[, RULE…] [REASON] -->

`ignore` holds for the rest of its line of the text and, where nothing follows in it, for the next
line with text: the next paragraph, heading or item. `ignore-file` holds for the whole text. A
comment that says `mtaudit:` and is not written so names no rule, which the audit reports.

They count in files and on standard input, which a person gives by hand. Whoever reads a page or a
feed must not look for them: its author could silence the audit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from audit.model import Ignore, Version

__all__ = ["Comment", "comments_of", "heeded", "marked", "unmarked"]

LONGEST = 1000
"""Most characters between `mtaudit:` and the end of a comment."""

_COMMENT = re.compile(rf"<!--\s*mtaudit:(.{{0,{LONGEST}}}?)-->", re.DOTALL)
_SAID = re.compile(
    r"\s*(?P<scope>ignore(?:-file)?)\s+(?P<rules>[\w-]+(?:\s*,\s*[\w-]+)*)(?:\s+(?P<why>.*?))?\s*",
    re.DOTALL,
)
_LINE_BREAK = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_NO_TEXT = re.compile(
    r"(?:\s+|<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^>]*>)*", re.DOTALL | re.IGNORECASE
)
"""What stands in a page between a comment and the next text."""

_MARK = re.compile(r"⟦mtaudit (\d+)⟧")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that speaks to mtaudit: its span in the source, its place (file and line), and
    what it says. `rules` is empty if it is not understood."""

    start: int
    end: int
    place: str
    is_whole: bool
    rules: tuple[str, ...]
    why: str

    def ignore(self, text: str, at: int | None) -> Ignore:
        """It as what holds in a text, in which it stood at an offset; None if it stood before
        nothing that is in the text."""
        start, end = (0, len(text)) if self.is_whole else _line(text, at)
        return Ignore(self.place, start, end, self.rules, self.why)


def comments_of(source: str, name: str, first_line: int = 1) -> list[Comment]:
    """The comments in the source of a file of that name, whose first line has that number."""
    return list(_comments(source, name, first_line))


def heeded(version: Version) -> Version:
    """A version whose text is that of its file as it is, with what comments in it say."""
    comments = comments_of(version.text, version.id)
    text = version.text
    for c in comments:
        text = text[: c.start] + " " * (c.end - c.start) + text[c.end :]
    found = (replace(c.ignore(text, c.end), comment=(c.start, c.end)) for c in comments)
    return replace(version, ignores=tuple(found))


def marked(html: str, comments: Sequence[Comment]) -> str:
    """The source of a page with a mark before the text that follows each comment."""
    for n, c in reversed(list(enumerate(comments))):
        between = _NO_TEXT.match(html, c.end)
        at = between.end() if between else c.end
        html = f"{html[:at]}⟦mtaudit {n}⟧{html[at:]}"
    return html


def unmarked(text: str) -> tuple[str, Mapping[int, int]]:
    """A text without marks, and where they stood: offsets by the numbers of their comments."""
    at: dict[int, int] = {}
    parts: list[str] = []
    end = length = 0
    for m in _MARK.finditer(text):
        parts.append(text[end : m.start()])
        length += m.start() - end
        end = m.end()
        at.setdefault(int(m[1]), length)
    return "".join(parts) + text[end:], at


def _comments(source: str, name: str, first_line: int) -> Iterator[Comment]:
    for m in _COMMENT.finditer(source):
        place = f"{name}:{source.count(chr(10), 0, m.start()) + first_line}"
        said = _SAID.fullmatch(m[1])
        if said is None:
            yield Comment(*m.span(), place, False, (), " ".join(m[1].split()))
            continue
        rules = tuple(rule.strip() for rule in said["rules"].split(","))
        why = " ".join((said["why"] or "").split()) or "no reason given"
        yield Comment(*m.span(), place, said["scope"] == "ignore-file", rules, why)


def _line(text: str, at: int | None) -> tuple[int, int]:
    """The span of the rest of a line, or of the next one with text in it."""
    first = None if at is None else re.compile(r"\S").search(text, at)
    if first is None:
        return len(text), len(text)
    end = _LINE_BREAK.search(text, first.start())
    return first.start(), end.start() if end else len(text)
