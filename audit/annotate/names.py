"""Names in running text: where they stand.

A name is found by its capital, not by a list, since the names of the news are in no list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.language.spelling import is_capitalised, is_mostly_capitalised
from audit.model import Mention, Sentence, Word
from audit.model.language import Language

Words = Mapping[str, Sequence[tuple[Word, ...]]]
"""The words of each sentence of each version."""

COMMON_START = 4.5
"""Zipf frequency from which a word at a beginning is no part of a name that follows."""


def find_names(
    sentences: Mapping[str, Sequence[Sentence]], words: Words, language: Language
) -> dict[str, tuple[Mention, ...]]:
    """The names of every version of a story, in text order."""
    finder = _Finder(language, *_capitals(sentences, words, language))
    return {
        version: tuple(
            m for s, w in zip(own, words[version], strict=True) for m in finder.names(s, w)
        )
        for version, own in sentences.items()
    }


def is_title(word: Word, language: Language) -> bool:
    """Whether a word is a title or an office before a name (President, Mr.)."""
    return word.folded.strip(".") in language.words("titles")


def _capitals(
    sentences: Mapping[str, Sequence[Sentence]], words: Words, language: Language
) -> tuple[Counter[str], frozenset[str]]:
    """Words capitalised inside sentences, by number; words written small somewhere."""
    seen: Counter[str] = Counter()
    lower: set[str] = set()
    for version, own in sentences.items():
        for sentence, found in zip(own, words[version], strict=True):
            title_case = _is_title_case(sentence, found, language)
            for i, word in enumerate(found):
                if not is_capitalised(word.text):
                    lower.add(word.folded)
                elif not title_case and not _begins(sentence, found, i):
                    seen[word.folded] += 1
    return seen, frozenset(lower)


def _is_title_case(sentence: Sentence, words: Sequence[Word], language: Language) -> bool:
    """Whether a sentence is written in Title Case. Running text with many names is not: its verbs
    are small, however short ("Xi Jinping met Kim Jong Un")."""
    if not is_mostly_capitalised(words):
        return False
    small = (w for w in words if not is_capitalised(w.text))
    return sentence.is_terse or all(language.is_function_word(w.text) for w in small)


def _begins(sentence: Sentence, words: Sequence[Word], i: int) -> bool:
    """Whether a word is capitalised by its place: after a stop, a colon or an opening quote."""
    if i == 0:
        return True
    gap = sentence.text[words[i - 1].end - sentence.start : words[i].start - sentence.start]
    # A quotation mark alone may enclose a name (known as "Timbuktu").
    return any(c in ".,!?:;•|(" for c in gap) and any(c in '.!?:;“"‘•|(' for c in gap)


def _touches(sentence: Sentence, left: Word, right: Word) -> bool:
    gap = sentence.text[left.end - sentence.start : right.start - sentence.start]
    return gap in (" ", "\u00a0", "-", "–", ". ") and not (gap == ". " and len(left.text) > 2)


@dataclass(frozen=True)
class _Finder:
    """Finds names, given how the story writes its words elsewhere."""

    language: Language
    seen: Counter[str]
    lower: frozenset[str]

    def names(self, sentence: Sentence, words: Sequence[Word]) -> Iterator[Mention]:
        particles = self.language.words("name_particles")
        title_case = _is_title_case(sentence, words, self.language)
        possessives = tuple(self.language.words("possessives"))
        run: list[Word] = []
        for i, word in enumerate(words):
            begins = _begins(sentence, words, i)
            follows = i + 1 < len(words) and is_capitalised(words[i + 1].text)
            is_name = self._is_name(word, begins or title_case, follows and not title_case)
            is_particle = word.text.lower() in particles
            touches = bool(run) and _touches(sentence, run[-1], word)
            if run and not (touches and (is_name or is_particle)):
                yield from self._finished(sentence, run)
                run = []
            if is_title(word, self.language):
                yield from self._finished(sentence, run)
                run = []
                continue
            if run and is_particle and not is_name:
                run.append(word)
            elif is_name:
                run.append(word)
                if word.text.replace("’", "'").endswith(possessives):
                    yield from self._finished(sentence, run)
                    run = []
        yield from self._finished(sentence, run)

    def _is_name(self, word: Word, begins: bool, follows: bool) -> bool:
        language, folded = self.language, word.folded
        barred = language.words("stopwords") | language.words("calendar")
        if not is_capitalised(word.text) or folded in barred:
            return word.bare in language.words("names_like_words")
        if len(folded.strip(".")) < 2 or any(c.isdigit() for c in folded):
            return False
        if not begins or language.place_groups(folded):
            return True
        if folded in self.lower and not self.seen[folded]:
            return False
        # At a beginning a word of the lists is a name only where more of a name follows.
        return (
            not language.is_word(folded)
            or bool(self.seen[folded])
            or (follows and language.zipf(folded) < COMMON_START)
        )

    def _finished(self, sentence: Sentence, run: list[Word]) -> Iterator[Mention]:
        particles = self.language.words("name_particles")
        words = list(run)
        while words and words[-1].text.lower() in particles:
            words.pop()
        while words and words[0].text in particles:
            words.pop(0)
        if words:
            parts = tuple(w.folded for w in words if w.text.lower() not in particles)
            yield Mention(sentence.version, sentence.index, tuple(words), parts)
