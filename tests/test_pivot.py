"""The language that a name passed through: told where its letters show it, and only there."""

from __future__ import annotations

from itertools import permutations

import pytest
from stories import story_of

from audit.compare.pivot import likely_pivot, pivot, pivot_note
from audit.compare.vote import BLAME
from audit.config import Settings
from audit.detect import name_garble
from audit.language.en import ENGLISH
from audit.model import Finding, Measure


def garble(quote: str, right: str, *, wrong: float = 0.9) -> Finding:
    """A garbled name that is the wrong one of two with that probability."""
    measure = Measure(BLAME, wrong, 0.3)
    return Finding(
        "a", 0, len(quote), quote, "name-garble", "major", 0.7, "", "name-garble", (measure,), right
    )


def foreign(quote: str) -> Finding:
    measure = Measure("foreign-gap", 9.0, 1.0)
    return Finding(
        "a", 0, len(quote), quote, "untranslated", "major", 0.9, "", "untranslated", (measure,)
    )


@pytest.mark.parametrize(
    ("garbled", "right", "told"),
    [
        (
            "Tavales",
            "Tavares",
            "“l” for “r” points to a translation by way of Chinese or Japanese.",
        ),
        ("Anthony Frorenz", "Antony Florenz", "“r” for “l” points"),
        ("Frolensar", "Florensal", "“r” for “l” and “l” for “r” point"),
        (
            "Rindqvist",
            "Lindqvist",
            "“r” for “l” points to a translation by way of Chinese, Japanese or Korean",
        ),
        (
            "Serban Gartvig",
            "Serban Hartvig",
            "“g” for “h” points to a translation by way of Cyrillic.",
        ),
        ("Dzhemmison", "Jemmison", "“dzh” for “j” points to a translation by way of Cyrillic."),
        ("Mpenavides", "Benavides", "“mp” for “b” points to a translation by way of Greek."),
        ("Zefilov-Varburk", "Zepilov-Barburk", "by way of Hebrew or Korean."),
    ],
)
def test_letters_that_few_languages_leave_are_told(garbled: str, right: str, told: str) -> None:
    assert told in pivot_note(garbled, right, ENGLISH)


@pytest.mark.parametrize(
    ("garbled", "right"),
    [
        ("Tavaces", "Tavares"),  # no language leaves this
        ("Tavalis", "Tavares"),  # only a part is explained
        ("Taravez Lindqist", "Talavez Lindqvist"),
        ("Florenz", "Frolenz"),  # letters changed places
        ("Mifelski", "Mipelski"),  # more languages than are told
        ("Barbivak", "Barbibak"),
        ("Palma", "Parma"),  # another town
        ("Lario", "Rario Costa"),
        ("Riva", "Liva"),  # too short
        ("Abdurrahman Sefik", "Abdulrahman Sefik"),
        ("Kalisch", "Kalish"),
        ("Gaddafi", "Qaddafi"),
        ("Kadhafi", "Gaddafi"),
        ("Evseev", "Yevseyev"),
        ("Wladimir", "Vladimir"),
        ("Haral", "Haralev"),
        ("", "Haralev"),
        ("市場", "Haralev"),
    ],
)
def test_all_else_tells_nothing(garbled: str, right: str) -> None:
    assert pivot_note(garbled, right, ENGLISH) == ""


def test_no_accepted_spelling_of_a_public_figure_tells_a_pivot() -> None:
    listed = ENGLISH.public_figures().figures
    pairs = [p for f in listed for p in permutations([n.text for n in f.names], 2)]
    assert len(pairs) > 300
    assert [p for p in pairs if pivot(*p, ENGLISH)] == []


def test_a_very_long_name_can_be_compared() -> None:
    assert pivot_note("Tavales" * 2000, "Tavares" * 2000, ENGLISH)


def findings_of(**texts: str) -> list[Finding]:
    return list(name_garble.detect(story_of(**texts), Settings()))


RIGHT = "The comet hit the moon near Veraldin on Sunday."
GARBLED = RIGHT.replace("Veraldin", "Verardin")


def test_a_finding_tells_the_pivot_where_the_right_name_is_known() -> None:
    (found,) = findings_of(a=GARBLED, b=RIGHT, c=RIGHT)
    assert found.message.endswith(
        "“r” for “l” points to a translation by way of Chinese or Japanese."
    )


def test_a_finding_tells_none_where_either_name_may_be_right() -> None:
    found = findings_of(a=GARBLED, b=RIGHT)
    assert len(found) == 2
    assert not any("by way of" in f.message for f in found)
    assert likely_pivot([garble("Tavales", "Tavares"), found[0]], ENGLISH) == ()


def test_two_names_of_a_version_tell_its_likely_pivot() -> None:
    names = [garble("Tavales", "Tavares"), garble("Rindqvist", "Lindqvist")]
    mark = "likely pivot: Chinese or Japanese (Tavales, Rindqvist)"
    assert likely_pivot(names, ENGLISH) == (mark,)


def test_names_that_many_languages_explain_may_agree_on_few() -> None:
    names = [garble("Mifelski", "Mipelski"), garble("Barbivak", "Barbibak")]
    assert likely_pivot(names, ENGLISH) == ("likely pivot: Hebrew or Korean (Mifelski, Barbivak)",)


def test_a_name_and_a_word_in_a_script_tell_the_likely_pivot() -> None:
    found = [foreign("ひらがな"), garble("Tavales", "Tavares")]
    assert likely_pivot(found, ENGLISH) == ("likely pivot: Japanese (Tavales)",)


@pytest.mark.parametrize(
    "found",
    [
        [garble("Tavales", "Tavares")],
        [garble("Tavales", "Tavares"), garble("Rodrigo Tavales", "Rodrigo Tavares")],
        [garble("Tavales", "Tavares"), garble("Gartvig", "Hartvig")],
        [garble("Tavales", "Tavares"), garble("Rindqvist", "Lindqvist", wrong=0.4)],
        [garble("Tavales", "Tavares"), foreign("рынок")],
        [foreign("ひらがな"), foreign("市場")],
        [garble("Tavales", "Tavares"), foreign("Wohnung")],
        [garble("Mifelski", "Mipelski"), garble("Sifarin", "Siparin")],
    ],
)
def test_what_is_too_little_or_disagrees_tells_no_pivot(found: list[Finding]) -> None:
    assert likely_pivot(found, ENGLISH) == ()
