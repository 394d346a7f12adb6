"""Confidence corrected by verdicts: an over-confident rule comes down, the others stay."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calibrate import main as calibrate
from calibration.verdicts import FEWEST, brier, calibration_error, judged, line
from hypothesis import given
from hypothesis import strategies as st
from store_work import NIGHT
from story import RESULT

from audit.conclude.confidence import corrected
from audit.language.base import Plain
from audit.store.database import Store
from audit.store.verdicts import Verdict, Verdicts

FINDING = RESULT.findings[0]
HOUR = timedelta(hours=1)


class Corrected(Plain):
    """A language of which nothing but corrections is known."""

    def __init__(self, file: Path) -> None:
        self._models = json.loads(file.read_text(encoding="utf-8"))

    def trained(self, name: str) -> Any:
        return self._models if name == "confidence" else None


def verdicts(
    rule: str,
    right: float,
    versions: Iterable[int],
    *,
    confidence: tuple[float, ...] = (0.8, 0.9, 0.95),
    at: datetime = NIGHT,
    seed: int = 1,
) -> list[Verdict]:
    """Two verdicts on each version; as many as that share are right, of surer ones a few more."""
    rng = random.Random(f"{rule} {seed}")
    said = []
    for version in versions:
        for n in range(2):
            sure = rng.choice(confidence)
            is_right = rng.random() < right + sure - 0.88
            finding = replace(FINDING, version=f"v{version}", rule=rule, confidence=sure)
            what: Any = "accepted" if is_right else "dismissed"
            said.append(Verdict(f"v{version}", f"{rule} {n}", "Ada", what, "why", at, finding))
    return said


def kept(tmp_path: Path, said: Iterable[Verdict]) -> str:
    url = f"sqlite:///{tmp_path}/store.sqlite"
    with Store.open(url) as store, store.unit():
        for verdict in said:
            Verdicts(store).put(verdict)
    return url


def pairs(said: Iterable[Verdict]) -> tuple[np.ndarray, np.ndarray]:
    rows = [(v.finding.confidence, v.verdict == "accepted") for v in said if v.finding]
    return np.array([c for c, _ in rows]), np.array([r for _, r in rows])


def test_an_over_confident_rule_comes_down_and_the_others_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = verdicts("wrong-term", 0.9, range(FEWEST // 2))
    url = kept(tmp_path, [*verdicts("typo", 0.5, range(100)), *few])
    calibrate(["--verdicts", url, "--out", str(tmp_path / "out")])
    said = capsys.readouterr().out
    assert "in 100 versions" in said
    assert f"in 10 versions; needs {FEWEST} of each in 5 versions: left as it is" in said
    assert "Only findings that were shown" in said
    brier_line = next(x for x in said.splitlines() if "Brier score" in x)
    before, after = (float(x) for x in brier_line.split() if x.startswith("0."))
    assert after < before - 0.1

    language = Corrected(tmp_path / "out" / "confidence.json")
    new = verdicts("typo", 0.5, range(100, 300), seed=2)
    shown, right = pairs(new)
    put_right = np.array([corrected(v.finding, language).confidence for v in new if v.finding])
    assert brier(put_right, right) < brier(shown, right) - 0.1
    assert calibration_error(put_right, right) < 0.1 < calibration_error(shown, right)
    # by one line: surer findings stay the surer ones
    assert [put_right[shown == c][0] for c in (0.8, 0.9, 0.95)] == sorted(set(put_right))

    other = replace(FINDING, rule="wrong-term", confidence=0.9)
    assert corrected(other, language) == other
    unseen = replace(FINDING, rule="typo", confidence=0.4)
    assert corrected(unseen, language) == unseen
    assert corrected(replace(FINDING, rule="typo"), Plain()) == replace(FINDING, rule="typo")


def test_too_few_verdicts_are_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = kept(tmp_path, verdicts("typo", 0.5, range(9)))
    with pytest.raises(SystemExit, match="2"):
        calibrate(["--verdicts", url, "--out", str(tmp_path / "out")])
    error = capsys.readouterr().err
    assert "18 verdicts, of no rule enough" in error
    assert f"{FEWEST} accepted and {FEWEST} dismissed" in error
    assert not (tmp_path / "out").exists()


def test_a_store_that_is_not_there_is_named_and_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        calibrate(["--verdicts", f"sqlite:///{tmp_path}/none.sqlite"])
    assert "none.sqlite: is not there" in capsys.readouterr().err
    assert not (tmp_path / "none.sqlite").exists()


def test_a_rule_that_is_right_already_stays_about_as_it_is(tmp_path: Path) -> None:
    steps = (0.3, 0.5, 0.7, 0.9)
    said = verdicts("typo", 0.88, range(400), confidence=steps)  # right as often as it says
    calibrate(["--verdicts", kept(tmp_path, said), "--out", str(tmp_path)])
    language = Corrected(tmp_path / "confidence.json")
    for sure in steps:
        finding = replace(FINDING, rule="typo", confidence=sure)
        assert corrected(finding, language).confidence == pytest.approx(sure, abs=0.08)


def test_of_several_people_the_last_decides() -> None:
    (said,) = verdicts("typo", 0.5, range(1))[:1]
    later = replace(said, who="Ben", at=NIGHT + HOUR)
    for verdict in ("accepted", "dismissed"):
        (own,) = judged([said, replace(later, verdict=verdict)], {})
        assert own.right.tolist() == [verdict == "accepted"]


def test_a_second_fit_stands_on_the_first(tmp_path: Path) -> None:
    url = kept(tmp_path, verdicts("typo", 0.5, range(100)))
    command = ["--verdicts", url, "--out", str(tmp_path)]
    calibrate(command)
    file = tmp_path / "confidence.json"
    once = json.loads(file.read_text())["rules"]["typo"]
    assert once["verdicts"] == 200
    language = Corrected(file)
    # half of what is shown now at its new confidence is wrong again
    later = datetime.fromisoformat(once["fitted"]) + HOUR
    shown = [
        replace(v, at=later, finding=corrected(v.finding, language))
        for v in verdicts("typo", 0.2, range(200, 300))
        if v.finding
    ]
    kept(tmp_path, shown)
    calibrate(command)
    twice = json.loads(file.read_text())["rules"]["typo"]
    assert twice["verdicts"] == 200
    assert twice["from"] == once["from"]
    sure = replace(FINDING, rule="typo", confidence=0.9)
    assert corrected(sure, Corrected(file)).confidence < 0.35


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=4, max_size=60))
def test_a_surer_finding_never_becomes_the_less_sure_one(rows: list[tuple[float, bool]]) -> None:
    confidence, right = np.array([c for c, _ in rows]), np.array([r for _, r in rows])
    intercept, slope = line(confidence, right)
    assert np.isfinite([intercept, slope]).all()
    assert slope >= 0
    assert 0 <= calibration_error(confidence, right) <= 1
    assert 0 <= brier(confidence, right) <= 1
