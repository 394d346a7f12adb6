"""The list of public figures, and names that are nearly one of it."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import story_of

from audit.compare.public_figures import Proposal, distance, garbled_figures, near_figure
from audit.language.en import ENGLISH
from audit.language.spelling import words_in
from audit.model import Mention

LISTED = ENGLISH.public_figures()
NAMES = [name for figure in LISTED.figures for name in figure.names]


def proposals(text: str, left: frozenset[int] = frozenset()) -> tuple[Proposal, ...]:
    """The garbled figures of a text, the names that begin at `left` left out."""
    names = story_of(a=text).annotations["a"].names
    return garbled_figures(names, lambda mention, _: mention.start in left, ENGLISH)


def proposed(text: str) -> list[tuple[str, str]]:
    return [(text[p.mention.start : p.mention.end], p.right) for p in proposals(text)]


@pytest.mark.parametrize(
    ("garbled", "right"),
    [
        ("Anthony Brinken", "Antony Blinken"),
        ("Angela Markel", "Angela Merkel"),
        ("Sergey Lavlov", "Sergei Lavrov"),
        ("Jens Stortenberg", "Jens Stoltenberg"),
        ("Ursula von der Layen", "Ursula von der Leyen"),
        ("Recep Tayyip Eldogan", "Recep Tayyip Erdogan"),
        ("Jerome Bowell", "Jerome Powell"),
        ("Vladimir Putim", "Vladimir Putin"),
        ("Emmanuel Magron", "Emmanuel Macron"),
    ],
)
def test_slip_in_a_full_name_is_put_right(garbled: str, right: str) -> None:
    near = near_figure(garbled, ENGLISH)
    assert (near and near.name.text) == right


@pytest.mark.parametrize(
    "name",
    [
        # accepted spellings and transliterations, listed or not
        "Volodymyr Zelenskyy",
        "Volodimir Zelinsky",
        "Vladimir Zelenskij",
        "Kassym-Jomart Tokaev",
        "Nursultan Nazarbaev",
        "Sergej Lawrow",
        "Muhamad bin Salman",
        "Moammar Qadhafi",
        "Gerhard Schröder",
        "Gerhard Schroder",
        # usual forms of the given name
        "Anthony Blinken",
        "Tony Blinken",
        "Aleksandr Lukashenko",
        "Joseph Biden",
        # other people
        "Angelo Merkel",
        "John Kelly",
        "Michael Cohan",
        "Olaf Schulz",
        "Clara Brinken",
        "Ilse Marchetti",
        # too short, or written family name first
        "Donald Tusc",
        "Xi Jingping",
        "Blinken Antony",
        # no full name
        "Brinken",
        "",
    ],
)
def test_variant_or_other_person_is_left_alone(name: str) -> None:
    assert near_figure(name, ENGLISH) is None


def test_no_listed_form_is_called_another() -> None:
    assert [f.text for f in NAMES if near_figure(f.text, ENGLISH)] == []


def test_listed_form_in_running_text_is_left_alone() -> None:
    text = "\n".join(f"On Monday {f.text} spoke to the envoy." for f in NAMES[::7])
    assert proposed(text) == []


def test_bare_surname_follows_the_full_name() -> None:
    text = (
        "“It is hard,” Brinken said. U.S. Secretary of State Anthony Brinken had said it. "
        "Brinken’s aides agreed."
    )
    found = [("Brinken", "Blinken"), ("Anthony Brinken", "Antony Blinken"), ("Brinken", "Blinken")]
    assert proposed(text) == found
    assert [p.carried for p in proposals(text)] == [True, False, True]
    assert {p.figure.name for p in proposals(text)} == {"Antony Blinken"}


def test_surname_of_a_name_left_out_is_left_out() -> None:
    text = "Today State Anthony Brinken met the envoy. Later Brinken went home."
    full, bare = proposals(text)
    assert text[full.mention.start :].startswith("Anthony")
    assert proposals(text, frozenset([full.mention.start])) == ()
    assert proposals(text, frozenset([bare.mention.start])) == (full,)


def test_particle_stays_outside_the_bare_surname() -> None:
    text = "Talks with Ursula von der Layen went on. On Friday von der Layen flew home."
    assert proposed(text) == [
        ("Ursula von der Layen", "Ursula von der Leyen"),
        ("Layen", "Leyen"),
    ]


def test_bare_surname_that_somebody_else_bears_is_left_alone() -> None:
    text = "On Monday Anthony Brinken met Clara Brinken. Later Brinken went home."
    assert proposed(text) == [("Anthony Brinken", "Antony Blinken")]


def test_bare_surname_alone_is_left_alone() -> None:
    assert proposed("On Monday Brinken met the envoy. Later Brinken went home.") == []


def test_longer_name_of_another_person_is_left_alone() -> None:
    assert proposed("The envoy met Clara Anthony Brinken on Monday.") == []


def run_before_a_surname(length: int) -> list[Mention]:
    """A garbled figure, another bearer of the surname with many given names, the bare surname."""
    text = f"Anthony Brinken met {'Clara ' * length}Brinken"
    full, run = words_in(text)[:2], words_in(text)[3:]
    bare = words_in("Brinken", len(text))
    return [
        Mention("a", n, words, tuple(w.folded for w in words))
        for n, words in enumerate([full, run, bare])
    ]


def test_long_run_of_capitalised_words_needs_little_memory() -> None:
    def garbled(found: list[Mention]) -> list[Mention]:
        return [p.mention for p in garbled_figures(found, lambda *_: False, ENGLISH)]

    short, long = run_before_a_surname(2), run_before_a_surname(3000)
    assert garbled(short) == short[:1]  # the lists are read by now
    tracemalloc.start()
    assert garbled(long) == long[:1]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


def test_capitals_stay_capitals() -> None:
    assert near_figure("ANTHONY BRINKEN", ENGLISH) is not None
    assert proposed("They met ANTHONY BRINKEN there.") == [("ANTHONY BRINKEN", "ANTONY BLINKEN")]


def test_confused_sounds_are_nearer_than_others() -> None:
    assert distance("Blinken", "Blinken") == 0
    assert distance("Brinken", "Blinken") < distance("Bsinken", "Blinken")


@given(st.text(max_size=12), st.text(max_size=12))
def test_distance_is_the_same_both_ways(a: str, b: str) -> None:
    assert distance(a, b) == distance(b, a) >= 0


@given(st.lists(st.text(max_size=8), max_size=4).map(" ".join))
def test_any_text_has_a_near_figure_or_none(text: str) -> None:
    near = near_figure(text, ENGLISH)
    assert near is None or near.distance > 0


def test_list_is_well_formed() -> None:
    counted = Counter(f.words for f in NAMES)
    assert [words for words, n in counted.items() if n > 1] == []
    assert all(f.given_words and f.family_words and f.text == f.text.strip() for f in NAMES)
    assert all(LISTED.is_listed(LISTED.words_of(f.text)) for f in NAMES)
    assert {figure.transliterated for figure in LISTED.figures} == {True, False}
    assert not any(set(f.text) & set("{}|[]#") for f in NAMES)


def test_given_names_are_well_formed() -> None:
    text = resources.files("audit.language.en").joinpath("data/given_names.txt").read_text("utf-8")
    groups = [line.split("|") for line in text.splitlines() if not line.startswith("#")]
    assert all(len(group) >= 2 and all(group) for group in groups)
    assert all(len(set(group)) == len(group) for group in groups)
