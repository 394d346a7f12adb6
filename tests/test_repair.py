"""Texts are mended before they are read, and findings speak of the given text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.config import Settings
from audit.language.en import ENGLISH
from audit.model import Version
from audit.pipeline import Engine
from audit.segment.repair import repaired

RULES = Settings(causal_model="none")


def read(text: str, *others: str) -> str:
    versions = [Version("v", text), *(Version(f"w{i}", o) for i, o in enumerate(others))]
    found = repaired(versions, ENGLISH)
    return found["v"].read.text if "v" in found else text


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("The parlia\u00adment met re\u200bporters.\u200e", "The parliament met reporters."),
        ("&#8220;It isn&amp;#8217;t&quot;", '“It isn’t"'),
        ("Smith &amp; Sons in 1931&nbsp;and AT&T; R&D", "Smith & Sons in 1931 and AT&T; R&D"),
        ("a &lt;em&gt;new&lt;/em&gt; <b>roof</b><br>Rain", "a new roof\nRain"),
        ("on the island ofKerinda", "on the island of Kerinda"),
        ("RelatedWhy nurses leave", "Related: Why nurses leave"),
        ("Read alsoIn the north", "Read also: In the north"),
        ("the permitwas named", "the permit was named"),
    ],
)
def test_what_a_page_left_is_mended(text: str, mended: str) -> None:
    assert read(text) == mended


@pytest.mark.parametrize(
    "opened", ["<!--", "<!-- a", "<script>", "<style>", "<p", "&lt;p", "&amp;"]
)
def test_what_is_opened_without_end_takes_no_time_without_end(opened: str) -> None:
    repaired([Version("v", opened * (900_000 // len(opened)))], ENGLISH)


def test_another_version_parts_two_words() -> None:
    text = "The earthquakekilled two."
    assert read(text) == text
    assert read(text, "An earthquake killed two.") == "The earthquake killed two."


@pytest.mark.parametrize(
    "text",
    [
        "LinkedIn and YouTube met McDonald and DeSantis of WhatsApp.",
        "The adress of the goverment was aproved in isiZulu.",
        "x < b and a > c, 5 < 6; Tom & Jerry",
        "ReadWrite SafeWheels KolejPol iPhone eBay",
    ],
)
def test_what_is_no_debris_stays(text: str) -> None:
    assert read(text) == text


PIECES = ["&amp;", "&#8217;", "<b>", "\u00ad", "ofKerinda", " the ", "roof.", "\n", "é", "&shy;"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_spans_lead_back_to_the_given_text(text: str) -> None:
    found = repaired([Version("v", text)], ENGLISH).get("v")
    if found is None:
        return
    whole, at = found.read.text, 0
    for r, (start, end) in zip(found.repairs, found.spans, strict=True):
        assert whole[start:end] == r.text and r.start >= at
        at = r.end
        if r.start < r.end:
            assert found.given_span(start, end)[0] <= r.start
    for i, c in enumerate(whole):
        a, b = found.given_span(i, i + 1)
        assert 0 <= a <= b <= len(text)
        if not any(s <= i < e for s, e in found.spans):
            assert text[a:b] == c


def test_findings_quote_the_given_text() -> None:
    text = "The roof couldn&#8217;t be be mended, he said on Monday. It la\u00adcks a teh beam."
    with Engine(RULES) as engine:
        result = engine.audit("s", [Version("v", text)])
    assert result.version("v").version.text == text
    assert all(text[f.start : f.end] == f.quote for f in result.findings)
    by_rule = {f.rule: f.quote for f in result.findings}
    assert by_rule["scrape-residue"] == "&#8217;"
    assert by_rule["typo"] == "teh"
    assert "be be" in by_rule["duplicated-word"]
    last = result.version("v").sentences[-1]
    assert text[last.start : last.end] == "It la\u00adcks a teh beam."


def test_a_version_of_another_story_is_named_and_not_ranked() -> None:
    dam = (
        "The dam at Veldin broke on Monday after rain. Mayor Ilse Marchetti asked for help. "
        "Four villages near Arden were flooded. Crews from Lisbon arrived by night. Nobody died."
    )
    retold = (
        "After rain the dam at Veldin gave way on Monday. Help was asked for by Ilse Marchetti, "
        "the mayor. Flood water stood in four villages near Arden. By night crews from Lisbon "
        "arrived. There were no deaths."
    )
    other = (
        "Tomas Berg won the chess open in Oslo. His rival Nina Holt resigned after forty moves. "
        "The prize is paid by Kronbank. Berg goes on to Bergen. He learned the game at seven."
    )
    versions = [Version("a", dam), Version("b", retold), Version("z", other)]
    with Engine(RULES) as engine:
        result = engine.audit("s", versions)
        assert {v.version.id for v in result.ranked} == {"a", "b"}
        (note,) = [s for s in result.skipped if s.why.startswith("z: ")]
        assert note.stage == "input" and "not this story" in note.why
        pair = engine.audit("s", [versions[0], versions[2]])
    assert len(pair.versions) == 2
    assert any("next to nothing in common" in s.why for s in pair.skipped)
