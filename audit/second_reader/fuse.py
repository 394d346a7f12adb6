"""Lays what the second reader remarks beside what the detectors found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from audit.conclude.merge import SUSPICION, same_fault
from audit.detect.base import quoted
from audit.model import CATEGORIES, SECOND_READER, Finding, Measure, Remark
from audit.second_reader.calibration import Calibration


def as_finding(remark: Remark, calibration: Calibration) -> Finding:
    """A remark as a finding of the rule of its category."""
    confidence = calibration.confidence(remark.category)
    reason = remark.why or CATEGORIES[remark.category].meaning
    return Finding(
        version=remark.version,
        start=remark.start,
        end=remark.end,
        quote=remark.quote,
        category=remark.category,
        severity=remark.severity,
        confidence=confidence,
        message=f"Second reader: {_sentence(reason)}",
        rule=remark.category,
        measures=(Measure(SECOND_READER, confidence, SUSPICION),),
        suggestion=remark.suggestion,
        witnesses=(remark.witness,) if remark.witness else (),
    )


def fused(
    found: Iterable[Finding], remarks: Sequence[Finding], calibration: Calibration
) -> list[Finding]:
    """Findings and remarks, with one finding of what both see.

    What both see is as certain as if either were enough (noisy or; Pearl 1988, 4.3.2). The more
    certain of the two says where it is, of what kind, and what to write; the message has the words
    of both. A model that was not measured adds its words and no confidence.
    """
    of_version: defaultdict[str, list[Finding]] = defaultdict(list)
    for r in remarks:
        of_version[r.version].append(r)
    out: list[Finding] = []
    met: set[Finding] = set()
    for f in found:
        twins = [r for r in of_version[f.version] if same_fault(f, r)]
        met.update(twins[:1] if calibration.measured else twins)
        out.append(_both(f, twins[0], calibration) if twins else f)
    return [*out, *(r for r in remarks if r not in met)]


def _both(finding: Finding, remark: Finding, calibration: Calibration) -> Finding:
    """What a rule and the second reader say of one fault, as one finding."""
    main, other, confidence = finding, remark, finding.confidence
    if calibration.measured is not None:
        confidence = round(1 - (1 - finding.confidence) * (1 - remark.confidence), 4)
        if remark.confidence > finding.confidence:
            main, other = remark, finding
    message = f"{_sentence(main.message)} {_sentence(other.message)}"
    if main.suggestion is not None and other.suggestion not in (None, "", main.suggestion):
        who = "The second reader" if other is remark else "The rules"
        message += f" {who} would write {quoted(other.suggestion or '')}."
    return replace(
        main,
        confidence=confidence,
        message=message,
        measures=(*finding.measures, *remark.measures),
        witnesses=tuple(dict.fromkeys((*main.witnesses, *other.witnesses))),
    )


def _sentence(text: str) -> str:
    """The text with a full stop behind."""
    return text if text.endswith((".", "?", "!")) else f"{text}."
