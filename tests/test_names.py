"""Names: where they are found, and which spellings count as one name."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stories import story_of

from audit.compare.names import has_word_replaced, is_mentioned
from audit.compare.vote import BLAME
from audit.config import Settings
from audit.detect import name_garble, name_variant
from audit.detect.base import Detector
from audit.language.base import Plain
from audit.language.en import ENGLISH
from audit.language.spelling import fold, is_variant, key, words_in
from audit.model import Mention, Story


def names_in(text: str) -> list[str]:
    names = story_of(a=text).annotations["a"].names
    return [text[m.start : m.end] for m in names]


def mention(name: str) -> Mention:
    (only,) = (
        story_of(a=f"Some people who were there that day said that {name} knew.")
        .annotations["a"]
        .names
    )
    return only


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Abliazov", "Ablyazov"),
        ("Kronshtadt", "Kronschtadt"),
        ("Muhammad", "Muhammed"),
        ("Khrushchev", "Hruschev"),
        ("Aleksandr", "Alexandr"),
        ("Romanoff", "Romanov"),
        ("Söder", "Soeder"),
        ("Yevseyev", "Evseev"),
        ("Wladimir", "Vladimir"),
    ],
)
def test_transliterations_of_one_name_are_variants(a: str, b: str) -> None:
    assert is_variant(a, b) and is_variant(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [("Haral", "Haralev"), ("Brinken", "Blinken"), ("Orlov", "Orlova"), ("Iran", "Iraq")],
)
def test_other_names_are_no_variants(a: str, b: str) -> None:
    assert not is_variant(a, b)


@given(st.text(max_size=20))
@example("𝖠")
@example("Ǿ")
def test_key_and_fold_take_any_text_and_forget_case(word: str) -> None:
    assert fold(fold(word)) == fold(word)
    assert key(word) == key(fold(word))


@pytest.mark.parametrize(
    ("a", "b"), [("Uzbek", "Uzbekistan"), ("Namibia", "Namibian"), ("Dutch", "Holland")]
)
def test_people_and_country_are_kin(a: str, b: str) -> None:
    assert ENGLISH.is_kin(a, b)


def test_names_are_found_without_titles_possessives_and_sentence_capitals() -> None:
    text = "Wood was scarce. President Ilse Marchetti’s aide met Ursula von der Leyen in May."
    assert names_in(text) == ["Ilse Marchetti", "Ursula von der Leyen"]


def test_a_title_case_headline_gives_only_what_no_word_can_be() -> None:
    assert names_in("Angry Crowds Block Every Street Leading To Veldin Dam") == ["Veldin"]


@pytest.mark.parametrize(
    ("name", "passage"),
    [
        ("Robin Forestier-Walker", "Forestier-Walker wept"),
        ("Collective Security Treaty Organization", "the CSTO sent troops"),
        ("CSTO", "the Collective Security Treaty Organisation"),
        ("U.S.", "American soldiers"),
        ("Fu Tian", "reporter Futian"),
        ("Moscow", "the Kremlin said"),
    ],
)
def test_a_name_is_mentioned_in_another_form(name: str, passage: str) -> None:
    assert is_mentioned(mention(name), words_in(passage), ENGLISH)


@pytest.mark.parametrize(
    ("name", "passage"),
    [
        ("US Supreme Court", "the US Department of Defense"),
        ("Supreme Audit Office", "the tax office"),
        ("Indian Ocean", "in the region"),
    ],
)
def test_a_shared_common_word_does_not_mention_a_name(name: str, passage: str) -> None:
    assert not is_mentioned(mention(name), words_in(passage), ENGLISH)


def test_two_versions_disagree_and_both_sides_are_shown() -> None:
    s = story_of(
        a="The comet hit the moon near Veldin on Sunday.",
        b="The comet hit the moon near Tarquin on Sunday.",
    )
    found = {f.version: f for f in name_garble.detect(s, Settings())}
    assert found["a"].suggestion == found["b"].quote == "Tarquin"
    assert found["b"].suggestion == found["a"].quote == "Veldin"
    assert "do not show which" in found["a"].message


def test_the_majority_is_not_flagged() -> None:
    s = story_of(
        a="The comet hit the moon near Veldin on Sunday.",
        b="The comet hit the moon near Tarquin on Sunday.",
        c="The comet hit the moon near Tarquin on Sunday.",
    )
    assert {f.version for f in name_garble.detect(s, Settings())} == {"a"}


def test_a_name_the_user_knows_is_left_alone() -> None:
    text = "Haralev spoke. Haralev left. The Haral office closed. Then Haralev came back."
    flagged = name_garble.detect(story_of(a=text), Settings())
    assert [f.quote for f in flagged] == ["Haral"]
    assert not list(name_garble.detect(story_of(a=text), Settings(names=("Haral",))))


NEARLY_A_FIGURE = "On Monday Anthony Brinken met the envoy. Later Brinken went home."


def test_the_surname_of_a_name_nearly_a_public_figures_is_flagged_too() -> None:
    flagged = name_garble.detect(story_of(a=NEARLY_A_FIGURE), Settings())
    assert [f.quote for f in flagged] == ["Anthony Brinken", "Brinken"]


def test_the_surname_of_a_name_the_user_knows_is_left_alone() -> None:
    known = Settings(names=("Anthony Brinken",))
    assert not list(name_garble.detect(story_of(a=NEARLY_A_FIGURE), known))


def test_the_surname_of_a_name_that_another_version_has_is_left_alone() -> None:
    text = NEARLY_A_FIGURE.replace("Later Brinken", "Later BRINKEN")
    assert [f.quote for f in name_garble.detect(story_of(a=text), Settings())][1:] == ["BRINKEN"]
    s = story_of(a=text, b="The envoy met Anthony Brinken on Monday.")
    assert not list(name_garble.detect(s, Settings()))


def test_a_variant_is_reported_once_at_its_first_place() -> None:
    right = "Rustam Karimov came. Karimov spoke. Karimov left."
    s = story_of(a=right.replace("Karimov", "Karimof"), b=right, c=right)
    (only,) = name_variant.detect(s, Settings())
    assert (only.version, only.start, only.suggestion) == ("a", 7, "Karimov")
    assert only.witnesses and only.severity == "minor"


def test_offsets_hold_after_characters_outside_the_basic_plane() -> None:
    text = "😀😀 Haralev spoke. Haralev left. The Haral office closed. Then Haralev came back."
    for f in name_garble.detect(story_of(a=text), Settings()):
        assert text[f.start : f.end] == f.quote == "Haral"


def test_sentences_without_names_and_empty_versions_give_nothing() -> None:
    assert not list(name_garble.detect(story_of(a=""), Settings()))
    assert not list(name_variant.detect(story_of(a="..."), Settings()))


AT_MOST = {"letters lost", "sounds that differ", "characters between"}
"""Measures whose bar is the largest value."""

RIGHT = "Rustam Karimov came. Karimov spoke. Karimov left."
NEAR_VELDIN = "The comet hit the moon near Veldin on Sunday."
NEAR_TARQUIN = NEAR_VELDIN.replace("Veldin", "Tarquin")


@pytest.mark.parametrize(
    ("detector", "story", "names"),
    [
        (
            name_garble,
            story_of(a="Haralev spoke. Haralev left. The Haral office closed."),
            {"letters lost", "own uses of the other form"},
        ),
        (
            name_garble,
            story_of(a="Haralevik spoke. Haralevik left. The Haraletik office closed."),
            {"name similarity", "own uses of the other form"},
        ),
        (
            name_garble,
            story_of(a=NEAR_VELDIN, b=NEAR_TARQUIN, c=NEAR_TARQUIN),
            {"same-place evidence", BLAME},
        ),
        (
            name_garble,
            story_of(a="It was laid by and Google.", b="It was laid by Tarquin and Google."),
            {"versions with the name"},
        ),
        (name_garble, story_of(a=NEARLY_A_FIGURE), {"sounds that differ"}),
        (
            name_garble,
            story_of(a="Robin Forestier-Walker wept.", b="Robin Forestier said. -Walker wept."),
            {"characters between"},
        ),
        (
            name_variant,
            story_of(a=RIGHT.replace("Karimov", "Karimof"), b=RIGHT, c=RIGHT),
            {"versions with the other form"},
        ),
        (
            name_variant,
            story_of(a=RIGHT.replace("Karimov came", "Karimof came")),
            {"own uses of the other form"},
        ),
    ],
)
def test_measures_are_those_that_decide(detector: Detector, story: Story, names: set[str]) -> None:
    measures = [m for f in detector.detect(story, Settings()) for m in f.measures]
    assert names <= {m.name for m in measures}
    for m in measures:
        assert m.value <= m.threshold if m.name in AT_MOST else m.value >= m.threshold


def test_a_language_without_lists_is_read_by_capitals_alone() -> None:
    texts = {"a": NEAR_VELDIN, "b": NEAR_TARQUIN, "c": NEAR_TARQUIN}
    (found,) = name_garble.detect(story_of(**texts, language=Plain()), Settings())
    assert (found.version, found.quote, found.suggestion) == ("a", "Veldin", "Tarquin")


@pytest.mark.parametrize(
    ("name", "right", "expected"),
    [
        ("New York Instances", "New York Times", True),
        ("Wall Road Journal", "Wall Street Journal", True),
        ("Invoice Harrel", "Bill Harrel", True),
        ("Daisy Inexperienced", "Daisy Green", True),
        ("Mary Harrel", "Anna Harrel", False),
        ("Foreign Office", "Foreign Ministry", False),
        ("United Nations", "United States", False),
        ("Mo Harrel", "Maurice Harrel", False),
        ("Veldin Post", "Harlow Press", False),
    ],
)
def test_an_ordinary_word_in_a_name_stands_for_another(
    name: str, right: str, expected: bool
) -> None:
    assert has_word_replaced(mention(name), mention(right), ENGLISH) is expected


@pytest.mark.parametrize(
    ("a", "b"),
    [("Côte d'Ivoire", "Ivory Coast"), ("Makkah", "Mecca"), ("Kyiv", "Kiev"), ("Burma", "Myanmar")],
)
def test_two_names_of_one_place_are_one(a: str, b: str) -> None:
    assert is_mentioned(mention(a), words_in(f"They met in {b} on Friday."), ENGLISH)
