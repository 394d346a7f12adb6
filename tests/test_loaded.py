"""What an audit loads: neither torch nor the libraries that only some commands need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

NOT_LOADED = {
    "matplotlib",
    "nltk",
    "pandas",
    "pyarrow",
    "scipy",
    "sentence_transformers",
    "sklearn",
    "torch",
    "trafilatura",
    "transformers",
}

AUDIT = """
import sys
from pathlib import Path
from audit import Settings, Version, audit_story
settings = Settings(grammar=False)
files = sorted(Path("seeds").glob("*.txt"))
versions = [Version(f.name, f.read_text("utf-8")[:500]) for f in files]
result = audit_story(versions, settings=settings)
print("ran", *(s.stage for s in result.skipped))
print(*{m.partition(".")[0] for m in sys.modules})
"""


@pytest.mark.usefixtures("real")
def test_an_audit_with_both_models_loads_no_torch() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AUDIT],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=Path(__file__).resolve().parent.parent,
    )
    assert done.returncode == 0, done.stderr
    ran, loaded = done.stdout.splitlines()
    assert ran == "ran grammar"
    assert {"onnxruntime", "tokenizers"} <= set(loaded.split())
    assert NOT_LOADED & set(loaded.split()) == set()
