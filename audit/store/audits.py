"""Results of audits, and what they say over time: findings new, persisting and mended, scores.

`audit.model.suppression` says how a fault is known again.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, case, delete, func, select

from audit.errors import InputError
from audit.model import SEVERITIES, AuditResult, Finding, Severity, faults_of
from audit.report.json import dumps, finding_from_dict, finding_to_dict, loads
from audit.store.database import CHUNK, Store, put
from audit.store.packed import packed, unpacked
from audit.store.schema import audits, findings, scores, stories, story_audits, versions

State = Literal["new", "persisting", "mended"]


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A fault of a version over time. `since` says when it entered its state, `fault` names it."""

    version: str
    fault: str
    story: str
    state: State
    since: datetime
    first_seen: datetime
    last_seen: datetime
    finding: Finding


@dataclass(frozen=True, slots=True)
class StoredScore:
    """The score of a version at a time, as `VersionResult` has it."""

    version: str
    at: datetime
    story: str
    outlet: str | None
    value: float
    low: float
    high: float
    words: int
    compared: float
    mt_likelihood: float | None
    fluency: float | None


class Audits:
    """The results of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, result: AuditResult, input_digest: str, at: datetime) -> bool:
        """Keep what was found of a story at a time; whether that was not known.

        `input_digest` names what was read: its versions and their texts. The same result of the
        same story again changes nothing, nor does one that is older than the last. Another of
        the same time, from a run that was taken up again, takes the place of the last.
        """
        story, signature = result.story, result.signature
        with self._store.unit() as connection:
            put(
                connection,
                audits,
                [
                    {
                        "story": story,
                        "input": input_digest,
                        "signature": signature,
                        "at": at,
                        "result": packed(dumps(result)),
                    }
                ],
                change=(),
            )
            last = self._last(connection, story)
            if last is not None and (
                last.at > at or (last.input, last.signature) == (input_digest, signature)
            ):
                return False
            put(
                connection,
                story_audits,
                [{"story": story, "at": at, "input": input_digest, "signature": signature}],
            )
            self._put_scores(connection, result, at)
            self._put_findings(connection, result, at)
            return True

    def find(self, story: str, input_digest: str, signature: str) -> AuditResult | None:
        """What was found when the same was read in the same way, if ever.

        Raises InputError if what is stored cannot be read.
        """
        query = select(audits.c.result).where(
            audits.c.story == story,
            audits.c.input == input_digest,
            audits.c.signature == signature,
        )
        with self._store.reading() as connection:
            data = connection.execute(query).scalar()
        if data is None:
            return None
        source = f"{self._store.place}, story {story}"
        try:
            text = unpacked(data)
        except (zlib.error, UnicodeDecodeError) as e:
            raise InputError(source, f"what is stored of it is damaged: {e}") from e
        return loads(text, source)

    def last(self, story: str) -> AuditResult | None:
        """The newest result of a story. Raises InputError if it cannot be read."""
        with self._store.reading() as connection:
            last = self._last(connection, story)
        return None if last is None else self.find(story, last.input, last.signature)

    def last_read(self, story: str) -> tuple[str, str] | None:
        """What was read for the newest result of a story, and its signature."""
        with self._store.reading() as connection:
            last = self._last(connection, story)
        return None if last is None else (last.input, last.signature)

    def audited(self, since: datetime) -> list[str]:
        """The stories with a result of that time or later."""
        query = select(story_audits.c.story).where(story_audits.c.at >= since).distinct()
        with self._store.reading() as connection:
            return sorted(connection.execute(query).scalars())

    def findings(
        self,
        *,
        story: str | None = None,
        since: datetime | None = None,
        states: Sequence[State] = ("new", "persisting", "mended"),
    ) -> list[StoredFinding]:
        """Faults in these states, of a story or of all; `since` asks for what became so since."""
        query = select(findings).where(findings.c.state.in_(states))
        if story is not None:
            query = query.where(findings.c.story == story)
        if since is not None:
            query = query.where(findings.c.since >= since)
        query = query.order_by(findings.c.story, findings.c.version, findings.c.fault)
        with self._store.reading() as connection:
            return [_finding(row) for row in connection.execute(query)]

    def appeared(
        self,
        severity: Severity,
        since: datetime | None,
        outlets: Collection[str],
        feeds: Collection[str],
    ) -> list[tuple[StoredFinding, str, str]]:
        """Faults of a severity that came, or came back, after a time (ever, if None) and are still
        there, in articles of these outlets or from these feeds; each with the outlet and the URL
        of its article."""
        after = since or datetime.min.replace(tzinfo=UTC)
        is_back = (findings.c.state == "new") & (findings.c.since > after)
        query = (
            select(findings, versions.c.outlet, versions.c.url)
            .join(versions, versions.c.id == findings.c.version)
            .where(
                findings.c.severity == severity,
                findings.c.state != "mended",
                (findings.c.first_seen > after) | is_back,
                versions.c.outlet.in_(outlets) | versions.c.feed.in_(feeds),
            )
            .order_by(findings.c.story, findings.c.version, findings.c.fault)
        )
        with self._store.reading() as connection:
            return [(_finding(row), row.outlet, row.url) for row in connection.execute(query)]

    def worst(self, state: State, since: datetime, most: int) -> list[StoredFinding]:
        """The most severe faults that entered a state at or after a time, of equally severe ones
        the surest; not more than `most`."""
        grave = case({s: i for i, s in enumerate(SEVERITIES)}, value=findings.c.severity)
        query = (
            select(findings)
            .where(findings.c.state == state, findings.c.since >= since)
            .order_by(
                grave.desc(), findings.c.confidence.desc(), findings.c.version, findings.c.fault
            )
            .limit(most)
        )
        with self._store.reading() as connection:
            return [_finding(row) for row in connection.execute(query)]

    def counts(self, since: datetime) -> dict[State, int]:
        """How many faults entered each state at or after a time; states without any left out."""
        query = (
            select(findings.c.state, func.count())
            .where(findings.c.since >= since)
            .group_by(findings.c.state)
        )
        with self._store.reading() as connection:
            return {row.state: row[1] for row in connection.execute(query)}

    def scores(
        self, *, outlet: str | None = None, since: datetime | None = None
    ) -> list[StoredScore]:
        """Scores over time, oldest first, of an outlet or of all."""
        query = select(scores).order_by(scores.c.at, scores.c.version)
        if outlet is not None:
            query = query.where(scores.c.outlet == outlet)
        if since is not None:
            query = query.where(scores.c.at >= since)
        with self._store.reading() as connection:
            return [StoredScore(**row) for row in connection.execute(query).mappings()]

    def changes(self, ids: Sequence[str], since: datetime) -> dict[str, dict[State, int]]:
        """How many faults of each of these versions became new or mended at or after a time;
        versions without any left out."""
        found: defaultdict[str, dict[State, int]] = defaultdict(dict)
        with self._store.reading() as connection:
            for at in range(0, len(ids), CHUNK):
                query = (
                    select(findings.c.version, findings.c.state, func.count())
                    .where(
                        findings.c.version.in_(ids[at : at + CHUNK]),
                        findings.c.since >= since,
                        findings.c.state != "persisting",
                    )
                    .group_by(findings.c.version, findings.c.state)
                    .order_by(findings.c.version, findings.c.state)
                )
                for version, state, number in connection.execute(query):
                    found[version][state] = number
        return dict(found)

    def grave(self, at: datetime) -> int:
        """In how many stories audited at that time a critical fault was found."""
        query = select(func.count(findings.c.story.distinct())).where(
            findings.c.last_seen == at,
            findings.c.severity == "critical",
            findings.c.state != "mended",
        )
        with self._store.reading() as connection:
            return connection.execute(query).scalar_one()

    def lowest(self, since: datetime) -> list[str]:
        """The stories audited at or after a time, those first whose newest scores have the lowest
        one; those that have become part of another left out."""
        newest = (
            select(story_audits.c.story, func.max(story_audits.c.at).label("at"))
            .where(story_audits.c.at >= since)
            .group_by(story_audits.c.story)
            .subquery()
        )
        query = (
            select(scores.c.story)
            .join(newest, (newest.c.story == scores.c.story) & (newest.c.at == scores.c.at))
            .outerjoin(stories, stories.c.id == scores.c.story)
            .where(stories.c.merged_into.is_(None))
            .group_by(scores.c.story)
            .order_by(func.min(scores.c.value), scores.c.story)
        )
        with self._store.reading() as connection:
            return list(connection.execute(query).scalars())

    def _last(self, connection: Connection, story: str) -> Any:
        return connection.execute(
            select(story_audits)
            .where(story_audits.c.story == story)
            .order_by(story_audits.c.at.desc())
            .limit(1)
        ).first()

    def _put_scores(self, connection: Connection, result: AuditResult, at: datetime) -> None:
        same_time = (scores.c.story == result.story, scores.c.at == at)
        connection.execute(delete(scores).where(*same_time))
        put(
            connection,
            scores,
            [
                {
                    "version": v.version.id,
                    "at": at,
                    "story": result.story,
                    "outlet": v.version.outlet,
                    "value": v.score.value,
                    "low": v.score.low,
                    "high": v.score.high,
                    "words": v.score.words,
                    "compared": v.compared,
                    "mt_likelihood": v.mt_likelihood,
                    "fluency": v.fluency,
                }
                for v in result.versions
            ],
        )

    def _put_findings(self, connection: Connection, result: AuditResult, at: datetime) -> None:
        known = self._known(connection, [v.version.id for v in result.versions], at)
        named = faults_of(result.found)
        shown, dismissed = set(result.findings), {s.finding for s in result.suppressed}
        found = {(f.version, fault): f for f, fault in named if f in shown}
        rows = []
        for key, f in found.items():
            before = known.get(key)
            state: State = "new" if before is None or _is_closed(before, at) else "persisting"
            rows.append(
                {
                    "version": f.version,
                    "fault": key[1],
                    "story": result.story,
                    "category": f.category,
                    "severity": f.severity,
                    "confidence": f.confidence,
                    "quote": f.quote,
                    "finding": json.dumps(finding_to_dict(f)),
                    "state": state,
                    "since": before.since if before and before.state == state else at,
                    "first_seen": before.first_seen if before else at,
                    "last_seen": at,
                }
            )
        for version, fault in [(f.version, fault) for f, fault in named if f in dismissed]:
            # It is no fault, so it was not mended either.
            known.pop((version, fault), None)
            this = (findings.c.version == version) & (findings.c.fault == fault)
            connection.execute(delete(findings).where(this))
        gone = [row for key, row in known.items() if key not in found and row.state != "mended"]
        rows += [dict(row._mapping) | {"state": "mended", "since": at} for row in gone]
        put(connection, findings, rows)

    def _known(
        self, connection: Connection, versions: Sequence[str], at: datetime
    ) -> dict[tuple[str, str], Any]:
        """The faults known of versions before that time; what was first seen then is dropped."""
        known: dict[tuple[str, str], Any] = {}
        for i in range(0, len(versions), CHUNK):
            own = findings.c.version.in_(versions[i : i + CHUNK])
            connection.execute(delete(findings).where(own, findings.c.first_seen == at))
            rows = connection.execute(select(findings).where(own))
            known |= {(row.version, row.fault): row for row in rows}
        return known


def _is_closed(row: Any, at: datetime) -> bool:
    """Whether a fault was mended before that time, also if it was found again at that time."""
    if row.state == "mended":
        return bool(row.since != at)
    return bool(row.state == "new" and row.since == at)


def _finding(row: Any) -> StoredFinding:
    return StoredFinding(
        row.version,
        row.fault,
        row.story,
        row.state,
        row.since,
        row.first_seen,
        row.last_seen,
        finding_from_dict(json.loads(row.finding)),
    )
