"""Words that share a translation: what the packaged table answers, and its licence."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.language.base import Plain
from audit.language.en import ENGLISH

FORMS = [
    "circulation", "declared", "tolls", "lifted", "aboard", "children", "wrote", "begun", "freer",
    "house", "running", "set", "sets", "put", "quickly", "able", "said", "see", "saw", "works",
]  # fmt: skip
"""Nouns, verbs, adjectives, adverbs, plain and inflected, regular and not."""


@pytest.mark.parametrize(
    ("stands", "meant"),
    [
        ("circulation", "traffic"),  # circulation (fr)
        ("declared", "said"),  # declarar (es)
        ("conscience", "consciousness"),  # conscience (fr)
        ("sensible", "sensitive"),  # sensibel (de)
        ("town", "city"),  # ciudad (es)
    ],
)
def test_what_shares_a_translation_may_be_meant(stands: str, meant: str) -> None:
    assert meant in ENGLISH.sharing_translation(stands)


@pytest.mark.parametrize(
    ("stands", "meant"),
    [
        (("declare", "declares", "declared", "declaring"), ("say", "says", "said", "saying")),
        (("toll", "tolls"), ("tax", "taxes")),
        (("infant", "infants"), ("child", "children")),
    ],
)
def test_what_may_be_meant_is_inflected_as_the_form_is(
    stands: tuple[str, ...], meant: tuple[str, ...]
) -> None:
    for form, expected in zip(stands, meant, strict=True):
        others = {*meant} - {expected}
        assert expected in ENGLISH.sharing_translation(form)
        assert not others & ENGLISH.sharing_translation(form).keys()


@pytest.mark.parametrize("form", FORMS)
def test_answers_are_other_forms_in_lower_case_likeliest_first(form: str) -> None:
    found = ENGLISH.sharing_translation(form)
    assert len(found) <= 40
    assert form not in found
    assert all(re.fullmatch("[a-z]+", other) for other in found)
    assert all(log < 0 for log in found.values())
    assert all(a >= b for a, b in pairwise(found.values()))


@given(st.text(max_size=8))
def test_any_form_is_answered(form: str) -> None:
    assert form not in ENGLISH.sharing_translation(form)


@pytest.mark.parametrize("form", ["", "qwzx", "the", "Traffic", "42", "town hall"])
def test_of_what_is_not_in_the_table_nothing_is_known(form: str) -> None:
    assert ENGLISH.sharing_translation(form) == {}


@pytest.mark.parametrize("form", ["black", "donkey", "rooster", "excrement", "homosexual", "crack"])
def test_no_slur_is_proposed(form: str) -> None:
    never = {*ENGLISH.table("confusions")["never"], "ass", "nigger", "faggot", "coon", "queer"}
    assert not never & ENGLISH.sharing_translation(form).keys()


@pytest.mark.parametrize("form", ["homosexual", "lesbian", "gypsy", "muslims"])
def test_nothing_is_proposed_for_a_word_for_people(form: str) -> None:
    assert ENGLISH.sharing_translation(form) == {}


def test_a_language_of_which_nothing_is_known_proposes_nothing() -> None:
    assert Plain().sharing_translation("circulation") == {}


def test_the_licence_of_the_table_is_packaged_with_it() -> None:
    data = files("audit.language.en").joinpath("data")
    assert data.joinpath("translations.txt.xz").is_file()
    licence = data.joinpath("translations.LICENSE").read_text("utf-8")
    for needed in ("creativecommons.org/licenses/by-sa/3.0", "Wiktionary", "Princeton", "wordfreq"):
        assert needed in licence
