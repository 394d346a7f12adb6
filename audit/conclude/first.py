"""One text that is asked about, beside other versions that may report another story."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from audit.align.strangers import NOT_THIS_STORY
from audit.errors import InputError
from audit.model import AuditResult, Skipped, Version

__all__ = ["audit_first"]


def audit_first(
    audit: Callable[[Sequence[Version]], AuditResult], versions: Sequence[Version]
) -> AuditResult:
    """What an audit finds where the first of some versions is asked about, beside the others.

    It is audited alone if they report another story, and the result says so. Raises InputError if
    it cannot be scored.
    """
    own = versions[0].id
    result = audit(versions)
    if own in {v.version.id for v in result.versions}:
        return result
    why = next(s.why for s in result.skipped if s.why.startswith(f"{own}: "))
    if NOT_THIS_STORY not in why:
        raise InputError(own, why.removeprefix(f"{own}: "))
    alone = audit(versions[:1])
    note = Skipped("comparison", f"{own}: checked alone: the other versions report another story")
    return replace(alone, skipped=(*alone.skipped, note))
