"""Many stories in one process: JSON lines in, JSON lines out, in input order.

A story that cannot be read or audited costs its own line alone: an error object
`{"error": {"kind", "message"}, "line", "story"}` stands in its place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

from audit.errors import AuditError, ConfigurationError, InputError, ModelError
from audit.model import AuditResult, Version
from audit.report.json import bulk_line, line

log = logging.getLogger(__name__)

CHUNK_STORIES = 32
CHUNK_CHARS = 200_000
"""A chunk shares model calls; it ends at either limit, so memory and delay stay bounded."""


class BulkStory(Protocol):
    """A story read from one input line."""

    @property
    def id(self) -> str:
        """The story's id."""

    @property
    def versions(self) -> Sequence[Version]:
        """Its versions, one at least."""


class Auditor(Protocol):
    """What `bulk` needs of the engine."""

    def audit_many(
        self, batch: Sequence[tuple[str, Sequence[Version]]]
    ) -> Sequence[AuditResult | Exception]:
        """One result or exception for each (story id, versions), in order."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many lines gave a result and how many an error; what was shown, by severity."""

    done: int
    failed: int
    findings: dict[str, int]


def run(
    stories: Iterable[tuple[int, BulkStory | InputError]],
    out: IO[bytes],
    engine: Auditor,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Audit every story and write one line for each.

    `stories` are (line number, story or why the line cannot be read); `progress` is called with the
    number of lines written after each chunk. A wrong setting or a missing model ends the run.
    """
    done = failed = 0
    findings: dict[str, int] = {}
    for chunk in _chunks(stories):
        for number, story, result in _audited(chunk, engine):
            if isinstance(result, AuditResult):
                try:
                    out.write(bulk_line(result))
                except ValueError as e:
                    result = e
                else:
                    done += 1
                    for finding in result.shown:
                        findings[finding.severity] = findings.get(finding.severity, 0) + 1
                    continue
            failed += 1
            out.write(_error_line(number, story, result))
        out.flush()
        if progress:
            progress(done + failed)
    return Summary(done, failed, findings)


def _chunks(
    stories: Iterable[tuple[int, BulkStory | InputError]],
) -> Iterator[list[tuple[int, BulkStory | InputError]]]:
    chunk: list[tuple[int, BulkStory | InputError]] = []
    chars = 0
    for number, story in stories:
        chunk.append((number, story))
        if not isinstance(story, InputError):
            chars += sum(len(v.text) for v in story.versions)
        if len(chunk) >= CHUNK_STORIES or chars >= CHUNK_CHARS:
            yield chunk
            chunk, chars = [], 0
    if chunk:
        yield chunk


def _audited(
    chunk: Sequence[tuple[int, BulkStory | InputError]], engine: Auditor
) -> Iterator[tuple[int, str | None, AuditResult | Exception]]:
    batch = [(s.id, s.versions) for _, s in chunk if not isinstance(s, InputError)]
    results = iter(_audit_many(batch, engine) if batch else ())
    for number, story in chunk:
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
