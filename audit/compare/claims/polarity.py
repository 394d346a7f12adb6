"""Denial and opposition: a "not" that only one cell has, a word against its opposite."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from audit.compare.claims.cell_pair import BETWEEN, CELLS, STOPS, CellPair, Shift
from audit.model import Language, Measure

__all__ = ["negations", "opposites", "prefixed"]

REACH = 6
"""Words around the counterpart of a denied word within which another denial says the same."""

NEAR = 0.25
"""Least evidence that two words stand at one place: one linked neighbour."""

FAR = 10
"""Reach of an outright denial: it may have moved to another verb of the sentence."""

STRONG = 0.6
"""Cosine from which two linked words are taken to mean the same."""

SHORTEST = 4
"""Letters that follow a denying prefix at least."""

PREFIX_ZIPF = 2.0
"""Least frequency of what follows the prefix: of "unable" 5.4, of "unbreakable" 2.4."""

_DENIED, _AFFIRMED = "Denied here, affirmed there", "Affirmed here, denied there"


@lru_cache(maxsize=8_192)
def _denies_by_prefix(language: Language, form: str) -> bool:
    """Whether a word denies by its prefix: unable, impossible, disagree, non-existent."""
    bases = language.base_forms(form)
    if bases & language.words("not_prefixed"):
        return False
    return any(
        base.startswith(p)
        and len(base) - len(p) >= SHORTEST
        and language.is_word(base[len(p) :], rare=False)
        and language.zipf(base[len(p) :]) >= PREFIX_ZIPF
        for base in bases
        for p in language.words("denying_prefixes")
    )


@lru_cache(maxsize=8_192)
def _denies(language: Language, form: str) -> bool:
    """Whether a word denies within its meaning: fail, without, impossible."""
    implicit = language.base_forms(form) & language.words("implicit_negatives")
    return bool(implicit) or _denies_by_prefix(language, form)


@lru_cache(maxsize=8_192)
def _is_negator(language: Language, form: str) -> bool:
    """Whether a word denies outright."""
    endings = tuple(language.words("negator_endings"))
    return form in language.words("negators") or form.endswith(endings)


def _negators(pair: CellPair) -> list[int]:
    """Our words that deny; of "neither … nor" and "did not … nor" the first stands for all."""
    further = pair.language.words("further_negators")
    found = [i for i in _outright(pair) if not _is_soft(pair, i)]
    return [
        i
        for n, i in enumerate(found)
        if not (n and (pair.ours[i] in further or i - found[n - 1] <= 1))
    ]


def _outright(pair: CellPair) -> tuple[int, ...]:
    return _outright_of(pair.language, pair.ours)


@lru_cache(maxsize=CELLS)
def _outright_of(language: Language, forms: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(i for i, f in enumerate(forms) if _is_negator(language, f))


def _is_soft(pair: CellPair, i: int) -> bool:
    """Whether our denial denies little, for a while, or with an exception."""
    after = pair.ours[i + 1 :]
    if after and after[0] in pair.language.words("soft_negations"):
        return True
    sentence = itertools.takewhile(lambda f: f not in STOPS, after)
    return any(f in pair.language.words("limits") for f in sentence)


def _denials(pair: CellPair) -> tuple[int, ...]:
    """Our words that deny outright or within their meaning."""
    return _denials_of(pair.language, pair.ours)


@lru_cache(maxsize=CELLS)
def _denials_of(language: Language, forms: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(i for i, f in enumerate(forms) if _is_negator(language, f) or _denies(language, f))


def negations(pair: CellPair) -> Iterator[Shift]:
    """A denial on one side that the other side does not have."""
    yield from _gained(pair)
    for shift in _gained(pair.flipped):
        yield _lost(pair, shift)


def _gained(pair: CellPair) -> Iterator[Shift]:
    """Our denials without any of theirs. One of theirs answers for one of ours."""
    ours = _negators(pair)
    heads = {i: _denied(pair, i) for i in ours}
    answered = _answered(pair, heads)
    lifted = _free_denials(pair.flipped).difference(ours)
    for i, denied in heads.items():
        places = _places(pair, denied)
        if not places or lifted & {i + 1, i + 2}:  # "cannot avoid" affirms
            continue
        near = max(pair.same_place(d, p) for d in denied for p in places)
        if near < NEAR or i in answered or _is_turned_opposite(pair, denied):
            continue
        place = next(p[0] for d in denied if (p := _places(pair, [d])))
        yield Shift(
            "negation",
            (_auxiliary_start(pair, i), i + 1),
            (place, place + 1),
            "critical",
            0.5 + 0.5 * max(pair.likeness(d, p) for d in denied for p in places),
            Measure("same-place evidence", near, NEAR),
            _DENIED,
        )


def _denied(pair: CellPair, i: int) -> list[int]:
    """The content words that a denial is about, with the last one before it if need be."""
    after = list(pair.contents(i, 1, REACH))[:2]
    before = list(pair.contents(i, -1, REACH))[:1]
    return after if _places(pair, after) else after + before


def _answered(pair: CellPair, heads: Mapping[int, Sequence[int]]) -> set[int]:
    """Our denials that have one of theirs near, each of theirs taken once, the nearest first."""
    distances = sorted(
        (-1 if j in pair.partners(i) else min(abs(j - p) for p in places), i, j)
        for i, denied in heads.items()
        if (places := _places(pair, denied))
        for j in _free_denials(pair)
    )
    answered: set[int] = set()
    taken: set[int] = set()
    for distance, i, j in distances:
        reach = FAR if _is_negator(pair.language, pair.theirs[j]) else REACH
        if distance <= reach and i not in answered and j not in taken:
            answered.add(i)
            taken.add(j)
    return answered


def _places(pair: CellPair, indices: Sequence[int]) -> list[int]:
    """Their words linked to any of ours, or of the same form where none is linked."""
    bases = pair.language.base_forms
    found: set[int] = set()
    for i in indices:
        ours = bases(pair.ours[i])
        found.update(
            pair.partners(i) or (j for j, form in enumerate(pair.theirs) if bases(form) & ours)
        )
    return sorted(found)


def _free_denials(pair: CellPair) -> set[int]:
    """Their denials, less those within the meaning of words that we have too."""
    bases = pair.language.base_forms
    outright = set(_outright(pair))
    within = [bases(pair.ours[i]) for i in _denials(pair) if i not in outright]
    free = set()
    for j in _denials(pair.flipped):
        theirs = bases(pair.theirs[j])
        twin = next((n for n, ours in enumerate(within) if theirs & ours), None)
        if twin is None or _is_negator(pair.language, pair.theirs[j]):
            free.add(j)
        else:
            within.pop(twin)
    return free


def _is_turned_opposite(pair: CellPair, denied: Sequence[int]) -> bool:
    """Whether they affirm the opposite of what we deny, which is the same."""
    bases = pair.language.base_forms
    return any(
        pair.language.opposed(bases(pair.ours[d]), bases(form))
        for d in denied
        if _is_free(pair, d)
        for j, form in enumerate(pair.theirs)
        if pair.same_place(d, j) >= NEAR
    )


def _auxiliary_start(pair: CellPair, i: int) -> int:
    """Where "did not" begins."""
    return i - 1 if i and pair.ours[i - 1] in pair.language.words("negated_auxiliaries") else i


def _lost(pair: CellPair, shift: Shift) -> Shift:
    """Their denial as a place of ours: the words that stand where it is missing."""
    start, end = shift.theirs
    if start and pair.match.a_tokens[start - 1].is_word:
        start -= 1
    return Shift(
        "negation",
        (start, end),
        shift.ours,
        "critical",
        shift.evidence,
        shift.measure,
        _AFFIRMED,
    )


def opposites(pair: CellPair) -> Iterator[Shift]:
    """A word at whose place the other cell has its opposite."""
    language = pair.language
    ours, theirs = (
        [(i, form, language.base_forms(form)) for i, form in enumerate(cell)]
        for cell in (pair.ours, pair.theirs)
    )
    opposed = (
        (i, a, j, b)
        for (i, a, a_bases), (j, b, b_bases) in itertools.product(ours, theirs)
        if a != b and (language.opposed(a_bases, b_bases) or _is_prefixed(language, a, b))
    )
    for i, a, j, b in opposed:
        near = pair.same_place(i, j)
        linked = j in pair.partners(i) or (_is_free(pair, i) and _is_free(pair.flipped, j))
        if near < NEAR or not linked or _has_twin(pair, a, b) or _is_turned(pair, i, j):
            continue
        yield Shift(
            "opposite",
            (i, i + 1),
            (j, j + 1),
            "critical",
            0.5 + near / 2,
            Measure("same-place evidence", near, NEAR),
            "Opposites",
            swap=_ending(language, a) == _ending(language, b),
        )


def _is_prefixed(language: Language, a: str, b: str) -> bool:
    """Whether one word is the other with a denying prefix: able, unable."""
    return (a.endswith(b) or b.endswith(a)) and any(
        x == p + y and _denies_by_prefix(language, x)
        for x, y in ((a, b), (b, a))
        for p in language.words("denying_prefixes")
    )


def _ending(language: Language, form: str) -> str:
    """The inflection that a form shows; words of one inflection can replace each other."""
    found = (e for e in language.words("inflections") if form.endswith(e))
    return max(found, key=len, default="")


def _is_free(pair: CellPair, i: int) -> bool:
    """Whether our word has no partner of its own meaning."""
    return all(pair.likeness(i, j) < STRONG for j in pair.partners(i))


def _has_twin(pair: CellPair, a: str, b: str) -> bool:
    """Whether a word stands on both sides and is linked there to something else."""
    base_forms = pair.language.base_forms

    def is_loose(side: CellPair, form: str) -> bool:
        bases = base_forms(form)
        return any(
            base_forms(f) & bases
            and not any(base_forms(side.theirs[j]) & bases for j in side.partners(i))
            for i, f in enumerate(side.ours)
        )

    return is_loose(pair, b) or is_loose(pair.flipped, a)


def _is_turned(pair: CellPair, i: int, j: int) -> bool:
    """Whether a denial beside one of two opposites makes them agree: "not easy", "difficult"."""

    def is_denied(forms: Sequence[str], k: int) -> bool:
        return any(_is_negator(pair.language, f) for f in forms[max(0, k - 3) : k])

    return is_denied(pair.ours, i) != is_denied(pair.theirs, j)


def prefixed(pair: CellPair) -> Iterator[Shift]:
    """A word that denies by its prefix where the other cell denies nothing."""
    language = pair.language
    clear = tuple(language.words("clear_prefixes"))
    for i, form in enumerate(pair.ours):
        if not (form.startswith(clear) and _denies_by_prefix(language, form) and _is_free(pair, i)):
            continue
        places = pair.counterparts(pair.neighbours(i))
        bases = language.base_forms(form)
        if len(places) < BETWEEN or any(bases & language.base_forms(f) for f in pair.theirs):
            continue
        if any(abs(j - p) <= REACH for j in _denials(pair.flipped) for p in places):
            continue
        yield Shift(
            "negation",
            (i, i + 1),
            (places[0], places[-1] + 1),
            "major",
            0.6,
            Measure("words linked to its neighbours", len(places), BETWEEN),
            _DENIED,
        )
