"""Verdicts: what people say of findings is kept, and the next audit heeds it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from databases import NewUrl
from store_work import NIGHT
from story import RESULT

from audit.errors import InputError
from audit.model import Suppressed, Suppression
from audit.store.audits import Audits
from audit.store.database import Store
from audit.store.names import Names
from audit.store.verdicts import Verdicts

TESTS = Path(__file__).resolve().parent
HOUR = timedelta(hours=1)
FINDING = RESULT.findings[0]


def test_the_last_who_spoke_decides(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        verdicts = Verdicts(store)
        key = (FINDING.version, RESULT.fault(FINDING))
        dismissed = verdicts.dismiss(RESULT, FINDING, who="Ada", at=NIGHT, why="a quotation")
        assert dismissed.finding == FINDING
        suppression = Suppression("Ada", "a quotation", NIGHT, "verdict")
        assert verdicts.dismissed([FINDING.version]) == {key: suppression}
        assert verdicts.dismissed(["another version"]) == {}

        accepted = verdicts.accept(RESULT, FINDING, who="Ben", at=NIGHT + HOUR)
        assert verdicts.dismissed([FINDING.version]) == {}
        assert verdicts.of(FINDING.version) == [dismissed, accepted]

        assert verdicts.withdraw(RESULT, FINDING, who="Ben")
        assert not verdicts.withdraw(RESULT, FINDING, who="Ben")
        assert verdicts.dismissed([FINDING.version]) == {key: suppression}


def test_a_dismissal_needs_a_reason_and_a_name(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        verdicts = Verdicts(store)
        with pytest.raises(InputError, match="say why"):
            verdicts.dismiss(RESULT, FINDING, who="Ada", at=NIGHT, why=" ")
        with pytest.raises(InputError, match="say who"):
            verdicts.accept(RESULT, FINDING, who="", at=NIGHT)
        assert verdicts.of() == []


def test_a_name_that_is_right_goes_to_the_registry(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        verdict = Verdicts(store).accept_name(
            RESULT, FINDING, who="Ada", at=NIGHT, name="Ilsa Markety"
        )
        assert verdict.verdict == "dismissed"
        assert Names(store).trusted() == ("Ilsa Markety",)
        with pytest.raises(InputError, match="no name"):
            Verdicts(store).accept_name(RESULT, FINDING, who="Ben", at=NIGHT, name="…")
        assert [v.who for v in Verdicts(store).of()] == ["Ada"]


def test_what_was_dismissed_is_no_fault_of_the_store_and_was_not_mended(new_url: NewUrl) -> None:
    by = Suppression("Ada", "a quotation", NIGHT, "verdict")
    rest = replace(
        RESULT, findings=RESULT.findings[1:], suppressed=(Suppressed(FINDING, by),), signature="2"
    )
    with Store.open(new_url()) as store:
        audits = Audits(store)
        audits.put(RESULT, "input", NIGHT)
        audits.put(rest, "input", NIGHT + HOUR)
        assert {f.finding for f in audits.findings()} == set(RESULT.findings[1:])
        assert "mended" not in {f.state for f in audits.findings()}
        assert audits.last(RESULT.story) == rest


def test_verdicts_made_before_a_kill_are_there(new_url: NewUrl) -> None:
    url = new_url()
    Store.open(url).close()
    rng = random.Random(13)
    said: list[str] = []
    for turn in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-m", "test_verdicts", url, str(turn)],
            env=os.environ | {"PYTHONPATH": f"{TESTS.parent}:{TESTS}"},
            stdout=subprocess.PIPE,
            bufsize=0,  # readline leaves the rest for communicate
        )
        assert writer.stdout is not None
        said.append(writer.stdout.readline().decode().strip())
        time.sleep(rng.uniform(0, 0.3))
        os.kill(writer.pid, signal.SIGKILL)
        said += writer.communicate(timeout=60)[0].decode().split("\n")[:-1]
    with Store.open(url) as store:
        kept = {v.who for v in Verdicts(store).of()}
    assert len(said) > 5
    assert set(said) <= kept
    assert len(kept - set(said)) <= 5  # stored, and killed before it could say so


if __name__ == "__main__":
    with Store.open(sys.argv[1]) as opened:
        for number in range(1_000_000):
            name = f"reader {sys.argv[2]}-{number}"
            Verdicts(opened).dismiss(RESULT, FINDING, who=name, at=NIGHT, why="tested")
            print(name, flush=True)
