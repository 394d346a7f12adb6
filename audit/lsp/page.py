"""Where the words of the article that was taken out of a page stand in its source."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from itertools import accumulate

__all__ = ["places_in_page"]

_UNSEEN = frozenset({"script", "style", "template"})
_INLINE = re.compile(
    "a|abbr|b|bdi|bdo|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|"
    "time|tt|u|var|wbr"
)
"""Tags that part no words."""

_LINE = re.compile(r"[^\n]+")
_ITEM = re.compile(r"- ")


class _Visible(HTMLParser):
    """The characters that a page shows, with their spans in the source; white space is one space,
    and a tag that is not inline is one as well."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self._source = source
        self._lines = [0, *accumulate(len(line) + 1 for line in source.split("\n"))]
        self._unseen = 0
        self.characters: list[str] = []
        self.spans: list[tuple[int, int]] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unseen += tag in _UNSEEN
        self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        self._part(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self._part(tag)

    def handle_data(self, data: str) -> None:
        at = self._offset()
        for i, c in enumerate(data, at):
            self._show(c, i, i + 1)

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name}")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name}")

    def _reference(self, written: str) -> None:
        at = self._offset()
        end = at + len(written)
        end += self._source[end : end + 1] == ";"
        raw = self._source[at:end]
        meant = html.unescape(raw)
        for i, c in enumerate(meant):
            # what refers to nothing stands there as it is
            self._show(c, *((at + i, at + i + 1) if meant == raw else (at, end)))

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _part(self, tag: str) -> None:
        if not _INLINE.fullmatch(tag):
            at = self._offset()
            self._show(" ", at, at)

    def _show(self, c: str, start: int, end: int) -> None:
        if self._unseen or not (c.isprintable() or c.isspace()):
            return
        if c.isspace():
            if self.characters[-1:] == [" "]:
                return
            c = " "
        self.characters.append(c)
        self.spans.append((start, end))


def places_in_page(text: str, source: str) -> Sequence[tuple[int, int] | None]:
    """The span in the source of each character of a text that was taken out of a page; None for a
    line that does not stand there as it is."""
    visible = _Visible(source)
    shown = "".join(visible.characters)
    places: list[tuple[int, int] | None] = [None] * len(text)
    after = 0
    for line in _LINE.finditer(text):
        marked = _ITEM.match(text, line.start())
        start = marked.end() if marked else line.start()
        kept = [i for i in range(start, line.end()) if not _doubled(text, i)]
        words = "".join(" " if text[i].isspace() else text[i] for i in kept)
        stripped = words.strip()
        if not stripped:
            continue
        found = shown.find(stripped, after)
        if found < 0:  # the title may stand behind what it heads
            found = shown.find(stripped)
        if found < 0:
            continue
        first = len(words) - len(words.lstrip())
        for k, i in enumerate(kept[first : first + len(stripped)]):
            places[i] = visible.spans[found + k]
        after = found + len(stripped)
    return places


def _doubled(text: str, i: int) -> bool:
    """Whether a character is white space after white space, which a page shows as one."""
    return text[i].isspace() and i > 0 and text[i - 1].isspace()
