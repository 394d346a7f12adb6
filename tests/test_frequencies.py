"""Words looked up in a file: what was noted, and what wordfreq has."""

from __future__ import annotations

from math import log10
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wordfreq import get_frequency_dict, zipf_frequency
from wordfreq.numbers import digit_freq
from wordfreq.tokens import lossy_tokenize

from audit.language.en.compounds import parts_of, share_of_digits
from audit.language.en.lexicon import OTHER_LANGUAGES, foreign, token_zipf, zipf
from audit.language.frequencies import Notes, packed

WORDS = st.text(st.characters(exclude_characters="\t\n", codec="utf-8"), min_size=1, max_size=12)


@given(st.dictionaries(WORDS, WORDS, max_size=30), WORDS)
def test_what_was_noted_comes_back(notes: dict[str, str], other: str) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "notes.bin"
        file.write_bytes(packed(notes))
        found = Notes(file)
        assert {w: found.get(w) for w in notes} == notes
        assert found.get(other) == notes.get(other)


def test_words_have_the_frequency_of_wordfreq() -> None:
    listed = get_frequency_dict("en", "best")
    for word in list(listed)[::37]:
        assert zipf(word) == round(log10(listed[word]) + 9, 2), word
    assert zipf("qqxzzq") == 0


TOKENS = [
    "U.S.", "3.5%", "$1,200", "2022", "1985", "it’s", "mother-in-law", "COVID-19", "O’Brien",
    "café", "don't", "10:30", "...", "—", "東京", "zxqv-house", "Š", "24/7", "1,000,000", "3rd",
]  # fmt: skip


MARKED = st.text("aehmuyzDLéßœ0149.,:;'’-", max_size=10)


@given(st.text(max_size=12) | st.from_regex(r"[a-z0-9.,'’-]{1,10}", fullmatch=True) | MARKED)
def test_tokens_have_the_frequency_of_wordfreq(token: str) -> None:
    # wordfreq rounds a frequency to three digits before it takes the logarithm
    assert token_zipf(token) == pytest.approx(zipf_frequency(token, "en"), abs=0.011)


@given(MARKED)
def test_tokens_have_the_parts_of_wordfreq(token: str) -> None:
    assert parts_of(token) == lossy_tokenize(token, "en")


@given(st.from_regex(r"[0-9]{1,5}([.,][0-9]{1,4})?", fullmatch=True))
def test_digits_have_the_share_of_wordfreq(figure: str) -> None:
    assert share_of_digits(figure) == pytest.approx(digit_freq(figure))


@pytest.mark.parametrize("token", TOKENS)
def test_compounds_and_figures_have_the_frequency_of_wordfreq(token: str) -> None:
    assert token_zipf(token) == zipf_frequency(token, "en")


def test_a_foreign_word_is_of_the_language_where_it_is_most_frequent() -> None:
    lists = {code: get_frequency_dict(code, "small") for code in OTHER_LANGUAGES}
    for word in list(lists["nl"])[::97] + list(lists["de"])[::97]:
        best = max((log10(own[word]) + 9, code) for code, own in lists.items() if word in own)
        found = foreign(word)
        if word == word.casefold():
            assert found is not None
            assert (found[0], found[1]) == (best[1], pytest.approx(best[0])), word
    assert foreign("qqxzzq") is None
