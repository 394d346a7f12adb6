"""What people say of findings: accepted or dismissed, who, when and why.

What the page and the command line call, with `verdicts = Verdicts(store)`:

    verdicts.accept(result, finding, who=…, at=…)              it is a fault
    verdicts.dismiss(result, finding, who=…, at=…, why=…)      it is none; a reason is needed
    verdicts.accept_name(result, finding, who=…, at=…)         it is none: the name is right
    verdicts.withdraw(result, finding, who=…)                  that was said by mistake
    verdicts.of(version)                                       what was said
    Engine(settings, dismissed=verdicts.dismissed)             leaves out what was dismissed

A verdict makes the next night judge the story of the version again.

`result` is the `AuditResult` that holds `finding`, among its findings, suspicions or suppressed
ones. Each call is one transaction: when it returns, the verdict is on the disk. A verdict is on a
version, by its id: a text that comes from nowhere needs an id that follows from what it says, or a
verdict on one text would hold for the next. Where several people spoke of a fault the last of them
decides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, select

from audit.errors import InputError
from audit.model import AuditResult, Finding, Suppression
from audit.report.json import finding_from_dict, finding_to_dict
from audit.store.database import CHUNK, Store, put
from audit.store.names import Names
from audit.store.schema import verdicts
from audit.store.stories import Stories
from audit.store.waiting import Waiting

SOURCE = "verdict"
"""Where a suppression that follows from a verdict stands written."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one person says of one fault of one version (`audit.model.faults_of`).

    `finding` is what was shown to that person; None in a verdict of an older release.
    """

    version: str
    fault: str
    who: str
    verdict: Literal["accepted", "dismissed"]
    why: str
    at: datetime
    finding: Finding | None = None


class Verdicts:
    """The verdicts of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def accept(
        self, result: AuditResult, finding: Finding, *, who: str, at: datetime, why: str = ""
    ) -> Verdict:
        """Say that a finding is right. Raises InputError if nobody says so."""
        return self._say(result, finding, "accepted", who, at, why)

    def dismiss(
        self, result: AuditResult, finding: Finding, *, who: str, at: datetime, why: str
    ) -> Verdict:
        """Say that a finding is no fault: later audits of the version suppress it.

        Raises InputError if nobody says so or without a reason.
        """
        if not why.strip():
            raise InputError(finding.quote, "say why it is dismissed")
        return self._say(result, finding, "dismissed", who, at, why)

    def accept_name(
        self,
        result: AuditResult,
        finding: Finding,
        *,
        who: str,
        at: datetime,
        name: str | None = None,
    ) -> Verdict:
        """Say that what a finding quotes, or the name given, is a name and spelled rightly.

        The name registry trusts it, in all texts, and the finding is dismissed. Raises InputError
        if nobody says so, or if it has no letter.
        """
        right = name or finding.quote
        with self._store.unit():
            Names(self._store).add(right, (), at)
            return self.dismiss(result, finding, who=who, at=at, why=f"“{right}” is a name")

    def withdraw(self, result: AuditResult, finding: Finding, *, who: str) -> bool:
        """Take back what a person said of a finding; whether there was anything. A name that the
        registry was given stays there: `Names.forget`."""
        this = (
            (verdicts.c.version == finding.version)
            & (verdicts.c.fault == result.fault(finding))
            & (verdicts.c.who == who)
        )
        with self._store.unit() as connection:
            said = connection.execute(select(verdicts.c.at).where(this)).scalar()
            if said is None:
                return False
            connection.execute(delete(verdicts).where(this))
            self._judge_again(finding.version, said)
            return True

    def put(self, verdict: Verdict) -> None:
        """Keep a verdict; it replaces what the same person said of the fault before."""
        with self._store.unit() as connection:
            put(connection, verdicts, [_row(verdict)])
            self._judge_again(verdict.version, verdict.at)

    def _judge_again(self, version: str, since: datetime) -> None:
        """Let the story of a version, if nights know one, wait for the next night."""
        story = Stories(self._store).story_of(version)
        if story is not None:
            Waiting(self._store).add([story], since)

    def of(self, version: str | None = None) -> list[Verdict]:
        """The verdicts on a version, or all, oldest first."""
        query = select(verdicts).order_by(
            verdicts.c.at, verdicts.c.version, verdicts.c.fault, verdicts.c.who
        )
        if version is not None:
            query = query.where(verdicts.c.version == version)
        with self._store.reading() as connection:
            return [_verdict(row) for row in connection.execute(query).mappings()]

    def dismissed(self, versions: Sequence[str]) -> dict[tuple[str, str], Suppression]:
        """What the next audit of these versions is to suppress, by version and fault."""
        last: dict[tuple[str, str], Verdict] = {}
        with self._store.reading() as connection:
            for i in range(0, len(versions), CHUNK):
                query = (
                    select(verdicts)
                    .where(verdicts.c.version.in_(versions[i : i + CHUNK]))
                    .order_by(verdicts.c.at, verdicts.c.who)
                )
                for row in connection.execute(query).mappings():
                    last[row["version"], row["fault"]] = _verdict(row)
        return {
            fault: Suppression(v.who, v.why, v.at, SOURCE)
            for fault, v in last.items()
            if v.verdict == "dismissed"
        }

    def _say(
        self,
        result: AuditResult,
        finding: Finding,
        verdict: Literal["accepted", "dismissed"],
        who: str,
        at: datetime,
        why: str,
    ) -> Verdict:
        if not who.strip():
            raise InputError(finding.quote, "say who judges it")
        fault = result.fault(finding)
        said = Verdict(finding.version, fault, who.strip(), verdict, why.strip(), at, finding)
        self.put(said)
        return said


def _row(verdict: Verdict) -> dict[str, Any]:
    finding = verdict.finding and json.dumps(finding_to_dict(verdict.finding))
    return {
        "version": verdict.version,
        "fault": verdict.fault,
        "who": verdict.who,
        "verdict": verdict.verdict,
        "why": verdict.why,
        "at": verdict.at,
        "finding": finding,
    }


def _verdict(row: Mapping[Any, Any]) -> Verdict:
    said = Verdict(**(dict(row) | {"finding": None}))
    if row["finding"] is None:
        return said
    return replace(said, finding=finding_from_dict(json.loads(row["finding"])))
