"""Misspelled words.

What it finds
Non-words with a frequent word one edit away ("wich", "gaurd", "hospitl"; two edits in long words),
single letters that stand alone, and wrong but existing words where the other versions have a word
a letter more or less between the same neighbours ("the mayor as in the hall" for "was").

Why it matters
Spelling is the first thing by which readers judge care.

How it decides
A lower-case word is a non-word if the English lists (SCOWL, American and British, rarer words
included) do not have it and it is no compound, prefixed or suffixed form of words they have. It is
reported if a listed word one Damerau edit away is at least thirty times as frequent (wordfreq;
Speer 2022); next to the commonest function words even a rare word of the lists is, if three hundred
times rarer. A word that the other versions have too, or that the version repeats, is a term. A
capitalised non-word is a name unless another version has the corrected form, it begins a sentence
and stands for a function word, or wordfreq has hardly seen it and a very frequent word is one edit
away. The suggestion is the form of the other versions if they have one, else the likeliest
neighbour. An existing word is a slip only if another version has a word with one letter more or
less between the same two neighbours, and it is no inflection or spelling variant of it; or if the
language model reads the sentence so much better with a frequent word one letter apart that the
confidence reaches the bar (docs/calibration.md). Where LanguageTool runs, its plain misspellings
and wrong ordinals ("23th") are reported as well.

Known problems
A slip that gives another existing word is seen only against another version, or where it makes no
sense in its sentence. New coinages and rare technical words close to a common word may be reported.

Example
"The gaurd closed the gate at noon." -> "guard".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from audit.compare.known_names import KnownNames
from audit.compare.non_words import Speller
from audit.compare.slips import Slip, wrong_word
from audit.detect.base import Info, Settings, finding, quoted, reading
from audit.detect.shared.edits import offers
from audit.detect.shared.objections import objections
from audit.language.spelling import plain
from audit.model import Finding, OtherCell, Sentence, Story, Token

INFO = Info(
    id="typo",
    category="typo",
    severity="minor",
    needs=frozenset({"versions", "surprisal"}),
)

_PART = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SPECIAL = re.compile(r"[@#/\\_]|\w\.\w|\d|www")


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield one finding per misspelled word."""
    own = list(_own(story, settings))
    yield from own
    for f in (*objections(INFO, story, settings), *offers(INFO, story, settings)):
        if not any(o.version == f.version and o.start < f.end and f.start < o.end for o in own):
            yield f


def _own(story: Story, settings: Settings) -> Iterator[Finding]:
    """What is found without LanguageTool and the language model."""
    language = story.language
    known = KnownNames(settings.names, language)
    counts = _counts(story)
    others = {v: Counter(f for w, c in counts.items() if w != v for f in c) for v in counts}
    for s in story.all_sentences():
        if s.text == s.text.lower() and any(language.always_capital(t.text) for t in s.tokens):
            continue  # names in lower case would be taken for misspellings
        views = story.beside(s)
        speller = Speller(s, views, counts[s.version], others[s.version], language)
        for i, token in enumerate(s.tokens):
            if _is_special(s, token) or known.covers(token.text):
                continue
            for part in _parts(token):
                slip = speller.slip(i, part)
                if slip is None and part.text == token.text:
                    slip = wrong_word(s, i, story.witnesses_beside(s), language)
                if slip:
                    yield _found(story, s, part, views, slip)
                    break


def _counts(story: Story) -> Mapping[str, Counter[str]]:
    """How often each version has each word part, in lower case."""
    return {v.id: Counter(plain(m.group()) for m in _PART.finditer(v.text)) for v in story.versions}


def _parts(token: Token) -> Iterator[Token]:
    """The words of a token, taken apart at hyphens."""
    for m in _PART.finditer(token.text):
        yield Token(token.start + m.start(), token.start + m.end(), m.group())


def _is_special(s: Sentence, token: Token) -> bool:
    """Whether a token is, or is part of, an address, a handle, a hashtag or a code."""
    around = s.text[max(0, token.start - s.start - 1) : token.end - s.start + 1]
    return not token.is_word or bool(_SPECIAL.search(around))


def _found(
    story: Story, s: Sentence, part: Token, views: tuple[OtherCell, ...], slip: Slip
) -> Finding:
    quote, word = part.text, slip.word
    right = word.capitalize() if quote.istitle() and len(quote) > 1 else word
    return finding(
        INFO,
        story,
        s.version,
        (part.start, part.end),
        f"{quoted(quote)} looks like a misspelling of {quoted(right)}.",
        measure=slip.measure,
        confidence=slip.confidence,
        suggestion=right,
        witnesses=[
            reading(story, v.version, (t.start, t.end))
            for v in views
            for t, form in zip(v.tokens, v.forms, strict=True)
            if form == word
        ],
    )
