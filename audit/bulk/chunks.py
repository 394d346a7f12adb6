"""Chunks of stories, each audited as one: JSON lines in input order.

A story that cannot be read or audited costs its own line alone: an error object
`{"error": {"kind", "message"}, "line", "story"}` stands in its place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from audit.bulk.table import Lines
from audit.errors import AuditError, ConfigurationError, InputError, ModelError
from audit.ingest.bulk import BulkStory
from audit.model import AuditResult, Version
from audit.report.json import bulk_line, line

__all__ = [
    "Audited",
    "Auditor",
    "Chunk",
    "Read",
    "Summary",
    "audit_chunk",
    "chunks",
    "joined",
    "refused",
    "write",
]

log = logging.getLogger(__name__)

CHUNK_STORIES = 32
CHUNK_CHARS = 200_000
"""A chunk shares model calls; it ends at either limit, so memory and delay stay bounded. Where
chunks end depends on the input alone, so that it is read alike whoever audits it."""

Read = tuple[int, BulkStory | InputError]
"""The number of a line or row, and its story or why it cannot be read."""


class Auditor(Protocol):
    """What an audit of chunks needs of the engine."""

    def audit_many(
        self, batch: Sequence[tuple[str, Sequence[Version]]]
    ) -> Sequence[AuditResult | Exception]:
        """One result or exception for each (story id, versions), in order."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Stories that follow one another in the input."""

    stories: tuple[Read, ...]

    def digest(self) -> str:
        """Sixteen hexadecimal digits that change when anything in the chunk does."""
        return sha256(repr(self.stories).encode()).hexdigest()[:16]

    def alone(self) -> list[Chunk]:
        """Each story as a chunk of its own."""
        return [Chunk((story,)) for story in self.stories]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many lines gave a result and how many an error; what was shown, by severity."""

    done: int = 0
    failed: int = 0
    findings: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: Summary) -> Summary:
        severities = {*self.findings, *other.findings}
        return Summary(
            self.done + other.done,
            self.failed + other.failed,
            {s: self.findings.get(s, 0) + other.findings.get(s, 0) for s in severities},
        )

    @property
    def stories(self) -> int:
        """How many there were."""
        return self.done + self.failed


@dataclass(frozen=True, slots=True)
class Audited:
    """A chunk's JSON lines, one a story, and what they amount to; `chunk` is its digest."""

    chunk: str
    lines: bytes
    summary: Summary


def chunks(stories: Iterable[Read]) -> Iterator[Chunk]:
    """The stories in chunks."""
    some: list[Read] = []
    chars = 0
    for number, story in stories:
        some.append((number, story))
        if not isinstance(story, InputError):
            chars += sum(len(v.text) for v in story.versions)
        if len(some) >= CHUNK_STORIES or chars >= CHUNK_CHARS:
            yield Chunk(tuple(some))
            some, chars = [], 0
    if some:
        yield Chunk(tuple(some))


def audit_chunk(chunk: Chunk, engine: Auditor) -> Audited:
    """Audit every story of a chunk. A wrong setting or a missing model is raised, as
    ConfigurationError or ModelError."""
    lines: list[bytes] = []
    summary = Summary()
    for number, story, result in _results(chunk.stories, engine):
        if isinstance(result, AuditResult):
            try:
                lines.append(bulk_line(result))
            except ValueError as e:
                result = e
            else:
                summary += Summary(1, 0, _counted(result))
                continue
        summary += Summary(0, 1)
        lines.append(_error_line(number, story, result))
    return Audited(chunk.digest(), b"".join(lines), summary)


def refused(chunk: Chunk, error: Exception) -> Audited:
    """What stands for a chunk that could not be audited: an error line for each of its stories."""
    lines = [
        _error_line(number, None, story)
        if isinstance(story, InputError)
        else _error_line(number, story.id, error)
        for number, story in chunk.stories
    ]
    return Audited(chunk.digest(), b"".join(lines), Summary(0, len(lines)))


def joined(chunk: Chunk, parts: Sequence[Audited]) -> Audited:
    """The parts of a chunk that was audited in parts."""
    lines = b"".join(part.lines for part in parts)
    return Audited(chunk.digest(), lines, sum((part.summary for part in parts), Summary()))


def write(
    results: Iterable[Audited], out: Lines, progress: Callable[[int], None] | None = None
) -> Summary:
    """Write the lines of every chunk; `progress` is called with their number after each."""
    summary = Summary()
    for result in results:
        out.write(result.lines)
        out.flush()
        summary += result.summary
        if progress:
            progress(summary.stories)
    return summary


def _counted(result: AuditResult) -> dict[str, int]:
    findings: dict[str, int] = {}
    for finding in result.shown:
        findings[finding.severity] = findings.get(finding.severity, 0) + 1
    return findings


def _results(
    stories: Sequence[Read], engine: Auditor
) -> Iterator[tuple[int, str | None, AuditResult | Exception]]:
    batch = [(s.id, s.versions) for _, s in stories if not isinstance(s, InputError)]
    results = iter(_audit_many(batch, engine) if batch else ())
    for number, story in stories:
        if isinstance(story, InputError):
            yield number, None, story
        else:
            yield number, story.id, next(results)


def _audit_many(
    batch: Sequence[tuple[str, Sequence[Version]]], engine: Auditor
) -> Sequence[AuditResult | Exception]:
    try:
        return engine.audit_many(batch)
    except (ConfigurationError, ModelError):
        raise
    except Exception as e:  # noqa: BLE001 - what one story breaks must not cost the others
        if len(batch) == 1:
            return [e]
        log.info("a chunk of %d stories failed as a whole; auditing each alone", len(batch))
        return [_audit_many([story], engine)[0] for story in batch]


def _error_line(number: int, story: str | None, error: Exception) -> bytes:
    if isinstance(error, InputError) and story is None:
        log.warning("%s", error)  # its text names file and line
    elif isinstance(error, AuditError):
        log.warning("line %d: %s", number, error)
    else:
        log.error("line %d, story %r: unexpected error", number, story, exc_info=error)
    return line(
        {
            "error": {"kind": type(error).__name__, "message": str(error)},
            "line": number,
            "story": story,
        }
    )
