"""What an audit loads: neither torch nor the libraries that only some commands need.

And what a check of one text by the rules alone does without: it waits for every module. And that
numpy starts no threads of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from audit.models.processor import allowed_cores

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

NOT_LOADED_BY_RULES = {
    "ftfy",
    "langcodes",
    "nltk",
    "numpy.ma",
    "onnxruntime",
    "pyphen",
    "rich",
    "sqlite3",
    "textstat",
    "tokenizers",
    "wordfreq",
    "audit.align.encoder_onnx",
    "audit.measure.surprisal",
}

CHECK = """
import sys
from audit.cli.main import main
sys.argv = ["mtaudit", "check", sys.argv[1], "--causal-model", "none", "--no-grammar"]
try:
    main()
finally:
    print(*sys.modules)
"""

TEXT = """Mayor opens long-awaited bridge

On Friday, 3 May 2019, the mayor opened the 1,200-metre bridge, which had cost $3.5 million.
"It's a good day for Brookhaven," said Ann O'Neil, who has lived there since 1985.
"""

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


def printed(code: str, *arguments: str, env: dict[str, str] | None = None) -> list[str]:
    """The lines that a program prints in a process of its own, in the project's folder."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=Path(__file__).resolve().parent.parent,
        env=env,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.usefixtures("real")
def test_an_audit_with_both_models_loads_no_torch() -> None:
    ran, loaded = printed(AUDIT)
    assert ran == "ran grammar"
    assert {"onnxruntime", "tokenizers"} <= set(loaded.split())
    assert NOT_LOADED & set(loaded.split()) == set()


def test_a_check_by_rules_loads_what_it_uses_alone(tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(TEXT, "utf-8")
    *listing, loaded = printed(CHECK, str(article))
    assert "words scored" in listing[-1]
    assert NOT_LOADED_BY_RULES & set(loaded.split()) == set()


NUMPY = """
import sys
from audit.cli.main import main
sys.argv = ["mtaudit", "--version"]
try:
    main()
finally:
    import numpy
    from threadpoolctl import threadpool_info
    print(*(pool["num_threads"] for pool in threadpool_info()))
"""


@pytest.mark.parametrize(("own", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")])
def test_numpy_has_one_thread_unless_the_user_says_otherwise(
    own: dict[str, str], threads: str
) -> None:
    if allowed_cores() < 2:
        pytest.skip("one processor: numpy has one thread in any case")
    given = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    assert printed(NUMPY, env={**given, **own})[-1] == threads
