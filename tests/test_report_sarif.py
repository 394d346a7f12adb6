"""SARIF and GitHub annotations: valid, complete, inert."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import bigstory
import jsonschema
import pytest
from story import RESULT, SUSPECTED

from audit.model import AuditResult, Suppressed, Suppression
from audit.report import github, sarif

GOLDEN = Path(__file__).parent / "golden"


def log(result: AuditResult) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(sarif.render(result))
    return loaded


BY_ADA = Suppression("Ada", "house style", datetime(2026, 11, 25, tzinfo=UTC), "known.toml")
IN_TEXT = Suppression("", "a song's title", None, "b-post.txt:1")
KNOWN = replace(
    RESULT,
    findings=RESULT.findings[2:],
    suppressed=(
        Suppressed(RESULT.findings[0], replace(BY_ADA, until=date(2027, 1, 31))),
        Suppressed(RESULT.findings[1], IN_TEXT),
    ),
)


@pytest.mark.parametrize(
    "result",
    [RESULT, KNOWN, bigstory.hostile(), AuditResult("x", (), (), (), "")],
    ids=lambda r: "log",
)
def test_the_log_follows_the_schema_of_sarif(result: AuditResult) -> None:
    schema = json.loads((GOLDEN / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    checker = jsonschema.FormatChecker()
    jsonschema.Draft4Validator(schema, format_checker=checker).validate(log(result))


def test_every_result_has_a_rule_a_place_and_a_fingerprint_of_its_own() -> None:
    (run,) = log(RESULT)["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    assert all(rules[r["ruleIndex"]] == r["ruleId"] for r in run["results"])
    prints = [r["partialFingerprints"]["mtaudit/v1"] for r in run["results"]]
    assert len(set(prints)) == len(RESULT.findings)


def test_regions_point_at_the_quote() -> None:
    (run,) = log(RESULT)["runs"]
    for finding, result in zip(RESULT.findings, run["results"], strict=True):
        text = RESULT.version(finding.version).version.text
        region = result["locations"][0]["physicalLocation"]["region"]
        start = region["charOffset"]
        assert text[start : start + region["charLength"]] == finding.quote
        line = text.split("\n")[region["startLine"] - 1]
        end = region["endColumn"] - 1
        assert line[region["startColumn"] - 1 : end] == finding.quote


def test_a_fingerprint_stays_when_the_text_around_moves() -> None:
    first, moved = (bigstory.story(2, texts=[t]) for t in ("a bad word", "\n\na bad word"))
    quotes = [f.quote for f in first.findings], [f.quote for f in moved.findings]
    assert quotes[0] == quotes[1]
    prints = [
        [r["partialFingerprints"] for r in log(story)["runs"][0]["results"]]
        for story in (first, moved)
    ]
    assert prints[0] == prints[1]


def test_a_deletion_is_a_fix_and_no_suggestion_is_none() -> None:
    results = {r["properties"]["id"]: r for r in log(RESULT)["runs"][0]["results"]}
    for finding in RESULT.findings:
        fixes = results[finding.id].get("fixes")
        if finding.suggestion is None:
            assert fixes is None
        else:
            (replacement,) = fixes[0]["artifactChanges"][0]["replacements"]
            assert replacement["insertedContent"]["text"] == finding.suggestion


def test_hostile_addresses_do_not_become_locations() -> None:
    text = sarif.render(bigstory.hostile())
    assert '"uri": "javascript' not in text
    assert text.isascii()


def test_sarif_is_as_kept() -> None:
    made = log(RESULT)
    for key in ("version", "semanticVersion"):
        made["runs"][0]["tool"]["driver"].pop(key)
    kept = json.loads((GOLDEN / "report.sarif").read_text(encoding="utf-8"))
    assert made == kept


def test_what_is_known_is_a_suppressed_result_with_who_says_so_and_why() -> None:
    results = log(KNOWN)["runs"][0]["results"]
    assert [r["suppressions"] for r in results[:-2]] == [[]] * len(KNOWN.findings)
    first, second = (r["suppressions"] for r in results[-2:])
    said = {"who": "Ada", "at": "2026-11-25T00:00:00+00:00", "until": "2027-01-31"}
    assert first == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "house style",
            "properties": {**said, "source": "known.toml"},
        }
    ]
    assert (second[0]["kind"], second[0]["justification"]) == ("inSource", "a song's title")
    assert second[0]["properties"]["source"] == "b-post.txt:1"


def test_a_fault_is_known_by_the_same_fingerprint_whether_it_is_suppressed_or_not() -> None:
    def prints(result: AuditResult) -> dict[str, str]:
        results = log(result)["runs"][0]["results"]
        return {r["properties"]["id"]: r["partialFingerprints"]["mtaudit/v1"] for r in results}

    assert prints(KNOWN) == prints(RESULT)


def test_suspicions_are_notes_and_only_where_the_profile_shows_them() -> None:
    assert log(SUSPECTED) == log(RESULT)
    assert github.render(SUSPECTED) == github.render(RESULT)
    everything = replace(SUSPECTED, profile="everything")
    results = log(everything)["runs"][0]["results"]
    suspected = [r for r in results if r["properties"].get("suspicion")]
    assert [r["level"] for r in suspected] == ["note", "note"]
    assert len(results) == len(RESULT.findings) + 2
    last = github.render(everything).splitlines()[-2:]
    assert all(line.startswith("::notice ") for line in last)


def test_annotations_are_as_kept() -> None:
    assert github.render(RESULT) == (GOLDEN / "report.github").read_text(encoding="utf-8")


def test_hostile_text_cannot_end_an_annotation_or_start_one() -> None:
    hostile = bigstory.hostile()
    lines = github.render(hostile).splitlines()
    assert len(lines) == len(hostile.findings)
    for line in lines:
        assert line.startswith(("::error file=v0", "::warning file=v0", "::notice file=v0"))
        assert not set(line) & set("\x07\x1b\r\u202e")
