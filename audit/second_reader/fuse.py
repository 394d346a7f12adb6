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
    message = f"Second reader: {reason}"
    if remark.suggestion:
        message += f" Write {quoted(remark.suggestion)}."
    elif remark.suggestion == "":
        message += " Delete it."
    return Finding(
        version=remark.version,
        start=remark.start,
        end=remark.end,
        quote=remark.quote,
        category=remark.category,
        severity=remark.severity,
        confidence=confidence,
        message=message,
        rule=remark.category,
        measures=(Measure(SECOND_READER, confidence, SUSPICION),),
        suggestion=remark.suggestion,
        witnesses=(remark.witness,) if remark.witness else (),
    )


def fused(
    found: Iterable[Finding], remarks: Sequence[Finding], calibration: Calibration
) -> list[Finding]:
    """Findings and remarks with what each gains by the other.

    What both find is as certain as if either were enough (noisy or; Pearl 1988, 4.3.2); what one
    finds keeps its confidence. The message has the reasons of both. A model that was not measured
    adds its words and no confidence.
    """
    of_version: defaultdict[str, list[Finding]] = defaultdict(list)
    for r in remarks:
        of_version[r.version].append(r)
    out: list[Finding] = []
    both: dict[Finding, float] = {}
    for f in found:
        twins = [r for r in of_version[f.version] if same_fault(f, r)]
        if not twins:
            out.append(f)
            continue
        remark = twins[0]
        confidence = f.confidence
        if calibration.measured is not None:
            confidence = round(1 - (1 - f.confidence) * (1 - remark.confidence), 4)
        both |= {r: max(confidence, both.get(r, 0.0)) for r in twins}
        message = f"{f.message} {remark.message}"
        measures = (*f.measures, *remark.measures)
        out.append(replace(f, confidence=confidence, message=message, measures=measures))
    if calibration.measured is None:
        return [*out, *(r for r in remarks if r not in both)]
    return [*out, *(replace(r, confidence=both.get(r, r.confidence)) for r in remarks)]
