"""What an audit loads of the lists of English is what the lists say."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "audit" / "language" / "en" / "data"


@pytest.mark.parametrize("name", ["figures.json", "tables.json"])
def test_prepared_lists_are_those_that_were_written(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    from prepare_lists import PREPARED, text_of

    found = (DATA / name).read_text("utf-8")
    assert found == text_of(PREPARED[name]()), "run scripts/prepare_lists.py"
