"""A language of which nothing is known but its name: what a new one begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from audit.language.figures import FigureList, prepared
from audit.model import (
    Confusion,
    Neighbour,
    PublicFigures,
    Quantity,
    Quotes,
    Sentence,
    VerbGroup,
)

_NOBODY = FigureList(prepared((), ()), frozenset())


class Plain:
    """Answers every question of `audit.model.language.Language` with nothing known."""

    code = ""
    name = ""

    def words(self, name: str) -> frozenset[str]:
        """No list."""
        return frozenset()

    def groups(self, name: str) -> Mapping[str, str]:
        """No table."""
        return {}

    def phrases(self, name: str, group: str) -> tuple[tuple[str, ...], ...]:
        """No table."""
        return ()

    def table(self, name: str) -> Mapping[str, Any]:
        """No rules."""
        return {}

    def trained(self, name: str) -> Any:
        """Nothing was fitted."""
        return None

    def trained_digest(self) -> str:
        """Nothing was fitted."""
        return "none"

    def is_word(self, form: str, *, rare: bool = True) -> bool:
        """No word list."""
        return False

    def is_function_word(self, form: str) -> bool:
        """No closed class."""
        return False

    def always_capital(self, form: str) -> str | None:
        """None known."""
        return None

    def zipf(self, form: str) -> float:
        """No frequencies."""
        return 0.0

    def token_zipf(self, token: str) -> float:
        """No frequencies."""
        return 0.0

    def foreign(self, form: str) -> tuple[str, float] | None:
        """Nothing is known of other languages."""
        return None

    def neighbours(self, form: str) -> tuple[Neighbour, ...]:
        """No word list."""
        return ()

    def confusions(self, form: str) -> Mapping[str, Confusion]:
        """None known."""
        return {}

    def sharing_translation(self, form: str) -> Mapping[str, float]:
        """Nothing is known of other languages."""
        return {}

    def base_forms(self, form: str) -> frozenset[str]:
        """Itself alone."""
        return frozenset({form})

    def is_formed(self, form: str) -> bool:
        """No prefixes, no suffixes."""
        return False

    def is_inflection(self, a: str, b: str) -> bool:
        """No endings."""
        return False

    def is_plural(self, form: str) -> bool:
        """No endings."""
        return False

    def is_adverb(self, form: str) -> bool:
        """No endings."""
        return False

    def completed(self, form: str, following: str) -> str | None:
        """None known."""
        return None

    def opposed(self, a: frozenset[str], b: frozenset[str]) -> bool:
        """No opposites."""
        return False

    def verb_groups(self, forms: tuple[str, ...]) -> Mapping[int, VerbGroup]:
        """No verbs."""
        return {}

    def is_auxiliary(self, form: str) -> bool:
        """No verbs."""
        return False

    def is_verb_form(self, form: str) -> bool:
        """No verbs."""
        return False

    def may_be_plain_verb(self, form: str, before: str) -> bool:
        """No verbs."""
        return False

    def written_out(self, form: str, before: str) -> tuple[str, ...]:
        """Itself alone."""
        return (form,)

    def impossible_pairs(self, sentence: Sentence) -> int:
        """None known."""
        return 0

    def quantities(self, text: str, offset: int) -> tuple[Quantity, ...]:
        """No numbers."""
        return ()

    def quotes(self, text: str, spans: Sequence[tuple[int, int]]) -> Quotes:
        """No quotations."""
        return Quotes((), ())

    def place_groups(self, text: str) -> frozenset[int]:
        """No places."""
        return frozenset()

    def places(self) -> tuple[tuple[str, ...], ...]:
        """None listed."""
        return ()

    def is_kin(self, a: str, b: str) -> bool:
        """Only if they are one."""
        return a == b

    def public_figures(self) -> PublicFigures:
        """None listed."""
        return _NOBODY

    def is_finite_verb(self, form: str) -> bool:
        """No verb known."""
        return False

    def cannot_meet(self, before: str, after: str, shared: int) -> bool:
        """Any two tokens may be neighbours."""
        return False

    def readability(self, sentences: Sequence[Sentence]) -> Mapping[str, float]:
        """Not measured."""
        return {}
