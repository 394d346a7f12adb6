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
from itertools import islice

from audit.model import Ignore, Version

__all__ = ["Comment", "comments_of", "heeded", "marked", "unmarked"]

LONGEST = 1000
"""Most characters between `mtaudit:` and the end of a comment."""

MOST = 200
"""Most comments that are read of one text."""

_COMMENT = re.compile(rf"<!--\s*mtaudit:((?:(?!<!--|-->).){{0,{LONGEST}}})-->", re.DOTALL)
_SAID = re.compile(
    r"(?P<scope>ignore(?:-file)?) (?P<rules>[\w-]+(?: ?, ?[\w-]+)*)(?: (?P<why>.*))?"
)
_SHOWN = re.compile(r"\S")
_LINE_BREAK = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_NO_TEXT = re.compile(
    r"(?:\s+|<!--(?:(?!<!--).)*?-->"
    r"|<(script|style)\b(?:(?!<(?:script|style)\b).)*?</\1\s*>|<[^>]*>)*",
    re.DOTALL | re.IGNORECASE,
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
        """What holds in a text by it, in which it stood at an offset; None if nothing of the text
        followed it."""
        start, end = (0, len(text)) if self.is_whole else _line(text, at)
        return Ignore(self.place, start, end, self.rules, self.why)


def comments_of(source: str, name: str, first_line: int = 1) -> list[Comment]:
    """The comments in the source of a file of that name, whose first line has that number; of too
    many the last that is read says so."""
    found = list(islice(_comments(source, name, first_line), MOST + 1))
    if len(found) > MOST:
        why = f"more than {MOST} comments in one text: this and the rest do not count"
        found[MOST:] = [replace(found[MOST], rules=(), why=why)]
    return found


def heeded(version: Version) -> Version:
    """A version whose text is that of its file as it is, with what comments in it say."""
    comments = comments_of(version.text, version.id)
    text = _COMMENT.sub(lambda m: " " * len(m[0]), version.text)
    found = (replace(c.ignore(text, c.end), comment=(c.start, c.end)) for c in comments)
    return replace(version, ignores=tuple(found))


def marked(html: str, comments: Sequence[Comment]) -> str:
    """The source of a page with a mark before the text that follows each comment."""
    parts: list[str] = []
    end = 0
    for n, c in enumerate(comments):
        between = _NO_TEXT.match(html, c.end)
        at = between.end() if between else c.end
        parts += [html[end:at], f"⟦mtaudit {n}⟧"]
        end = at
    return "".join(parts) + html[end:]


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
    line, end = first_line, 0
    for m in _COMMENT.finditer(source):
        line += source.count("\n", end, m.start())
        end = m.start()
        place, words = f"{name}:{line}", " ".join(m[1].split())
        said = _SAID.fullmatch(words)
        if said is None:
            yield Comment(*m.span(), place, False, (), words)
            continue
        rules = tuple(rule.strip() for rule in said["rules"].split(","))
        why = said["why"] or "no reason given"
        yield Comment(*m.span(), place, said["scope"] == "ignore-file", rules, why)


def _line(text: str, at: int | None) -> tuple[int, int]:
    """The span of the rest of a line, or of the next one with text in it."""
    first = None if at is None else _SHOWN.search(text, at)
    if first is None:
        return len(text), len(text)
    end = _LINE_BREAK.search(text, first.start())
    return first.start(), end.start() if end else len(text)
