"""The second reader over a real OpenAI-compatible server: llama.cpp's, with SmolLM2.

So small a model is no reader. What counts is that the whole way works: the questions are understood
by the server, its answers are parsed or dropped with a reason, and the report says what was read.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.config import Settings
from audit.errors import ModelError
from audit.model import Version
from audit.models import fetch
from audit.models.sources import DEFAULT, SOURCES
from audit.pipeline import Engine
from audit.report.json import render
from audit.second_reader import client
from audit.serve.kept import KeptInMemory

MODEL = "smollm2-135m"
ANSWER = 60
"""Longest answer, tokens: long enough for some, and others are cut off."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server."""
    pytest.importorskip("xllamacpp")
    folder = tmp_path_factory.mktemp("gguf")
    file = folder / "model.gguf"
    try:
        fetch._download(SOURCES[DEFAULT], file, lambda what, done, of: None)
    except ModelError as e:
        pytest.skip(f"the model's file cannot be fetched: {e}")
    command = [sys.executable, str(Path(__file__).with_name("llama.py")), str(file), MODEL]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), "llama.cpp's server does not start"
            yield f"{address}/v1"
        finally:
            server.kill()


def test_the_whole_way_works_with_a_real_server(
    url: str, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER_TOKENS", ANSWER)
    texts = [file.read_text(encoding="utf-8") for file in sorted(seeds.glob("*.txt"))[:2]]
    versions = [Version(f"v{n}", " ".join(text.split()[:40])) for n, text in enumerate(texts)]
    plain = Settings(causal_model="none", grammar=False)
    asking = plain.model_copy(
        update={
            "judge_url": url,
            "judge_model": MODEL,
            "judge_scope": "all",
            "judge_parallel": 1,
            "judge_timeout": 300.0,
            "judge_tokens": 6_000,
        }
    )
    with Engine(plain) as engine:
        expected = engine.audit("story", versions)
    with Engine(asking, kept=KeptInMemory()) as engine:
        result = engine.audit("story", versions)
    assert result.versions == expected.versions
    reading = result.second_reading
    assert reading is not None and reading.model == MODEL and not reading.calibrated
    assert reading.read > 0 and reading.tokens > 0
    assert reading.read + reading.left == reading.of
    marked = [f for f in result.suspicions if f.by_second_reader]
    assert marked or reading.dropped
    text = render(result)
    assert json.loads(text)
    assert MODEL in text
