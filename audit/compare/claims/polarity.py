"""Denial and opposition: a "not" that only one cell has, a word against its opposite."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from audit.compare.claims.cell_pair import STOPS, Facing, Shift
from audit.language.en.claims import listed, opposed
from audit.language.en.lexicon import is_english, zipf
from audit.language.en.verbs import base_forms

__all__ = ["negations", "opposites", "prefixed"]

REACH = 6
"""Words around the counterpart of a denied word within which another denial says the same."""

NEAR = 0.25
"""Least evidence that a denied word and its counterpart stand at one place."""

FAR = 10
"""The same for an outright denial: it may have moved to another verb of the sentence."""

STRONG = 0.6
"""Cosine from which two linked words are taken to mean the same."""

SAME_PLACE = 0.5
"""Least evidence that two words stand at one place: a link, or linked words on both sides."""

_LIMITS = frozenset({"until", "unless"})
"""After these a denial holds for a while or with an exception: "cannot enter until they pass"."""

_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non", "non-", "mis", "ill-")
_CLEAR_PREFIXES = ("un", "im", "il", "ir", "non")
_PREFIX_ZIPF = 2.0
"""Least frequency of what follows the prefix: of "unable" 5.4, of "unbreakable" 2.4."""


@lru_cache(maxsize=20_000)
def _denies_within(form: str) -> bool:
    """Whether a word denies by its prefix: unable, impossible, disagree, non-existent."""
    bases = base_forms(form)
    if bases & listed("not_prefixed"):
        return False
    return any(
        base.startswith(p)
        and len(base) - len(p) >= 4
        and is_english(base[len(p) :], rare=False)
        and zipf(base[len(p) :]) >= _PREFIX_ZIPF
        for base in bases
        for p in _PREFIXES
    )


def _negators(forms: Sequence[str]) -> list[int]:
    """Words that deny outright; of "neither … nor" and "did not … nor" the first stands for all."""
    found = [i for i, f in enumerate(forms) if _is_negator(f) and not _is_soft(forms, i)]
    return [
        i
        for n, i in enumerate(found)
        if not (n and (forms[i] in ("nor", "neither", "any") or i - found[n - 1] <= 1))
    ]


def _is_negator(form: str) -> bool:
    return form in listed("negators") or form.endswith("n't")


def _is_soft(forms: Sequence[str], i: int) -> bool:
    after = forms[i + 1] if i + 1 < len(forms) else ""
    sentence = itertools.takewhile(lambda f: f not in STOPS, forms[i + 1 :])
    return after in listed("soft_negations") or any(f in _LIMITS for f in sentence)


def _denials(forms: Sequence[str]) -> list[int]:
    """Words that deny outright or within their meaning."""
    return [i for i, f in enumerate(forms) if _is_negator(f) or _denies(f)]


def _denies(form: str) -> bool:
    """Whether a word denies within its meaning: fail, without, impossible."""
    return bool(base_forms(form) & listed("implicit_negatives")) or _denies_within(form)


def negations(facing: Facing) -> Iterator[Shift]:
    """A denial on one side that the other side does not have."""
    yield from _gained(facing)
    for shift in _gained(facing.flipped):
        yield from _lost(facing, shift)


def _gained(facing: Facing) -> Iterator[Shift]:
    """Our denials without any of theirs. One of theirs answers for one of ours."""
    ours = _negators(facing.ours)
    heads = {i: _denied(facing, i) for i in ours}
    answered = _answered(facing, heads)
    lifted = _free_denials(facing.flipped).difference(ours)
    for i, denied in heads.items():
        places = _places(facing, denied)
        if lifted & {i + 1, i + 2}:  # "cannot avoid" affirms
            continue
        if not any(facing.same_place(d, p) >= NEAR for d in denied for p in places):
            continue
        if i not in answered and not _turned_opposite(facing, denied):
            place = next(p[0] for d in denied if (p := _places(facing, [d])))
            yield Shift(
                "negation",
                (_auxiliary_start(facing.ours, i), i + 1),
                (place, place + 1),
                "critical",
                0.5 + 0.5 * max(facing.likeness(d, p) for d in denied for p in places),
                "denied here, affirmed there",
            )


def _denied(facing: Facing, i: int) -> list[int]:
    """The content words that a denial is about, with the last one before it if need be."""
    after = list(facing.contents(i, 1, REACH))[:2]
    before = list(facing.contents(i, -1, REACH))[:1]
    return after if _places(facing, after) else after + before


def _answered(facing: Facing, heads: Mapping[int, Sequence[int]]) -> set[int]:
    """Our denials that have one of theirs near, each of theirs taken once, the nearest first."""
    distances = sorted(
        (-1 if j in facing.partners(i) else min(abs(j - p) for p in places), i, j)
        for i, denied in heads.items()
        if (places := _places(facing, denied))
        for j in _free_denials(facing)
    )
    answered: set[int] = set()
    taken: set[int] = set()
    for distance, i, j in distances:
        reach = FAR if _is_negator(facing.theirs[j]) else REACH
        if distance <= reach and i not in answered and j not in taken:
            answered.add(i)
            taken.add(j)
    return answered


def _places(facing: Facing, indices: Sequence[int]) -> list[int]:
    """Their words linked to any of ours, or of the same form where none is linked."""
    found: set[int] = set()
    for i in indices:
        bases = base_forms(facing.ours[i])
        found.update(
            facing.partners(i)
            or (j for j, form in enumerate(facing.theirs) if base_forms(form) & bases)
        )
    return sorted(found)


def _free_denials(facing: Facing) -> set[int]:
    """Their denials, less those within the meaning of words that we have too."""
    negators = {i for i, f in enumerate(facing.ours) if _is_negator(f)}
    within = [base_forms(facing.ours[i]) for i in _denials(facing.ours) if i not in negators]
    free = set()
    for j in _denials(facing.theirs):
        bases = base_forms(facing.theirs[j])
        twin = next((n for n, ours in enumerate(within) if bases & ours), None)
        if twin is None or _is_negator(facing.theirs[j]):
            free.add(j)
        else:
            within.pop(twin)
    return free


def _turned_opposite(facing: Facing, denied: Sequence[int]) -> bool:
    """Whether they affirm the opposite of what we deny, which is the same."""
    return any(
        opposed(base_forms(facing.ours[d]), base_forms(form))
        for d in denied
        if all(facing.likeness(d, j) < STRONG for j in facing.partners(d))
        for j, form in enumerate(facing.theirs)
        if facing.same_place(d, j) >= SAME_PLACE / 2
    )


def _auxiliary_start(forms: Sequence[str], i: int) -> int:
    """Where "did not" begins."""
    return i - 1 if i and forms[i - 1] in ("do", "does", "did") else i


def _lost(facing: Facing, shift: Shift) -> Iterator[Shift]:
    """Their denial as a place of ours: the words that stand where it is missing."""
    start, end = shift.theirs
    if start and facing.match.a_tokens[start - 1].is_word:
        start -= 1
    yield Shift(
        "negation",
        (start, end),
        shift.ours,
        "critical",
        shift.evidence,
        "affirmed here, denied there",
    )


def opposites(facing: Facing) -> Iterator[Shift]:
    """A word at whose place the other cell has its opposite."""
    pairs = (
        (i, j)
        for i, a in enumerate(facing.ours)
        for j, b in enumerate(facing.theirs)
        if _is_opposite(a, b)
    )
    for i, j in pairs:
        a, b = facing.ours[i], facing.theirs[j]
        evidence = facing.same_place(i, j)
        linked = j in facing.partners(i) or (_free(facing, i) and _free(facing.flipped, j))
        if evidence < SAME_PLACE / 2 or not linked:
            continue
        if _twin(facing, a, b) or _turned(facing, i, j):
            continue
        yield Shift(
            "opposite",
            (i, i + 1),
            (j, j + 1),
            "critical",
            0.5 + evidence / 2,
            f"“{a}” and “{b}” are opposites",
            swap=_ending(a) == _ending(b),
        )


@lru_cache(maxsize=100_000)
def _is_opposite(a: str, b: str) -> bool:
    return a != b and (opposed(base_forms(a), base_forms(b)) or _prefixed(a, b))


def _ending(form: str) -> str:
    """The inflection that a form shows; words of one inflection can replace each other."""
    return next((e for e in ("ing", "ed", "s", "ly", "er", "est") if form.endswith(e)), "")


def _free(facing: Facing, i: int) -> bool:
    """Whether our word has no partner of its own meaning."""
    return all(facing.likeness(i, j) < STRONG for j in facing.partners(i))


def _twin(facing: Facing, a: str, b: str) -> bool:
    """Whether a word stands on both sides and is linked there to something else."""

    def loose(side: Facing, form: str) -> bool:
        bases = base_forms(form)
        return any(
            base_forms(f) & bases
            and not any(base_forms(side.theirs[j]) & bases for j in side.partners(i))
            for i, f in enumerate(side.ours)
        )

    return loose(facing, b) or loose(facing.flipped, a)


def _prefixed(a: str, b: str) -> bool:
    """Whether one word is the other with a denying prefix: able, unable."""
    return any(x == p + y and _denies_within(x) for x, y in ((a, b), (b, a)) for p in _PREFIXES)


def _turned(facing: Facing, i: int, j: int) -> bool:
    """Whether a denial beside one of two opposites makes them agree: "not easy", "difficult"."""

    def denied(forms: Sequence[str], k: int) -> bool:
        return any(_is_negator(f) for f in forms[max(0, k - 3) : k])

    return denied(facing.ours, i) != denied(facing.theirs, j)


def prefixed(facing: Facing) -> Iterator[Shift]:
    """A word that denies by its prefix where the other cell denies nothing."""
    for i, form in enumerate(facing.ours):
        if not (form.startswith(_CLEAR_PREFIXES) and _denies_within(form) and _free(facing, i)):
            continue
        around = [*list(facing.contents(i, 1))[:1], *list(facing.contents(i, -1))[:1]]
        places = facing.counterparts(around)
        if len(places) < 2 or any(base_forms(form) & base_forms(f) for f in facing.theirs):
            continue
        if any(abs(j - p) <= REACH for j in _denials(facing.theirs) for p in places):
            continue
        yield Shift(
            "negation",
            (i, i + 1),
            (places[0], places[-1] + 1),
            "major",
            0.6,
            "denied here, affirmed there",
        )
