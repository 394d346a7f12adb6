"""Every detector finds what its examples show, and leaves alone what they show to be right."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines import engine

from audit.cli.rules import sections
from audit.config import Settings
from audit.detect import DETECTORS
from audit.detect.base import Detector
from audit.model import CATEGORIES, SEVERITIES, AuditResult, Finding, GrammarMatch, Story, Version

FOLDER = Path(__file__).parent / "examples"
BY_ID = {d.INFO.id: d for d in DETECTORS}
LEAST = 3


def examples(detector: str, kind: str) -> list[dict[str, Any]]:
    file = FOLDER / f"{detector}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")).get(kind, []) if file.exists() else []


def cases(kind: str) -> list[Any]:
    return [
        pytest.param(d, e, id=f"{d}-{n}")
        for d in BY_ID
        for n, e in enumerate(examples(d, kind), start=1)
    ]


def findings(detector: str, example: dict[str, Any]) -> tuple[Story, list[Finding]]:
    versions = [Version(v, text) for v, text in example["versions"].items()]
    story = replace(_examined(detector, versions), grammar=objections(example))
    return story, list(BY_ID[detector].detect(story, Settings()))


def _examined(detector: str, versions: list[Version]) -> Story:
    """The story with what the detector draws on: the language model takes its time."""
    if "surprisal" not in BY_ID[detector].INFO.needs:
        return engine().align("example", versions)
    (story,) = engine().stories([("example", versions)], "edits")
    return story


def objections(example: dict[str, Any]) -> dict[str, tuple[GrammarMatch, ...]] | None:
    """What LanguageTool objects to in an example, given in its table `grammar`, by version.

    `test_grammar.py` asks LanguageTool whether it does.
    """
    if "grammar" not in example:
        return None
    found: dict[str, list[GrammarMatch]] = {v: [] for v in example["versions"]}
    for g in example["grammar"]:
        start = example["versions"][g["version"]].index(g["quote"])
        match = GrammarMatch(
            start,
            start + len(g["quote"]),
            g["rule"],
            g["category"],
            g["message"],
            tuple(g["replacements"]),
        )
        found[g["version"]].append(match)
    return {v: tuple(sorted(matches, key=lambda m: m.start)) for v, matches in found.items()}


@pytest.mark.parametrize(("detector", "example"), cases("flag"))
def test_fault_is_found(detector: str, example: dict[str, Any]) -> None:
    version, quote = example["version"], example["quote"]
    text = example["versions"][version]
    assert quote in text, "the example's own quote must stand in its text"
    start = text.index(quote)
    _, found = findings(detector, example)
    hits = [
        f for f in found if f.version == version and f.start < start + len(quote) and start < f.end
    ]
    assert hits, f"{example['why']} Found instead: {[f.quote for f in found]}"
    if "suggestion" in example:
        assert example["suggestion"] in [f.suggestion for f in hits], example["why"]


@pytest.mark.parametrize(("detector", "example"), cases("pass"))
def test_right_text_passes(detector: str, example: dict[str, Any]) -> None:
    _, found = findings(detector, example)
    assert not found, f"{example['why']} Found: {[(f.version, f.quote) for f in found]}"


@pytest.mark.parametrize(("detector", "example"), cases("flag"))
def test_findings_keep_the_contract(detector: str, example: dict[str, Any]) -> None:
    story, found = findings(detector, example)
    for f in found:
        assert f.quote == story.version(f.version).text[f.start : f.end] != ""
        assert f.rule == detector
        assert f.category in CATEGORIES and f.severity in SEVERITIES
        assert 0 < f.confidence <= 1
        assert f.message and f.measures
        for w in f.witnesses:
            assert w.quote == story.version(w.version).text[w.start : w.end] != ""


@pytest.mark.parametrize("detector", BY_ID)
def test_detector_has_examples(detector: str) -> None:
    flags, passes = examples(detector, "flag"), examples(detector, "pass")
    assert len(flags) >= LEAST and len(passes) >= LEAST
    assert all(e["why"] for e in flags + passes)
    assert any("paraphrase" in e["why"] and len(e["versions"]) > 1 for e in passes), (
        "one example must be a legitimate paraphrase beside another version"
    )


def test_no_example_file_is_without_its_detector() -> None:
    assert {p.stem for p in FOLDER.glob("*.toml")} <= BY_ID.keys()


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.INFO.id)
def test_detector_explains_itself(detector: Detector) -> None:
    assert all(sections(detector).values())


def test_ids_are_unique_and_name_their_files() -> None:
    ids = [d.INFO.id for d in DETECTORS]
    assert len(set(ids)) == len(ids)
    for d in DETECTORS:
        assert Path(str(d.__file__)).stem == d.INFO.id.replace("-", "_")  # type: ignore[attr-defined]


def test_every_detector_file_is_listed() -> None:
    folder = Path(str(BY_ID["typo"].__file__)).parent  # type: ignore[attr-defined]
    files = {p.stem for p in folder.glob("*.py")} - {"__init__", "base"}
    assert files == {d.INFO.id.replace("-", "_") for d in DETECTORS}


def test_merged_result_keeps_the_findings() -> None:
    """What a detector finds is still there, alone or merged, in the audit's result."""
    example = examples("duplicated-word", "flag")[0]
    versions = [Version(v, text) for v, text in example["versions"].items()]
    result: AuditResult = engine().audit("example", versions)
    assert any(f.category == "duplicated-word" for f in result.findings)
