"""Cut a version into sentences and tokens, and set page furniture apart.

Built for garbled text: a full stop in the wrong place does not hide the fault from the detectors
that look for it, because what follows a false stop ("former state. Soviet.", "took place. turned
into riots") stays with its sentence. The raw split is sentencex (Wikimedia Foundation, a port of
pySBD's rules, Sadvilkar & Neumann 2020); its errors on such text are repaired here. Direct speech
is cut into its sentences, as a reader does; sentencex alone keeps a quotation whole.

Line breaks always end a sentence. Every character that is not white space lies in exactly one
Sentence or Residue.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from audit.language.spelling import plain
from audit.model import Language, Residue, Sentence, SentenceKind, Token, Version
from audit.segment.residue import Found, Line, find_residue

__all__ = ["segment", "tokenize"]

_MARK = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u200c\u200d\u00ad"
"""Combining marks, joiners and soft hyphens: inside a word, though not in Python's \\w."""

_PIECE = rf"(?:(?:[^\W\d_]\.){{2,}}(?!\w)|[^\W_][{_MARK}]*(?:[^\W_]|[{_MARK}])*)"
_NEVER = r"(?!)"

_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_QUOTE = re.compile(r"[“”„«»\"]|(?<!\w)['‘’]|['‘’](?!\w)")
_OPENERS = "“„«‘([{"
_CLOSERS = "”»’)]}"
_STOP = ".!?…。！？"

_WORD = re.compile(r"[^\W_][\w'’.-]*")
_ITEM = re.compile(r"(?:([•●○▪▫■□◦‣∙·*–—-])|\(?\d{1,2}[.)])\s+(?=\S)")
_CERTAIN_BULLETS = frozenset("•●○▪▫■□◦‣∙")
_LIST_NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z])[.)]$")
_NUMBER_END = re.compile(r"(?<![\d,.])\d{1,2} ?\.$")
_QUOTED_END = re.compile(r"[!?…][”\"’']$")

_UNSPACED = re.compile(r"[\"“‘(]?[A-Z][\w’'-]*,?\s")
"""How a sentence may begin right after a full stop; "Example.Org" is a name."""

NEAR = 80
"""So many characters on either side of a cut decide whether it is one."""

FRAGMENT_WORDS = 3
"""A verbless piece after a full stop of at most so many words is the tail of a broken sentence."""

HEADLINE_WORDS = 20
SUBHEAD_WORDS = 12
"""Longest headline and subhead, words: 31 native articles of 2020 have headlines of 6 to 20."""


@dataclass(frozen=True)
class _Rules:
    """What a language says of the borders of its words and sentences, as patterns and lists.

    `opening` words begin a sentence even after an acronym, `whole` ones make a short piece a
    sentence of its own, as do words with one of `past_endings`.
    """

    token: re.Pattern[str]
    abbreviation_end: re.Pattern[str]
    acronym_end: re.Pattern[str]
    attribution: re.Pattern[str]
    opening: frozenset[str]
    whole: frozenset[str]
    past_endings: tuple[str, ...]


@cache
def _rules(language: Language) -> _Rules:
    """From the table `sentences` and lists of a language; what it lacks never matches."""
    data = language.table("sentences")

    def any_of(name: str) -> str:
        return _any_of(data.get(name, ()))

    clitic = rf"['’](?i:{any_of('clitics')})(?![\w'’])"
    joint = rf"(?!{clitic})(?:['’‐‑.-](?=[^\W_])|(?<=\d)[,:](?=\d))"
    speech = _any_of(sorted(language.words("speech_after_quotes")))
    articles = _any_of(sorted(language.words("articles")))
    capital = map(str.capitalize, language.words("capital_abbreviations"))
    abbreviations = _any_of(sorted({*capital, *language.words("small_abbreviations")}))
    return _Rules(
        token=re.compile(rf"(?<=[\w.]){clitic}|{_PIECE}(?:{joint}{_PIECE})*|\S"),
        abbreviation_end=re.compile(rf"\b{abbreviations} ?\.$"),
        acronym_end=re.compile(
            rf"(?:\b[^\W\d_] ?\.){{2,}}$|\b[A-Z] ?\.$|\b{any_of('acronyms')} ?\.$"
        ),
        attribution=re.compile(
            rf"(?:(?:[A-Z][\w’'.-]*|{articles}) ){{1,5}}{speech}\b|{speech} [A-Z]"
        ),
        opening=frozenset(data.get("openers", ())),
        whole=frozenset(data.get("whole", ())),
        past_endings=tuple(data.get("past_endings", ())),
    )


def _any_of(patterns: Iterable[str]) -> str:
    return rf"(?:{'|'.join(patterns) or _NEVER})"


def tokenize(text: str, start: int, end: int, language: Language) -> tuple[Token, ...]:
    """The tokens of text[start:end], with offsets into the whole text.

    A word keeps its inner apostrophes, hyphens and dots ("Kassym-Jomart", "don’t", "U.S.",
    "3,800", "14:40"); every mark of punctuation is a token of its own, and so is a clitic that
    the language sets apart (the possessive ’s).
    """
    token = _rules(language).token
    return tuple(Token(m.start(), m.end(), m.group()) for m in token.finditer(text, start, end))


def segment(
    version: Version, language: Language
) -> tuple[tuple[Sentence, ...], tuple[Residue, ...]]:
    """The sentences and the page furniture of a version, each in text order."""
    lines = [
        Line(*span, version.text[slice(*span)])
        for m in _LINE.finditer(version.text)
        for span in _stripped(version.text, m.start(), m.end())
    ]
    sentences: list[Sentence] = []
    residue: list[Residue] = []
    items = _items(lines)
    for i, (line, found) in enumerate(zip(lines, find_residue(lines, language), strict=True)):
        if (bullet := items.get(i)) and not (found and found[0].start < bullet.end):
            found = (bullet, *found)
        residue += [Residue(version.id, r.start, r.end, r.kind) for r in found]
        for start, end in _left_over(version.text, line, found):
            kind = "item" if i in items else _kind(version, lines, i, (start, end))
            for a, b in _sentence_spans(version.text, start, end, language):
                sentences.append(
                    Sentence(
                        version=version.id,
                        index=len(sentences),
                        start=a,
                        end=b,
                        text=version.text[a:b],
                        kind=kind,
                        tokens=tokenize(version.text, a, b, language),
                    )
                )
    return tuple(sentences), tuple(residue)


def _items(lines: Sequence[Line]) -> dict[int, Found | None]:
    """The lines that are items of a list, by index, with the bullet of each that has one.

    A dash, an asterisk or a number opens an item only if a second line has the same.
    """
    opened = {i: m for i, line in enumerate(lines) if (m := _ITEM.match(line.text))}
    count = Counter(m.group(1) for m in opened.values())
    return {
        i: Found(lines[i].start, lines[i].start + 1, "bullet") if m.group(1) else None
        for i, m in opened.items()
        if m.group(1) in _CERTAIN_BULLETS or count[m.group(1)] > 1
    }


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without white space at its ends; nothing if it is all white space."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _left_over(text: str, line: Line, found: tuple[Found, ...]) -> Iterator[tuple[int, int]]:
    """The parts of a line that no residue covers."""
    at = line.start
    for r in found:
        yield from _stripped(text, at, r.start)
        at = r.end
    yield from _stripped(text, at, line.end)


def _kind(version: Version, lines: list[Line], i: int, span: tuple[int, int]) -> SentenceKind:
    """Whether a line is a headline: short, without a final stop, not a list item or a lone line."""
    text = version.text[slice(*span)]
    if version.title and text == version.title.strip():
        return "headline"
    words = len(text.split())
    ends_open = text[-1].isalnum() or (
        text[-1] in "”\"’')" and text.rstrip("”\"’')")[-1:] not in {*_STOP, ",", ""}
    )
    starts_well = (
        text.lstrip(_OPENERS + "\"'")[:1].isupper() or text[0].isdigit() or text[0] in "£$€"
    )
    if len(lines) < 2 or not ends_open or not starts_well:
        return "body"
    if i == 0:
        return "headline" if words <= HEADLINE_WORDS else "body"
    goes_on = i + 1 < len(lines) and not lines[i + 1].text[:1].islower()
    return "headline" if goes_on and words <= SUBHEAD_WORDS else "body"


def _sentence_spans(
    text: str, start: int, end: int, language: Language
) -> Iterator[tuple[int, int]]:
    """The sentences within one line's span, stripped."""
    line = text[start:end]
    rules = _rules(language)
    cuts = [0]
    candidates = [*_raw_cuts(line, language.code), len(line)]
    for here, following in pairwise(candidates):
        if _is_boundary(line, cuts[-1], here, following, rules):
            cuts.append(here)
    for a, b in pairwise([*cuts, len(line)]):
        yield from _stripped(text, start + a, start + b)


def _raw_cuts(line: str, code: str) -> list[int]:
    """Where sentencex ends sentences inside a line, once closing marks are given back.

    Quotation marks are masked, so that quotations are cut too; then closing marks go with the
    sentence before and opening marks with the one after.
    """
    from sentencex import segment as split  # type: ignore[import-untyped]

    cuts = set(_repeated_start(line))
    at = 0
    for piece in split(code, _QUOTE.sub(" ", line)):
        at += len(piece)
        cut = _after_closers(line, min(at, len(line)))
        if 0 < cut < len(line):
            cuts.add(cut)
    return sorted(cuts)


def _after_closers(line: str, at: int) -> int:
    """Move a cut to where the stop's closing marks end and the next opening marks begin."""
    while at > 0 and (line[at - 1].isspace() or line[at - 1] in _OPENERS + _CLOSERS + "\"'"):
        at -= 1
    while at < len(line):
        mark = line[at]
        closes = mark in _CLOSERS or (mark in "\"'" and not line[at - 1].isspace())
        if closes or (mark.isspace() and line[at + 1 : at + 2] in {"”", "»"}):
            at += 1
        else:
            break
    while at < len(line) and line[at].isspace():
        at += 1
    return at


def _repeated_start(line: str) -> Iterator[int]:
    """Where a line starts over without a space: "…, KazakhstanProtesters took part in …".

    Only where the second half begins with the line's own first word, so that "McDonald" and
    "YouTube" stay whole.
    """
    first = _WORD.match(line)
    if first and len(first.group()) > 3:
        for m in re.finditer(rf"(?<=[a-z]){re.escape(first.group())}(?=\s)", line):
            yield m.start()


def _is_boundary(line: str, start: int, cut: int, end: int, rules: _Rules) -> bool:
    """Whether a sentence ends at `cut`, between the pieces [start, cut) and [cut, end)."""
    before, after = line[max(start, cut - NEAR) : cut].rstrip(), line[cut:end].strip()
    words = _WORD.findall(after, 0, NEAR)
    if not words or not _WORD.search(before) or _LIST_NUMBER.match(before):
        return False
    if line[cut - 1] in _STOP and not _UNSPACED.match(after):
        return False
    opening = after.lstrip(_OPENERS + "\"' ")
    # In a line with capitals a small letter says that the sentence goes on.
    if opening[:1].islower() and not words[0][1:2].isupper() and line != line.lower():
        return False
    if rules.abbreviation_end.search(before):
        return False
    if _NUMBER_END.search(before) and opening[:1].isdigit():
        return False
    if rules.acronym_end.search(before) and words[0] not in rules.opening:
        return False
    if _QUOTED_END.search(before) and rules.attribution.match(after):
        return False
    return not _is_false_stop(before, after, words, rules)


def _is_false_stop(before: str, after: str, words: list[str], rules: _Rules) -> bool:
    """Whether `after` is a stump that a wrong full stop cut off its sentence."""
    if not before.endswith(".") or before.endswith("..") or len(words) > FRAGMENT_WORDS:
        return False
    if re.match(r"[-‐‑–]\w", after):
        return True
    forms = {plain(w).rstrip(".") for w in words}
    verb = forms & rules.whole or any(f.endswith(rules.past_endings) for f in forms)
    return after.endswith(".") and after[0].isalpha() and words[0] not in rules.opening and not verb
