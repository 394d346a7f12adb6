"""Tense, aspect and modality of linked verbs.

Two verbs are compared if their words are linked, or if they are forms of one verb at one place.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from audit.compare.claims.cell_pair import STOPS, Facing, Shift
from audit.language.en.claims import irregular, listed
from audit.language.en.lexicon import words
from audit.language.en.verbs import MODALS, base_forms, groups
from audit.model import Severity, VerbGroup

__all__ = ["tenses"]

ALIKE = 0.5
"""Least cosine of two different verbs whose tenses are compared: "thinks" and "believed" .6."""

BESIDE = 0.25
"""Least evidence of place for two verbs that have no link."""

_CERTAIN = frozenset({"will", "must"})
_POSSIBLE = frozenset({"may", "could"})


def tenses(facing: Facing) -> Iterator[Shift]:
    """A verb whose time, course or certainty the other cell tells otherwise."""
    ours, theirs = groups(facing.ours), groups(facing.theirs)
    seen: set[int] = set()
    for i, j in [*facing.match.pairs, *_alone(facing, ours, theirs)]:
        a, b = _group(facing, i, ours), _group(facing.flipped, j, theirs)
        if a is None or b is None or a.start in seen:
            continue
        bases = base_forms(facing.ours[a.verb]), base_forms(facing.theirs[b.verb])
        same = bool(bases[0] & bases[1])
        if not same and not _comparable(facing, i, j, a, b):
            continue
        told = _difference(facing, a, b, same)
        if told is None or (told[0] == "minor" and _shiftable(a, b) and _reported(facing, a, b)):
            continue
        seen.add(a.start)
        severity, says = told
        yield Shift(
            "tense",
            (a.start, a.end),
            (b.start, b.end),
            severity,
            0.6 + 0.2 * same + 0.2 * (a.sure and b.sure),
            says,
            swap=same,
        )


def _alone(
    facing: Facing, ours: Mapping[int, VerbGroup], theirs: Mapping[int, VerbGroup]
) -> list[tuple[int, int]]:
    """The only two verbs without a link, if linked words stand beside them."""
    left = _unlinked(facing, ours), _unlinked(facing.flipped, theirs)
    if len(left[0]) != 1 or len(left[1]) != 1:
        return []
    a, b = left[0].pop(), left[1].pop()
    return [(a.verb, b.verb)] if facing.same_place(a.verb, b.verb) >= BESIDE else []


def _unlinked(facing: Facing, found: Mapping[int, VerbGroup]) -> set[VerbGroup]:
    """Our finite verb groups of which no word is linked."""
    return {
        g
        for g in found.values()
        if g.tense != "none" and not any(facing.partners(k) for k in range(g.start, g.end))
    }


def _comparable(facing: Facing, i: int, j: int, a: VerbGroup, b: VerbGroup) -> bool:
    """Whether two different verbs stand for one another: linked, alike, neither a form of "be"."""
    if {_time(a), _time(b)} == {"future", "past"}:
        return True
    if a.passive and b.passive:
        return True
    if "be" in base_forms(facing.ours[a.verb]) | base_forms(facing.theirs[b.verb]):
        return False
    return (i, j) == (a.verb, b.verb) and facing.likeness(i, j) >= ALIKE


def _shiftable(a: VerbGroup, b: VerbGroup) -> bool:
    """Whether two groups differ as reported speech may: not in being in progress."""
    return a.progressive == b.progressive


def _reported(facing: Facing, a: VerbGroup, b: VerbGroup) -> bool:
    """Whether one of two verbs stands in reported speech, whose tense may shift or stay."""
    return _after_report(facing.ours, a.start) or _after_report(facing.theirs, b.start)


def _after_report(forms: Sequence[str], place: int) -> bool:
    before = itertools.takewhile(lambda f: f not in STOPS, reversed(forms[:place]))
    return any(base_forms(f) & listed("reports") for f in before)


def _group(facing: Facing, i: int, found: Mapping[int, VerbGroup]) -> VerbGroup | None:
    """The verb group of our token; a plain form linked to a form of the same verb is a verb too."""
    if i in found:
        return found[i]
    form = facing.ours[i]
    before = facing.ours[i - 1] if i else ""
    if (
        before
        in words("determiners")
        | words("prepositions")
        | words("conjunctions")
        | {"'s"}
        | MODALS.keys()
    ):
        return None
    if not form.isalpha() or form.endswith("ing") or form in words("determiners"):
        return None
    bases = base_forms(form)
    related = any(
        bases & base_forms(facing.theirs[j]) - {form}
        or (form in base_forms(facing.theirs[j]) and form != facing.theirs[j])
        for j in facing.partners(i)
    )
    if related and all(_is_verb_form(facing.theirs[j]) for j in facing.partners(i)):
        return VerbGroup(i, i + 1, i, "present", sure=False)
    return None


def _is_verb_form(form: str) -> bool:
    return form in irregular() or form.endswith(("ed", "ing"))


def _difference(
    facing: Facing, a: VerbGroup, b: VerbGroup, same: bool
) -> tuple[Severity, str] | None:
    """How two verb groups differ, and how badly; None if a careful reader may take them alike."""
    forms = facing.ours[a.verb], facing.theirs[b.verb]
    if "none" in (a.tense, b.tense) or _participle_of(a, b):
        return None
    x, y = _time(a), _time(b)
    if {x, y} == {"future", "past"}:
        return "major", f"told as {x} here, as {y} there"
    if {x, y} == {"present", "past"}:
        if a.perfect == b.perfect and (same or not a.perfect):
            return "minor", f"told as {x} here, as {y} there"
        return None
    if {x, y} == {"future", "present"}:
        if {*forms} & listed("expectations"):
            return None
        return "minor", f"told as {x} here, as {y} there"
    if (a.tense in _CERTAIN and b.tense in _POSSIBLE) or (
        a.tense in _POSSIBLE and b.tense in _CERTAIN
    ):
        return "major", f"“{a.tense}” here, “{b.tense}” there"
    if same and {a.tense, b.tense} == {"will", "would"}:
        return "minor", f"“{a.tense}” here, “{b.tense}” there"
    if x != y or a.tense != b.tense:
        return None
    return _aspect(a, b, forms, same)


def _aspect(
    a: VerbGroup, b: VerbGroup, forms: tuple[str, str], same: bool
) -> tuple[Severity, str] | None:
    """Groups of one tense that differ in perfect or progressive."""
    if a.progressive != b.progressive and not a.perfect and not b.perfect:
        stative = any(base_forms(f) & listed("states") for f in forms)
        if a.tense == "past" or (same and a.tense == "present" and stative):
            return "minor", "in progress " + ("here" if a.progressive else "there") + " only"
    if a.perfect != b.perfect and (same or a.passive) and "had" not in forms:
        return "minor", "perfect " + ("here" if a.perfect else "there") + " only"
    return None


def _participle_of(a: VerbGroup, b: VerbGroup) -> bool:
    """Whether one side may be the bare participle of the other's passive: "motivated", "is …"."""
    return any(
        not g.sure
        and g.start == g.verb
        and g.tense == "past"
        and other.passive
        and not other.perfect
        for g, other in ((a, b), (b, a))
    )


def _time(group: VerbGroup) -> str:
    return "future" if group.tense == "will" else group.tense
