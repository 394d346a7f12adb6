"""Which quotation marks make pairs, which are alone, and what counts as quoted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.language.en.quotes import Quotation, Quotes, read_quotes


def read(text: str) -> Quotes:
    spans, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            spans.append((at, at + len(line)))
        at += len(line) + 1
    return read_quotes(text, spans)


def quoted(text: str) -> list[str]:
    return [text[q.inner_start : q.inner_end] for q in read(text).quotations]


def kinds(text: str) -> list[str]:
    return [f.kind for f in read(text).faults]


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("“Stay here,” she said.", ["Stay here,"]),
        ('"Stay here," she said. "It is late."', ["Stay here,", "It is late."]),
        ("He called it ‘a trap’ and left.", ["a trap"]),
        ("„Stay here“, she said.", ["Stay here"]),
        ("«Stay here», she said.", ["Stay here"]),
        ('The " old " harbour', [" old "]),
        ("“He said ‘no’ to us,” she said.", ["He said ‘no’ to us,", "no"]),
    ],
)
def test_pairs(text: str, inner: list[str]) -> None:
    assert quoted(text) == inner
    assert not kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "In the '90s the workers' union didn’t strike.",
        "The mast was 6'2\" high and the boys' boat 12\" wide.",
        "It was goin' well, rock 'n' roll said ol' Tom.",
        "“We lost the house.\n“We will build again.”",
        "“We lost the house. We will build again.\nWe will stay,” he said.",
    ],
)
def test_no_fault_in_apostrophes_measures_and_long_quotations(text: str) -> None:
    assert not kinds(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("“Stay here, she said.", "unclosed"),
        ("Stay here,” she said.", "unopened"),
        ('The ferry" left an hour late.', "unopened"),
        ("“Stay here, “added the mayor.", "turned"),
        ("They had “left“And gone.", "turned"),
        ("He said,”The road is closed.”", "turned"),
        ("Her uncle's farm near' Ghent was sold.", "unopened"),
        ("He called it ‘a trap and left.", "unclosed"),
    ],
)
def test_fault_is_named(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


def test_covers_only_what_is_inside() -> None:
    text = "He said “go home” twice."
    quotes = read(text)
    inside, outside = text.index("home"), text.index("twice")
    assert quotes.covers(inside, inside + 4)
    assert not quotes.covers(outside, outside + 5)


@given(st.text(alphabet="ab s.,\n“”\"'‘’„«»(-9", max_size=60))
def test_spans_lie_in_the_text_in_order(text: str) -> None:
    quotes = read(text)
    for q in quotes.quotations:
        assert 0 <= q.start <= q.inner_start <= q.inner_end <= q.end <= len(text)
    for f in quotes.faults:
        assert 0 <= f.start < f.end <= len(text)
        assert text[f.start : f.end] in {"“", "”", '"', "'", "‘", "’", "„", "«", "»", "''"}


SPANS = st.tuples(st.integers(0, 12), st.integers(0, 12))


@given(st.lists(SPANS, max_size=8), SPANS)
def test_what_lies_inside_any_one_quotation_is_covered(
    inner: list[tuple[int, int]], span: tuple[int, int]
) -> None:
    quotes = Quotes(tuple(Quotation(a, b, a, b) for a, b in inner), ())
    assert quotes.covers(*span) == any(a <= span[0] and span[1] <= b for a, b in inner)
