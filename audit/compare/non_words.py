"""Words that are in no list, and the listed words that they may stand for.

A non-word is judged by the frequency of its neighbours, by how often the versions write it, and by
what the other versions have at its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from audit.compare.slips import Slip, by_frequency, by_versions, misspelled_name
from audit.language.spelling import plain
from audit.model import Language, Measure, Neighbour, OtherCell, Sentence, Token

__all__ = ["Speller"]

GAP = 1.5
"""Least Zipf gap between a non-word and its neighbour: thirtyfold. Twenty-nine common misspellings
of English stand 1.5 ("grammer") to 4.7 ("teh") below their words in wordfreq."""

TERM = 3.2
"""Zipf frequency from which a word is taken for one although no list has it, unless another version
writes the neighbour: above it lie names written small and recent words."""

GRAMMATICAL = 6.0
"""Zipf frequency of the commonest function words. Beside one of these even a rare word of the lists
or a name written small is likelier a slip, if it is some three hundred times rarer."""

FREQUENT = 4.5
UNSEEN = 1.5
"""Least Zipf frequency of a word, and the one below which a capitalised non-word must stay, for the
latter to be taken for a slip where no version shows the word."""

COMMON = 5.0
"""Least Zipf frequency of a word that two letters are taken for a slip of."""

LONGEST = 30
"""Longer runs of letters, 28 being the longest common English word, are no misspelled word."""


@dataclass(frozen=True)
class Speller:
    """Looks for non-words in one sentence.

    `views` are the other cells of its row; `own` and `others` count each word part, in lower case,
    in its version and in the other versions.
    """

    s: Sentence
    views: tuple[OtherCell, ...]
    own: Mapping[str, int]
    others: Mapping[str, int]
    language: Language

    def slip(self, i: int, part: Token) -> Slip | None:
        """What a part of token `i` stands for, if it is no word."""
        word, language = part.text, self.language
        is_whole = word == self.s.tokens[i].text
        if word.islower() and len(word) == 1:
            return self._lone_letter(i) if is_whole else None
        cased = word.islower() or word.istitle()
        if not word.isascii() or not 2 <= len(word) <= LONGEST or not cased:
            return None
        if len(word) == 2 and word.islower() and is_whole:
            return self._two_letters(i)
        if (
            language.is_word(word, rare=False)
            or language.is_formed(plain(word))
            or self._is_name_particle(i, word)
        ):
            return None
        if word.istitle():
            return None if language.is_word(word) else self._capitalised(i, word)
        if not is_whole and (language.is_word(word) or len(word) < 4):
            return None  # inside a hyphenated word anything short may stand
        return self._small(word)

    def _versions(self, word: str) -> int:
        """How many other versions have a word in the row."""
        return sum(word in v.words for v in self.views)

    def _small(self, word: str) -> Slip | None:
        """A non-word in lower case."""
        language = self.language
        frequency, near = language.zipf(word), list(language.neighbours(word))
        backed = next((n.word for n in near if self._versions(n.word)), None)
        if backed and len(word) > 2 and not self.others.get(word):
            return by_versions(backed, self._versions(backed), 0.95)
        repeated = self.others.get(word) or self.own.get(word, 0) > 1
        if not near or repeated or language.always_capital(word):
            return None
        best, is_rare = near[0], language.is_word(word)
        certain = best.edits == 1 and len(word) > 3 and not is_rare and frequency <= TERM
        least = GAP if certain else GAP + 1
        if best.zipf - frequency < least or best.zipf < 3.0:
            return None
        if (is_rare or frequency > TERM) and best.zipf < GRAMMATICAL:
            return None
        elsewhere = language.foreign(word)
        if elsewhere and elsewhere[1] - frequency > 1.5 and elsewhere[1] > 4.0:
            return None  # a word of another language, for `untranslated`
        confidence = 0.9 if best.edits == 1 and len(word) > 4 else 0.75
        return by_frequency(word, best.word, least, confidence, language)

    def _capitalised(self, i: int, word: str) -> Slip | None:
        """A capitalised non-word: a slip only where no name is meant or the right form is shown."""
        language, form = self.language, plain(word)
        repeated = self.others.get(form) or self.own.get(form, 0) > 1
        if language.always_capital(word) or repeated or len(word) < 4:
            return None
        initial = not any(t.is_word for t in self.s.tokens[:i])
        near = [n for n in language.neighbours(word) if n.word not in language.words("known")]
        for n in near:
            shown = self._versions(n.word) or (initial and language.is_function_word(n.word))
            if shown and n.zipf - language.zipf(word) >= GAP:
                return by_frequency(word, n.word, GAP, 0.85, language)
        return misspelled_name(word, self.views, language) or self._rare_beside(word, near)

    def _rare_beside(self, word: str, near: list[Neighbour]) -> Slip | None:
        """A long word hardly ever seen, one edit from a very frequent one with its first letter."""
        best = next((n for n in near if n.zipf >= FREQUENT and n.edits == 1), None)
        if best is None or self.language.zipf(word) >= UNSEEN or len(word) <= 5:
            return None
        measure = Measure("frequency of the other word", best.zipf, FREQUENT)
        return Slip(best.word, measure, 0.6) if best.word[0] == plain(word)[0] else None

    def _is_name_particle(self, i: int, word: str) -> bool:
        """Whether a lower-case word belongs to the capitalised words around it."""
        if not word.islower():
            return False
        before, after = self._around(i)
        if word in self.language.words("particles"):
            return after[:1].isupper() or before[:1].isupper() or "-" in self.s.tokens[i].text
        between = after[:1].isupper() and before[:1].isupper()
        return between and i > 1 and not self.language.is_word(before)

    def _around(self, i: int) -> tuple[str, str]:
        """The texts of the tokens before and after, "" where there is none."""
        tokens = self.s.tokens
        return tokens[i - 1].text if i else "", tokens[i + 1].text if i + 1 < len(tokens) else ""

    def _lone_letter(self, i: int) -> Slip | None:
        """A small letter alone between words: "i completely", "to b interesting"."""
        letter, language = self.s.tokens[i].text, self.language
        words_of_one = language.words("one_letter")
        before, after = self._around(i)
        if letter in words_of_one or not letter.isascii() or not before or not after:
            return None
        if after[0] in ".)'’-&/" or before[0] in "(&'’‘/-" or before[0].isdigit():
            return None
        named = before in language.words("before_letters")
        if named or not (after.islower() or after in '"“'):
            return None
        neighbours = language.neighbours(letter)
        near = [n for n in neighbours if n.word not in words_of_one and letter in n.word]
        best = self._shown_first(near)
        return Slip(best.word, Measure("letters of the word", 1, 1), 0.8) if best else None

    def _two_letters(self, i: int) -> Slip | None:
        """Two small letters that are no word, between words in lower case."""
        word, language = self.s.tokens[i].text, self.language
        usual = language.is_word(word, rare=False) and word not in language.words(
            "rare_two_letters"
        )
        if word in language.words("two_letters") or usual:
            return None
        if not all(w.islower() and language.is_word(w) for w in self._around(i)):
            return None
        best = self._shown_first([n for n in language.neighbours(word) if n.zipf >= COMMON])
        if best is None:
            return None
        return Slip(best.word, Measure("frequency of the other word", best.zipf, COMMON), 0.7)

    def _shown_first(self, near: list[Neighbour]) -> Neighbour | None:
        """The first that another version has, else the first."""
        return next((n for n in near if self._versions(n.word)), near[0] if near else None)
