"""The setting `names`: what counts as a known name, and that no finding objects to one."""

from __future__ import annotations

import pytest
from stories import story_of

from audit.compare.known_names import KnownNames
from audit.config import Settings
from audit.detect import name_garble, name_variant
from audit.detect.base import Detector
from audit.language.en import ENGLISH
from audit.model import Story

README = Settings(names=("Nursultan Nazarbayev",))
"""The example of the README."""

KNOWN = KnownNames(
    [
        "Nursultan Nazarbayev",
        "Ursula von der Leyen",
        "Theresa May",
        "Robin Forestier-Walker",
        "bell hooks",
        "Tal Afar",
    ],
    ENGLISH,
)


@pytest.mark.parametrize(
    "text",
    [
        "Nursultan Nazarbayev",
        "Nazarbayev",
        "Nazarbayev’s",
        "NAZARBAYEV",
        "nazarbayev",
        "von der Leyen",
        "Forestier-Walker",
        "Forestier Walker",
        "Walker",
        "May",
        "bell hooks",
        "hooks",
    ],
)
def test_a_known_name_is_covered_in_whole_and_in_part(text: str) -> None:
    assert KNOWN.covers(text)


@pytest.mark.parametrize(
    "text",
    ["", "…", "Nazarbaev", "der", "may", "President Nazarbayev", "Ursula Leyen", "Walker said"],
)
def test_other_words_are_not(text: str) -> None:
    assert not KNOWN.covers(text)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Nazarbayev", "Nazarbaev"),
        ("Nazarbayev", "nazarbayev"),
        ("Nazarbayev", "Nursultan"),
        ("said Nazarbayev", "said he"),
        ("hooks", "Hooks"),
        ("Tal Afar", "Tal-Afar"),
    ],
)
def test_no_known_name_is_changed(text: str, new: str) -> None:
    assert KNOWN.forbids(text, new)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Nazarbaev", "Nazarbayev"),
        ("nazarbayev", "Nazarbayev"),
        ("Tal-Afar", "Tal Afar"),
        ("the Nazarbayev", "Nazarbayev’s"),
        ("may", "might"),
    ],
)
def test_what_keeps_a_known_name_is_allowed(text: str, new: str) -> None:
    assert not KNOWN.forbids(text, new)


def test_without_known_names_nothing_is_covered() -> None:
    nothing = KnownNames((), ENGLISH)
    assert not nothing.covers("Nazarbayev") and not nothing.forbids("Nazarbayev", "he")


@pytest.mark.parametrize(
    ("detector", "story"),
    [
        pytest.param(
            name_garble,
            story_of(
                a="Nazarbayevov spoke. Nazarbayevov left. The Nazarbayev office closed. "
                "Then Nazarbayevov came back."
            ),
            id="name-garble: a slip",
        ),
        pytest.param(
            name_garble,
            story_of(
                a="The comet hit the yacht of Nazarbayev’s aide on Sunday.",
                b="The comet hit the yacht of Tarquin’s aide on Sunday.",
                c="The comet hit the yacht of Tarquin’s aide on Sunday.",
            ),
            id="name-garble: another name",
        ),
        pytest.param(
            name_variant,
            story_of(
                a="Nazarbayev came. Nursultan Nazarbayev spoke.",
                b="Nazarbajew came. Nursultan Nazarbajew spoke.",
                c="Nazarbajew came. Nursultan Nazarbajew spoke.",
            ),
            id="name-variant",
        ),
    ],
)
def test_no_detector_objects_to_the_known_name(detector: Detector, story: Story) -> None:
    assert "Nazarbayev" in {f.quote for f in detector.detect(story, Settings())}
    assert not any(f.quote == "Nazarbayev" for f in detector.detect(story, README))


def test_a_known_name_is_not_nearly_a_figures() -> None:
    story = story_of(a="On Monday Anthony Brinken met the envoy. Later Brinken’s aide went home.")
    assert len(list(name_garble.detect(story, Settings()))) == 2
    for known in ("Anthony Brinken", "Brinken"):
        assert not list(name_garble.detect(story, Settings(names=(known,))))
