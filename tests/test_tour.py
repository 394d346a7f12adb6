"""The code of the tour runs, and says what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")


def test_tour_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", TOUR, flags=re.M | re.S)
    for number, (language, block) in enumerate(blocks, 1):
        if language == "python":
            exec(compile(block, f"tour.md, block {number}", "exec"), names)
    printed = capsys.readouterr().out
    (promised,) = [block for language, block in blocks if not language]
    assert printed.startswith(promised)
    assert "Tokaj" in printed
    assert (tmp_path / "kazakhstan.md").stat().st_size
