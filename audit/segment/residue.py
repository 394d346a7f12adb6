"""Recognise page furniture: what a page has around an article and a scraper brings along.

Patterns are a table of the language (`residue`) and general: no outlet, no person, no story. They
must fit a whole line, or a line's start or end, so that a sentence about a subscription is not
taken for a subscription box.

The table may say with which characters a line begins that a pattern may fit (`openings`, found out
by `scripts/prepare_lists.py`). Of a hundred patterns a line of news is then tried against twenty,
and the others need not be compiled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from audit.model import Language

__all__ = ["OPENING", "Found", "Line", "find_residue", "shapes_of", "with_shapes"]

_OPENS_SENTENCE = re.compile(r"[\"'“‘(]?[A-Z\d]")
_ENDS_SENTENCE = ".!?…”\"’'"
_SPACES = re.compile(r"\s")
"""One white character for one blank, so that offsets stay."""

EDGE_LINES = 4
"""Rules for the top hold for so many first lines; a biography is one of so many last lines."""

OPENING = 3
"""Characters by which rules for whole lines are chosen: most begin with a word of their own."""

LONGEST_LINE = 700
"""Longer lines, in characters, are prose: the longest caption of five hundred seen has 520."""


class Line(NamedTuple):
    """A line of a version without the white space around it; offsets into the version's text."""

    start: int
    end: int
    text: str


class Found(NamedTuple):
    """A span of a line that is page furniture."""

    start: int
    end: int
    kind: str


class _Rule(NamedTuple):
    kind: str
    written: str
    minds_case: bool
    where: str | None
    openings: tuple[str, ...] | None
    """With which characters a line begins that the pattern may fit; None if with any."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """The pattern, compiled when a line is first tried."""
        return _compiled(self.written, 0 if self.minds_case else re.IGNORECASE)

    def may_fit(self, opening: str) -> bool:
        """Whether the pattern may fit a line that begins so; an empty opening may be any."""
        if self.openings is None or not opening:
            return True
        return (opening if self.minds_case else opening.lower()).startswith(self.openings)

    def applies(self, line: int) -> bool:
        """Whether the rule is for the line of that index."""
        if self.where == "first":
            return line == 0
        if self.where == "top":
            return line < EDGE_LINES
        return self.where is None or line > 0


class _Rules(NamedTuple):
    line: tuple[_Rule, ...]
    prefix: tuple[_Rule, ...]
    suffix: tuple[_Rule, ...]
    bio: tuple[re.Pattern[str], re.Pattern[str]] | None
    """How the line of a biography opens, and what it holds."""


_compiled = cache(re.compile)


def find_residue(lines: Sequence[Line], language: Language) -> list[tuple[Found, ...]]:
    """For each line of a version, the spans that are page furniture, in text order."""
    rules = _rules(language)
    found = [
        _whole_line(i, line, language) or _ends(i, line, rules) for i, line in enumerate(lines)
    ]
    if rules.bio:
        opening, cue = rules.bio
        prose = [i for i, line in enumerate(lines) if not _covered(line, found[i])]
        for i in prose[-EDGE_LINES:]:
            if opening.match(lines[i].text) and cue.search(lines[i].text):
                found[i] = (Found(lines[i].start, lines[i].end, "bio"),)
    return found


def _covered(line: Line, found: tuple[Found, ...]) -> bool:
    return bool(found) and (found[0].start, found[0].end) == (line.start, line.end)


def _whole_line(i: int, line: Line, language: Language) -> tuple[Found, ...]:
    """The line as one span, if all of it is furniture."""
    text = _SPACES.sub(" ", line.text)
    if len(text) <= LONGEST_LINE:
        opening = text[:OPENING]
        known = len(opening) == OPENING and opening.isascii() and opening.isprintable()
        for rule in _line_rules(language, opening if known else ""):
            if rule.applies(i) and rule.pattern.fullmatch(text):
                return (Found(line.start, line.end, rule.kind),)
    return ()


@lru_cache(maxsize=4096)
def _line_rules(language: Language, opening: str) -> tuple[_Rule, ...]:
    """The rules for whole lines that may fit one that begins so."""
    return tuple(rule for rule in _rules(language).line if rule.may_fit(opening))


def _ends(i: int, line: Line, rules: _Rules) -> tuple[Found, ...]:
    """Furniture before and after the line's sentences; never all of the line."""
    text = _SPACES.sub(" ", line.text)
    start = 0
    found = []
    for rule in rules.prefix:
        m = rule.pattern.match(text) if rule.applies(i) else None
        if m and _OPENS_SENTENCE.match(text, m.end()):
            start = m.end()
            found.append(Found(line.start, line.start + len(m.group().rstrip()), rule.kind))
            break
    for rule in rules.suffix:
        m = rule.pattern.search(text, start) if rule.applies(i) else None
        before = text[start : m.start()].rstrip() if m else ""
        if m and before and (rule.where == "first" or before[-1] in _ENDS_SENTENCE):
            found.append(Found(line.start + m.start(), line.end, rule.kind))
            break
    return tuple(found)


@cache
def _rules(language: Language) -> _Rules:
    """The rules of a language's table `residue`; a language without it has none."""
    data = language.table("residue")
    shapes = shapes_of(data)

    def filled(pattern: str) -> str:
        return with_shapes(pattern, shapes)

    def rules(
        tables: Iterable[Mapping[str, Any]], form: str, openings: Mapping[str, Sequence[str]]
    ) -> tuple[_Rule, ...]:
        return tuple(
            _Rule(
                t["kind"],
                form.format(filled(p)),
                bool(t.get("case")),
                t.get("where"),
                tuple(openings[p]) if p in openings else None,
            )
            for t in tables
            for p in t["patterns"]
        )

    bio = data.get("bio")
    return _Rules(
        line=rules(data.get("line", ()), "{}", data.get("openings", {})),
        prefix=rules(data.get("prefix", ()), "{}", {}),
        suffix=rules(data.get("suffix", ()), r"(?<!\w)(?:{})$", {}),
        bio=bio
        and (
            re.compile(filled(bio["opening"])),
            re.compile("|".join(map(filled, bio["cues"])), re.IGNORECASE),
        ),
    )


def shapes_of(data: Mapping[str, Any]) -> dict[str, str]:
    """What the patterns of a table `residue` refer to by name, later ones to earlier ones too."""
    agencies = sorted(data.get("agencies", ()), key=len, reverse=True)
    return {"agency": "|".join(map(re.escape, agencies)), **data.get("shapes", {})}


def with_shapes(pattern: str, shapes: dict[str, str]) -> str:
    """A pattern with the shapes that it refers to."""
    for shape, meaning in reversed(shapes.items()):
        pattern = pattern.replace(f"{{{shape}}}", f"(?:{meaning})")
    return pattern
