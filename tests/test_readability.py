"""Readability: from our own sentences, without the network; who reads unlike the rest."""

from __future__ import annotations

import socket

import pytest
from story import READABILITY

from audit.conclude.readability import outliers
from audit.language.en import ENGLISH
from audit.language.en.readability import profile
from audit.model import Sentence, Token, Version
from audit.segment.sentences import segment


def sentences(text: str) -> tuple[Sentence, ...]:
    return segment(Version("v", text), ENGLISH)[0]


EASY = "The old man went to the sea. He had a small boat. The day was warm and the sea was calm."
HARD = (
    "Notwithstanding considerable international condemnation, governmental representatives "
    "categorically repudiated responsibility for the deteriorating humanitarian circumstances."
)


def test_sentences_are_ours() -> None:
    one = sentences("The U.S. Supreme Court met on Jan. 5 in St. Louis, Mo., at 3.15 p.m. sharp.")
    assert len(one) == 1
    assert profile(one)["words_per_sentence"] == profile(one)["words"]
    assert profile(sentences("Never. He went home by the old road."))["words_per_sentence"] == 4


def test_hard_text_reads_harder() -> None:
    easy, hard = profile(sentences(EASY)), profile(sentences(HARD))
    assert easy["flesch_reading_ease"] > 80 > 10 > hard["flesch_reading_ease"]
    assert easy["flesch_kincaid_grade"] < 4 < 15 < hard["flesch_kincaid_grade"]
    assert easy["difficult_words"] == 0
    assert hard["difficult_words"] > 0.5


def test_repetition_lowers_the_type_token_ratio_and_length_does_not() -> None:
    varied = [f"word{i}" for i in range(200)]
    once = profile(sentences(" ".join(varied[:60])))["type_token_ratio"]
    longer = profile(sentences(" ".join(varied)))["type_token_ratio"]
    repeated = profile(sentences(" ".join(varied[:10] * 20)))["type_token_ratio"]
    assert once == longer == 1
    assert repeated == pytest.approx(0.2)


def test_headlines_count_only_where_there_is_nothing_else() -> None:
    def made(text: str, kind: str) -> Sentence:
        tokens = tuple(Token(0, len(w), w) for w in text.split())
        return Sentence("v", 0, 0, len(text), text, kind, tokens)  # type: ignore[arg-type]

    headline, body = made("Sea Calm", "headline"), made("The sea was calm", "body")
    assert profile([headline, body])["words"] == 4
    assert profile([headline])["words"] == 2


def test_no_words_no_profile() -> None:
    assert profile([]) == {}
    assert profile(sentences("— …")) == {}


def test_no_network_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert profile(sentences("Unprecedented circumlocution reverberated."))["words"] == 3


def test_the_version_that_reads_unlike_its_siblings_is_told() -> None:
    profiles = {v: READABILITY | {"words_per_sentence": 20.0 + i} for i, v in enumerate("abcd")}
    assert outliers(profiles) == ()
    profiles["e"] = READABILITY | {"words_per_sentence": 40.0}
    (found,) = outliers(profiles)
    assert (found.version, found.measure, found.value) == ("e", "words_per_sentence", 40.0)
    assert (found.typical, found.low, found.high) == (21.5, 20.0, 23.0)
    assert found.z > 3.5


def test_siblings_that_agree_by_chance_make_no_outlier() -> None:
    profiles = {v: dict(READABILITY) for v in "abcd"}
    profiles["d"]["words_per_sentence"] += 2
    assert outliers(profiles) == ()


@pytest.mark.parametrize(
    "others",
    [
        dict.fromkeys("ab", READABILITY),
        {v: READABILITY | {"words": 60.0} for v in "abcd"},
        {"a": {}, "b": {}},
    ],
    ids=["two siblings", "short siblings", "empty siblings"],
)
def test_too_little_to_compare_with_tells_nothing(others: dict[str, dict[str, float]]) -> None:
    assert outliers({**others, "e": READABILITY | {"words_per_sentence": 60.0}}) == ()
