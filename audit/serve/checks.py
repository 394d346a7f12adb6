"""What a spot check does: reads its versions, then has them audited, rules first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from audit.conclude.first import audit_first
from audit.config import Settings
from audit.errors import InputError
from audit.ingest.fetch import Fetcher
from audit.ingest.read import read_file, read_text, read_version
from audit.model import AuditResult, Version
from audit.pipeline import STAGES
from audit.serve.auditor import Auditor, Tell
from audit.serve.called import Asked, Called, distinct
from audit.serve.cards import findings_of, text_digest
from audit.serve.errors import failure_of
from audit.serve.queue import FairQueue
from audit.serve.schemas import Phase, SpotVersion
from audit.serve.spots import Spot

MAX_CHARS = 150_000
"""Longest texts of one request together, characters: some 25,000 words, two minutes of one
processor's work. Longer ones are for `mtaudit bulk`."""

Audit = Callable[[str, Sequence[Version], Tell], AuditResult]


def read_spot(given: Sequence[SpotVersion], settings: Settings, fetcher: Fetcher) -> Asked:
    """The versions of a spot check; pages are fetched. Raises InputError.

    The id of a text follows from what it says, so that a verdict on it holds for no other. The
    story is what `mtaudit check` takes for it: the name of the file, or the address; of a text that
    was pasted it is the text's own id.
    """
    versions: list[Version] = []
    names: dict[str, str] = {}
    for number, one in enumerate(given, 1):
        if one.url is not None:
            if not one.url.lower().startswith(("http://", "https://")):
                raise InputError(one.url, "give an address that begins with http:// or https://")
            version = read_version(one.url, settings, fetcher)
        else:
            name = one.name or "text"
            if one.data is None:
                read = read_text(name, one.text or "")
            else:
                read = read_file(name, one.data, settings)
            version = replace(read, id=f"{read.id}-{text_digest(read.text)}")
        if version.id in {v.id for v in versions}:
            version = replace(version, id=f"{version.id} ({number})")
        called = version.id if one.url is not None else one.name or f"Text {number}"
        names[version.id] = distinct(called, names)
        versions.append(version)
    story = versions[0].id if given[0].name is None else given[0].name
    return Asked(story, tuple(versions), Called(names))


def is_too_long(versions: Sequence[Version]) -> bool:
    """Whether the texts are more than one request may bring."""
    return sum(len(v.text) for v in versions) > MAX_CHARS


def begin(
    spot: Spot,
    asked: Asked,
    queue: FairQueue,
    auditor: Auditor,
    client: str,
    *,
    second: FairQueue | None = None,
    siblings: Callable[[Version], Sequence[Version]] | None = None,
    counted: Callable[[AuditResult], None] = lambda _: None,
) -> None:
    """Let a spot check wait for its turn. Raises QueueFull.

    `second` is where the second reader works after all else, if there is one. `siblings` finds more
    versions before the audit; `counted` is given the full result.
    """

    def rules() -> None:
        with _ending(spot, asked.called):
            whole = asked
            if siblings:
                spot.progress(phase="rules", stage="siblings", done=0, of=len(STAGES))
                more = siblings(asked.versions[0])
                called = asked.called.with_siblings(more)
                whole = replace(asked, versions=(*asked.versions, *more), called=called)
            _audit(spot, "rules", auditor.rules, whole)
            queue.submit(client, lambda: full(whole), admitted=True)

    def full(whole: Asked) -> None:
        with _ending(spot, whole.called):
            result = _audit(spot, "all", auditor.full, whole)
            if second is not None:
                second.submit(client, lambda: read_again(whole), admitted=True)
                return
            counted(result)
            spot.end()

    def read_again(whole: Asked) -> None:
        with _ending(spot, whole.called):
            counted(_audit(spot, "second reader", auditor.second, whole))
            spot.end()

    queue.submit(client, rules, quick=True)


@contextmanager
def _ending(spot: Spot, called: Called) -> Iterator[None]:
    """Ends the spot check with what went wrong in the block."""
    try:
        yield
    except Exception as e:  # noqa: BLE001 - whatever it is, who listens must be told
        spot.end(called.failure(failure_of(e)))


def _audit(spot: Spot, phase: Phase, audit: Audit, asked: Asked) -> AuditResult:
    """Audit and tell; the first version alone if the others report another story."""
    names = [s.name for s in STAGES]

    def tell(stage: str) -> None:
        spot.progress(phase=phase, stage=stage, done=names.index(stage), of=len(names))

    result = audit_first(lambda beside: audit(asked.story, beside, tell), asked.versions)
    shown = asked.called.result(result)
    spot.found(findings_of(asked, shown, phase), result, shown)
    return result
