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
sense in its sentence. New coinages and rare
technical words close to a common word may be reported.

Example
"The gaurd closed the gate at noon." -> "guard".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from audit.detect.base import Info, Settings, finding, reading
from audit.detect.shared.edits import offers
from audit.detect.shared.objections import objections
from audit.language.en.lexicon import (
    always_capital,
    foreign,
    is_english,
    is_function_word,
    neighbours,
    words,
    zipf,
)
from audit.language.spelling import plain
from audit.model import Finding, Measure, Neighbour, OtherCell, Reading, Sentence, Story, Token

INFO = Info(
    id="typo",
    category="typo",
    severity="minor",
    needs=frozenset({"versions", "surprisal"}),
)

GAP = 1.5
"""Least Zipf gap between a non-word and its neighbour: thirtyfold. Twenty-nine common misspellings
of English stand 1.5 ("grammer") to 4.7 ("teh") below their words in wordfreq."""

TERM = 3.2
"""Zipf frequency from which a word is taken for one although no list has it, unless another version
writes the neighbour: above it lie names written small and recent words."""

GRAMMATICAL = 6.0
"""Zipf frequency of the commonest function words. OtherCell one of these even a rare word of the lists
or a name written small is likelier a slip, if it is some three hundred times rarer."""

LONGEST = 30
"""Longer runs of letters, 28 being the longest common English word, are no misspelled word."""

_PART = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SPECIAL = re.compile(r"[@#/\\_]|\w\.\w|\d|www")
_PREFIXES = (
    "anti", "auto", "bi", "bio", "co", "counter", "cross", "cyber", "de", "dis", "eco", "electro",
    "ex", "extra", "geo", "hydro", "hyper", "immuno", "inter", "intra", "macro", "mega", "meta",
    "micro", "mid", "mini", "mis", "mono", "multi", "nano", "neo", "neuro", "non", "over", "petro",
    "photo", "poly", "post", "pre", "pro", "pseudo", "psycho", "re", "semi", "socio", "sub",
    "super", "techno", "tele", "thermo", "trans", "tri", "ultra", "un", "under", "uni", "video",
)  # fmt: skip
_SUFFIXES = (
    "able", "based", "fold", "free", "gate", "hood", "isation", "ise", "ised", "ish", "ism",
    "isms", "ist", "ists", "ization", "ize", "ized", "izing", "less", "like", "ly", "making",
    "ness", "proof", "ship", "ward", "wards", "wise", "worthy", "ers", "er", "ing",
)  # fmt: skip
_NOTES = frozenset({"fa", "la", "mi", "ti"})
_LETTERS = frozenset("bcdefghjklmnpqrstuvwxyz")


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield one finding per misspelled word."""
    own = list(_own(story, settings))
    yield from own
    for f in (*objections(INFO, story, settings), *offers(INFO, story, settings)):
        if not any(o.version == f.version and o.start < f.end and f.start < o.end for o in own):
            yield f


def _own(story: Story, settings: Settings) -> Iterator[Finding]:
    """What is found without LanguageTool."""
    counts = _counts(story)
    known = frozenset(plain(n) for n in settings.names)
    others = {v: Counter(f for w, c in counts.items() if w != v for f in c) for v in counts}
    for s in story.all_sentences():
        if s.text == s.text.lower() and any(w.is_word and always_capital(w.text) for w in s.tokens):
            continue  # names in lower case would be taken for misspellings
        views = story.beside(s)
        for i, token in enumerate(s.tokens):
            if plain(token.text) in known or _is_special(s, token):
                continue
            for m in _PART.finditer(token.text):
                part = Token(token.start + m.start(), token.start + m.end(), m.group())
                hit = _non_word(s, i, part, views, counts[s.version], others[s.version])
                if hit is None and part.text == token.text:
                    hit = _real_word(s, i, views) or _cut_and(s, i)
                if hit:
                    yield _report(story, s, part, views, *hit)
                    break


def _counts(story: Story) -> Mapping[str, Counter[str]]:
    """How often each version has each word part, in lower case."""
    return {v.id: Counter(plain(m.group()) for m in _PART.finditer(v.text)) for v in story.versions}


def _is_special(s: Sentence, token: Token) -> bool:
    """Whether a token is, or is part of, an address, a handle, a hashtag or a code."""
    around = s.text[max(0, token.start - s.start - 1) : token.end - s.start + 1]
    return not token.is_word or bool(_SPECIAL.search(around))


def _non_word(
    s: Sentence,
    i: int,
    part: Token,
    views: tuple[OtherCell, ...],
    own: Mapping[str, int],
    others: Mapping[str, int],
) -> tuple[Neighbour, float] | None:
    """The neighbour and the confidence if a word part is no word."""
    word = part.text
    if word.islower() and len(word) == 1:
        return _lone_letter(s, i, part, views)
    if (
        not word.isascii()
        or not 2 <= len(word) <= LONGEST
        or not (word.islower() or word.istitle())
    ):
        return None
    initial = not any(t.is_word for t in s.tokens[:i])
    if len(word) == 2 and word.islower() and part.text == s.tokens[i].text:
        return _two_letters(s, i, views)
    if is_english(word, rare=False) or _is_formed(plain(word)) or _is_name_particle(s, i, word):
        return None
    if word.istitle():
        return None if is_english(word) else _capital_non_word(word, initial, views, own, others)
    if part.text != s.tokens[i].text and (is_english(word) or len(word) < 4):
        return None  # inside a hyphenated word anything short may stand
    return _small_non_word(word, views, own, others)


def _small_non_word(
    word: str, views: tuple[OtherCell, ...], own: Mapping[str, int], others: Mapping[str, int]
) -> tuple[Neighbour, float] | None:
    frequency = zipf(word)
    near = neighbours(word)
    backed = [n for n in near if any(n.word in v.words for v in views)]
    if backed and len(word) > 2 and not others.get(word):
        return backed[0], 0.95
    if not near or others.get(word) or own.get(word, 0) > 1 or always_capital(word):
        return None
    best = near[0]
    certain = best.edits == 1 and len(word) > 3 and not is_english(word) and frequency <= TERM
    least = GAP if certain else GAP + 1
    if best.zipf - frequency < least or best.zipf < 3.0:
        return None
    if (is_english(word) or frequency > TERM) and best.zipf < GRAMMATICAL:
        return None
    elsewhere = foreign(word)
    if elsewhere and elsewhere[1] - frequency > 1.5 and elsewhere[1] > 4.0:
        return None  # a word of another language, for `untranslated`
    return best, 0.9 if best.edits == 1 and len(word) > 4 else 0.75


def _capital_non_word(
    word: str,
    initial: bool,
    views: tuple[OtherCell, ...],
    own: Mapping[str, int],
    others: Mapping[str, int],
) -> tuple[Neighbour, float] | None:
    """A capitalised non-word: a slip only where names are not meant or the right form is shown."""
    form = plain(word)
    if always_capital(word) or others.get(form) or own.get(form, 0) > 1 or len(word) < 4:
        return None
    near = [n for n in neighbours(word) if n.word not in words("known")]
    for n in near:
        shown = any(n.word in v.words for v in views)
        if (shown or (initial and is_function_word(n.word))) and n.zipf - zipf(word) >= GAP:
            return n, 0.85
    return _misspelled_name(word, near, views)


def _misspelled_name(
    word: str, near: list[Neighbour], views: tuple[OtherCell, ...]
) -> tuple[Neighbour, float] | None:
    """A place or people of the lists, one edit away, that another version has."""
    shown = {f for v in views for f in v.words if always_capital(f)}
    for n in sorted(shown):
        if _one_apart(plain(word), n) and zipf(n) - zipf(word) >= GAP + 1:
            return Neighbour(n, zipf(n), 1), 0.85
    frequent = [n for n in near if n.zipf >= 4.5 and n.edits == 1]
    if frequent and zipf(word) < 1.5 and len(word) > 5 and frequent[0].word[0] == plain(word)[0]:
        return frequent[0], 0.6
    return None


def _is_formed(word: str) -> bool:
    """Whether a word is a compound, or a listed word with a prefix or suffix."""
    if len(word) < 6:
        return False
    for p in _PREFIXES:
        rest = word.removeprefix(p)
        if rest != word and len(rest) > 3 and is_english(rest, rare=False) and zipf(rest) > 2.5:
            return True
    for x in _SUFFIXES:
        stem = word.removesuffix(x)
        if stem == word or len(stem) < 4:
            continue
        if is_english(stem, rare=False) and zipf(stem) > 3.0 and x not in {"ing", "er", "ers"}:
            return True
    return any(
        is_english(word[:k], rare=False)
        and is_english(word[k:], rare=False)
        and zipf(word[:k]) > 4.0
        and zipf(word[k:]) > 4.0
        and not is_function_word(word[:k])
        for k in range(4, len(word) - 3)
    )


def _is_name_particle(s: Sentence, i: int, word: str) -> bool:
    """Whether a lower-case word belongs to the capitalised words around it."""
    if not word.islower():
        return False
    after = s.tokens[i + 1].text if i + 1 < len(s.tokens) else ""
    before = s.tokens[i - 1].text if i else ""
    if word in words("particles"):
        return after[:1].isupper() or before[:1].isupper() or "-" in s.tokens[i].text
    return after[:1].isupper() and before[:1].isupper() and i > 1 and not is_english(before)


def _lone_letter(
    s: Sentence, i: int, part: Token, views: tuple[OtherCell, ...]
) -> tuple[Neighbour, float] | None:
    """A small letter alone between words: "i completely", "to b interesting"."""
    letter = part.text
    if part != s.tokens[i] or letter == "a" or i + 1 >= len(s.tokens) or i == 0:
        return None
    after, before = s.tokens[i + 1], s.tokens[i - 1]
    if after.text[:1] in ".)'’-&/" or before.text[:1] in "(&'’‘/-" or before.text[:1].isdigit():
        return None
    if not (after.text.islower() or after.text in '"“'):
        return None
    if before.text in {"vitamin", "hepatitis", "grade", "plan", "type", "class", "point"}:
        return None
    near = [n for n in neighbours(letter) if n.word != "a" and letter in n.word]
    shown = [n for n in near if any(n.word in v.words for v in views)]
    if not near or not (letter in _LETTERS or letter in "io"):
        return None
    return (shown or near)[0], 0.8


def _two_letters(
    s: Sentence, i: int, views: tuple[OtherCell, ...]
) -> tuple[Neighbour, float] | None:
    """Two small letters that are no word, between words in lower case."""
    word = s.tokens[i].text
    around = [s.tokens[j].text for j in (i - 1, i + 1) if 0 <= j < len(s.tokens)]
    if word in words("two_letters") or is_english(word, rare=False) != (word in _NOTES):
        return None
    if len(around) < 2 or not all(w.islower() and is_english(w) for w in around):
        return None
    near = [n for n in neighbours(word) if n.zipf >= 5.0]
    shown = [n for n in near if any(n.word in v.words for v in views)]
    return ((shown or near)[0], 0.7) if near else None


def _real_word(s: Sentence, i: int, views: tuple[OtherCell, ...]) -> tuple[Neighbour, float] | None:
    """An existing word where another version has one with a letter more or less, or two swapped,
    between the same two neighbours."""
    token = s.tokens[i]
    word = plain(token.text)
    if not token.text.islower() or len(word) < 2 or any(word in v.words for v in views):
        return None
    before = plain(s.tokens[i - 1].text) if i else ""
    after = plain(s.tokens[i + 1].text) if i + 1 < len(s.tokens) else ""
    for view in views:
        for form in sorted(view.words):
            if (
                (before, form) in view.pairs
                and (form, after) in view.pairs
                and _one_apart(word, form)
                and not _is_inflection(word, form)
            ):
                return Neighbour(form, zipf(form), 1), 0.75
    return None


def _cut_and(s: Sentence, i: int) -> tuple[Neighbour, float] | None:
    """An "an" that must be "and", since a function word that begins with a consonant follows."""
    if s.tokens[i].text != "an" or i + 1 >= len(s.tokens):
        return None
    after = s.tokens[i + 1].text
    if not (after.islower() and is_function_word(after)) or after[0] in "aeiou" or after == "hour":
        return None
    return Neighbour("and", zipf("and"), 1), 0.8


def _one_apart(word: str, other: str) -> bool:
    from rapidfuzz.distance import OSA

    return abs(len(word) - len(other)) <= 1 and OSA.distance(word, other, score_cutoff=1) == 1


def _is_inflection(word: str, other: str) -> bool:
    """Whether two words one edit apart differ as grammar or spelling convention makes them differ.

    Two words of one length count as different words unless their letters are the same.
    """
    if not (word.isalpha() and other.isalpha()):
        return True
    if len(word) == len(other):
        return sorted(word) != sorted(other) or {word[-2:], other[-2:]} == {"re", "er"}
    short, long = sorted((word, other), key=len)
    if long[:-1] == short and long[-1] in "sdreyn" and not is_function_word(long):
        return True
    if long[0] in "ae" and long[1:] == short:
        return True
    conventions = (("ae", "e"), ("oe", "e"), ("ou", "o"), ("ll", "l"), ("gement", "gment"))
    if any(long.replace(x, y, 1) == short for x, y in conventions):
        return True
    return is_function_word(word) and is_function_word(other) and {word, other} != {"as", "was"}


def _report(
    story: Story,
    s: Sentence,
    part: Token,
    views: tuple[OtherCell, ...],
    near: Neighbour,
    confidence: float,
) -> Finding:
    quote = part.text
    right = near.word.capitalize() if quote.istitle() and len(quote) > 1 else near.word
    gap = round(near.zipf - zipf(quote), 2)
    return finding(
        INFO,
        story,
        s.version,
        (part.start, part.end),
        f"“{quote}” looks like a misspelling of “{right}”.",
        measure=Measure("frequency-gap", gap, GAP),
        confidence=confidence,
        suggestion=right,
        witnesses=_witnesses(story, views, near.word),
    )


def _witnesses(story: Story, views: tuple[OtherCell, ...], word: str) -> list[Reading]:
    """Where the other versions have the word."""
    return [
        reading(story, v.version, (t.start, t.end))
        for v in views
        for t in v.tokens
        if plain(t.text) == word
    ]
