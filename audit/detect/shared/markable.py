"""Which words a language model's doubt may mark at all."""

from __future__ import annotations

from audit.compare.known_names import KnownNames
from audit.model import Token


def is_markable(token: Token, known: KnownNames) -> bool:
    """Whether a token is a word that may be marked: no number, no abbreviation ("p.m."), and not
    covered by a name that is known to be right."""
    return (
        token.is_word
        and not token.has_digit
        and "." not in token.text
        and not known.covers(token.text)
    )
