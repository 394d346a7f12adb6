"""Spelling in the Latin script, whatever the language: words, capitals, transliterations.

Two spellings of a name are compared by what transliteration leaves open: `key` maps to one form all
spellings that romanisations of Cyrillic, Arabic and Chinese names (BGN/PCGN, ISO 9, ALA-LC,
newspaper usage and the German and French habits) give to one name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from string import ascii_lowercase

from rapidfuzz.distance import OSA, DamerauLevenshtein, JaroWinkler

from audit.model import Language, Word

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’ʼ-][^\W_]+)*")
"""A word, with its inner apostrophes and hyphens, or an abbreviation such as U.S."""


_POSSESSIVE = re.compile(r"['’ʼ]s?$")


def plain(word: str) -> str:
    """A word in lower case with straight apostrophes, as word lists have it."""
    return word.lower().replace("’", "'")


def plain_words(text: str) -> list[str]:
    """The words of a text in lower case: case, marks and apostrophes make no other text."""
    return [m.group().casefold() for m in re.finditer(r"[^\W_]+", text)]


_SPECIAL = str.maketrans("łøđðıþæœʼ’", "lodditao''")


@lru_cache(maxsize=8_192)
def fold(word: str) -> str:
    """A word without case, accents and typographic apostrophes; "Söder" and "SODER" are one."""
    if word.isascii():
        return word.lower()
    # Taken apart first: "ǿ" and "𝖠" have no lower case or no place in the table until they are.
    plain = unicodedata.normalize("NFKD", word).casefold().translate(_SPECIAL)
    text = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in text if not unicodedata.combining(c))


def may_be_misspelt(word: str, language: Language) -> bool:
    """Whether a spelling checker's word against it counts: it is no name (small letters throughout)
    and practically never written. By the table `languagetool` of the language."""
    rule = language.table("languagetool")["spelling"]
    plain = word.isalpha() and word.islower() and len(word) >= rule["least_letters"]
    return plain and language.zipf(word) < rule["zipf_of_word_below"]


def word_at(start: int, text: str) -> Word:
    """The word with that text at a place of a version."""
    bare = text if text.isascii() and text.isalpha() else _POSSESSIVE.sub("", text)
    return Word(start, start + len(text), text, bare, fold(bare))


@lru_cache(maxsize=1_024)
def words_in(text: str, offset: int = 0) -> tuple[Word, ...]:
    """The words of a text that begins at `offset` of its version."""
    return tuple(word_at(m.start() + offset, m.group()) for m in _WORD.finditer(text))


_KEY_STEPS = tuple(
    (re.compile(a), b)
    for a, b in (
        (r"[^a-z]", ""),
        (r"tsch|tch", "ch"),
        (r"shch|sch", "sh"),
        (r"dzh|dj|zh", "ž"),
        (r"kh|gh", "h"),
        (r"ph", "f"),
        (r"ts|tz", "c"),
        (r"ck|q", "k"),
        (r"c(?![eiyh]|$)", "k"),
        (r"z", "s"),
        (r"x", "ks"),
        (r"w", "v"),
        (r"ff?$", "v"),
        (r"oo|ou", "u"),
        (r"[oa]e", lambda m: m[0][0]),
        (r"ue", "u"),
        (r"[yj]", "i"),
        (r"i(?=[eaou])", ""),
        (r"i+", "i"),
        (r"(?<=[a-z])h$", ""),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=8_192)
def key(word: str) -> str:
    """What all transliterations of one name share.

    y, i and j are one; so are kh, gh and h; ts, tz and c; w and v; x and ks; e, ye and ie;
    doubled and single letters; soft signs, hyphens and a final h do not count.
    """
    text = fold(word)
    for pattern, replacement in _KEY_STEPS:
        text = pattern.sub(replacement, text)
    return text


def is_variant(a: str, b: str) -> bool:
    """Whether two spellings may be transliterations of one name.

    The keys are equal, or of the same consonants with one vowel changed (Mohamed, Muhamed).
    Names of fewer than four key letters are never taken for each other.
    """
    x, y = key(a), key(b)
    if min(len(x), len(y)) < 4:
        return False
    if x == y:
        return True
    skeletons = [re.sub(r"[aeiou]", "", k) for k in (x, y)]
    return (
        skeletons[0] == skeletons[1]
        and len(skeletons[0]) >= 3
        and x[0] == y[0]
        and len(x) == len(y)
        and DamerauLevenshtein.distance(x, y) == 1
    )


def similarity(a: str, b: str) -> float:
    """How alike two spellings are, 0 to 1: Jaro-Winkler over their keys (Winkler 1990)."""
    return JaroWinkler.similarity(key(a), key(b))


def one_edit(word: str) -> Iterator[str]:
    """What a slip of one letter makes of a word, with repeats and the word itself.

    A letter is lost, added or replaced by one of a to z, or two neighbours are swapped: one edit of
    Damerau (1964), listed as in Norvig's spelling corrector (2007).
    """
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for c in ascii_lowercase:
            if tail:
                yield head + c + tail[1:]
            yield head + c + tail


def is_one_edit(a: str, b: str) -> bool:
    """Whether one such edit, with any letter, leads from one word to the other."""
    return abs(len(a) - len(b)) <= 1 and OSA.distance(a, b, score_cutoff=1) == 1


def is_capitalised(word: str) -> bool:
    """Whether a word begins with a capital, or has one inside (iPod), and has no digit first."""
    return word[0].isupper() or (len(word) > 2 and any(c.isupper() for c in word[1:]))


def is_mostly_capitalised(words: Iterable[Word]) -> bool:
    """Whether three in four of at least four longer words have a capital: Title Case, CAPITALS."""
    long = [w.text for w in words if len(w.text) >= 4]
    # Three words in four: sentences full of names stay under .7, title-case lines lie over .8.
    return len(long) >= 4 and sum(is_capitalised(w) for w in long) >= 0.75 * len(long)
