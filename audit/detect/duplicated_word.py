"""A word or phrase written twice.

What it finds
A word that follows itself ("closed the bridge bridge"), a phrase of up to eight words that follows
itself, and a preposition doubled around one short word ("for only for").

Why it matters
It is the plainest mark of unedited machine output, and readers stop at it.

How it decides
Words are compared without case, only where nothing but white space stands between the copies; from
four words on, a comma or a stop may. Doublings that are right ("had had", "very very"), names made
of a doubled word and doubled numbers pass, unless another version has the same two neighbours
around a single copy.

Known problems
A doubled word that may be right ("that that") passes where no other version shows the place.
Deliberate repetition in speech ("Stop stop!") passes only for words of the list.

Example
"The troops would be in the country for only for a short period." -> "for only".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from audit.detect.base import Info, Settings, finding, quoted, reading
from audit.language.spelling import plain
from audit.model import Finding, Language, Measure, OtherCell, Reading, Sentence, Story, Token

INFO = Info(
    id="duplicated-word",
    category="duplicated-word",
    severity="minor",
    needs=frozenset({"versions"}),
)

LONGEST = 8
"""Longest repeated phrase looked for, words."""

PAUSED = 4
"""From so many words on, a repeat after a comma is a slip and not emphasis."""

INSISTENT = 3
"""More copies than this are a machine's loop, not a speaker's emphasis."""

COMMON_NAME = 4.0
"""Zipf frequency from which a capitalised word is known well enough to be no doubled name."""


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield one finding per repeated stretch."""
    for s in story.all_sentences():
        views = story.beside(s)
        forms = story.annotations[s.version].forms[s.index]
        done = s.start
        for at, size, copies in _repeats(s.tokens, forms):
            first, last = s.tokens[at], s.tokens[at + size * copies - 1]
            if first.start < done or _is_right(story.language, s, forms, views, at, size, copies):
                continue
            done = last.end
            once = story.version(s.version).text[first.start : s.tokens[at + size - 1].end]
            yield _found(story, s, (first.start, last.end), once, copies, views)
        yield from _doubled_around(story, s, forms, views)


def _found(
    story: Story,
    s: Sentence,
    span: tuple[int, int],
    once: str,
    copies: int,
    views: tuple[OtherCell, ...],
) -> Finding:
    return finding(
        INFO,
        story,
        s.version,
        span,
        f"{quoted(once)} is written {'twice' if copies == 2 else f'{copies} times'}.",
        measure=Measure("copies", copies, 2),
        confidence=0.95,
        suggestion=once,
        witnesses=_witnesses(story, views, once),
    )


def _witnesses(story: Story, views: tuple[OtherCell, ...], once: str) -> list[Reading]:
    """Where the other versions have the word once."""
    found = []
    for view in views:
        tokens = zip(view.tokens, view.forms, strict=True)
        same = [t for t, form in tokens if form == plain(once)]
        if len(same) == 1:
            found.append(reading(story, view.version, (same[0].start, same[0].end)))
    return found


def _repeats(tokens: tuple[Token, ...], forms: tuple[str, ...]) -> Iterator[tuple[int, int, int]]:
    """(index of the first token, tokens in one copy, number of copies), left to right."""
    done = 0
    for at in range(len(forms)):
        if at < done:
            continue
        for size in range(1, min(LONGEST, (len(forms) - at) // 2) + 1):
            unit = forms[at : at + size]
            if forms[at + size] != forms[at] or not _is_unit(tokens[at : at + size]):
                continue
            copies = 1
            while forms[at + copies * size : at + (copies + 1) * size] == unit:
                copies += 1
            if copies > 1:
                yield at, size, copies
                done = at + (copies - 1) * size
                break


def _is_unit(tokens: tuple[Token, ...]) -> bool:
    """Whether tokens can be the unit of a slip: words, or a longer phrase with one mark in it."""
    marks = [t for t in tokens if not t.is_word]
    if not marks:
        return True
    return (
        tokens[0].is_word
        and len(tokens) - len(marks) >= PAUSED
        and len(marks) == 1
        and tokens[-1].text in {",", "."}
    )


def _is_right(
    language: Language,
    s: Sentence,
    forms: tuple[str, ...],
    views: tuple[OtherCell, ...],
    at: int,
    size: int,
    copies: int,
) -> bool:
    """Whether the repeat is idiom, a name, a number or another version's wording as well."""
    tokens, word = s.tokens[at : at + size * copies], forms[at]
    doublets = language.words("doublets")
    if size == 1 and any((word, word) in view.pairs for view in views):
        return True
    if copies > INSISTENT or (copies > 2 and size == 1 and word not in doublets):
        return False
    if size > 1:
        return all(f in doublets for f in forms[at : at + size])
    if tokens[0].has_digit:
        return not views
    listed = word in doublets or word in language.words("double_names")
    doubtful = (
        listed
        or len(word) == 1
        or (all(t.text[:1].isupper() for t in tokens) and not _is_well_known(language, word))
    )
    return doubtful and not _is_single_beside(forms, views, at, copies, strict=listed)


def _is_well_known(language: Language, word: str) -> bool:
    return language.is_word(word, rare=False) or language.zipf(word) >= COMMON_NAME


def _is_single_beside(
    forms: tuple[str, ...], views: tuple[OtherCell, ...], at: int, copies: int, *, strict: bool
) -> bool:
    """Whether another version has the word once, with the same neighbour on each side.

    Not `strict`: with one of them, or at a linked place.
    """
    word, end = forms[at], at + copies
    before = forms[at - 1] if at else ""
    after = forms[end] if end < len(forms) else ""
    for view in views:
        left, right = (before, word) in view.pairs, (word, after) in view.pairs
        if (left and right) if strict else (left or right or word in view.words):
            return True
    return False


_THREE_WORDS = re.compile(r"\w+ \w+ \w+")


def _doubled_around(
    story: Story, s: Sentence, forms: tuple[str, ...], views: tuple[OtherCell, ...]
) -> Iterator[Finding]:
    """A preposition on both sides of one short word: "for only for", "in the in"."""
    language, text = story.language, story.version(s.version).text
    doubled = language.words("prepositions") - language.words("correlatives")
    for i in range(len(forms) - 2):
        a, b, c = s.tokens[i : i + 3]
        if forms[i] != forms[i + 2] or forms[i] not in doubled:
            continue
        if forms[i + 1] in language.words("focus") and _THREE_WORDS.fullmatch(text, a.start, c.end):
            yield _found(story, s, (a.start, c.end), text[a.start : b.end], 2, views)
