"""A detector is its file, its line in DETECTORS and its examples, and a row if its category is new.

The steps of CONTRIBUTING.md, walked with a detector that exists for this test alone.
"""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from types import ModuleType

import pytest
from pypdf import PdfReader

from audit.cli import rules
from audit.config import Settings
from audit.detect import DETECTORS
from audit.detect.base import Info
from audit.model import CATEGORIES, AuditResult, Category, Version
from audit.pipeline import Engine
from audit.report.formats import FORMATS, Reports
from audit.report.json import loads

FILE = '''
"""Words that shout.

# What it finds
A word in capitals with an exclamation mark.

# Why it matters
No editor prints it.

# How it decides
By its letters.

# Known problems
Abbreviations.

# Example
"HELP!" -> "help"
"""

from collections.abc import Iterator

from audit.detect.base import Info, Settings, finding, reading
from audit.model import Finding, Measure, Story

INFO = Info(id="shouted-word", category="shouted-word", severity="major", status="preview")


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    for s in story.all_sentences():
        for t, mark in zip(s.tokens, s.tokens[1:]):
            if t.text.isupper() and len(t.text) > 3 and mark.text == "!":
                span = (t.start, t.end)
                witnesses = [reading(story, v.version, (x.start, x.end))
                             for v in story.beside(s) for x in v.sentences]
                yield finding(INFO, story, s.version, span, "word in capitals; write it small",
                              measure=Measure("capitals", len(t.text), 3), confidence=0.9,
                              suggestion=t.text.lower(), witnesses=witnesses)
'''
ROW = Category(
    "shouted-word",
    "Shouted word",
    "shouted",
    "A word that shouts at the reader.",
    "Style/Inconsistent style",
    is_contradiction=True,
    is_of_names=True,
    is_rare=True,
    is_human_slip=True,
    machine_sign="words that shout",
)
QUIET = "The dam above the town broke on Sunday. Nobody could warn the people in the valley."
LOUD = "The dam above the town BROKE! Nobody could warn the people in the valley."


@pytest.fixture
def detector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The detector of `FILE`, listed, with its category in the table."""
    file = tmp_path / "shouted_word.py"
    file.write_text(FILE.lstrip(), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("shouted_word", file)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(CATEGORIES, ROW.id, ROW)
    spec.loader.exec_module(made)
    monkeypatch.setattr("audit.detect.DETECTORS", (*DETECTORS, made))
    monkeypatch.setattr("audit.pipeline.DETECTORS", (*DETECTORS, made))
    return made


@pytest.fixture
def result(detector: ModuleType) -> AuditResult:
    versions = [Version("a", LOUD), Version("b", QUIET), Version("c", LOUD)]
    with Engine(Settings(causal_model="none", grammar=False)) as engine:
        return engine.audit("dam", versions)


def test_its_findings_are_in_the_result_and_in_the_family_tree(result: AuditResult) -> None:
    own = [f for f in result.findings if f.rule == "shouted-word"]
    assert {(f.version, f.quote, f.suggestion) for f in own} == {
        ("a", "BROKE", "broke"),
        ("c", "BROKE", "broke"),
    }
    assert result.family is not None
    assert "shouted-word" in {s.category for s in result.family.shared}


def test_its_page_is_made_of_its_docstring_and_its_row(detector: ModuleType) -> None:
    made = rules.pages((*DETECTORS, detector))["shouted-word.md"]  # type: ignore[arg-type]
    assert ROW.mqm in made and "No editor prints it." in made


@pytest.mark.parametrize("name", FORMATS)
def test_every_form_of_report_shows_its_findings(name: str, result: AuditResult) -> None:
    written = Reports(result).render(name)
    if name == "parquet":
        assert b"shouted-word" in written
        return
    if name == "pdf":
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(written)).pages)
    else:
        text = written.decode()
    named = ROW.label.lower() if name in {"html", "pdf", "github", "md", "sarif"} else ROW.id
    assert named in " ".join(text.lower().split())
    if name == "json":
        assert loads(text) == result


def test_a_detector_of_no_category_is_refused() -> None:
    with pytest.raises(ValueError, match=r"category\.py has no 'shouted-word'"):
        Info(id="shouted-word", category="shouted-word", severity="minor")
