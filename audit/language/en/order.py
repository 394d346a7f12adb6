"""Neighbours of closed classes that English does not have, from `data/order.toml`."""

from __future__ import annotations

from itertools import pairwise

from audit.language.en.lexicon import words
from audit.language.en.lists import listed
from audit.language.spelling import plain
from audit.model import Sentence

__all__ = ["impossible_pairs"]


def impossible_pairs(s: Sentence) -> int:
    """How many neighbours of closed classes cannot stand so: "the of", "to at", "is has".

    Of 530 sentences of native news twelve have one such pair, one has two, none three.
    """
    # "US" and "IT" are no pronouns
    forms = [t.text if t.text.isupper() else plain(t.text) for t in s.tokens]
    return sum(_is_impossible(x, y) for x, y in pairwise(forms))


def _is_impossible(x: str, y: str) -> bool:
    closed = y in words("auxiliaries") or y in words("prepositions")
    joining = y in listed("joining")
    subject = y in listed("subject_pronouns")
    if x in words("determiners"):
        barred = subject or y in listed("object_pronouns") or y in listed("not_after_article")
        return barred or closed or joining or y in words("determiners")
    if x == "to":
        barred = subject or y in listed("not_after_to")
        return barred or joining or (closed and y not in listed("right_after_to"))
    if x == "of":
        return subject or joining or (closed and y not in listed("right_after_of"))
    if x in listed("transitive"):
        return subject or y in listed("finite_auxiliaries") or y in listed("not_after_transitive")
    if x in listed("finite_auxiliaries"):
        barred = y in listed("finite_auxiliaries") or y in listed("not_after_finite")
        return barred and (x, y) != ("have", "had")
    return x in listed("additive") and y in listed("not_after_additive")
