"""Tense, aspect and modality of linked verbs.

Two verbs are compared if their words are linked, or if they are forms of one verb at one place.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from audit.compare.claims.cell_pair import STOPS, CellPair, Shift
from audit.model import Language, Measure, Severity, VerbGroup

__all__ = ["tenses"]

ALIKE = 0.5
"""Least cosine of two different verbs whose tenses are compared: "thinks" and "believed" .6."""

BESIDE = 0.25
"""Least evidence of place for two verbs that have no link."""


class _Verbs(NamedTuple):
    """Our verb group `a`, theirs `b`, their verbs' forms; `same` if these are of one verb."""

    a: VerbGroup
    b: VerbGroup
    forms: tuple[str, str]
    same: bool


Difference = tuple[Severity, str]
"""How badly two verb groups differ, and how."""


def tenses(pair: CellPair) -> Iterator[Shift]:
    """A verb whose time, course or certainty is another in the other cell."""
    seen: set[int] = set()
    for i, j in [*pair.match.pairs, *_alone(pair)]:
        verbs = _verbs(pair, i, j)
        if verbs is None or verbs.a.start in seen:
            continue
        measure = _measure(pair, i, j, verbs)
        difference = _difference(pair.language, verbs)
        if measure is None or difference is None:
            continue
        severity, states = difference
        if severity == "minor" and _may_be_shifted(pair, verbs):
            continue
        a, b, same = verbs.a, verbs.b, verbs.same
        seen.add(a.start)
        yield Shift(
            "tense",
            (a.start, a.end),
            (b.start, b.end),
            severity,
            0.6 + 0.2 * same + 0.2 * (a.sure and b.sure),
            measure,
            states,
            swap=same,
        )


def _alone(pair: CellPair) -> list[tuple[int, int]]:
    """The only two verbs without a link, if linked words stand beside them."""
    ours, theirs = _unlinked(pair), _unlinked(pair.flipped)
    if len(ours) != 1 or len(theirs) != 1:
        return []
    a, b = ours.pop(), theirs.pop()
    return [(a.verb, b.verb)] if pair.same_place(a.verb, b.verb) >= BESIDE else []


def _unlinked(pair: CellPair) -> set[VerbGroup]:
    """Our finite verb groups of which no word is linked."""
    return {
        g
        for g in pair.verbs.values()
        if g.tense != "none" and not any(pair.partners(k) for k in range(g.start, g.end))
    }


def _verbs(pair: CellPair, i: int, j: int) -> _Verbs | None:
    """The verb groups of our token and of theirs; None where one of them belongs to none."""
    a, b = _group(pair, i), _group(pair.flipped, j)
    if a is None or b is None:
        return None
    forms = pair.ours[a.verb], pair.theirs[b.verb]
    bases = [pair.language.base_forms(f) for f in forms]
    return _Verbs(a, b, forms, same=bool(bases[0] & bases[1]))


def _group(pair: CellPair, i: int) -> VerbGroup | None:
    """The verb group of our token; a plain form linked to a form of the same verb is a verb too."""
    if i in pair.verbs:
        return pair.verbs[i]
    language, form = pair.language, pair.ours[i]
    if not language.may_be_plain_verb(form, pair.ours[i - 1] if i else ""):
        return None
    linked = [pair.theirs[j] for j in pair.partners(i)]
    bases = language.base_forms(form)
    related = any(
        bases & language.base_forms(f) - {form} or (form in language.base_forms(f) and form != f)
        for f in linked
    )
    if related and all(map(language.is_verb_form, linked)):
        return VerbGroup(i, i + 1, i, "present", sure=False)
    return None


def _measure(pair: CellPair, i: int, j: int, verbs: _Verbs) -> Measure | None:
    """What shows that two verbs stand for one another; None if nothing does."""
    a, b = verbs.a, verbs.b
    times = {_time(pair.language, a), _time(pair.language, b)}
    if verbs.same or times == {"future", "past"} or (a.passive and b.passive):
        if j not in pair.partners(i):
            return Measure("same-place evidence", pair.same_place(i, j), BESIDE)
        links = set(pair.counterparts(range(a.start, a.end))) & set(range(b.start, b.end))
        return Measure("linked words of the verbs", len(links), 1)
    copulas = pair.language.words("copulas")
    if any(pair.language.base_forms(f) & copulas for f in verbs.forms):
        return None
    likeness = pair.likeness(i, j)
    if (i, j) != (a.verb, b.verb) or likeness < ALIKE:
        return None
    return Measure("verb likeness", round(likeness, 3), ALIKE)


def _may_be_shifted(pair: CellPair, verbs: _Verbs) -> bool:
    """Whether two groups differ as reported speech may: its tense may shift back or stay."""
    if verbs.a.progressive != verbs.b.progressive:
        return False
    return _follows_report(pair.language, pair.ours[: verbs.a.start]) or _follows_report(
        pair.language, pair.theirs[: verbs.b.start]
    )


def _follows_report(language: Language, before: Sequence[str]) -> bool:
    """Whether what stands before a verb reports speech within the clause."""
    clause = itertools.takewhile(lambda f: f not in STOPS, reversed(before))
    return any(language.base_forms(f) & language.words("reports") for f in clause)


def _difference(language: Language, verbs: _Verbs) -> Difference | None:
    """How two verb groups differ; None if a careful reader may take them alike."""
    a, b, forms, same = verbs
    if "none" in (a.tense, b.tense) or _is_participle_of(a, b):
        return None
    x, y = _time(language, a), _time(language, b)
    times = f"In the {x} here, in the {y} there"
    if {x, y} == {"future", "past"}:
        return "major", times
    if {x, y} == {"present", "past"}:
        return ("minor", times) if a.perfect == b.perfect and (same or not a.perfect) else None
    if {x, y} == {"future", "present"}:
        return None if {*forms} & language.words("expectations") else ("minor", times)
    certain, possible = language.words("certain_modals"), language.words("possible_modals")
    if any(m.tense in certain and n.tense in possible for m, n in ((a, b), (b, a))):
        return "major", "Certain or possible"
    shifts = language.phrases("modal_shifts", a.tense), language.phrases("modal_shifts", b.tense)
    if same and ((b.tense,) in shifts[0] or (a.tense,) in shifts[1]):
        return "minor", "Another certainty"
    if x != y or a.tense != b.tense:
        return None
    return _aspect(language, verbs)


def _aspect(language: Language, verbs: _Verbs) -> Difference | None:
    """Groups of one tense that differ in perfect or progressive."""
    a, b, forms, same = verbs
    if a.progressive != b.progressive and not a.perfect and not b.perfect:
        stative = any(language.base_forms(f) & language.words("states") for f in forms)
        if a.tense == "past" or (same and a.tense == "present" and stative):
            return "minor", f"In progress {'here' if a.progressive else 'there'} only"
    if a.perfect == b.perfect or {*forms} & language.words("perfect_pasts"):
        return None
    if same or a.passive:
        return "minor", f"Perfect tense {'here' if a.perfect else 'there'} only"
    return None


def _is_participle_of(a: VerbGroup, b: VerbGroup) -> bool:
    """Whether one side may be the bare participle of the other's passive: "motivated", "is …"."""
    return any(
        not g.sure
        and g.start == g.verb
        and g.tense == "past"
        and other.passive
        and not other.perfect
        for g, other in ((a, b), (b, a))
    )


def _time(language: Language, group: VerbGroup) -> str:
    return "future" if group.tense in language.words("future_modals") else group.tense
