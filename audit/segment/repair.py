"""Mend what a page leaves in a text before anything reads it.

Soft hyphens and zero-width marks go, character references and tags are resolved, and two words
that ran together where a link or a line stood are parted. All stages read the mended text; the
result speaks of the given one again. What is mended but for invisible marks is reported once, as
page residue.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from audit.model import Language, Repair, Repaired, Version

__all__ = ["repaired"]

_TAGS = (
    "a|abbr|article|aside|b|blockquote|br|caption|center|code|div|em|figcaption|figure|font|footer|"
    r"h[1-6]|header|hr|i|iframe|img|ins|li|nav|noscript|ol|p|pre|s|section|small|span|strong|sub|"
    "sup|table|tbody|td|th|thead|tr|u|ul|video"
)
_BREAKS = re.compile(
    r"</?(?:article|aside|blockquote|br|caption|center|div|fig\w+|footer|h\d|header|hr|li|nav|ol|p|"
    r"pre|section|t(?:able|body|d|h|head|r)|ul)\b",
    re.IGNORECASE,
)
"""Tags that end a line; the others stand inside of one."""

_AMP = r"&(?:amp;)*"
_TAG = rf"/?(?:{_TAGS})\b"
_CODE = re.compile(
    r"<(?:script|style)\b(?:(?!<(?:script|style)\b).)*?</(?:script|style)\s*>"
    rf"|<!--(?:(?!<!--).)*?-->|<{_TAG}[^<>]{{0,300}}>"
    rf"|{_AMP}lt;{_TAG}[^<>]{{0,300}}?{_AMP}gt;"
    rf"|{_AMP}(?:#\d{{2,7}}|#x[0-9a-fA-F]{{2,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});"
    r"|&(?:nbsp|quot|amp)(?![\w;=])",
    re.IGNORECASE | re.DOTALL,
)

_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+"
    "|(?<=[A-Za-z\u00c0-\u024f])[\u200c\u200d]+(?=[A-Za-z\u00c0-\u024f])"
)
"""Soft hyphens, zero-width spaces, direction marks; joiners where no script needs them."""

_WORD = re.compile(r"[^\W\d_]+")
_LONE_WORD = re.compile(r"(?<![\w@#'’./-])[^\W\d_]{5,}(?![\w@/]|['’.-]\w)")
_CAMEL = re.compile(r"([^\W\d_]*[a-zß-ÿ])([A-Z][a-zß-ÿ]+)")

COMMON = 3.5
"""Zipf frequency from which on a half of a run-together word counts as a word that news uses."""

SHORTEST = 3
"""Fewest letters of a half that is no function word."""


class _Lists(NamedTuple):
    labels: re.Pattern[str] | None
    joints: frozenset[str]
    endings: tuple[str, ...]


@cache
def _lists(language: Language) -> _Lists:
    data = language.table("residue").get("glued", {})
    labels = data.get("labels")
    return _Lists(
        labels=re.compile(rf"(?:{'|'.join(labels)})$", re.IGNORECASE) if labels else None,
        joints=frozenset(data.get("joints", ())),
        endings=tuple(data.get("endings", ())),
    )


def repaired(versions: Sequence[Version], language: Language) -> Mapping[str, Repaired]:
    """The versions of a story that are mended before they are read, by id."""
    plain = {v.id: Repaired(v, tuple(_joined(_code(v)))) for v in versions}
    texts = {v: p.read.text for v, p in plain.items()}
    beside = {v: _pairs(text) for v, text in texts.items()}
    found = {}
    for v, p in plain.items():
        others: dict[str, tuple[str, str]] = {}
        for w, pairs in beside.items():
            if w != v:
                others |= pairs
        parted = []
        for at, gap in _glued(texts[v], others, language):
            start, end = p.given_span(at, at)
            if start == end:
                parted.append(Repair(start, end, gap, "glued"))
        if p.repairs or parted:
            repairs = sorted((*p.repairs, *parted), key=lambda r: (r.start, r.end))
            found[v] = Repaired(p.given, tuple(repairs))
    return found


def _code(version: Version) -> Iterator[Repair]:
    """Invisible marks and page code, in text order. What the author wrote for mtaudit is as good as
    invisible."""
    at = 0
    places = [
        *((i.comment, "invisible") for i in version.ignores if i.comment),
        *((m.span(), "invisible") for m in _INVISIBLE.finditer(version.text)),
        *((m.span(), "code") for m in _CODE.finditer(version.text)),
    ]
    for (start, end), kind in sorted(places, key=lambda p: (p[0][0], -p[0][1])):
        if start < at:
            continue
        if kind == "invisible":
            yield Repair(start, end, "", "invisible")
        elif (meant := _meant(version.text[start:end])) is not None:
            yield Repair(start, end, meant, "code")
        else:
            continue
        at = end


def _joined(repairs: Iterable[Repair]) -> Iterator[Repair]:
    """The same with tags that follow one another taken as one."""
    last: Repair | None = None
    for r in repairs:
        tags = last and last.kind == r.kind == "code" and {last.text, r.text} <= {"", "\n"}
        if last and tags and last.end == r.start:
            last = Repair(last.start, r.end, max(last.text, r.text), "code")
            continue
        if last:
            yield last
        last = r
    if last:
        yield last


def _meant(code: str) -> str | None:
    """What a reader would see instead of a piece of code; None if it is none."""
    plain, before = code, ""
    while plain != before:
        plain, before = html.unescape(plain), plain
    if plain == code and not code.startswith("<"):
        return None
    if plain.startswith("<") and plain.endswith(">") and len(plain) > 1:
        return "\n" if _BREAKS.match(plain) else ""
    return _INVISIBLE.sub("", plain).replace("\u00a0", " ")


def _pairs(text: str) -> dict[str, tuple[str, str]]:
    """Neighbouring words of a text by what they make when they are run together."""
    return {
        f"{a.group()}{b.group()}".casefold(): (a.group(), b.group())
        for a, b in pairwise(_WORD.finditer(text))
        if text[a.end() : b.start()] == " "
    }


def _glued(
    text: str, others: Mapping[str, tuple[str, str]], language: Language
) -> Iterator[tuple[int, str]]:
    """Where two words ran together, and what belongs between them."""
    lists = _lists(language)
    if not lists.joints:
        return
    count = Counter(m.group() for m in _WORD.finditer(text))
    for m in _LONE_WORD.finditer(text):
        word = m.group()
        if count[word] > 1 or language.is_word(word.lower()) or language.zipf(word.lower()) > 0:
            continue
        camel = _CAMEL.fullmatch(word)
        if camel:
            left, right = camel.groups()
            line = text[text.rfind("\n", 0, m.start()) + 1 : m.start() + len(left)]
            if lists.labels and lists.labels.match(line.strip()) and _common(right, language):
                yield m.start() + len(left), ": "
            elif left.islower() and left in lists.joints and right not in ("Me", "My"):
                yield m.start() + len(left), " "
        elif word[1:].islower() and (at := _parting(word, others, lists, language)):
            yield m.start() + at, " "


def _parting(
    word: str, others: Mapping[str, tuple[str, str]], lists: _Lists, language: Language
) -> int | None:
    """Where an unknown word falls into two: so another version parts it, or a small word shows."""
    seen = others.get(word.casefold())
    if seen:
        left, right = (half.casefold() for half in seen)
        small = any(language.is_function_word(half) for half in (left, right))
        if small or (right.endswith(lists.endings) and _common(right, language)):
            return len(left)
    form = word.lower()
    for at in range(2, len(form) - 1):
        left, right = form[:at], form[at:]
        other = right if left in lists.joints else left if right in lists.joints else ""
        if len(other) >= SHORTEST and _common(other, language) and language.is_word(other):
            near = (n for n in language.neighbours(form) if n.edits == 1 and n.zipf >= COMMON)
            if not any(n.word not in (left, right) for n in near):
                return at
    return None


def _common(form: str, language: Language) -> bool:
    return language.zipf(form.lower()) >= COMMON
