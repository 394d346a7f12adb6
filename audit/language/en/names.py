"""Names in running text: where they stand, and how their spellings relate.

A name is found by its capital, not by a list, since the names of the news are in no list. Two
spellings are compared by what transliteration leaves open: `key` maps to one form all spellings
that romanisations of Cyrillic, Arabic and Chinese names (BGN/PCGN, ISO 9, ALA-LC, newspaper usage
and the German and French habits) give to one name.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from audit.language.en.lexicon import is_english, zipf
from audit.model import Sentence, Story

WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’ʼ-][^\W_]+)*")
"""A word, with its inner apostrophes and hyphens, or an abbreviation such as U.S."""

_DATA = tomllib.loads(
    resources.files("audit.language.en").joinpath("data/names.toml").read_text("utf-8")
)
TITLES = frozenset(_DATA["titles"].split())
MONTHS: tuple[str, ...] = tuple(_DATA["months"].split())
PREPOSITIONS = frozenset(_DATA["prepositions"].split())
CONJUNCTIONS = frozenset(_DATA["conjunctions"].split())
ARTICLES = frozenset(_DATA["articles"].split())
FUNCTION_WORDS = PREPOSITIONS | CONJUNCTIONS | ARTICLES | set(_DATA["function_words"].split())
CORE_PREPOSITIONS = frozenset(_DATA["core_prepositions"].split())
FINITE = frozenset(_DATA["finite"].split())
_CALENDAR = frozenset(MONTHS) | set(_DATA["calendar"].split())
PARTICLES = frozenset(_DATA["particles"].split())
_INFLECTION = re.compile(
    r"(?:'s|s|es|n|an|ans|ian|ians|ean|eans|ese|ish|i|is|ic|ics|er|ers|ite|ites|stan|stani|"
    r"land|al|ial|ially|ed|ing|e|en|y|ies|ist|ists|ism|ity|ry|lar)?"
)
"""Endings that turn a place or institution into its people or adjective, or back."""


@dataclass(frozen=True)
class Word:
    """A word of a sentence with its place in the version's text."""

    start: int
    end: int
    text: str

    @cached_property
    def bare(self) -> str:
        """The word without a possessive ending."""
        return re.sub(r"['’ʼ]s?$", "", self.text)

    @cached_property
    def folded(self) -> str:
        """The bare word for comparison: no accents, no case."""
        return fold(self.bare)


@dataclass(frozen=True)
class Mention:
    """One occurrence of a name: a run of capitalised words, titles left out.

    `sentence` is the index of its sentence in the version, `initial` says that it begins there.
    """

    version: str
    sentence: int
    words: tuple[Word, ...]
    initial: bool

    @property
    def start(self) -> int:
        """Where the name begins."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Where the name ends, a possessive ending left out."""
        return self.words[-1].start + len(self.words[-1].bare)

    @property
    def span(self) -> tuple[int, int]:
        """Start and end."""
        return self.start, self.end

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The folded words of the name, particles left out."""
        return tuple(w.folded for w in self.words if w.text.lower() not in PARTICLES)


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """A word without case, accents and typographic apostrophes; "Söder" and "SODER" are one."""
    special = str.maketrans("łøđðıþæœʼ’", "lodditao''")
    # Taken apart first: "ǿ" and "𝖠" have no lower case or no place in the table until they are.
    plain = unicodedata.normalize("NFKD", word).casefold().translate(special)
    text = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in text if not unicodedata.combining(c))


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


@lru_cache(maxsize=65_536)
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


def is_kin(a: str, b: str) -> bool:
    """Whether two words name the same place or differ by an ending (Kazakh, Kazakhstan)."""
    a, b = fold(a), fold(b)
    if a == b or (_groups(a) & _groups(b)):
        return True
    common = 0
    while common < min(len(a), len(b)) and a[common] == b[common]:
        common += 1
    return any(
        _INFLECTION.fullmatch(a[k:]) and _INFLECTION.fullmatch(b[k:]) for k in range(common, 3, -1)
    )


@cache
def _place_groups() -> Mapping[str, frozenset[int]]:
    text = resources.files("audit.language.en").joinpath("data/places.txt").read_text("utf-8")
    groups: dict[str, set[int]] = {}
    for number, line in enumerate(text.splitlines()):
        if not line.startswith("#"):
            for form in line.split("|"):
                groups.setdefault(fold(form).rstrip("."), set()).add(number)
    return {form: frozenset(numbers) for form, numbers in groups.items()}


def _groups(word: str) -> frozenset[int]:
    return _place_groups().get(fold(word).rstrip("."), frozenset())


def place_groups(text: str) -> frozenset[int]:
    """Which places a name of one or more words may stand for; empty if it names none we know."""
    return _groups(text)


def places_in(words: Iterable[Word]) -> frozenset[int]:
    """Which places the words of a passage name, in one, two or three words."""
    bare = [w.bare for w in words]
    found: set[int] = set()
    for size in (1, 2, 3):
        for i in range(len(bare) - size + 1):
            found |= _groups(" ".join(bare[i : i + size]))
    return frozenset(found)


def weight(part: str) -> float:
    """How much a word says about which name it belongs to: rare words much, "Office" little."""
    rarity = max(0.4, 7 - zipf(part))
    return rarity if _groups(part) or not is_english(part) else rarity / 2


def words_of(sentence: Sentence) -> tuple[Word, ...]:
    """The words of a sentence, numbers included."""
    return words_in(sentence.text, sentence.start)


@lru_cache(maxsize=8192)
def words_in(text: str, offset: int = 0) -> tuple[Word, ...]:
    """The words of a text that begins at `offset` of its version."""
    return tuple(Word(m.start() + offset, m.end() + offset, m.group()) for m in WORD.finditer(text))


def is_capitalised(word: str) -> bool:
    """Whether a word begins with a capital, or has one inside (iPod), and has no digit first."""
    return word[0].isupper() or (len(word) > 2 and any(c.isupper() for c in word[1:]))


def is_title_case(words: Iterable[Word]) -> bool:
    """Whether capitals say nothing here: a headline in Title Case or in CAPITALS."""
    long = [w.text for w in words if len(w.text) >= 4]
    # Three words in four: sentences full of names stay under .7, title-case lines lie over .8.
    return len(long) >= 4 and sum(is_capitalised(w) for w in long) >= 0.75 * len(long)


def mentions(story: Story) -> Mapping[str, tuple[Mention, ...]]:
    """The names of every version, in text order."""
    seen, lower = _evidence(story)
    return {
        version: tuple(m for s in sentences for m in _mentions_of(s, seen, lower))
        for version, sentences in story.sentences.items()
    }


def _evidence(story: Story) -> tuple[Counter[str], frozenset[str]]:
    """Words capitalised inside sentences, by number; words written small somewhere."""
    seen: Counter[str] = Counter()
    lower: set[str] = set()
    for sentences in story.sentences.values():
        for sentence in sentences:
            words = words_of(sentence)
            title_case = is_title_case(words)
            for i, word in enumerate(words):
                if not is_capitalised(word.text):
                    lower.add(word.folded)
                elif not title_case and not _begins(sentence, words, i):
                    seen[word.folded] += 1
    return seen, frozenset(lower)


def _begins(sentence: Sentence, words: tuple[Word, ...], i: int) -> bool:
    """Whether a word is capitalised by its place: after a stop, a colon or an opening quote."""
    if i == 0:
        return True
    gap = sentence.text[words[i - 1].end - sentence.start : words[i].start - sentence.start]
    # A quotation mark alone may enclose a name (known as "Timbuktu").
    return any(c in ".,!?:;•|(" for c in gap) and any(c in '.!?:;“"‘•|(' for c in gap)


def _mentions_of(
    sentence: Sentence, seen: Counter[str], lower: frozenset[str]
) -> Iterator[Mention]:
    words = words_of(sentence)
    title_case = is_title_case(words)
    run: list[Word] = []
    initial = False
    for i, word in enumerate(words):
        begins = _begins(sentence, words, i)
        follows = i + 1 < len(words) and is_capitalised(words[i + 1].text)
        is_name = _is_name(word, begins or title_case, follows and not title_case, seen, lower)
        touches = bool(run) and _touches(sentence, run[-1], word)
        if run and not (touches and (is_name or word.text.lower() in PARTICLES)):
            yield from _finish(sentence, run, initial)
            run = []
        if is_title(word):
            yield from _finish(sentence, run, initial)
            run = []
            continue
        if run and word.text.lower() in PARTICLES and not is_name:
            run.append(word)
        elif is_name:
            if not run:
                initial = i == 0
            run.append(word)
            if word.text.endswith(("'s", "’s")):
                yield from _finish(sentence, run, initial)
                run = []
    yield from _finish(sentence, run, initial)


def is_title(word: Word) -> bool:
    """Whether a word is a title (President, Mr.)."""
    return word.folded.strip(".") in TITLES


def _touches(sentence: Sentence, left: Word, right: Word) -> bool:
    gap = sentence.text[left.end - sentence.start : right.start - sentence.start]
    return gap in (" ", "\u00a0", "-", "–", ". ") and not (gap == ". " and len(left.text) > 2)


def _is_name(
    word: Word, begins: bool, follows: bool, seen: Counter[str], lower: frozenset[str]
) -> bool:
    folded = word.folded
    if not is_capitalised(word.text) or folded in FUNCTION_WORDS or folded in _CALENDAR:
        # "US" is a place although "us" is a pronoun.
        return word.bare == "US"
    if len(folded.strip(".")) < 2 or any(c.isdigit() for c in folded):
        return False
    if not begins or _groups(folded):
        return True
    if folded in lower and not seen[folded]:
        return False
    # At a beginning an English word is a name only where more of a name follows.
    return not is_english(folded) or bool(seen[folded]) or (follows and zipf(folded) < 4.5)


def _finish(sentence: Sentence, run: list[Word], initial: bool) -> Iterator[Mention]:
    words = list(run)
    while words and words[-1].text.lower() in PARTICLES:
        words.pop()
    while words and words[0].text in PARTICLES:
        words.pop(0)
    if words:
        yield Mention(sentence.version, sentence.index, tuple(words), initial)
