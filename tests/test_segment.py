"""Sentences, tokens and page furniture of garbled news."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.language.en import ENGLISH
from audit.model import Version
from audit.segment.sentences import segment, tokenize


def sentences(text: str) -> list[str]:
    return [s.text for s in segment(Version("v", text), ENGLISH)[0]]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(r.kind, text[r.start : r.end]) for r in segment(Version("v", text), ENGLISH)[1]]


def words(text: str) -> list[str]:
    return [t.text for t in tokenize(text, 0, len(text), ENGLISH)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tokayev’s aide", ["Tokayev", "’s", "aide"]),
        ("KAZAKHSTAN'S", ["KAZAKHSTAN", "'S"]),
        ("the U.S.’s", ["the", "U.S.", "’s"]),
        ("don’t can't", ["don’t", "can't"]),
        ("players’ dressing", ["players", "’", "dressing"]),
        ("Kassym-Jomart", ["Kassym-Jomart"]),
        ("U.S.-led", ["U.S.-led"]),
        ("3,800, 5.5 and 14:40.", ["3,800", ",", "5.5", "and", "14:40", "."]),
        ("$5m, 40%", ["$", "5m", ",", "40", "%"]),
        ("clear…maybe", ["clear", "…", "maybe"]),
        ("“mixed.”", ["“", "mixed", ".", "”"]),
        ("harbour.example", ["harbour.example"]),
        ("Zoë Łódź e\u0301t", ["Zoë", "Łódź", "e\u0301t"]),
        ("在 北京", ["在", "北京"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_tokens_of_a_span_have_offsets_into_the_whole_text() -> None:
    text = "One. Two ships."
    assert [(t.start, t.end) for t in tokenize(text, 5, len(text), ENGLISH)] == [
        (5, 8),
        (9, 14),
        (14, 15),
    ]


@pytest.mark.parametrize(
    "whole",
    [
        "He was the longest ruler in a former state. Soviet.",
        "The town where the meetings took place. turned into a ruin.",
        "“They have little sympathy,” Forester said. -Walton.",
        "They threw stones at police .",
        "The U.S. Army met Gen. Smith and J. K. Rowling at 5 p.m. Monday.",
        "“What happened?” Smith asked.",
        "They were warned without prior notice ”.",
        "It is … our government that relaxed.",
        "The price rose to 8. 25 shekels.",
        "Research has? found that it works.",
        "“The talk was very aggressive…combat talk.”",
        "The China-U. S. relations are good.",
        "They asked Www.Harbour.Example for news.",
    ],
)
def test_stays_one_sentence(whole: str) -> None:
    assert sentences(f"{whole}\nAnother line follows here.")[0] == whole


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "“Whoever fights will lose. I gave the order,” he said.",
            ["“Whoever fights will lose.", "I gave the order,” he said."],
        ),
        (
            "The port is “open.” Ships came. He left.",
            ["The port is “open.”", "Ships came.", "He left."],
        ),
        (
            'He said: "It is over. We won." Then he left.',
            ['He said: "It is over.', 'We won."', "Then he left."],
        ),
        ("Ships came in the morning.The port was open.", None),
        ("They live in the U.S. The port is far.", None),
        ("It ends there. Never again.", ["It ends there.", "Never again."]),
        ("Stones flew at police . The police left.", None),
    ],
)
def test_splits(line: str, expected: list[str] | None) -> None:
    found = sentences(line)
    if expected is None:
        assert len(found) == 2
    else:
        assert found == expected


def test_never_joins_lines() -> None:
    assert sentences("It took place\nin the open.") == ["It took place", "in the open."]


def test_a_line_that_starts_over_without_a_space_is_two_sentences() -> None:
    line = "Dockers took part in a march in Port CityDockers take part in a march in Port City."
    assert [s.split()[0] for s in sentences(line)] == ["Dockers", "Dockers"]
    assert sentences("McDonald said that YouTube is down.") == [
        "McDonald said that YouTube is down."
    ]


def test_headlines_and_subheads() -> None:
    text = (
        "Port reopens after flood\n\nThe port reopened on Friday.\n‘We cleared it’\n"
        "Ships came in.\n- a list item\nThe end came."
    )
    found = segment(Version("v", text), ENGLISH)[0]
    assert [s.kind for s in found] == ["headline", "body", "headline", "body", "body", "body"]
    lone = segment(Version("v", "the port reopened"), ENGLISH)[0]
    assert [s.kind for s in lone] == ["body"]


ARTICLE = "The river port reopened on Friday after three days of flooding."


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Written by Ann Lee", "byline"),
        ("By ANN LEE and Bo Ray, Staff Writers", "byline"),
        ("Reporting by Ann Lee in Port City; Editing by Bo Ray", "byline"),
        ("© Reuters. FILE PHOTO: Ships wait outside the harbour, Port City", "caption"),
        ("Photo: Ann Lee/AFP", "caption"),
        ("Ships wait, Port CityShips wait, January 5, 2022 [Ann Lee/AFP/Getty Images]", "caption"),
        ("[MKTS/GLOB]", "wire-code"),
        ("Source link", "credit"),
        ("This article was originally published on Harbour Times.", "credit"),
        ("Be the first to comment", "comments"),
        ("Leave a Reply", "comments"),
        ("Your email address will not be published. Required fields are marked *", "comments"),
        ("Share on Facebook", "share"),
        ("Facebook Twitter WhatsApp", "share"),
        ("Subscribe to our newsletter", "subscribe"),
        ("Sign up for free updates in your inbox", "subscribe"),
        ("This website uses cookies to improve your experience.", "cookies"),
        ("Read more: Ships wait outside the harbour", "teaser"),
        ("Related articles", "teaser"),
        ("ADVERTISEMENT", "advertisement"),
        ("Published: 7 January 2022, 10:15 GMT", "timestamp"),
        ("3 min read", "timestamp"),
        (".", "stray-mark"),
        ("* * *", "stray-mark"),
        (
            "Ann is a renowned author and journalist. She currently works at the Times.",
            "bio",
        ),
        ("Bo Ray is a freelance reporter with ten years of experience in shipping news.", "bio"),
    ],
)
def test_page_furniture_is_set_apart(line: str, kind: str) -> None:
    text = f"{ARTICLE}\n\n{line}"
    assert kinds(text) == [(kind, line)]
    assert sentences(text) == [ARTICLE]


@pytest.mark.parametrize(
    "line",
    [
        "By Friday the port was open.",
        "By the numbers",
        "Register to vote before Monday.",
        "Share the road, cyclists say",
        "Copyright infringement suit filed against port",
        "Created 500 jobs in 2020",
        "The report was published on Monday by the ministry.",
        "Advertisement spending fell by 5 per cent.",
        "Ann Lee is a journalist who was arrested on Friday.",
        "Comments by the minister drew anger.",
        "The photo (taken on Friday) shows a ship.",
        "Subscribe numbers fell at the paper.",
        "NATO is ready.",
        "Police - who came late - left.",
        "(c) the third item of the list",
    ],
)
def test_news_is_not_furniture(line: str) -> None:
    assert kinds(f"{ARTICLE}\n{line}\n{ARTICLE}") == []


@pytest.mark.parametrize(
    ("line", "dateline", "sentence"),
    [
        ("PORT CITY (Reuters) – The port is open.", "PORT CITY (Reuters) –", "The port is open."),
        ("July 25 (UPI) -- The port is open.", "July 25 (UPI) --", "The port is open."),
        ("OSLO, Jan. 5 — The port is open.", "OSLO, Jan. 5 —", "The port is open."),
    ],
)
def test_dateline_goes_before_the_sentence(line: str, dateline: str, sentence: str) -> None:
    assert kinds(line) == [("dateline", dateline)]
    assert sentences(line) == [sentence]


def test_wire_codes_after_the_last_sentence() -> None:
    assert kinds("Prices rose on Friday. [MKTS/GLOB]") == [("wire-code", "[MKTS/GLOB]")]
    assert kinds("He asked for a “peaceful solution.” (I)") == [("wire-code", "(I)")]
    assert sentences("Prices rose on Friday. [MKTS/GLOB]") == ["Prices rose on Friday."]


def test_a_biography_is_known_only_at_the_end() -> None:
    bio = "Ann is an author and journalist. She currently works as a writer at the Times."
    assert kinds("\n".join([bio, *[ARTICLE] * 6])) == []


NEWS = st.lists(
    st.sampled_from(
        [
            "The port",
            "opened.",
            "“We",
            "won”",
            "U.S.",
            "said",
            '"',
            "’",
            ".",
            "…",
            "?",
            "\n",
            "\r\n",
            "\u2028",
            " ",
            "\u00a0",
            "(Reuters) –",
            "PORT",
            "[MKTS/GLOB]",
            "© Reuters.",
            "By Ann Lee",
            "KazakhstanProtesters",
            "8. 25",
            "北京。",
            "e\u0301",
            "-Walker.",
            "1.",
            "(I)",
            "\x1c",
            "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        ]
    ),
    max_size=40,
).flatmap(lambda parts: st.sampled_from(["", " "]).map(lambda sep: sep.join(parts)))


@given(st.one_of(NEWS, st.text(max_size=200)))
def test_every_character_is_in_one_sentence_or_residue(text: str) -> None:
    found, residue = segment(Version("v", text), ENGLISH)
    spans = sorted((s.start, s.end) for s in [*found, *residue])
    at = 0
    for start, end in spans:
        assert at <= start < end
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()
    assert [s.index for s in found] == list(range(len(found)))
    for s in found:
        assert text[s.start : s.end] == s.text
        assert all(text[t.start : t.end] == t.text for t in s.tokens)
        assert "".join(t.text for t in s.tokens) == "".join(s.text.split())
        assert len(s.text.splitlines()) == 1


@pytest.mark.parametrize(
    "line", ["A " * 4000, "[" * 5000, "“" * 3000, "By " + "Ann " * 170, "x" * 20000, "A/" * 3000]
)
def test_hostile_lines_come_to_an_end(line: str) -> None:
    found, residue = segment(Version("v", line), ENGLISH)
    assert found or residue


def test_items_of_a_list_are_cut_from_their_bullets() -> None:
    text = "What changes:\n• the hall closes on Monday\n- stalls move\n- rents fall\n– and a dash."
    found, residue = segment(Version("v", text), ENGLISH)
    items = [s.text for s in found if s.kind == "item"]
    assert items == ["the hall closes on Monday", "stalls move", "rents fall"]
    assert [r.kind for r in residue] == ["bullet"] * 3


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Join our WhatsApp group for the latest", "appeal"),
        ("Spotted an error? Contact the newsroom by email", "appeal"),
        ("#Harbour #Trade", "hashtags"),
        ("Topics: Harbour, Trade", "hashtags"),
        ("(Editor on duty: A. Lee)", "credit"),
        ("Translated by: the foreign desk", "credit"),
        ("All reproduction and republication is prohibited.", "rights"),
        ("Subscribe to continue reading this article. Get full access for €1.", "paywall"),
        ("Already a subscriber? Log in", "paywall"),
        ("ALSO READ: Five ports that closed", "teaser"),
        ("A crane at the port on Friday. Photograph: Ann Lee", "caption"),
        ("Views: 1 203. Comments: 4", "counter"),
        ("2019 | 58 | €410", "table"),
        ("11:02 GMT", "dateline"),
        ("4 October 2013, 18:07 (GMT+05:00)", "dateline"),
        ("November 20,2012", "dateline"),
        ("Fri, 7 January 2022 10.15 am", "dateline"),
    ],
)
def test_more_page_furniture(line: str, kind: str) -> None:
    text = f"The port reopened on Friday.\nForty ships waited.\n{line}"
    assert kinds(text) == [(kind, line)]


@pytest.mark.parametrize(
    "line",
    [
        "Like Facebook, our newsroom has an app.",
        "Share prices of our channel fell here on Friday.",
        "Report by editors says the reproduction of the painting was prohibited by a court.",
        "Video of the crash was shown in court.",
        "Topics ranged from trade to ports.",
        "The full text of the treaty was sent to members.",
        "Watch makers see hard times, says Ann Lee.",
    ],
)
def test_prose_on_furniture_is_prose(line: str) -> None:
    assert kinds(f"The port reopened on Friday.\nForty ships waited.\n{line}") == []
