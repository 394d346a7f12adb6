"""What `check` does: one text is audited beside its witnesses, and reported on alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from audit.errors import InputError
from audit.model import Skipped

if TYPE_CHECKING:
    from audit.cli.input import Checked
    from audit.model import AuditResult
    from audit.pipeline import Engine


def checked(read: Checked, auditor: Engine) -> AuditResult:
    """What is found in the text; its story is the text's id.

    Raises InputError if the text cannot be scored.
    """
    own = read.version.id
    result = auditor.audit(own, [read.version, *read.witnesses])
    if own not in {v.version.id for v in result.versions}:
        why = next(s.why for s in result.skipped if s.why.startswith(f"{own}: "))
        if "not this story" not in why:
            raise InputError(own, why.removeprefix(f"{own}: "))
        why = f"{own}: checked alone: the other versions report another story"
        result = auditor.audit(own, [read.version])
        result = replace(result, skipped=(*result.skipped, Skipped("comparison", why)))
    return replace(result, skipped=(*read.skipped, *result.skipped)).of_version(own)
