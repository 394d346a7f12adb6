"""What all reports for readers say: verdict, ranking, differences, contradictions, names."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pypdf
import pytest
from engines import engine
from hypothesis import given
from hypothesis import strategies as st
from story import READABILITY, RESULT, place

from audit.language import find
from audit.model import AuditResult, Finding, Score, Severity, Version, VersionResult
from audit.report import html, markdown, passages, pdf, text
from audit.report.places import first_screen
from audit.report.view import anchor, letter, prepare, web_address


def sentence(result: AuditResult) -> str:
    return "".join(p.text for p in prepare(result).verdict)


def scored(
    version_id: str, *, low: float, high: float, words: int = 400, compared: float = 1.0
) -> VersionResult:
    """A version of the story with another score."""
    version = RESULT.version(version_id)
    return dataclasses.replace(
        version, score=Score((low + high) / 2, low, high, words), compared=compared
    )


def ranked(*versions: VersionResult) -> AuditResult:
    """The story with these versions; findings of others, and their witnesses, are left out."""
    ids = {v.version.id for v in versions}
    findings = tuple(
        dataclasses.replace(f, witnesses=tuple(w for w in f.witnesses if w.version in ids))
        for f in RESULT.findings
        if f.version in ids
    )
    return dataclasses.replace(RESULT, versions=versions, findings=findings, suspicions=())


HERALD = scored("a-herald", low=98, high=99)
WIRE = scored("c-wire", low=90, high=97)
POST = scored("b-post", low=50, high=60)


def test_the_verdict_says_whom_to_trust_and_what_is_wrong_with_the_worst() -> None:
    said = sentence(ranked(HERALD, WIRE, POST))
    assert said.startswith("Trust The Herald")
    assert "do not rely on Morning Post Online (55.0)" in said
    assert "“Ilsa Markety” for “Ilse Marchetti”" in said


@pytest.mark.parametrize(
    ("herald", "wire", "why"),
    [
        ({"low": 96.5}, {}, "scores best, but not by a sure margin"),
        ({"words": 81}, {}, "scores best, but has only 81 words"),
        ({"compared": 0.12}, {}, "scores best, but was compared on only 12 % of its words"),
        ({}, {"compared": 0.2}, "Only The Herald could be compared"),
        ({"compared": 0.1}, {"compared": 0.2}, "No version could be compared"),
    ],
)
def test_nobody_is_to_be_trusted_where_the_evidence_does_not_carry_it(
    herald: dict[str, float], wire: dict[str, float], why: str
) -> None:
    best = scored("a-herald", **({"low": 98, "high": 99} | herald))  # type: ignore[arg-type]
    second = scored("c-wire", **({"low": 90, "high": 97} | wire))  # type: ignore[arg-type]
    worst = dataclasses.replace(POST, compared=1.0 if why.startswith("scores") else 0.0)
    said = sentence(ranked(best, second, worst))
    assert why in said
    assert "Trust" not in said
    assert "rely" not in said
    assert "be most careful with Morning Post Online (55.0), which has 8 faults" in said


def test_what_a_version_was_compared_on_is_said_in_every_report() -> None:
    result = ranked(HERALD, dataclasses.replace(WIRE, compared=0.12), POST)
    alone = ranked(HERALD, dataclasses.replace(WIRE, compared=0.0), POST)
    for shown, line in (
        (result, "compared on 12 % of its words"),
        (alone, "no other version has any sentence of it"),
    ):
        pages = pypdf.PdfReader(io.BytesIO(pdf.render(shown))).pages
        printed = " ".join(" ".join(p.extract_text() for p in pages).split())
        for said in (html.render(shown), text.render(shown), printed):
            assert line in said[:1].lower() + said[1:] or line.capitalize() in said
    assert "Northern Wire (12 %)" in " ".join(prepare(result).caveats)
    assert "Northern Wire \\(12 %)" in markdown.render(result) or (
        "Northern Wire (12 %)" in markdown.render(result)
    )


def test_where_scores_are_not_surely_apart_the_verdict_condemns_nobody() -> None:
    close = tuple(v for v in RESULT.versions if v.version.id in ("a-herald", "d-blog"))
    two = dataclasses.replace(RESULT, versions=close, findings=RESULT.findings_of("d-blog"))
    two = dataclasses.replace(
        two, findings=tuple(dataclasses.replace(f, witnesses=()) for f in two.findings)
    )
    assert sentence(two) == (
        "No version stands out: The Herald (100.0 of 100) scores best, but has "
        "only 81 words; the gravest fault, in d-blog, is “🌊 Share this story” (page residue)."
    )


def test_a_number_is_never_said_to_stand_for_another() -> None:
    number = tuple(f for f in RESULT.findings if f.category == "number-mismatch")
    decided = dataclasses.replace(number[0], suggestion="14")
    said = sentence(dataclasses.replace(RESULT, findings=(decided,)))
    assert "“41” where others have “14”" in said


def test_without_faults_the_verdict_says_so() -> None:
    assert "No fault was found in any of the 4 versions" in sentence(
        dataclasses.replace(RESULT, findings=())
    )


def test_one_version_alone_is_judged_alone_and_the_limit_is_said() -> None:
    only = tuple(v for v in RESULT.versions if v.version.id == "b-post")
    alone = dataclasses.replace(RESULT, versions=only, findings=RESULT.findings_of("b-post"))
    alone = dataclasses.replace(
        alone, findings=tuple(dataclasses.replace(f, witnesses=()) for f in alone.findings)
    )
    view = prepare(alone)
    assert sentence(alone).startswith("Morning Post Online scores 55.6 of 100: 8 faults")
    assert "With one version alone" in view.caveats[0]


def test_scores_too_close_to_rank_are_named() -> None:
    assert "Northern Wire" in prepare(RESULT).caveats[0]


def test_every_report_says_which_version_reads_unlike_its_siblings() -> None:
    odd = {
        "c-wire": READABILITY | {"difficult_words": 0.25},
        "d-blog": READABILITY | {"difficult_words": 0.12},
    }
    read = dataclasses.replace(
        RESULT,
        versions=tuple(
            dataclasses.replace(v, readability=odd.get(v.version.id, READABILITY))
            for v in RESULT.versions
        ),
    )
    line = "(a remark, not a fault): 25.0 % difficult words, the others 12.0 % to 13.0 %."
    assert [v.id for v in prepare(read).versions if v.reads] == ["c-wire"]
    pages = pypdf.PdfReader(io.BytesIO(pdf.render(read))).pages
    printed = " ".join(" ".join(p.extract_text() for p in pages).split())
    for said in (html.render(read), markdown.render(read), text.render(read), printed):
        assert said.count(line) == 1


def test_a_result_without_versions_can_be_shown() -> None:
    view = prepare(AuditResult("empty", (), (), (), ""))
    assert view.verdict[0].text == "There is no version to judge."


def test_a_fault_that_versions_share_is_shown_once_with_all_of_them() -> None:
    view = prepare(RESULT)
    first = view.worst[0]
    copy = dataclasses.replace(first.finding, version="d-blog", start=0, end=len(first.quote))
    shared = prepare(dataclasses.replace(RESULT, findings=(*RESULT.findings, copy)))
    assert [f.quote for f in shared.worst] == [f.quote for f in view.worst]
    assert [v.id for v in shared.also(shared.worst[0])] == ["d-blog"]


def named(quote: str, suggestion: str, confidence: float, severity: Severity = "major") -> Finding:
    name = next(f for f in RESULT.findings_of("b-post") if f.category == "name-garble")
    return dataclasses.replace(
        name, quote=quote, suggestion=suggestion, confidence=confidence, severity=severity
    )


def test_a_name_garbled_twice_comes_before_a_slip_that_is_surer() -> None:
    slip = named("Ilse said. -Marchetti", "Ilse-Marchetti said", 0.95)
    whole = named("Ilsa Markety", "Ilse Marchetti", 0.8)
    part = named("Markety", "Marchetti", 0.8)
    other = dataclasses.replace(slip, category="broken-sentence")
    assert first_screen([slip, other, whole]) == (slip, other, whole)
    assert first_screen([slip, other, whole, part]) == (whole, other, slip)


def test_the_first_screen_of_the_seeds_has_the_worst_of_three_versions(seeds: Path) -> None:
    versions = [Version(f.name[:3], f.read_text("utf-8")) for f in sorted(seeds.glob("*.txt"))]
    shown = [
        (f.version.id, f.quote, f.suggestion)
        for f in prepare(engine().audit("seeds", versions)).worst
    ]
    assert ("002", "Tokaj", "Tokayev") in shown
    assert ("001", "Anthony Brinken", "Antony Blinken") in shown
    assert ("000", "former state. Soviet", "former Soviet state") in shown


def test_a_grave_fault_comes_before_a_light_one_however_often() -> None:
    grave = named("Jon Avery", "John Avery", 0.3, "critical")
    light = [named("Markety", "Marchetti", 0.9, "minor") for _ in range(20)]
    assert first_screen([*light, grave]) == (grave, light[0])


def test_words_put_right_in_two_ways_are_two_faults() -> None:
    one, other = named("Markety", "Marchetti", 0.9), named("Ilsa Markety", "Ilse Market", 0.8)
    assert first_screen([one, other]) == (one, other)


def test_rows_follow_the_story_and_keep_absent_versions_empty() -> None:
    view = prepare(RESULT)
    assert [r.id for r in view.rows][:3] == ["r1", "r2", "r3"]
    first = view.rows[0]
    assert [v.letter for v, c in zip(view.versions, first.cells, strict=True) if c is None] == ["B"]


def test_every_finding_in_a_row_is_marked_there_once() -> None:
    view = prepare(RESULT)
    ended = [f.id for r in view.rows for c in r.cells if c for run in c.runs for f in run.ending]
    in_rows = [f.finding.id for f in view.faults if f.row is not None]
    assert sorted(ended) == sorted(in_rows)


def test_runs_join_to_the_text_and_marks_join_to_the_quote() -> None:
    view = prepare(RESULT)
    for fault in view.faults:
        marked = "".join(r.text for r in fault.context if r.covering)
        assert marked == fault.quote


def test_words_that_only_one_version_has_and_words_it_lacks_are_shown() -> None:
    cells = {
        "a": ("The dam broke on Monday.", (0, 24)),
        "b": ("The dam burst on Monday.", (0, 24)),
        "c": ("The wall broke on Monday.", (0, 25)),
    }
    found = passages.differences(cells, find())
    assert [cells["c"][0][a:b] for a, b in found["c"].alone] == ["wall"]
    assert found["c"].missing == ("dam",)
    assert [cells["b"][0][a:b] for a, b in found["b"].alone] == ["burst"]
    assert found["a"] == passages.Difference()


def test_the_consensus_of_a_row_is_marked_and_none_where_numbers_differ() -> None:
    view = prepare(RESULT)
    marked = {r.id: [(c.version.id, c.support) for c in r.cells if c and c.support is not None]
              for r in view.rows}  # fmt: skip
    assert marked.pop("r5") == [("a-herald", 0.75)]
    assert not any(marked.values())
    assert html.render(RESULT).count("consensus: 75 % agree") == 1


def test_a_contradiction_shows_both_sides_with_their_versions() -> None:
    (contradiction,) = prepare(RESULT).contradictions
    assert [(s.text, len(s.versions)) for s in contradiction.sides] == [("14", 3), ("41", 1)]


def test_two_findings_on_one_contradiction_are_one() -> None:
    number = next(f for f in RESULT.findings if f.category == "number-mismatch")
    mirrored = dataclasses.replace(
        number,
        version="a-herald",
        start=number.witnesses[0].start,
        end=number.witnesses[0].end,
        quote="14",
        witnesses=(place("b-post", "41"),),
        id="mirror",
    )
    both = dataclasses.replace(RESULT, findings=(*RESULT.findings, mirrored))
    (contradiction,) = prepare(both).contradictions
    assert len(contradiction.findings) == 2


def test_names_list_their_forms_with_the_versions_that_use_them() -> None:
    name = next(n for n in prepare(RESULT).names if n.preferred == "Ilse Marchetti")
    assert {(w.text, w.versions) for w in name.forms} == {
        ("Ilse Marchetti", ("a-herald", "c-wire")),
        ("Ilsa Markety", ("b-post",)),
    }


def test_what_was_not_checked_names_stages_residue_and_unknown_likelihood() -> None:
    stages = dict(prepare(RESULT).unchecked)
    assert "Java" in stages["grammar"]
    assert "bio 1" in stages["page residue"]
    assert stages["machine-translation likelihood"] == "unknown for C"


@given(st.text())
def test_shown_text_has_nothing_that_acts_on_its_surroundings(text: str) -> None:
    shown = passages.visible(text)
    assert not set(shown) & set("\n\r\t\x00\x1b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068")
    shown.encode()


@given(st.text(min_size=1), st.integers(5, 60))
def test_a_clipped_text_is_no_longer_than_asked(text: str, limit: int) -> None:
    assert len(passages.clip(text, limit)) <= limit


@pytest.mark.parametrize(
    ("given_url", "kept"),
    [
        ("https://herald.example/a", True),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)", False),
        ("data:text/html,x", False),
        ("//host/x", False),
        ("https://x\u202e.example", False),
        ("http://[", False),
        (None, False),
    ],
)
def test_only_plain_web_addresses_become_links(given_url: str | None, kept: bool) -> None:
    assert web_address(given_url) == (given_url if kept else None)


def test_letters_go_on_after_z() -> None:
    assert [letter(i) for i in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]


def test_an_id_that_is_no_plain_word_still_gives_a_plain_anchor() -> None:
    odd = dataclasses.replace(RESULT.findings[0], id='"><script>')
    assert anchor(odd).replace("-", "").isalnum()
    assert anchor(RESULT.findings[0]) == "f-f01"
