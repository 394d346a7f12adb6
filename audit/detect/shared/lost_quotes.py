"""Words that other versions quote and this one does not: direct speech and quoted terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from audit.detect.base import Info, counted, finding, reading
from audit.language.spelling import plain
from audit.model import (
    Finding,
    Language,
    Measure,
    OtherCell,
    Quotation,
    Quotes,
    Reading,
    Sentence,
    Story,
    Token,
)

__all__ = ["lost_speech", "lost_terms"]

SPEECH_WORDS = 6
"""Shortest quotation, words, taken for direct speech and not for a quoted term."""

TERM_WORDS = 3
"""Longest quoted term, words."""

SAME = 0.6
"""Least share of a quotation's words that the unquoted sentence must have: below, it is reported
speech in other words."""

_WORD = re.compile(r"\w+")


def lost_speech(info: Info, story: Story, marks: Mapping[str, Quotes]) -> Iterator[Finding]:
    """Yield one finding where the opening mark is missing and one where the closing one is."""
    for s in story.all_sentences():
        views = story.beside(s)
        if s.kind == "headline" or not views or _touches_quotes(s, marks[s.version]):
            continue
        end = _speech_end(s, story.language)
        if end is None:
            continue
        spoken = [t for t in s.tokens if t.is_word and t.end <= end]
        witnesses = _quoting(story, spoken, views, marks)
        said = set(_WORD.findall(s.text[: end - s.start]))
        needed = 1 if said & story.language.words("first_person") else 2
        if len(witnesses) < needed or len(spoken) < SPEECH_WORDS:
            continue
        text = story.version(s.version).text
        opening = spoken[0].start, spoken[min(3, len(spoken) - 1)].end
        closing = _closing_place(s, spoken)
        for which, (at, until), mended in (
            ("opening", opening, "“" + text[slice(*opening)]),
            ("closing", closing, text[closing[0] : end] + "”" + text[end : closing[1]]),
        ):
            yield finding(
                info,
                story,
                s.version,
                (at, until),
                f"Direct speech has lost its {which} quotation mark.",
                measure=Measure("versions that quote the words", len(witnesses), needed),
                confidence=0.8,
                severity="major",
                suggestion=mended,
                witnesses=witnesses,
            )


def _touches_quotes(s: Sentence, marks: Quotes) -> bool:
    inside = any(q.start < s.end and s.start < q.end for q in marks.quotations)
    return inside or any(s.start <= f.start < s.end for f in marks.faults)


def _speech_end(s: Sentence, language: Language) -> int | None:
    """Where the spoken part ends if a reporting clause follows it after a comma; else None.

    "The fighters have not laid down their arms, the president said." ends before "the president".
    """
    for m in reversed(list(re.finditer(r",(?= )", s.text))):
        clause = re.findall(r"[\w’'-]+", s.text[m.end() :])
        says = not language.words("speech_verbs").isdisjoint(clause[:7])
        if says and len(clause) <= 14:
            return s.start + m.start() + 1
    return None


def _quoting(
    story: Story,
    spoken: list[Token],
    views: tuple[OtherCell, ...],
    marks: Mapping[str, Quotes],
) -> list[Reading]:
    """The quotations of other versions that have nearly the spoken words."""
    language = story.language
    content = [t for t in spoken if not language.is_function_word(t.text)]
    own = {plain(t.text) for t in content}
    found = []
    for view in views:
        for q in marks[view.version].quotations:
            quoted = {
                plain(t.text)
                for t in view.tokens
                if t.is_word
                and q.inner_start <= t.start
                and t.end <= q.inner_end
                and not language.is_function_word(t.text)
            }
            linked = _linked_share(view, content, q)
            same = len(own & quoted) / max(1, min(len(own), len(quoted)))
            if len(quoted) >= 3 and max(same, linked) >= SAME:
                found.append(reading(story, view.version, (q.start, q.end)))
                break
    return found


def _linked_share(view: OtherCell, content: list[Token], q: Quotation) -> float:
    """Share of words linked into a quotation."""
    inside = sum(
        any(q.inner_start <= x.start < q.inner_end for x in view.linked(t.start, t.end))
        for t in content
    )
    return inside / len(content) if content else 0.0


def _closing_place(s: Sentence, spoken: list[Token]) -> tuple[int, int]:
    """From the last two spoken words to the word after the comma."""
    start = spoken[-2].start
    following = next(t for t in s.tokens if t.is_word and t.start > spoken[-1].end)
    return start, following.end


def lost_terms(info: Info, story: Story, marks: Mapping[str, Quotes]) -> Iterator[Finding]:
    """Yield a finding where at least two other versions quote a term and this one has it bare."""
    for s in story.all_sentences():
        views = story.beside(s)
        if len(views) < 2 or s.kind == "headline":
            continue
        votes: dict[tuple[int, int], list[Reading]] = {}
        for view in views:
            for q in marks[view.version].quotations:
                place = _bare_place(s, view, q, story.language)
                if place:
                    votes.setdefault(place, []).append(
                        reading(story, view.version, (q.start, q.end))
                    )
        for (start, end), witnesses in sorted(votes.items()):
            if len({w.version for w in witnesses}) < 2 or _near_quote(marks[s.version], start, end):
                continue
            text = story.version(s.version).text[start:end]
            yield finding(
                info,
                story,
                s.version,
                (start, end),
                f"{counted(len(witnesses), 'other version')} quote these words.",
                measure=Measure("versions that quote the words", len(witnesses), 2),
                confidence=0.7,
                suggestion=f"“{text}”",
                witnesses=witnesses,
            )


def _near_quote(marks: Quotes, start: int, end: int) -> bool:
    """Whether the words are quoted here too, or stand beside an unpaired mark."""
    return any(q.start < end + 2 and start - 2 < q.end for q in marks.quotations) or any(
        abs(f.start - start) < 60 for f in marks.faults
    )


def _bare_place(
    s: Sentence, view: OtherCell, q: Quotation, language: Language
) -> tuple[int, int] | None:
    """Where the sentence has exactly the words of another version's quoted term, in lower case: a
    title or name in quotation marks is a matter of style."""
    if q.inner_end < view.tokens[0].end or view.tokens[-1].start < q.inner_start:
        return None
    term = [
        plain(t.text)
        for t in view.tokens
        if t.is_word and q.inner_start <= t.start and t.end <= q.inner_end
    ]
    if not 1 <= len(term) <= TERM_WORDS or all(map(language.is_function_word, term)):
        return None
    own = [t for t in s.tokens if t.is_word]
    for i in range(len(own) - len(term) + 1):
        place = own[i : i + len(term)]
        if [plain(t.text) for t in place] != term or not all(t.text.islower() for t in place):
            continue
        linked = view.linked(place[0].start, place[-1].end)
        if any(q.inner_start <= t.start < q.inner_end for t in linked):
            return place[0].start, place[-1].end
    return None
