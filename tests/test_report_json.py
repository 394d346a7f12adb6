"""JSON: the bulk contract, the published schema, and reports that load back equal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from story import RESULT, SUSPECTED

from audit.errors import InputError
from audit.model import (
    CATEGORIES,
    SEVERITIES,
    AuditResult,
    Consensus,
    Descent,
    FamilyTree,
    Finding,
    Measure,
    Reading,
    Residue,
    Score,
    SentenceRisk,
    SharedFault,
    Skipped,
    Version,
    VersionResult,
)
from audit.report.json import bulk_line, dumps, loads, render_lines

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = Path(__file__).parent / "golden"
SCHEMA = json.loads((ROOT / "docs/report.schema.json").read_text(encoding="utf-8"))


def problems(record: Any, kind: str) -> list[str]:
    """What is wrong with a record under one definition of the published schema."""
    schema = {"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]}
    return [e.message for e in Draft202012Validator(schema).iter_errors(record)]


def test_report_is_as_kept() -> None:
    assert dumps(RESULT) == (GOLDEN / "report.json").read_text(encoding="utf-8")


def test_bulk_line_has_the_promised_keys_and_no_texts() -> None:
    line = bulk_line(RESULT)
    record = json.loads(line)
    assert list(record) == [
        *("schema", "story", "versions", "findings", "skipped", "signature", "profile")
    ]
    assert list(record["versions"][0]) == [
        *("id", "score", "interval", "words", "compared", "mt_likelihood", "fluency", "sentences")
    ]
    assert list(record["findings"][1]) == [
        *("id", "version", "start", "end", "quote", "category", "severity", "confidence"),
        *("message", "suggestion", "witnesses", "measure", "threshold", "rule"),
    ]
    assert record["findings"][1]["measure"] == {"name_similarity": 0.71, "contrast_nats": 11.5}
    assert record["findings"][1]["threshold"] == {"name_similarity": 0.9, "contrast_nats": 6.0}
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1


def test_schema_holds_for_what_is_written() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert problems(json.loads(dumps(RESULT)), "report") == []
    assert problems(json.loads(bulk_line(RESULT)), "bulk_result") == []
    for category in CATEGORIES:
        finding = replace(RESULT.findings[0], category=category)
        assert (
            problems(json.loads(bulk_line(replace(RESULT, findings=(finding,)))), "bulk_result")
            == []
        )
    assert SCHEMA["$defs"]["finding"]["properties"]["severity"]["enum"] == list(SEVERITIES)


def test_suspicions_are_in_the_report_and_in_bulk_lines_that_show_them() -> None:
    everything = replace(SUSPECTED, profile="everything")
    for record in (json.loads(dumps(SUSPECTED)), json.loads(bulk_line(everything))):
        assert [f["id"] for f in record["suspicions"]] == ["s01", "s02"]
        assert "s01" not in {f["id"] for f in record["findings"]}
    assert problems(json.loads(bulk_line(everything)), "bulk_result") == []
    assert loads(dumps(everything)) == everything
    lines = [json.loads(line) for line in render_lines(everything).splitlines()]
    assert [f["id"] for f in lines if f["suspicion"]] == ["s01", "s02"]
    assert "s01" not in render_lines(SUSPECTED)
    assert b"suspicions" not in bulk_line(SUSPECTED)


def test_schema_refuses_a_damaged_report() -> None:
    record = json.loads(dumps(RESULT))
    del record["findings"][0]["quote"]
    record["extra"] = 1
    assert len(problems(record, "report")) == 2


def test_rows_hold_the_spans_of_their_sentences() -> None:
    record = json.loads(dumps(RESULT))
    row = next(r for r in record["rows"] if r["id"] == "r3")
    texts = {v["id"]: v["text"] for v in record["versions"]}
    assert [texts["c-wire"][a:b] for a, b in row["cells"]["c-wire"]] == [
        "Prime Minister Ilse Marchetti arrived in the region.",
        "She declared a day of mourning.",
    ]
    assert "c-wire" not in next(r for r in record["rows"] if r["id"] == "r1")["cells"]


def test_json_lines_hold_one_finding_each() -> None:
    records = [json.loads(line) for line in render_lines(RESULT).splitlines()]
    assert [r["id"] for r in records] == [f.id for f in RESULT.findings]
    assert {r["story"] for r in records} == {"veldin-dam"}


number = st.floats(allow_nan=False, allow_infinity=False)
share = st.floats(0, 1)
word = st.text(max_size=8)
offset = st.integers(0, 10**6)
name = st.from_regex(r"[a-z_]{1,6}", fullmatch=True)
text = st.text(st.characters(), max_size=30)  # any code point, lone surrogates too


def findings() -> st.SearchStrategy[Finding]:
    return st.builds(
        Finding,
        version=word,
        start=offset,
        end=offset,
        quote=text,
        category=st.sampled_from(list(CATEGORIES)),
        severity=st.sampled_from(SEVERITIES),
        confidence=share,
        message=text,
        rule=name,
        measures=st.lists(st.builds(Measure, name, number, number), max_size=3).map(tuple),
        suggestion=st.none() | text,
        witnesses=st.lists(st.builds(Reading, word, offset, offset, text), max_size=2).map(tuple),
        id=word,
    )


@st.composite
def version_results(draw: st.DrawFn) -> VersionResult:
    version = draw(st.builds(Version, word, text, *[st.none() | word] * 5))
    spans = st.builds(Residue, st.just(version.id), offset, offset, word)
    return VersionResult(
        version,
        draw(st.builds(Score, number, number, number, offset)),
        tuple(draw(st.lists(st.builds(SentenceRisk, offset, offset, number, name), max_size=3))),
        tuple(draw(st.lists(spans, max_size=2))),
        draw(st.none() | share),
        tuple(draw(st.lists(text, max_size=2))),
        draw(st.none() | number),
        draw(st.dictionaries(name, number, max_size=2)),
        tuple(draw(st.lists(st.none() | number, max_size=3))),
    )


results = st.builds(
    AuditResult,
    story=word,
    versions=st.lists(version_results(), max_size=3).map(tuple),
    findings=st.lists(findings(), max_size=3).map(tuple),
    skipped=st.lists(st.builds(Skipped, word, text), max_size=2).map(tuple),
    signature=word,
    consensus=st.lists(
        st.builds(
            Consensus,
            row=name,
            reading=st.none() | st.builds(Reading, word, offset, offset, text),
            support=share,
            why=text,
        ),
        max_size=2,
    ).map(tuple),
    family=st.none()
    | st.builds(
        FamilyTree,
        descents=st.lists(st.builds(Descent, word, st.none() | word, share, text), max_size=2).map(
            tuple
        ),
        shared=st.lists(
            st.builds(
                SharedFault,
                category=st.sampled_from(list(CATEGORIES)),
                places=st.lists(st.builds(Reading, word, offset, offset, text), max_size=2).map(
                    tuple
                ),
                outlets=st.lists(text, max_size=2).map(tuple),
            ),
            max_size=2,
        ).map(tuple),
        why=text,
    ),
)


@given(results)
def test_a_report_loads_back_equal(result: AuditResult) -> None:
    assert loads(dumps(result)) == result


def test_a_report_of_an_older_release_has_no_family_tree() -> None:
    record = json.loads(dumps(RESULT))
    del record["family"]
    assert loads(json.dumps(record)) == replace(RESULT, family=None)


def test_a_category_that_this_release_does_not_know_is_named() -> None:
    report = dumps(RESULT).replace('"typo"', '"typo-2"').replace('"wrong-term"', '"wrong-2"')
    with pytest.raises(InputError, match="unknown categories: wrong-2"):
        loads(report)


def test_two_measures_of_one_name_are_both_kept() -> None:
    twice = (Measure("similarity", 0.2, 0.5), Measure("similarity", 0.3, 0.4))
    result = replace(RESULT, findings=(replace(RESULT.findings[0], measures=twice),))
    assert loads(dumps(result)) == result


def test_lone_surrogates_are_escaped_so_that_the_line_is_utf_8() -> None:
    result = replace(RESULT, findings=(replace(RESULT.findings[0], quote="bad \ud800 half"),))
    assert json.loads(bulk_line(result).decode())["findings"][0]["quote"] == "bad \ud800 half"


def test_a_number_that_json_cannot_hold_is_refused() -> None:
    broken = replace(RESULT.findings[0], confidence=float("nan"))
    with pytest.raises(ValueError, match="not JSON compliant"):
        bulk_line(replace(RESULT, findings=(broken,)))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "not valid JSON"),
        ("[]", "not a report of schema 1"),
        ('{"schema": 2}', r"its schema: 2"),
        ('{"schema": 1}', "not a complete report"),
        (bulk_line(RESULT).decode(), "bulk lines carry no texts"),
    ],
)
def test_what_is_no_report_is_refused_by_name(content: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as raised:
        loads(content, "old.json")
    assert raised.value.source == "old.json"
