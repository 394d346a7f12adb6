"""A result as the page shows it: each version with its text and its findings as cards."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

from audit.model import AuditResult
from audit.report.html import SIGN
from audit.report.shown import Fault, View
from audit.report.view import prepare
from audit.serve.schemas import CardOut, FindingsOut, SheetOut, SkippedOut, WordingOut


def findings_of(
    result: AuditResult, phase: Literal["rules", "all"], order: Sequence[str]
) -> FindingsOut:
    """The result for the page; sheets in the order of these version ids."""
    view, faults = prepare(result), result.faults
    place = {version: i for i, version in enumerate(order)}
    sheets = [
        SheetOut(
            id=v.id,
            name=v.name,
            digest=text_digest(v.result.version.text),
            text=v.result.version.text,
            language=v.language,
            score=v.result.score.value,
            tally=v.tally,
            cards=[
                _card(view, fault, faults[fault.finding])
                for fault in (*view.faults, *view.suspicions)
                if fault.version is v
            ],
        )
        for v in sorted(view.versions, key=lambda v: place.get(v.id, len(place)))
    ]
    return FindingsOut(
        phase=phase,
        verdict="".join(p.text for p in view.verdict),
        sheets=sheets,
        skipped=[SkippedOut(stage=stage, why=why) for stage, why in view.unchecked],
    )


def text_digest(text: str) -> str:
    """Sixteen hexadecimal digits that change when the text does."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()


def _card(view: View, fault: Fault, name: str) -> CardOut:
    f = fault.finding
    measures = (
        f"{m.name.replace('_', ' ')} {m.value:.3g}, threshold {m.threshold:.3g}" for m in f.measures
    )
    return CardOut(
        fault=name,
        start=f.start,
        end=f.end,
        quote=fault.quote,
        severity=f.severity,
        sign=SIGN[f.severity],
        percent=fault.percent,
        label=fault.category.label,
        meaning=fault.category.meaning,
        message=fault.message,
        suggestion=f.suggestion,
        disputed=fault.disputed,
        witnesses=[
            WordingOut(text=w.text, versions=[view.version(v).name for v in w.versions])
            for w in fault.witnesses
        ],
        rule=f.rule,
        measures="; ".join(measures),
        suspicion=fault.is_suspicion,
    )
