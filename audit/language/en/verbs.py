"""Verb groups without a parser: tense, aspect and modality from auxiliaries and forms.

A group is a run of auxiliaries with the adverbs between them and the verb they end in. A finite
verb without auxiliary is known by its form: irregular pasts, "-ed", and "-s" of a verb.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from audit.language.en.lexicon import is_english, words
from audit.language.en.lists import groups_of, listed
from audit.language.en.tables import table
from audit.model import VerbGroup

__all__ = ["base_forms", "groups", "is_auxiliary", "is_verb_form", "may_be_plain_verb"]

_DATA = table("verbs")


def _parted(name: str) -> list[list[str]]:
    """A list whose entries have several parts."""
    return [entry.split() for entry in _DATA[name].split(";")]


_ENDINGS = tuple((ending, new.strip("-")) for ending, new in _parted("endings"))
_VERBS = listed("sure") | listed("unsure") | {base for base, *_ in _parted("irregular")}
_SURE_VERBS = listed("sure") - listed("unsure")
_MODALS = groups_of("modals")
_HAVE, _BE, _DO = groups_of("have"), groups_of("be"), groups_of("do")
_AUXILIARIES = {**_MODALS, **_HAVE, **_BE, **_DO}


@cache
def _irregular() -> Mapping[str, tuple[str, ...]]:
    """Irregular verb forms: base first, then what a form can be (past, participle, present)."""
    found: dict[str, tuple[str, ...]] = {}
    for base, past, participle in _parted("irregular"):
        pasts, participles = past.split("/"), participle.split("/")
        for form in {*pasts, *participles}:
            kinds = [base]
            kinds += ["past"] * (form in pasts)
            kinds += ["participle"] * (form in participles)
            kinds += ["present"] * (form == base)
            found[form] = tuple(kinds)
    return found


def _split(form: str) -> str:
    """An auxiliary without its contracted negation: "isn't" is "is"."""
    return form.removesuffix("n't") if form.endswith("n't") and form not in _MODALS else form


@lru_cache(maxsize=8_192)
def base_forms(form: str) -> frozenset[str]:
    """What a verb, adjective or noun form may be a form of, itself included."""
    found = {form}
    if form in groups_of("auxiliary_forms"):
        found.add(groups_of("auxiliary_forms")[form])
    if form in _irregular():
        found.add(_irregular()[form][0])
    for ending, replacement in _ENDINGS:
        if form.endswith(ending) and len(form) > len(ending) + 2:
            stem = form[: -len(ending)] + replacement
            found.add(stem)
            if not replacement and len(stem) > 3 and stem[-1] == stem[-2]:
                found.add(stem[:-1])
    return frozenset(w for w in found if w == form or is_english(w))


@lru_cache(maxsize=512)
def groups(forms: tuple[str, ...]) -> dict[int, VerbGroup]:
    """The verb group of each token that belongs to one."""
    found: dict[int, VerbGroup] = {}
    i = 0
    while i < len(forms):
        group = _with_auxiliary(forms, i) or _simple(forms, i)
        if group is None:
            i += 1
            continue
        for k in range(group.start, group.end):
            if k in (group.start, group.verb) or forms[k] not in listed("between"):
                found[k] = group
        i = group.end
    return found


def _with_auxiliary(forms: Sequence[str], i: int) -> VerbGroup | None:
    first = _split(forms[i])
    after_to = i > 0 and forms[i - 1] == "to"
    if first in _AUXILIARIES:
        tense = _AUXILIARIES[first]
    elif first in ("be", "been", "being"):
        tense = "none"
    else:
        return None
    if after_to:
        tense = "none"
    perfect = progressive = passive = False
    last, end, k = first, i + 1, i + 1
    verb = i
    while k < len(forms) and k - end <= 2:
        form = forms[k]
        if form in listed("between") or form.endswith("ly"):
            k += 1
            continue
        if not _follows(last, form):
            break
        if last in _HAVE and (form == "been" or _follows(last, form)):
            perfect = True
        if last in (*_BE, "be", "been") and (form == "being" or _is_gerund(form)):
            progressive = True
        if last in (*_BE, "be", "been", "being") and _is_participle(form):
            passive = True
        verb, end = k, k + 1
        last = form
        if form not in ("have", "be", "been", "being"):
            break
        k += 1
    return VerbGroup(i, end, verb, tense, perfect, progressive, passive)


def _follows(auxiliary: str, form: str) -> bool:
    """Whether a form can go on a verb group after an auxiliary."""
    if auxiliary in _HAVE:
        return form == "been" or _is_participle(form) or "past" in _irregular().get(form, ("",))[1:]
    if auxiliary in _BE or auxiliary in ("be", "been", "being"):
        return form == "being" or _is_participle(form) or _is_gerund(form)
    if auxiliary in _MODALS or auxiliary in _DO:
        return form in ("be", "have") or (
            form.isalpha()
            and is_english(form)
            and form not in words("determiners") | words("prepositions") | words("pronouns")
        )
    return False


def _is_participle(form: str) -> bool:
    known = _irregular().get(form)
    return bool(known and "participle" in known[1:]) or (
        len(form) > 4 and form.endswith("ed") and not form.endswith("eed")
    )


def _is_gerund(form: str) -> bool:
    return len(form) > 4 and form.endswith("ing") and form not in listed("not_gerunds")


def _simple(forms: Sequence[str], i: int) -> VerbGroup | None:
    """A finite verb without auxiliary."""
    form = forms[i]
    before = forms[i - 1] if i else ""
    known = _irregular().get(form)
    if before in words("determiners") | listed("before_no_verb"):
        return None
    if known and "past" in known[1:]:
        sure = "participle" not in known[1:] and "present" not in known[1:]
        return VerbGroup(i, i + 1, i, "past", sure=sure)
    if len(form) > 4 and form.endswith("ed") and not form.endswith("eed"):
        return VerbGroup(i, i + 1, i, "past", sure=False)
    if len(form) > 3 and form.endswith("s") and before not in words("prepositions"):
        bases = base_forms(form) - {form}
        if bases & _VERBS:
            return VerbGroup(i, i + 1, i, "present", sure=bool(bases & _SURE_VERBS))
        return None
    if before in listed("between") and i > 1:
        before = forms[i - 2]
    if form in _VERBS and before in listed("plural_subjects"):
        return VerbGroup(i, i + 1, i, "present", sure=form in _SURE_VERBS)
    return None


def is_auxiliary(form: str) -> bool:
    """Whether a form can open a question: a modal, or a form of be, have or do."""
    return _split(form) in _AUXILIARIES


def is_verb_form(form: str) -> bool:
    """Whether a form is a past, a participle or a gerund."""
    return form in _irregular() or form.endswith(("ed", "ing"))


def may_be_plain_verb(form: str, before: str) -> bool:
    """Whether a form without ending may be a finite verb after the word before it."""
    return (
        form.isalpha()
        and not form.endswith("ing")
        and form not in words("determiners")
        and before not in words("determiners") | words("prepositions") | words("conjunctions")
        and before != "'s"
        and before not in _MODALS
    )
