"""Quotation marks: which are pairs, which are alone or turned the wrong way, what is quoted.

Read paragraph by paragraph. A quotation may go on over several paragraphs; each then begins with
an opening mark and only the last has a closing one (Chicago Manual of Style, 13.32). Feet, inches,
elisions ('90s, ’em), possessives and apostrophes inside words are not quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from audit.language.en.lexicon import words
from audit.model import LoneMark, Quotation, Quotes

_DOUBLE = re.compile(r"[“”„«»\"]|''|``")
_SINGLE = re.compile(r"(?<!\w)['‘](?=\w)|(?<=[\w.,!?…])['’](?!\w)|(?<!\w)['’](?!\w)")
_ELISION = re.compile(
    rf"['‘’](?:\d0s|\d\d\b|(?:{'|'.join(sorted(words('elisions')))})\b)", re.IGNORECASE
)
_CLIPPED = re.compile(
    rf"(?:\w{{2,}}[iI]n|\b(?:{'|'.join(sorted(words('clipped')))}))$", re.IGNORECASE
)
_ATTRIBUTION = re.compile(rf"\s?(?:(?:{'|'.join(sorted(words('speech_subjects')))}) )?([a-z]+)\b")


def read_quotes(text: str, spans: Sequence[tuple[int, int]]) -> Quotes:
    """Read the quotation marks of a text whose paragraphs lie at `spans`."""
    quotations: list[Quotation] = []
    faults: list[LoneMark] = []
    opened: re.Match[str] | None = None
    for n, span in enumerate(spans):
        following = text[slice(*spans[n + 1])] if n + 1 < len(spans) else ""
        opened = _read_double(text, span, following, opened, quotations, faults)
        _read_single(text, span, quotations, faults)
    return Quotes(tuple(sorted(quotations, key=lambda q: q.start)), tuple(faults))


def _read_double(
    text: str,
    span: tuple[int, int],
    following: str,
    opened: re.Match[str] | None,
    quotations: list[Quotation],
    faults: list[LoneMark],
) -> re.Match[str] | None:
    """Pair the double marks of a paragraph; return a mark that the next paragraph may close.

    `opened` is such a mark of the paragraph before.
    """
    for mark in _DOUBLE.finditer(text, *span):
        if _is_measure(text, mark, opened):
            continue
        role = _role(text, span, mark, opened is not None)
        if role == "open":
            if opened is not None and opened.start() >= span[0]:
                faults.append(LoneMark(opened.start(), opened.end(), "unclosed"))
            if mark.group() == "”":
                faults.append(LoneMark(mark.start(), mark.end(), "turned"))
            opened = mark
        elif opened is None:
            faults.append(LoneMark(mark.start(), mark.end(), "unopened"))
        else:
            if mark.group() == "“" and opened.group() != "„":
                faults.append(LoneMark(mark.start(), mark.end(), "turned"))
            start = max(opened.start(), span[0])
            inner = max(opened.end(), span[0])
            quotations.append(Quotation(start, mark.end(), inner, mark.start()))
            opened = None
    if opened is None:
        return None
    if following[:1] in {"“", '"', "„", "«"} or _closes_first(following):
        start, inner = max(opened.start(), span[0]), max(opened.end(), span[0])
        quotations.append(Quotation(start, span[1], inner, span[1]))
        return None if following[:1] in {"“", '"', "„", "«"} else opened
    if opened.group() != "”" and opened.start() >= span[0]:
        faults.append(LoneMark(opened.start(), opened.end(), "unclosed"))
    return None


def _closes_first(paragraph: str) -> bool:
    """Whether the first double mark of a paragraph closes a quotation from before."""
    first = _DOUBLE.search(paragraph)
    return first is not None and (
        _role(paragraph, (0, len(paragraph)), first, is_open=False) == "close"
    )


def _is_measure(text: str, mark: re.Match[str], opened: re.Match[str] | None) -> bool:
    """Whether a straight mark after a digit means inches or seconds."""
    if mark.group() not in {'"', "”", "''"} or opened is not None:
        return False
    return text[mark.start() - 1 : mark.start()].isdigit()


def _role(text: str, span: tuple[int, int], mark: re.Match[str], is_open: bool) -> str:
    """Whether a double mark opens or closes, by its form, then by the space around it."""
    before = text[mark.start() - 1] if mark.start() > span[0] else " "
    after = text[mark.end()] if mark.end() < span[1] else " "
    gap_before = before.isspace() or before in "([{—–-/‘'"
    gap_after = after.isspace() or after in ".,;:!?)]}—–-/’'"
    form = mark.group()
    if form in {"„", "«", "``"}:
        return "open"
    if form == "»":
        return "close"
    if form == "“":
        closes = is_open and (not gap_before or gap_after or _speech_follows(text, mark.end()))
        return "close" if closes else "open"
    if form == "”":
        opens = not is_open and not gap_after
        return "open" if opens else "close"
    if gap_before and not gap_after:
        return "close" if is_open and _speech_follows(text, mark.end()) else "open"
    if gap_after and not gap_before:
        return "close"
    return "close" if is_open else "open"


def _speech_follows(text: str, at: int) -> bool:
    """Whether a reporting verb follows, with at most a pronoun before it."""
    match = _ATTRIBUTION.match(text, at)
    return match is not None and match[1] in words("speech")


def _read_single(
    text: str, span: tuple[int, int], quotations: list[Quotation], faults: list[LoneMark]
) -> None:
    """Pair single marks; of the lone ones only those that cannot be apostrophes are faults."""
    opened: re.Match[str] | None = None
    for mark in _SINGLE.finditer(text, *span):
        if _ELISION.match(text, mark.start()) and opened is None:
            continue
        opens = mark.group() == "‘" or (
            mark.group() == "'" and not text[mark.start() - 1 : mark.start()].strip(' \n([“"—–-')
        )
        opens = opens and text[mark.end() : mark.end() + 1].isalnum()
        if opens:
            if opened is not None and opened.group() == "‘":
                faults.append(LoneMark(opened.start(), opened.end(), "unclosed"))
            opened = mark
        elif opened is not None:
            if _is_possessive(text, mark) and _closes_later(text, mark.end(), span[1]):
                continue
            quotations.append(Quotation(opened.start(), mark.end(), opened.end(), mark.start()))
            opened = None
        elif mark.group() == "'" and _is_stray(text, mark):
            faults.append(LoneMark(mark.start(), mark.end(), "unopened"))
    if opened is not None and opened.group() == "‘":
        faults.append(LoneMark(opened.start(), opened.end(), "unclosed"))


def _is_possessive(text: str, mark: re.Match[str]) -> bool:
    return bool(re.search(r"s['’]\s\w", text[mark.start() - 1 : mark.end() + 2]))


def _closes_later(text: str, at: int, end: int) -> bool:
    return bool(re.search(r"(?<=[\w.,!?…])['’](?!\w)", text[at:end]))


def _is_stray(text: str, mark: re.Match[str]) -> bool:
    """Whether a lone straight mark after a word can be no possessive and no clipped word."""
    before = text[max(0, mark.start() - 12) : mark.start()]
    if not re.search(r"[^\W\d_]$", before) or before[-1] in "sSzZxX" or _CLIPPED.search(before):
        return False
    return bool(re.match(r" \w", text[mark.end() : mark.end() + 2]))
