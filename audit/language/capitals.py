"""Capitals: where a word stands in its sentence, and whether capitals say anything there."""

from __future__ import annotations

from audit.model import Sentence, Token
from audit.model.language import Language

__all__ = ["is_initial", "is_lower", "is_set_as_title", "is_title_cased"]

TITLE_CASE = 0.6
"""Share of capitals among a sentence's longer words from which it is set as a title. Twelve of 500
body sentences of native news reach it too: their capitals are not judged."""


def is_lower(token: Token) -> bool:
    """Whether a token is a word all in lower case."""
    return token.text[:1].isalpha() and token.text.islower()


def is_title_cased(token: Token) -> bool:
    """Whether a token is a capital with small letters after it."""
    return token.text[:1].isupper() and token.text[1:].islower()


def is_initial(s: Sentence, i: int) -> bool:
    """Whether a token begins its sentence or follows a mark after which a capital is usual."""
    return not any(t.is_word for t in s.tokens[:i]) or s.tokens[i - 1].text in set(
        "“\"‘':;—–-•([…?!."
    )


def is_set_as_title(s: Sentence, language: Language) -> bool:
    """Whether a sentence is a headline, or set like one, so that its capitals say nothing."""
    longer = [
        t for t in s.tokens[1:] if t.text[:1].isalpha() and not language.is_function_word(t.text)
    ]
    capitals = sum(t.text[:1].isupper() for t in longer)
    return s.kind == "headline" or (len(longer) > 2 and capitals / len(longer) >= TITLE_CASE)
