"""Machine-translation likelihood: what raises it, what must not, when it abstains."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from engines import engine

from audit.conclude.likelihood import (
    COMMAS,
    MIN_WORDS,
    WITHOUT_MODEL,
    WORDING,
    Likelihood,
    likelihood,
)
from audit.language.en import ENGLISH
from audit.model import CATEGORIES, Finding, Measure, Sentence, Version
from audit.segment.sentences import segment

DATA = ENGLISH.trained("likelihood")
FUNCTION_WORDS = ENGLISH.words("measured_function_words")
SIGNS = {c.id for c in CATEGORIES.values() if c.machine_sign}
SETS = ("with_surprisal", "without_surprisal")
ARTICLE = "Council leaders vote on the new bridge\n" + "\n".join(
    [
        "The council voted on Monday to close the old bridge after engineers found cracks in it.",
        "Drivers will have to cross the river at the next town until the work is over.",
        "Traders in the market said they had not been asked and would lose most of their business.",
        "Nobody was hurt when a part of the railing fell into the water earlier this month.",
        "The mayor told reporters that the money for a new bridge had been set aside long ago.",
        "Work is due to begin in the spring and should take about two years, the council said.",
        "A ferry will carry people across the river during the day but not at night.",
        "Schools on the other side will open an hour later so that children can get there in time.",
        "The bridge was built in 1931 and had been repaired twice since the war.",
        "Some residents want to keep it for people on foot and on bicycles.",
    ]
)


def cut(text: str) -> tuple[Sentence, ...]:
    return segment(Version("v", text), ENGLISH)[0]


def usual(sentences: Sequence[Sentence]) -> list[list[float]]:
    """Surprisal as in a text that people wrote."""
    table = DATA["function_words"]
    return [[table.get(t.text.lower(), 4.5) for t in s.tokens] for s in sentences]


def judge(
    text: str = ARTICLE,
    findings: Sequence[Finding] = (),
    words: list[list[float]] | str | None = "usual",
) -> Likelihood:
    sentences = cut(text)
    nats: Any = usual(sentences) if words == "usual" else words
    return likelihood(sentences, findings, nats, ENGLISH.readability(sentences), ENGLISH)


def value(judged: Likelihood) -> float:
    assert judged.value is not None
    return judged.value


def at(quote: str, category: str, measure: str = "m") -> Finding:
    start = ARTICLE.index(quote)
    return Finding(
        "v",
        start,
        start + len(quote),
        quote,
        category,
        "minor",
        0.9,
        "message",
        category,
        (Measure(measure, 1.0, 1.0),),
    )


def test_short_text_is_not_judged() -> None:
    judged = judge(ARTICLE[: ARTICLE.index("The mayor")])
    assert judged.value is None
    assert str(MIN_WORDS) in judged.marks[0]


def test_headlines_do_not_make_a_text_long_enough() -> None:
    short = "\n".join(ARTICLE.splitlines()[1:4])
    headlines = "\n\n".join(["Council leaders vote on the new bridge"] * 20)
    sentences = cut(f"{headlines}\n{short}")
    body = [s for s in sentences if s.kind == "body"]
    assert sum(len(s.tokens) for s in sentences) > MIN_WORDS > sum(len(s.tokens) for s in body)
    judged = likelihood(sentences, (), usual(sentences), ENGLISH.readability(sentences), ENGLISH)
    assert judged.value is None


def test_a_value_is_a_probability_and_has_marks() -> None:
    judged = judge()
    assert 0 < value(judged) < 1
    assert judged.marks


def test_without_a_model_it_says_so() -> None:
    judged = judge(words=None)
    assert judged.marks[-1] == WITHOUT_MODEL
    assert WITHOUT_MODEL not in judge().marks
    assert 0 < value(judged) < 1


@pytest.mark.parametrize("kind", ["function", "common"])
def test_unexpected_words_raise_it(kind: str) -> None:
    sentences = cut(ARTICLE)
    words = [
        [n + 6 * ((t.text.lower() in FUNCTION_WORDS) == (kind == "function")) for t, n in pairs]
        for pairs in (
            zip(s.tokens, nats, strict=True)
            for s, nats in zip(sentences, usual(sentences), strict=True)
        )
    ]
    judged = judge(words=words)
    assert value(judged) > value(judge())
    assert "unexpected" in judged.marks[0]


@pytest.mark.parametrize("category", [c for c, weight in DATA["findings"].items() if weight > 0])
def test_marks_of_a_machine_raise_it_and_are_reported(category: str) -> None:
    judged = judge(findings=[at("railing", category), at("bicycles", category)])
    assert value(judged) > value(judge())
    assert any(str(CATEGORIES[category].machine_sign) in m for m in judged.marks)


@pytest.mark.parametrize("category", ["typo", "duplicated-word", "scrape-residue"])
@pytest.mark.parametrize("words", ["usual", None])
def test_slips_and_furniture_do_not_raise_it(category: str, words: Any) -> None:
    slips = [at("railing", category), at("residents", category), at("bicycles", category)]
    assert value(judge(findings=slips, words=words)) <= value(judge(words=words))


def test_a_mark_missing_from_a_quotation_does_not_raise_it() -> None:
    open_quote = at("railing", "quote-punctuation", "unclosed-marks")
    assert judge(findings=[open_quote]) == judge()
    assert value(judge(findings=[at("railing", "quote-punctuation")])) > value(judge())


def test_the_surprise_of_a_typing_error_does_not_count() -> None:
    sentences = cut(ARTICLE)
    words = usual(sentences)
    slip = next(t for t in sentences[1].tokens if t.text == "after")
    words[1][sentences[1].tokens.index(slip)] = 20.0
    typo = at("after", "typo")
    assert (typo.start, typo.end) == (slip.start, slip.end)
    assert value(judge(words=words)) > value(judge())
    assert value(judge(words=words, findings=[typo])) == pytest.approx(
        value(judge(findings=[typo])), abs=1e-9
    )


def test_names_and_numbers_may_be_surprising() -> None:
    sentences = cut(ARTICLE)
    words = usual(sentences)
    for s, nats in zip(sentences, words, strict=True):
        for i, t in enumerate(s.tokens):
            if i and (t.text[0].isupper() or t.text[0].isdigit()):
                nats[i] = 25.0
    assert judge(words=words) == judge()


def test_findings_alone_do_not_make_it_certain() -> None:
    every = [at(q, c) for c in SIGNS for q in re.findall(r"\w{6,}", ARTICLE)]
    assert value(judge(findings=every)) < 0.99


def test_marks_for_the_verdict_come_first() -> None:
    judged = judge(findings=[at("railing", "broken-sentence"), at("mayor", "broken-sentence")])
    against = [m.startswith("against it") for m in judged.marks]
    assert against == sorted(against)


@pytest.mark.parametrize("name", SETS)
def test_data_has_words_for_every_measure(name: str) -> None:
    worded = {*WORDING, *ENGLISH.table("likelihood"), COMMAS}
    assert set(DATA[name]["measures"]) <= worded
    assert all(m["sd"] > 0 for m in DATA[name]["measures"].values())


def test_data_knows_every_category_and_function_word() -> None:
    assert set(DATA["findings"]) == SIGNS
    assert set(DATA["function_words"]) == FUNCTION_WORDS


def test_seeds(seeds: Path) -> None:
    """Four machine translations and one article that people typed in a hurry."""
    versions = [Version(f.name[:3], f.read_text("utf-8")) for f in sorted(seeds.glob("*.txt"))]
    result = engine().audit("seeds", versions)
    if any(s.stage == "surprisal" for s in result.skipped):
        pytest.skip("the language model is not here (mtaudit models fetch)")
    assert {v.version.id for v in result.versions if "likely pivot" in v.mt_marks[-1]} <= {"001"}
    values = {v.version.id: v.mt_likelihood or 0.0 for v in result.versions}
    assert 0 < values.pop("003") < 0.5
    assert all(v > 0.5 for v in values.values()), values
