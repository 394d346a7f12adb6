"""Quotation marks and punctuation in the wrong place.

What it finds
Quotation marks without a partner, turned the wrong way or glued to the next word; direct speech and
quoted words whose marks were lost; space before punctuation and inside quotation marks; marks
inserted inside a phrase ("had? opened", "sell~ bread"); doubled marks; a comma between subject and
verb.

Why it matters
A lost quotation mark makes a claim the outlet's own. Spaced and stray marks are what a translation
pipeline leaves behind when it takes text apart and puts it together again.

How it decides
Spaces, doubled and impossible marks are read off. Quotation marks are paired by paragraph; a mark
alone counts unless another version's row has the same lone mark.
Direct speech lost its marks if two other versions quote the sentence and this one has nearly their
words without marks, or if one does and the words speak of "I" or "we". A quoted term lost its marks
if two other versions quote the linked words. A mark inside a phrase counts if the word before it
cannot end a clause, if a lower-case word follows a question or exclamation mark, or if another
version has the same two neighbours with nothing between. A comma counts only where another version
has both neighbours together: between a subject without other commas and its verb, after a word that
cannot end a phrase, or inside a name.

Known problems
Whether a comma or stop stands inside or outside a closing mark is style and not judged. Titles that
end in ! or ? pass only if capitalised.

Example
"The street was calm, police said ." -> "said."
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from audit.detect.base import Info, Settings, finding, quoted
from audit.detect.shared.lost_quotes import lost_speech, lost_terms
from audit.language.spelling import plain
from audit.model import (
    Finding,
    Language,
    LoneMark,
    Measure,
    OtherCell,
    Quotes,
    Sentence,
    Story,
)

INFO = Info(
    id="quote-punctuation",
    category="quote-punctuation",
    severity="minor",
    needs=frozenset({"versions"}),
)

MANY = 3
"""From so many spaced marks in one sentence they are one fault: the text was taken apart."""

_SPACED = re.compile(
    r"(?<![\w%)\]”’\"'…])(?P<word>[\w%)\]”’\"'…]+)(?P<gap>[ \t]+)"
    r"(?P<mark>[”’]?[,;:!?]+|[”’]?\.(?![.\w])|[)\]”])"
    r"(?P<close>[”\"’'.]*)(?=\s|$|[”\"’')\]])"
)
_OPEN_SPACED = re.compile(r"(?P<mark>[(\[“„])(?P<gap>[ \t]+)(?P<word>\w+)")
_QUOTE_SPACED = re.compile(r"(?:(?<=\s)|^)\"\s(?P<word>\w+)(?=[^\"]{0,300}\s\"(?:[\s.,;:!?]|$))")
_GLUED = re.compile(r"(?P<before>[\w.,!?])(?P<mark>”)(?P<after>[^\W\d_]+)")
_NO_SPACE = re.compile(r"\b(?P<before>[a-z]{2,})(?P<mark>[,;])(?P<after>[^\W\d_]{2,})")
_DOUBLED = re.compile(
    r"(?P<mark>,[,;.:]+|;[;,.]+|:[:;,]+|(?<![.A-Z])(?<!\b[A-Za-z])\.[,;:]|[?!][,;:.])"
)
_UNDERSCORE = re.compile(r"(?<![\w@/.])[^\W_]*(?:_+[^\W_]*)+|[,;:.]_+")
_SYMBOL = re.compile(r"(?<=\w)[~^@](?=\s|$)")
_DANGLING = re.compile(r"\b(?P<before>[^\W_]+)-\s+(?P<after>[^\W\d_]+)")
_INSIDE = re.compile(r"\b(?P<before>[^\W_]+(?:['’]\w+)?)(?P<mark>[?!;:])\s+(?P<after>[^\W_]+)")
_ADDRESS = re.compile(r"(?<!\S)\S*(?:://|www\.|@\w|\w@)\S*|#\S+")


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield one finding per misplaced, missing or extra mark."""
    marks = {v.id: story.annotations[v.id].quotes for v in story.versions}
    for s in story.all_sentences():
        views = story.beside(s)
        yield from _spaced(story, s)
        yield from _glued(story, s, marks[s.version])
        yield from _impossible(story, s, views)
        yield from _inside(story, s, views, marks[s.version])
        yield from _commas(story, s, views)
        yield from _unpaired(story, s, views, marks)
    yield from lost_speech(INFO, story, marks)
    yield from lost_terms(INFO, story, marks)


def _found(
    story: Story,
    s: Sentence,
    span: tuple[int, int],
    message: str,
    suggestion: str | None,
    *,
    measure: Measure,
    confidence: float = 0.9,
) -> Finding:
    """A finding at a span of a sentence's own text."""
    return finding(
        INFO,
        story,
        s.version,
        (s.start + span[0], s.start + span[1]),
        message,
        measure=measure,
        confidence=confidence,
        suggestion=suggestion,
    )


@cache
def _split(language: Language) -> re.Pattern[str] | None:
    """A space before what contractions of a language end in; None if it has none."""
    endings = "|".join(sorted(language.words("contractions"))).replace("'", "['’]")
    return re.compile(rf"\b(?P<word>\w+) (?P<mark>{endings})\b") if endings else None


def _spaced(story: Story, s: Sentence) -> Iterator[Finding]:
    """Space before a closing mark, after an opening one, or before a contraction's ending."""
    found: list[tuple[tuple[int, int], str]] = []
    inside = _stops_inside(story.version(s.version).text)
    for m in _SPACED.finditer(s.text):
        if _is_french_space(m) or _is_smiley(s.text, m):
            continue
        marks = m["mark"] + m["close"]
        if inside and marks[:1] in '”"' and marks[1:] in {".", ","}:
            marks = marks[::-1]
        found.append((m.span(), m["word"] + marks))
    found += [(m.span(), m["mark"] + m["word"]) for m in _OPEN_SPACED.finditer(s.text)]
    if split := _split(story.language):
        found += [(m.span(), m["word"] + m["mark"]) for m in split.finditer(s.text)]
    found += [(m.span(), '"' + m["word"]) for m in _QUOTE_SPACED.finditer(s.text)]
    found.sort()
    if len(found) >= MANY:
        (start, end), right = found[0][0], found[0][1]
        yield _found(
            story, s, (start, end), f"Space before punctuation, {len(found)} times here.", right,
            measure=Measure("spaced marks", len(found), MANY), confidence=0.95,
        )  # fmt: skip
        return
    for span, right in found:
        yield _found(
            story, s, span, "A space is on the wrong side of a mark.", right,
            measure=Measure("spaced marks", len(found), 1), confidence=0.95,
        )  # fmt: skip


def _stops_inside(text: str) -> bool:
    """Whether a version mostly puts stops and commas inside closing marks, as Americans do."""
    return len(re.findall(r"[.,][”\"]", text)) > len(re.findall(r"\w[”\"][.,]", text))


def _is_french_space(m: re.Match[str]) -> bool:
    """Whether the space is a no-break one before a high mark, as French typography has it."""
    return any(c in "\u00a0\u202f\u2009" for c in m["gap"])


def _is_smiley(text: str, m: re.Match[str]) -> bool:
    return bool(re.match(r"[:;]-?[)(DPp]", text[m.start("mark") :]))


def _glued(story: Story, s: Sentence, marks: Quotes) -> Iterator[Finding]:
    """A space missing after a closing mark or a comma."""
    lone = {f.start - s.start for f in marks.faults}
    contractions = story.language.words("contractions")
    closing = [
        m
        for m in _GLUED.finditer(s.text)
        if f"'{m['after']}" not in contractions and m.start("mark") not in lone
    ]
    inner = [m for m in _NO_SPACE.finditer(s.text) if not _in_address(s.text, m.start("mark"))]
    for m in (*closing, *inner):
        yield _found(
            story, s, m.span(), f"A space is missing after {quoted(m['mark'])}.",
            f"{m['before']}{m['mark']} {m['after']}",
            measure=Measure("glued marks", len(closing) + len(inner), 1),
        )  # fmt: skip


def _in_address(text: str, at: int) -> bool:
    return any(m.start() <= at < m.end() for m in _ADDRESS.finditer(text))


def _impossible(story: Story, s: Sentence, views: tuple[OtherCell, ...]) -> Iterator[Finding]:
    """Marks that no running text has: underscores, ~, ^ and @ after a word, doubled marks."""
    for m in _UNDERSCORE.finditer(s.text):
        is_rule = not m.group().strip("_") and len(m.group()) > 2
        if not is_rule and not _in_address(s.text, m.start()):
            yield _found(
                story, s, m.span(), "An underscore stands in the text.", m.group().replace("_", ""),
                measure=Measure("underscores", m.group().count("_"), 1),
            )  # fmt: skip
    symbols = list(_SYMBOL.finditer(s.text))
    for m in symbols:
        yield _found(
            story, s, m.span(), f"A stray {quoted(m.group())}.", "",
            measure=Measure("stray symbols", len(symbols), 1),
        )  # fmt: skip
    for m in _DOUBLED.finditer(s.text):
        before = re.findall(r"[\w.]+$", s.text[: m.start()])
        abbreviated = (
            b.lower().strip(".") in story.language.words("abbreviations") for b in before
        )
        if any(abbreviated) or not all(map(str.islower, before)):
            continue  # "Ore.,", "Yahoo!,"
        if any(m["mark"] in v.text for v in views):
            continue
        yield _found(
            story, s, m.span(), f"Several marks, {quoted(m['mark'])}, where one belongs.",
            m["mark"][0], measure=Measure("marks in a row", len(m["mark"]), 2), confidence=0.8,
        )  # fmt: skip
    joining = story.language.words("after_hanging_hyphen")
    hanging = [
        m
        for m in _DANGLING.finditer(s.text)
        if m["after"].lower() not in joining
        and not m["before"].isdigit()
        and not m["after"][0].isupper()
    ]
    for m in hanging:
        yield _found(
            story, s, m.span(), "A hyphen at the end of a word.",
            _joined(m["before"], m["after"], views),
            measure=Measure("hanging hyphens", len(hanging), 1), confidence=0.8,
        )  # fmt: skip


def _joined(before: str, after: str, views: tuple[OtherCell, ...]) -> str:
    """The two words around a dangling hyphen: one word if another version has it so."""
    hyphenated = f"{before}-{after}"
    return hyphenated if any(plain(hyphenated) in v.words for v in views) else f"{before} {after}"


def _inside(
    story: Story, s: Sentence, views: tuple[OtherCell, ...], marks: Quotes
) -> Iterator[Finding]:
    """A mark inside a phrase: ? ! ; : where the clause cannot end."""
    for m in _INSIDE.finditer(s.text):
        mark, before, after = m["mark"], m["before"], m["after"]
        together = sum((plain(before), plain(after)) in v.pairs for v in views)
        shown = any(f"{before}{mark}".lower() in v.text.lower() for v in views)
        if shown or _in_address(s.text, m.start("mark")):
            continue
        if mark == ";" and after in story.language.words("conjunctions"):
            continue
        if not (together or _cannot_end(before, mark, after, story.language)):
            continue
        without = Measure("versions without the mark", together, 1)
        yield _found(
            story, s, (m.start("before"), m.end("after")),
            f"{quoted(mark)} stands inside a phrase.", f"{before} {after}",
            measure=without if together else Measure("marks inside a phrase", 1, 1),
            confidence=0.9 if together else 0.8,
        )  # fmt: skip


def _cannot_end(before: str, mark: str, after: str, language: Language) -> bool:
    """Whether no clause can end before the mark, or none can begin after it."""
    if mark in "?!":
        if after[0].islower():
            return not before[0].isupper() and after not in language.words("speech")
        return plain(before) in language.words("question_nonfinal")
    if after[0].isdigit() and before[0].isdigit():
        return False
    barred = language.words("colon_nonfinal" if mark == ":" else "semicolon_nonfinal")
    return plain(before) in barred or plain(after) in language.words("noninitial")


_COMMA = re.compile(r"\b(?P<before>[^\W_]+), (?P<after>[^\W_]+)")


def _commas(story: Story, s: Sentence, views: tuple[OtherCell, ...]) -> Iterator[Finding]:
    """A comma that parts what the other versions have together."""
    language = story.language
    for m in _COMMA.finditer(s.text):
        before, after = plain(m["before"]), plain(m["after"])
        together = [v for v in views if (before, after) in v.pairs]
        apart = [v for v in views if f"{before}, {after}" in plain(v.text)]
        if apart:
            continue
        names = m["before"][0].isupper() and m["after"][0].isupper()
        split = names and s.text[: m.start()].rstrip().lower().endswith(
            tuple(language.words("definite_articles"))
        )
        subject = (
            after in language.words("finite")
            and "," not in s.text[: m.end("before")]
            and (
                len(together) > 1
                or not language.words("clause_openers") & _words_before(s, m.end("before"))
            )
            and not s.text.rstrip("”\"’'").endswith("?")
        )
        cut = before in language.words("comma_nonfinal")
        if not together or not (subject or split or cut):
            continue
        right = f"{m['before']} {m['after']}"
        yield _found(
            story, s, m.span(), "A comma stands inside a phrase.", right,
            measure=Measure("versions without the comma", len(together), 1), confidence=0.75,
        )  # fmt: skip


def _words_before(s: Sentence, at: int) -> set[str]:
    return {plain(t.text) for t in s.tokens if t.is_word and t.end - s.start <= at}


_PROBLEMS = {
    "unclosed": "This quotation mark is never closed. Close it where the quotation ends.",
    "unopened": "This quotation mark closes what was never opened. Open the quotation.",
    "turned": "This quotation mark is turned the wrong way.",
}


def _unpaired(
    story: Story, s: Sentence, views: tuple[OtherCell, ...], marks: dict[str, Quotes]
) -> Iterator[Finding]:
    """Quotation marks that make no pair, unless another version has the same lone mark."""
    for fault in marks[s.version].faults:
        if not s.start <= fault.start < s.end or _is_shared(views, marks, fault):
            continue
        if not views and _is_possessive(s, fault):
            continue
        start, end = _around(s, fault)
        alike = sum(f.kind == fault.kind for f in marks[s.version].faults)
        yield _found(
            story,
            s,
            (start, end),
            _PROBLEMS[fault.kind],
            _repaired(s, fault, start, end),
            measure=Measure(f"{fault.kind}-marks", alike, 1),
            confidence=0.85,
        )


def _is_possessive(s: Sentence, fault: LoneMark) -> bool:
    """Whether a straight double mark stands for a plural's apostrophe: "the enemies" distress"."""
    at = fault.start - s.start
    return bool(re.search(r"[sS]\"? [a-z]", s.text[max(0, at - 1) : at + 3])) and (
        s.text[at : at + 1] == '"'
    )


def _is_shared(views: tuple[OtherCell, ...], marks: dict[str, Quotes], fault: LoneMark) -> bool:
    """Whether another version's cell has a fault of the same kind: a quotation cut by the text."""
    return any(
        other.kind == fault.kind and any(x.start <= other.start < x.end for x in v.sentences)
        for v in views
        for other in marks[v.version].faults
    )


def _around(s: Sentence, fault: LoneMark) -> tuple[int, int]:
    """The mark with the words it touches, as offsets into the sentence."""
    start, end = fault.start - s.start, fault.end - s.start
    before = re.search(r"[^\s“”\"]*\s?$", s.text[:start])
    after = re.match(r"\s?[^\s“”\"]+", s.text[end:])
    return (before.start() if before else start), end + (after.end() if after else 0)


def _repaired(s: Sentence, fault: LoneMark, start: int, end: int) -> str | None:
    """A turned mark set right; None where the place of the missing mark is not known."""
    if fault.kind != "turned":
        return None
    at = fault.start - s.start
    mark = s.text[at : fault.end - s.start]
    before, after = s.text[start:at], s.text[fault.end - s.start : end]
    if mark == "“":
        return f"{before.rstrip()}” {after.lstrip()}".rstrip()
    return f"{before.rstrip()} “{after.lstrip()}".lstrip()
