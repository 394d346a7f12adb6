"""An engine without models, which other processes can make as well."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from story import RESULT

from audit.errors import ConfigurationError, ModelError, NotScored
from audit.measure.languagetool import GrammarChecker
from audit.measure.languagetool_lent import Lender
from audit.model import AuditResult, Version


class FakeEngine:
    """Gives RESULT for every story; what a text says decides what goes wrong with it."""

    def __init__(self, _: Lender | None = None) -> None:
        self.batches: list[int] = []

    def __enter__(self) -> FakeEngine:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def audit_many(
        self, batch: Sequence[tuple[str, Sequence[Version]]]
    ) -> list[AuditResult | Exception]:
        self.batches.append(len(batch))
        return [self._one(story, versions[0].text) for story, versions in batch]

    def _one(self, story: str, text: str) -> AuditResult | Exception:
        if text == "refused":
            return NotScored(story, "empty")
        if text == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if text.startswith("killed once "):
            mark = Path(text.removeprefix("killed once "))
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        if text == "slow":
            time.sleep(600)
        if text == "returned":
            return KeyError("returned")
        if text == "raised":
            raise ZeroDivisionError("raised")
        if text == "model":
            raise ModelError("no such model")
        if text == "unwritable":
            broken = replace(RESULT.findings[0], confidence=float("inf"))
            return replace(RESULT, story=story, findings=(broken,))
        return replace(RESULT, story=story)


class Grammarian(FakeEngine):
    """Has each text checked by LanguageTool too; a text without an answer is an error."""

    def __init__(self, lender: Lender) -> None:
        super().__init__()
        self._checker = GrammarChecker(lender=lender)

    def _one(self, story: str, text: str) -> AuditResult | Exception:
        if text.startswith("meet in "):
            _meet(Path(text.removeprefix("meet in ")))
        assert self._checker.check(text, "en-US")
        return super()._one(story, text)


def _meet(folder: Path) -> None:
    """Wait until two processes are here."""
    (folder / f"met-{os.getpid()}").touch()
    until = time.monotonic() + 60
    while len(list(folder.glob("met-*"))) < 2:
        assert time.monotonic() < until
        time.sleep(0.02)


def refusing(_: Lender) -> FakeEngine:
    """An engine that cannot be made."""
    raise ConfigurationError("no such setting")


def dying(_: Lender) -> FakeEngine:
    """An engine that needs more memory than there is."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError
