"""Foreign words, scripts and symbols left in English text.

What it finds
Words in another script ("the 市場 of the old town"), words of another language in English
sentences ("the schnelle train"), accents that the other versions do not write, and text
damaged by a wrong character encoding ("donâ€™t").

Why it matters
The reader cannot read it. It shows that the translator did not know the word, and often that a
fact is lost with it.

How it decides
A word in a script other than Latin counts, except single Greek letters and a gloss in brackets
after the word that it stands for. A Latin word counts if it is in no English list, if another
language has it among its common words (wordfreq; Speer 2022) and uses it at least ten times as
often as English does. In lower case that is enough, save for loan words, words inside quotation
marks and words that another version has too. A capitalised word may be a name; it counts only if
other versions say the same without it and it is a frequent word of German, which writes
nouns so; names are rarer. Neighbouring foreign words make one finding.

Known problems
Quoted foreign titles without quotation marks are reported. Foreign words that English spells alike
("Hand", "Art") pass.

Example
"the Wohnung of the workers", where another version has "flat" -> "flat".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from audit.compare.known_names import KnownNames
from audit.detect.base import Info, Settings, finding, quoted, reading
from audit.language.spelling import plain
from audit.model import (
    Finding,
    Language,
    Measure,
    OtherCell,
    Quotes,
    Reading,
    Sentence,
    Severity,
    Story,
    Token,
)

INFO = Info(
    id="untranslated",
    category="untranslated",
    severity="major",
    needs=frozenset({"versions"}),
)

RATIO = 1.0
"""Least Zipf gap (factor of ten) between the other language and English for a lower-case word."""

NOUNS_WITH_CAPITALS = frozenset({"de"})
"""Languages, of those that words are looked up in, whose nouns have a capital."""

NAME_RATIO = 2.5
"""The same for a capitalised word. Of fifteen surnames known in Germany those that are frequent
there ("Merkel", "Neuer") have gaps of 0.7 to 2.1; of fourteen common nouns, thirteen exceed 2.6."""

NAME_FREQUENCY = 4.0
"""Least Zipf frequency in German of a capitalised word: of those surnames, the one with a larger
gap than `NAME_RATIO` has 3.2; .8 less if the word has an umlaut or ß."""

MOJIBAKE = re.compile(r"(?:[ÂÃâÅÐÑ][\u0080-\u00bf€™œ˜šžŸ‚ƒ„…†‡ˆ‰‹“”•–—¢-¿]{1,2})+|\ufffd+")
"""UTF-8 read as Windows-1252 or Latin-1, and the replacement character."""


@dataclass(frozen=True, slots=True)
class _Foreign:
    """A token of another language or script, what of it was measured, and how sure that is.

    `gap` is how much more frequent it is elsewhere, Zipf; infinite for letters that decide alone.
    """

    token: Token
    what: str
    gap: float
    measure: Measure
    confidence: float
    severity: Severity


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield one finding per run of foreign words and per damaged place."""
    marks = {v.id: story.annotations[v.id].quotes for v in story.versions}
    known = KnownNames(settings.names, story.language)
    for s in story.all_sentences():
        views = story.beside(s)
        found = [
            f
            for i, t in enumerate(s.tokens)
            if not known.covers(t.text)
            and (f := _judge(s, i, views, marks[s.version], story.language))
        ]
        for run in _runs(s, found):
            yield _report(story, s, run, views)
        yield from _damaged(story, s)


def _judge(
    s: Sentence, i: int, views: tuple[OtherCell, ...], marks: Quotes, language: Language
) -> _Foreign | None:
    token = s.tokens[i]
    if any(plain(token.text) in v.words for v in views):
        return None
    script = _script(token.text)
    if script:
        glossed = _is_gloss(s, i)
        letters = Measure("letters of another script", sum(map(str.isalpha, token.text)), 1)
        return None if glossed else _Foreign(token, script, inf, letters, 0.95, "major")
    if not token.text.isalpha() or len(token.text) < 3:
        return None
    if token.text.islower():
        return _judge_common(s, i, marks, language)
    return _judge_capital(s, i, views, marks, language) if token.text.istitle() else None


def _judge_common(s: Sentence, i: int, marks: Quotes, language: Language) -> _Foreign | None:
    """A word in lower case: no name, so the lists decide."""
    token = s.tokens[i]
    if language.is_word(token.text) or _in_name(s, i, language.words("particles")):
        return None
    elsewhere = language.foreign(token.text)
    frequency = language.zipf(token.text)
    accented = not token.text.isascii()
    if elsewhere is None:
        if not accented or frequency > 2.0 or language.is_word(_bare(token.text)):
            return None
        accents = Measure("accented letters", sum(not c.isascii() for c in token.text), 1)
        return _Foreign(token, "word", inf, accents, 0.8, "major")
    gap = elsewhere[1] - frequency
    near = [n for n in language.neighbours(token.text) if n.zipf > 4.0]
    if gap < RATIO or (near and elsewhere[1] < 4.0 and not accented):
        return None
    is_quoted = marks.covers(token.start, token.end)
    if is_quoted and frequency > 1.5:
        return None
    certain = gap > 2 and not is_quoted
    measure = Measure("frequency gap", round(gap, 2), RATIO)
    if certain:
        return _Foreign(token, "word", gap, measure, 0.9, "major")
    return _Foreign(token, "word", gap, measure, 0.6, "minor")


def _judge_capital(
    s: Sentence, i: int, views: tuple[OtherCell, ...], marks: Quotes, language: Language
) -> _Foreign | None:
    """A capitalised word: a noun of another language, if it is no name."""
    token = s.tokens[i]
    if language.is_word(token.text) or language.is_plural(token.text) or not views:
        return None
    if language.is_word(_bare(token.text)):
        return None
    elsewhere = language.foreign(token.text)
    if elsewhere is None or marks.covers(token.start, token.end):
        return None
    code, frequency = elsewhere
    gap = frequency - language.zipf(token.text)
    least = NAME_FREQUENCY if token.text.isascii() else NAME_FREQUENCY - 0.8
    if code not in NOUNS_WITH_CAPITALS or gap < NAME_RATIO or frequency < least:
        return None
    if _is_beside_name(s, i, language) or _is_near_witness(token.text, views, language):
        return None
    measure = Measure("frequency gap", round(gap, 2), NAME_RATIO)
    return _Foreign(token, "word", gap, measure, 0.75, "major")


def _is_near_witness(word: str, views: tuple[OtherCell, ...], language: Language) -> bool:
    """Whether another version has a capitalised word that starts alike: another form of a name."""
    stem = _bare(word).lower()[:4]
    return any(
        t.text[:1].isupper()
        and _bare(t.text).lower().startswith(stem)
        and not language.is_word(t.text)
        for v in views
        for t in v.tokens
    )


def _is_beside_name(s: Sentence, i: int, language: Language) -> bool:
    """Whether a neighbour is capitalised and in no list either: then both are one name."""
    around = [s.tokens[j].text for j in (i - 1, i + 1) if 0 <= j < len(s.tokens)]
    return any(w.istitle() and w.isalpha() and not language.is_word(w) for w in around)


def _in_name(s: Sentence, i: int, particles: frozenset[str]) -> bool:
    """Whether a lower-case word is a particle or stands between two capitalised words."""
    before, after = _before(s, i), s.tokens[i + 1].text if i + 1 < len(s.tokens) else ""
    around = [w for w in (before, after) if w[:1].isupper()]
    return len(around) == 2 or (bool(around) and s.tokens[i].text in particles)


def _before(s: Sentence, i: int) -> str:
    return s.tokens[i - 1].text if i else ""


def _bare(word: str) -> str:
    """The word without accents."""
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _is_gloss(s: Sentence, i: int) -> bool:
    """Whether a token stands in brackets that hold another script alone, right after a word."""
    first, last = i, i
    while first > 0 and _script(s.tokens[first - 1].text):
        first -= 1
    while last + 1 < len(s.tokens) and _script(s.tokens[last + 1].text):
        last += 1
    if first < 1 or s.tokens[first - 1].text not in {"(", "["}:
        return False
    closed = last + 1 < len(s.tokens) and s.tokens[last + 1].text in {")", "]", ",", ";"}
    return closed and first > 1 and s.tokens[first - 2].is_word


def _script(word: str) -> str | None:
    """The script of a word's letters if it is not Latin; None for a single Greek letter."""
    letters = [c for c in word if c.isalpha()]
    for c in letters:
        script = unicodedata.name(c, "LATIN").split(maxsplit=1)[0]
        if script in {"LATIN", "MODIFIER", "MICRO", "OHM", "KELVIN", "ANGSTROM", "FEMININE"}:
            continue
        if script in {"MASCULINE", "MATHEMATICAL", "FULLWIDTH"}:
            continue
        if script == "GREEK" and sum(x.isascii() for x in letters) + 1 >= len(letters):
            continue
        return {"CJK": "Chinese or Japanese"}.get(script, script.capitalize())
    return None


def _runs(s: Sentence, found: list[_Foreign]) -> Iterator[list[_Foreign]]:
    """Foreign words with nothing but white space between them."""
    run: list[_Foreign] = []
    for f in found:
        gap = s.text[run[-1].token.end - s.start : f.token.start - s.start] if run else ""
        if run and gap.strip():
            yield run
            run = []
        run.append(f)
    if run:
        yield run


def _report(
    story: Story, s: Sentence, run: list[_Foreign], views: tuple[OtherCell, ...]
) -> Finding:
    start, end = run[0].token.start, run[-1].token.end
    worst = max(run, key=lambda f: f.gap)
    witnesses = _witnesses(story, views, start, end)
    quote = story.version(s.version).text[start:end]
    advice = "" if witnesses else " Translate it."
    kind = f"{worst.what} script" if worst.what != "word" else "of another language"
    return finding(
        INFO,
        story,
        s.version,
        (start, end),
        f"{quoted(quote)} is not {story.language.name} ({kind}).{advice}",
        measure=worst.measure,
        confidence=max(f.confidence for f in run),
        severity=worst.severity,
        suggestion=witnesses[0].quote if witnesses else None,
        witnesses=witnesses,
    )


def _witnesses(
    story: Story, views: tuple[OtherCell, ...], start: int, end: int
) -> tuple[Reading, ...]:
    """What the other versions have at the linked place, if it is one stretch of few words."""
    found = []
    for view in views:
        linked = view.linked(start, end)
        if linked and linked[-1].end - linked[0].start <= 3 * (end - start) + 20:
            found.append(reading(story, view.version, (linked[0].start, linked[-1].end)))
    return tuple(found)


def _damaged(story: Story, s: Sentence) -> Iterator[Finding]:
    """Places where the wrong encoding was used to read the text."""
    for m in MOJIBAKE.finditer(s.text):
        repaired = _repair(m.group())
        if repaired is None and "\ufffd" not in m.group():
            continue
        advice = "" if repaired else " Restore it from the source."
        yield finding(
            INFO,
            story,
            s.version,
            (s.start + m.start(), s.start + m.end()),
            f"{quoted(m.group())} is damaged by a wrong character encoding.{advice}",
            measure=Measure("damaged characters", len(m.group()), 1),
            severity="minor",
            confidence=0.95,
            suggestion=repaired,
        )


def _repair(damaged: str) -> str | None:
    """What the characters were before UTF-8 was read as Windows-1252; None if not that."""
    try:
        return damaged.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
