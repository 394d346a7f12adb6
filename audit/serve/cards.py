"""A result as the page shows it: each version with its text and its findings as cards."""

from __future__ import annotations

import hashlib

from audit.model import AuditResult
from audit.report.html import SIGN
from audit.report.shown import Fault, View
from audit.report.view import prepare, unchecked
from audit.serve.called import Asked
from audit.serve.schemas import CardOut, FindingsOut, Phase, SheetOut, SkippedOut, WordingOut


def findings_of(asked: Asked, shown: AuditResult, phase: Phase) -> FindingsOut:
    """A result that has the names of versions (`Called.result`), for the page; its sheets in the
    order in which the versions were given."""
    view, faults = prepare(shown), shown.faults
    left_out = unchecked(shown, view.versions, {v.id: v.name for v in view.versions})
    place = {v.id: i for i, v in enumerate(asked.versions)}
    sheets = [
        SheetOut(
            id=asked.called.id(v.id),
            name=v.name,
            outlet=v.result.version.outlet,
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
        for v in sorted(view.versions, key=lambda v: place[asked.called.id(v.id)])
    ]
    return FindingsOut(
        phase=phase,
        story=asked.story,
        verdict="".join(p.text for p in view.verdict),
        sheets=sheets,
        skipped=[SkippedOut(stage=stage, why=why) for stage, why in left_out],
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
        found_by=f.found_by,
        label=fault.category.label,
        meaning=fault.category.meaning,
        message=fault.message,
        suggestion=None if fault.disputed else f.suggestion,
        disputed=fault.disputed,
        says_what_to_do=fault.says_what_to_do,
        witnesses=[
            WordingOut(
                text=w.text,
                versions=[
                    "this text" if v == f.version else view.version(v).name for v in w.versions
                ],
            )
            for w in fault.witnesses
        ],
        rule=f.rule,
        measures="; ".join(measures),
        suspicion=fault.is_suspicion,
    )
