"""Which part may import which (docs/design.md), and what importing mtaudit may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "audit"

BASE = {"model", "measured", "errors", "config", "version", "processor"}
ON_TOP = {"cli", "web", "nightly", "bulk", "doctor"}
SHARED_BY_DETECTORS = {"detect.base", "detect.features", "measured", "model"}
PART_OF = {
    "residue": "segment",
    "cli_input": "cli",
    "cli_options": "cli",
    "cli_progress": "cli",
    "decode": "ingest",
    "extract": "ingest",
    "fetch": "ingest",
    "scorable": "ingest",
    "family": "consensus",
    "model_sources": "models",
}
"""A module that another file was split into, and the part that both belong to."""
READS = {
    "rules": {"detect", "detect.base"},
    "fluency": {"models"},
    "consensus": {"detect.features"},
    "judge": {"detect.features", "fluency.confusions", "fluency.expectation", "fluency.surprisal"},
    "report": {"family", "fluency.readability"},
}
"""What a stage reads beyond the base: rule pages are made of what the detectors say of themselves,
surprisal needs to know where the model file lies, consensus and the trained models look at copies,
quotes and names with the eyes of the detectors, the trained models ask how surprising words usually
are, what may be meant by them and what an edit would gain; reports draw the family tree of a result
and tell which version reads unlike its siblings."""

HEAVY = {
    "gguf",
    "language_tool_python",
    "matplotlib",
    "pandas",
    "pyarrow",
    "scipy",
    "sentence_transformers",
    "sklearn",
    "spacy",
    "textstat",
    "torch",
    "trafilatura",
    "transformers",
    "typst",
    "wordfreq",
}
"""Libraries that take a noticeable time to import; used inside the function that needs them."""


def name_of(file: Path) -> str:
    """`audit/align/rows.py` is `align.rows`; `audit/align/__init__.py` is `align`."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(f): f for f in sorted(PACKAGE.rglob("*.py"))}


def ours(module: str) -> set[str]:
    """The modules of the package that a module imports, at any depth of its code."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names if a.name.split(".")[0] == "audit"}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: import by full name, not relatively"
            if node.module and node.module.split(".")[0] == "audit":
                found |= {f"{node.module}.{a.name}" for a in node.names}
    return {deepest(name.removeprefix("audit").removeprefix(".")) for name in found}


def deepest(name: str) -> str:
    """The module that holds a dotted name: `model.Version` is held by `model`."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def stage(module: str) -> str:
    """The stage that a module belongs to: its file, or the package that holds it."""
    head = module.partition(".")[0]
    return PART_OF.get(head, head)


def is_detector(module: str) -> bool:
    """Whether a module is one detector's file."""
    return module.startswith("detect.") and unfold(module) not in SHARED_BY_DETECTORS


def unfold(module: str) -> str:
    """Files inside the package `detect.features` count as `detect.features`."""
    return "detect.features" if module.startswith("detect.features.") else module


def stages() -> Iterator[str]:
    """Modules of all stages, detectors left out."""
    for module in MODULES:
        if stage(module) not in BASE | ON_TOP | {"", "pipeline"} and not is_detector(module):
            yield module


def test_base_imports_nothing_of_ours() -> None:
    assert ours("measured") == set()
    assert ours("model") == {"measured"}
    assert ours("errors") == set()
    assert ours("version") == set()
    assert ours("processor") == set()
    assert ours("config") <= {"errors"}


@pytest.mark.parametrize("module", list(stages()))
def test_stage_imports_only_the_base_and_itself(module: str) -> None:
    others = {unfold(m) for m in ours(module) if m not in BASE and stage(m) != stage(module)}
    assert others <= READS.get(stage(module), set())


@pytest.mark.parametrize("module", [m for m in MODULES if is_detector(m)])
def test_detector_imports_only_what_detectors_share(module: str) -> None:
    assert {unfold(m) for m in ours(module)} <= SHARED_BY_DETECTORS


@pytest.mark.parametrize("module", [m for m in MODULES if unfold(m) in SHARED_BY_DETECTORS])
def test_what_detectors_share_knows_no_detector(module: str) -> None:
    assert {unfold(m) for m in ours(module)} <= SHARED_BY_DETECTORS | BASE


@pytest.mark.parametrize("module", [m for m in MODULES if stage(m) not in ON_TOP])
def test_nothing_below_imports_what_stands_on_top(module: str) -> None:
    assert {m for m in ours(module) if stage(m) in ON_TOP} == set()


@pytest.mark.parametrize("module", [m for m in MODULES if stage(m) != "cli"])
def test_nothing_imports_the_command_line(module: str) -> None:
    assert "cli" not in {stage(m) for m in ours(module)}


@pytest.mark.parametrize(
    "module", ["audit", *(f"audit.{m}" for m in sorted(ON_TOP & set(MODULES)))]
)
def test_importing_is_light(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert {m for m in done.stdout.split() if m in HEAVY} == set()


def test_no_module_is_longer_than_400_lines() -> None:
    lines = {m: len(f.read_text(encoding="utf-8").splitlines()) for m, f in MODULES.items()}
    assert {m: n for m, n in lines.items() if n > 400} == {}
