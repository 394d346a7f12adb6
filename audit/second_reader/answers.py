"""Believes of an answer only what can be checked; what fails is dropped and counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from audit.model import CATEGORIES, SEVERITIES, Finding, OtherCell, Reading, Remark, Story
from audit.second_reader.client import Answer
from audit.second_reader.prompts import ANSWERS, FindQuestion, VerifyQuestion
from audit.second_reader.scope import wording_beside

LONGEST_WHY = 200
"""Longest reason that is shown, characters."""

FLOOD = 0.5
"""An answer that marks a larger share of the words than this marks for the sake of marking. On the
garbled pages of `newsroom`, .09 of the words are marked."""

_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "\u2011": "-"})
"""Marks that models write in one way; each for one, so that offsets stay."""

_WORD = re.compile(r"[^\W_]+(?:['’.,:-][^\W_]+)*")


def remarks(asked: FindQuestion, answer: Answer, dropped: Counter[str]) -> list[Remark]:
    """The faults that an answer names; `dropped` counts why others are not believed."""
    faults = _list(answer.parsed(), "faults")
    if faults is None:
        dropped["the answer is not of the schema"] += 1
        return []
    number, control = asked.control
    if not any(_hits(fault, number, control.quote, control.text) for fault in faults):
        dropped["the answer misses the fault that was put there to be found"] += 1
        return []
    found = [r for f in faults if (r := _remark(asked, f, dropped))]
    if _marked(found) > FLOOD * sum(len(s.text) for s in asked.sentences.values()):
        dropped["the answer marks nearly everything"] += 1
        return []
    return list(dict.fromkeys(found))


def verdicts(
    asked: VerifyQuestion, answer: Answer, dropped: Counter[str]
) -> dict[Finding, tuple[str, str]]:
    """What an answer says of each finding, and why."""
    said = _list(answer.parsed(), "verdicts")
    if said is None:
        dropped["the answer is not of the schema"] += 1
        return {}
    by_number: dict[int, tuple[str, str]] = {}
    for item in said:
        n, fault, why = (item.get(k) for k in ("n", "fault", "why"))
        if isinstance(n, int) and fault in ANSWERS and isinstance(why, str):
            by_number.setdefault(n, (fault, _short(why)))
    if (
        by_number.get(asked.faulty, ("",))[0] != "yes"
        or by_number.get(asked.sound, ("",))[0] != "no"
    ):
        dropped["the answer is wrong about what was put there to be known"] += 1
        return {}
    return {f: by_number[n] for n, f in asked.findings.items() if n in by_number}


def _list(parsed: Any, key: str) -> list[dict[str, Any]] | None:
    """The objects under a key; None if there is no list of objects."""
    found = parsed.get(key) if isinstance(parsed, dict) else None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        return None
    return found


def _hits(fault: Mapping[str, Any], number: int, quote: str, text: str) -> bool:
    """Whether a fault touches the faulty words of the control sentence."""
    span = _span(text, fault)
    if fault.get("sentence") != number or span is None:
        return False
    start = text.index(quote)
    return span[0] < start + len(quote) and start < span[1]


def _remark(asked: FindQuestion, fault: Mapping[str, Any], dropped: Counter[str]) -> Remark | None:
    """One fault, checked."""
    number, category, severity = (fault.get(k) for k in ("sentence", "category", "severity"))
    if number == asked.control[0]:
        return None
    sentence = asked.sentences.get(number) if isinstance(number, int) else None
    if sentence is None:
        dropped["it names a sentence that was not asked about"] += 1
        return None
    if category not in CATEGORIES or severity not in SEVERITIES:
        dropped["its category or severity does not exist"] += 1
        return None
    span = _span(sentence.text, fault)
    if span is None:
        dropped["its quote does not stand in the sentence, or more than once"] += 1
        return None
    start, end = span
    quote = sentence.text[start:end]
    story = asked.stretch.story
    beside = wording_beside(story, sentence)
    write, why = fault.get("write"), fault.get("why")
    suggestion = write if isinstance(write, str) else None
    if suggestion is not None and suggestion.translate(_SAME) == quote.translate(_SAME):
        dropped["it would write what stands there"] += 1
        return None
    if suggestion is not None and _is_new(suggestion, quote, story):
        dropped["its suggestion has a name or a number that no page has (the fault is kept)"] += 1
        suggestion = None
    reason = _short(why) if isinstance(why, str) else ""
    if _is_new(reason, quote, story):
        reason = ""
    return Remark(
        version=sentence.version,
        start=sentence.start + start,
        end=sentence.start + end,
        quote=quote,
        category=str(category),
        severity=severity,
        suggestion=suggestion,
        why=reason,
        witness=_witness(asked.pages.get(str(fault.get("page"))), suggestion, beside),
    )


def _span(text: str, fault: Mapping[str, Any]) -> tuple[int, int] | None:
    """Where the quote stands in a sentence: once, or once among the words around it."""
    quote, around = fault.get("quote"), fault.get("around")
    if not isinstance(quote, str) or not quote.strip():
        return None
    plain, wanted = text.translate(_SAME), quote.strip().translate(_SAME)
    places = list(_places(plain, wanted))
    if len(places) > 1 and isinstance(around, str):
        near = around.strip().translate(_SAME)
        stretches = list(_places(plain, near))
        inside = list(_places(near, wanted))
        if len(stretches) == 1 and len(inside) == 1:
            places = [stretches[0] + inside[0]]
    if len(places) != 1:
        return None
    return places[0], places[0] + len(wanted)


def _places(text: str, part: str) -> Iterator[int]:
    """Where a part begins in a text, not inside a word."""
    at = text.find(part) if part else -1
    while at >= 0:
        end = at + len(part)
        inside = (at and text[at - 1].isalnum() and part[0].isalnum()) or (
            end < len(text) and text[end].isalnum() and part[-1].isalnum()
        )
        if not inside:
            yield at
        at = text.find(part, at + 1)


def _is_new(written: str, quote: str, story: Story) -> bool:
    """Whether words bring a name or a number that no version of the story has."""
    return any(
        word.casefold() not in _known(story)
        for word in _WORD.findall(written.translate(_SAME))
        if any(c.isdigit() for c in word) or _is_name(word, written, story)
    )


def _is_name(word: str, written: str, story: Story) -> bool:
    """Whether a word with a capital is more than a common word at a beginning."""
    if not any(c.isupper() for c in word):
        return False
    common = (
        story.language.is_word(word.lower()) and story.language.always_capital(word.lower()) is None
    )
    return not (common and written.lstrip("\"'“‘( ").startswith(word))


def _known(story: Story) -> frozenset[str]:
    """All words of the story's versions."""
    return frozenset(
        word.casefold()
        for v in story.versions
        for word in _WORD.findall(f"{v.title or ''} {v.text}".translate(_SAME))
    )


def _witness(
    version: str | None, suggestion: str | None, beside: Sequence[OtherCell]
) -> Reading | None:
    """The place of another page that shows the right wording: the suggestion, else its sentence."""
    cell = next((c for c in beside if c.version == version), None)
    if cell is None:
        return None
    for s in cell.sentences:
        places = list(_places(s.text, suggestion)) if suggestion else []
        if suggestion and places:
            start = s.start + places[0]
            return Reading(s.version, start, start + len(suggestion), suggestion)
    s = cell.sentences[0]
    return Reading(s.version, s.start, s.end, s.text)


def _marked(found: Sequence[Remark]) -> int:
    """Characters that are marked, each once."""
    marked: set[tuple[str, int]] = set()
    for r in found:
        marked |= {(r.version, at) for at in range(r.start, r.end)}
    return len(marked)


def _short(why: str) -> str:
    """A reason on one line, cut at a word if it is long."""
    line = " ".join(why.split())
    return line if len(line) <= LONGEST_WHY else f"{line[:LONGEST_WHY].rsplit(' ', 1)[0]} …"
