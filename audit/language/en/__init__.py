"""English. `ENGLISH` answers what `audit.model.language.Language` asks."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import IO, Any

from audit.language.base import Plain
from audit.language.en import (
    confusions,
    contractions,
    lexicon,
    lists,
    morphology,
    names,
    numbers,
    opposites,
    order,
    public_figures,
    quotes,
    tables,
    translations,
    verbs,
)
from audit.model import Confusion, Neighbour, PublicFigures, Quantity, Quotes, Sentence, VerbGroup

TRAINED = (
    "word_any.json",
    "word_serious.json",
    "risk.json",
    "edit.json",
    "nearness.json",
    "reader.npz",
    "reader_8bit.npz",
    "meant.json",
    "misread_any.json",
    "misread_serious.json",
)
"""The models whose outcome a score rests on."""

CONFIDENCE = "confidence.json"
"""Corrections by verdicts (`audit.conclude.confidence`); only where somebody made them."""


class English(Plain):
    """American and British English."""

    code = "en"
    name = "English"

    def words(self, name: str) -> frozenset[str]:
        """See `data/lexicon.toml`, `names.toml`, `claims.toml` and `verbs.toml`."""
        return _words(name)

    def groups(self, name: str) -> Mapping[str, str]:
        """See the tables of `data/claims.toml` and `verbs.toml`."""
        return lists.groups_of(name)

    def phrases(self, name: str, group: str) -> tuple[tuple[str, ...], ...]:
        """See the tables of `data/claims.toml` and `verbs.toml`."""
        return lists.phrases_of(name, group)

    def table(self, name: str) -> Mapping[str, Any]:
        """A file of `data/`."""
        return tables.table(name)

    def trained(self, name: str) -> Any:
        """A file of `trained/`; None if it is not there."""
        return _trained(name)

    def trained_digest(self) -> str:
        """Of the files of `TRAINED`, and of the corrections."""
        folder = files(__name__).joinpath("trained")
        names = (*TRAINED, *([CONFIDENCE] if folder.joinpath(CONFIDENCE).is_file() else []))
        joined = b"".join(folder.joinpath(name).read_bytes() for name in names)
        return hashlib.sha256(joined).hexdigest()[:6]

    def is_word(self, form: str, *, rare: bool = True) -> bool:
        """By the SCOWL lists."""
        return lexicon.is_english(form, rare=rare)

    def is_function_word(self, form: str) -> bool:
        """By the closed classes of `data/lexicon.toml`."""
        return lexicon.is_function_word(form)

    def always_capital(self, form: str) -> str | None:
        """By the SCOWL lists."""
        return lexicon.always_capital(form)

    def zipf(self, form: str) -> float:
        """By wordfreq."""
        return lexicon.zipf(form)

    def token_zipf(self, token: str) -> float:
        """By wordfreq."""
        return lexicon.token_zipf(token)

    def foreign(self, form: str) -> tuple[str, float] | None:
        """By wordfreq's lists of eleven languages in Latin script."""
        return lexicon.foreign(form)

    def neighbours(self, form: str) -> tuple[Neighbour, ...]:
        """One edit away, of long words two."""
        return lexicon.neighbours(form)

    def confusions(self, form: str) -> Mapping[str, Confusion]:
        """See `data/confusions.toml`."""
        return confusions.confusions(form)

    def sharing_translation(self, form: str) -> Mapping[str, float]:
        """By `data/translations.txt.xz`, through twenty languages."""
        return translations.sharing_translation(form)

    def base_forms(self, form: str) -> frozenset[str]:
        """By endings and irregular verbs."""
        return verbs.base_forms(form)

    def is_formed(self, form: str) -> bool:
        """By the affixes of `data/lexicon.toml` and the word lists."""
        return morphology.is_formed(form)

    def is_inflection(self, a: str, b: str) -> bool:
        """By endings and British or American spelling."""
        return morphology.is_inflection(a, b)

    def is_plural(self, form: str) -> bool:
        """In -s."""
        return morphology.is_plural(form)

    def is_adverb(self, form: str) -> bool:
        """In -ly."""
        return morphology.is_adverb(form)

    def completed(self, form: str, following: str) -> str | None:
        """By the article before a consonant."""
        return morphology.completed(form, following)

    def opposed(self, a: frozenset[str], b: frozenset[str]) -> bool:
        """By the oppositions of `data/claims.toml`."""
        return opposites.opposed(a, b)

    def verb_groups(self, forms: tuple[str, ...]) -> Mapping[int, VerbGroup]:
        """By auxiliaries and endings."""
        return verbs.groups(forms)

    def is_auxiliary(self, form: str) -> bool:
        """Modals, and forms of be, have and do."""
        return verbs.is_auxiliary(form)

    def is_verb_form(self, form: str) -> bool:
        """By endings and irregular verbs."""
        return verbs.is_verb_form(form)

    def may_be_plain_verb(self, form: str, before: str) -> bool:
        """By the word before it."""
        return verbs.may_be_plain_verb(form, before)

    def written_out(self, form: str, before: str) -> tuple[str, ...]:
        """With contractions written out and British spelling made American."""
        return contractions.written_out(form, before)

    def impossible_pairs(self, sentence: Sentence) -> int:
        """By `data/order.toml`."""
        return order.impossible_pairs(sentence)

    def quantities(self, text: str, offset: int) -> tuple[Quantity, ...]:
        """Figures and words for numbers, dates, ages, units."""
        return numbers.quantities(text, offset)

    def quotes(self, text: str, spans: Sequence[tuple[int, int]]) -> Quotes:
        """Double and single marks, apostrophes set apart."""
        return quotes.read_quotes(text, spans)

    def place_groups(self, text: str) -> frozenset[int]:
        """See `data/places.txt`."""
        return names.place_groups(text)

    def places(self) -> tuple[tuple[str, ...], ...]:
        """See `data/places.txt`."""
        return names.places()

    def is_kin(self, a: str, b: str) -> bool:
        """By places and endings."""
        return names.is_kin(a, b)

    def public_figures(self) -> PublicFigures:
        """See `data/public_figures.txt` and `data/given_names.txt`."""
        return public_figures.public_figures()

    def is_finite_verb(self, form: str) -> bool:
        """By a list and the ending of regular pasts."""
        return names.is_finite_verb(form)

    def cannot_meet(self, before: str, after: str, shared: int) -> bool:
        """By articles, prepositions, conjunctions and marks that nothing can follow."""
        return names.cannot_meet(before, after, shared)

    def readability(self, sentences: Sequence[Sentence]) -> Mapping[str, float]:
        """By textstat."""
        from audit.language.en.readability import profile

        return profile(sentences)


@cache
def _words(name: str) -> frozenset[str]:
    """The list of that name. Raises KeyError if there is none."""
    for known in (lexicon.classes(), names.lists()):
        if name in known:
            return known[name]
    return lists.listed(name)


@cache
def _trained(name: str) -> Any:
    folder = files(__name__).joinpath("trained")
    for suffix, loads in ((".json", json.loads), (".toml", tomllib.loads)):
        file = folder.joinpath(name + suffix)
        if file.is_file():
            return loads(file.read_text("utf-8"))
    file = folder.joinpath(f"{name}.npz")
    if not file.is_file():
        return None
    with file.open("rb") as arrays:
        return _arrays(arrays)


def _arrays(file: IO[bytes]) -> Mapping[str, Any]:
    """The arrays of a file of numpy, as float32."""
    import numpy as np

    with np.load(file, allow_pickle=False) as kept:
        return {name: kept[name].astype(np.float32) for name in kept.files}


ENGLISH = English()
