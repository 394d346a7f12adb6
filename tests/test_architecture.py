"""Which room of the program may enter which (docs/design.md), and what importing it may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "audit"

ROOMS = (
    "errors",
    "version",
    "disk",
    "hosts",
    "model",
    "config",
    "baseline",
    "language",
    "models",
    "segment",
    "annotate",
    "align",
    "compare",
    "measure",
    "judge",
    "detect",
    "conclude",
    "ingest",
    "second_reader",
    "feeds",
    "stories",
    "report",
    "bulk",
    "store",
    "stage",
    "pipeline",
    "engines",
    "lsp",
    "nightly",
    "serve",
    "audit",
    "cli",
)
"""From the ground up. A room is a package or a module at the top; `audit` is what users import.

A module may import its own room and those before it.
"""

READ_BY_DETECTORS = (
    "compare",
    "detect.base",
    "detect.shared",
    "language.capitals",
    "language.spelling",
    "model",
)
"""What a detector stands on. Of the languages it sees what holds in all of them, and else the
language of its story. What detectors share stands on the same."""

LARGEST_SHARE = 0.25
"""Of all lines, in one room: more is a program of its own."""

LONGEST_FILE = 400
"""Lines."""

HEAVY = {
    "alembic",
    "apprise",
    "datasketch",
    "fastapi",
    "feedparser",
    "gguf",
    "language_tool_python",
    "lsprotocol",
    "matplotlib",
    "onnx",
    "onnxruntime",
    "openai",
    "pandas",
    "prometheus_client",
    "pyarrow",
    "pygls",
    "ray",
    "scipy",
    "sentence_transformers",
    "sklearn",
    "spacy",
    "sqlalchemy",
    "textstat",
    "torch",
    "trafilatura",
    "transformers",
    "typst",
    "uvicorn",
    "wordfreq",
}
"""Libraries that take a noticeable time to import; used inside the function that needs them."""


def name_of(file: Path) -> str:
    """`audit/align/rows.py` is `align.rows`, its `__init__.py` `align`; that of audit `audit`."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "audit"


FILES = {name_of(f): f for f in sorted(PACKAGE.rglob("*.py"))}
LINES = {name: len(f.read_text(encoding="utf-8").splitlines()) for name, f in FILES.items()}


def imports(module: str) -> set[str]:
    """The modules of the program that a module imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: import by full name, not relatively"
            names |= {f"{node.module}.{a.name}" for a in node.names}
    ours = (n.partition("audit.")[2] for n in names if n.startswith("audit."))
    return {holder(name) for name in ours} - {module}


def holder(name: str) -> str:
    """The module that holds a dotted name: `model.Version` is held by `model`."""
    while name and name not in FILES:
        name = name.rpartition(".")[0]
    return name or "audit"


IMPORTS = {module: imports(module) for module in FILES}


def room(module: str) -> str:
    return module.partition(".")[0]


def is_read_by_detectors(module: str) -> bool:
    return any(module == m or module.startswith(f"{m}.") for m in READ_BY_DETECTORS)


def test_every_room_has_its_place() -> None:
    assert {room(m) for m in FILES} == set(ROOMS)


@pytest.mark.parametrize("module", FILES)
def test_imports_point_to_the_ground(module: str) -> None:
    above = ROOMS[ROOMS.index(room(module)) + 1 :]
    assert {m for m in IMPORTS[module] if room(m) in above} == set()


def test_no_import_goes_in_a_circle() -> None:
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as e:
        pytest.fail(" → ".join(e.args[1]))


@pytest.mark.parametrize("module", [m for m in FILES if m.startswith("detect.")])
def test_a_detector_knows_neither_another_nor_how_its_story_came_about(module: str) -> None:
    allowed = {m for m in IMPORTS[module] if is_read_by_detectors(m)}
    if module == "detect.base":
        allowed |= {"config"}
    assert IMPORTS[module] == allowed


def test_no_room_is_more_than_a_quarter_of_the_house() -> None:
    lines: Counter[str] = Counter()
    for module, count in LINES.items():
        lines[room(module)] += count
    ((largest, most),) = lines.most_common(1)
    assert most <= LARGEST_SHARE * lines.total(), largest


def test_no_file_is_longer_than_400_lines() -> None:
    assert {m: n for m, n in LINES.items() if n > LONGEST_FILE} == {}


@pytest.mark.parametrize(
    "module",
    [
        "audit",
        "audit.pipeline",
        *(f"audit.{m}" for m in FILES if room(m) == "cli" and m != "cli.__main__"),
    ],
)
def test_importing_is_light(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert {m for m in done.stdout.split() if m in HEAVY} == set()
