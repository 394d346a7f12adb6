"""What the program asks of a language. `audit.language` has one folder for each that it knows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from audit.model.annotation import Quantity, Quotes, VerbGroup
from audit.model.evidence import Confusion
from audit.model.figure import PublicFigures
from audit.model.text import Sentence


class Neighbour(NamedTuple):
    """A word that a misspelled one may stand for; `edits` is the Damerau distance."""

    word: str
    zipf: float
    edits: int


class Language(Hashable, Protocol):
    """The knowledge of one language. Forms are in lower case unless said otherwise.

    A language that lacks a list, a table or a model says so with an empty one; what draws on it
    then finds nothing.
    """

    code: str
    """ISO 639-1."""
    name: str
    """As messages write it."""

    def __hash__(self) -> int:
        """By identity: what is computed from a language once is kept by it."""

    def words(self, name: str) -> frozenset[str]:
        """A word list by its name, such as "prepositions"."""

    def groups(self, name: str) -> Mapping[str, str]:
        """The group of each word of a table by its name: of "gender" he is "he", her is "she"."""

    def phrases(self, name: str, group: str) -> tuple[tuple[str, ...], ...]:
        """The phrases of one group of a table, as tuples of words."""

    def table(self, name: str) -> Mapping[str, Any]:
        """A file of rules, parsed: residue, sentences, languagetool, pivots, likelihood."""

    def trained(self, name: str) -> Any:
        """What a script of `scripts/` has fitted to this language, parsed; None if none has."""

    def trained_digest(self) -> str:
        """Six hexadecimal digits that change with any of the trained models."""

    def is_word(self, form: str, *, rare: bool = True) -> bool:
        """Whether the word lists have a form; `rare` includes words that few people know."""

    def is_function_word(self, form: str) -> bool:
        """Whether a word, in any case, is of a closed class: article, preposition, auxiliary, …"""

    def always_capital(self, form: str) -> str | None:
        """The capitalised form of a word that is never written in lower case ("Monday")."""

    def zipf(self, form: str) -> float:
        """Frequency on the Zipf scale: log10 of occurrences per billion words; 0 if never seen."""

    def token_zipf(self, token: str) -> float:
        """The same of a token in any case, to two decimals; that of a compound from its parts."""

    def foreign(self, form: str) -> tuple[str, float] | None:
        """The other language in which a word is most frequent, with its Zipf frequency there."""

    def neighbours(self, form: str) -> tuple[Neighbour, ...]:
        """Words that a non-word may be a slip for, likeliest first."""

    def confusions(self, form: str) -> Mapping[str, Confusion]:
        """Words that may be meant by a word, with how each is confused with it."""

    def sharing_translation(self, form: str) -> Mapping[str, float]:
        """Forms that may be meant by a form, because a way through another language can take one
        for the other: they share a translation there, or are synonyms.

        At most 40, inflected as the form is, likeliest first, each with the log10 of the joint
        probability of meaning it and getting the form.
        """

    def base_forms(self, form: str) -> frozenset[str]:
        """What a verb, adjective or noun form may be a form of, itself included."""

    def is_formed(self, form: str) -> bool:
        """Whether a word is a compound, or a listed word with a prefix or suffix."""

    def is_inflection(self, a: str, b: str) -> bool:
        """Whether two words one edit apart differ as grammar or a spelling convention has it."""

    def is_plural(self, form: str) -> bool:
        """Whether a word is a plural of a listed word."""

    def is_adverb(self, form: str) -> bool:
        """Whether a listed word is, by its form, an adverb that stands in no name."""

    def completed(self, form: str, following: str) -> str | None:
        """The word that was cut short to a form, if the next word shows it ("an" before "the")."""

    def opposed(self, a: frozenset[str], b: frozenset[str]) -> bool:
        """Whether some base form of the one word is an opposite of some base form of the other."""

    def verb_groups(self, forms: tuple[str, ...]) -> Mapping[int, VerbGroup]:
        """The verb group of each token of a sentence that belongs to one."""

    def is_auxiliary(self, form: str) -> bool:
        """Whether a form can open a question: "did", "will"."""

    def is_verb_form(self, form: str) -> bool:
        """Whether a form is inflected as verbs are: a past, a participle or a gerund."""

    def may_be_plain_verb(self, form: str, before: str) -> bool:
        """Whether a form without ending may be a finite verb after the form before it."""

    def written_out(self, form: str, before: str) -> tuple[str, ...]:
        """The words that a form stands for after the form before it, in one spelling.

        Contractions are written out, and of two spellings of a word one is taken.
        """

    def impossible_pairs(self, sentence: Sentence) -> int:
        """How many neighbours of closed classes cannot stand so, such as "the of"."""

    def quantities(self, text: str, offset: int) -> tuple[Quantity, ...]:
        """The numbers of a sentence that begins at `offset` of its version, in text order."""

    def quotes(self, text: str, spans: Sequence[tuple[int, int]]) -> Quotes:
        """The quotations of a text whose paragraphs lie at `spans`."""

    def place_groups(self, text: str) -> frozenset[int]:
        """Which places a name of one or more words may stand for; empty if it names none known."""

    def places(self) -> tuple[tuple[str, ...], ...]:
        """The listed places, each by the forms that stand for it, the most usual first."""

    def is_kin(self, a: str, b: str) -> bool:
        """Whether two words name the same place or differ by an ending (Kazakh, Kazakhstan)."""

    def public_figures(self) -> PublicFigures:
        """The public figures and the given names that are listed."""

    def is_finite_verb(self, form: str) -> bool:
        """Whether a form by itself is likely a finite verb: "was", "said", "exploded"."""

    def cannot_meet(self, before: str, after: str, shared: int) -> bool:
        """Whether two neighbouring tokens show that a name between them is missing: "by and".

        Each is "" at the edge of a sentence. `shared` says how many of them, 0 to 2, stand so
        beside the name in another text; what is unusual but possible needs one or both.
        """

    def readability(self, sentences: Sequence[Sentence]) -> Mapping[str, float]:
        """How a version reads, as named measures; empty if there is no word."""
