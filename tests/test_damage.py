"""Damage to clean text, as the calibration makes it: known places, nothing else changed."""

from __future__ import annotations

import pytest
from calibration.damage import damaged
from calibration.data import SUFFIX
from engines import engine

from audit.language.en.confusions import confusions
from audit.model import Version

TEXT = (
    "The harbour opened again on Friday after repairs that had taken three weeks. "
    "Workers rebuilt both of the piers, and the ferries were back by noon.\n\n"
    "“We are proud of them,” the mayor said. Nobody was hurt."
)


@pytest.mark.parametrize("seed", range(8))
def test_damage_is_where_it_says_and_nowhere_else(seed: int) -> None:
    story = engine().align("s", [Version("a", TEXT)])
    ((name, (version,)),), places = damaged([story], seed)
    assert name == "s" + SUFFIX
    tokens = {t.start: t.text for s in story.sentences["a"] for t in s.tokens}
    restored, shift = version.text, 0  # characters that the damage so far has added
    for start, end, _ in places[name, "a"]:
        word, new = tokens[start - shift], version.text[start:end]
        assert new in confusions(word)
        at = start - shift
        restored = restored[:at] + word + restored[at + len(new) :]
        shift += len(new) - len(word)
    assert restored == TEXT
