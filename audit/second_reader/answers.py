"""Believes of an answer only what can be checked; what fails is dropped and counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from audit.model import CATEGORIES, SEVERITIES, Finding, OtherCell, Reading, Remark, Story
from audit.second_reader.client import Answer
from audit.second_reader.prompts import ANSWERS, FindQuestion, Trial, VerifyQuestion
from audit.second_reader.scope import wording_beside

LONGEST_WHY = 200
"""Longest reason that is shown, characters."""

LONGEST_WRITE = (3, 60)
"""A suggestion has at most so many times the characters of the quote, and so many more."""

FLOOD = 0.5
"""An answer that marks a larger share than this of several sentences, or of the control, marks for
the sake of marking. On the garbled pages of `newsroom`, .09 of the words are marked."""

_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "\u2011": "-"})
"""Marks that models write in one way; each for one, so that offsets stay."""

_UNFIT = re.compile(
    r"[<>{}\[\]\\|`\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
    r"|://|\bwww\.|@\w|\w\.[^\W\d_]{2}"
)
"""Links, code and marks that nobody sees: no words to write."""

_WORD = re.compile(r"[^\W_]+(?:['’.,:-][^\W_]+)*")


def objection(asked: FindQuestion | VerifyQuestion | Trial, answer: Answer) -> str | None:
    """Why nothing of an answer is believed; None if its parts may be looked at."""
    if isinstance(asked, VerifyQuestion):
        said = _said(answer)
        if said is None:
            return "the answer is not of the schema"
        is_right = [said.get(n, ("",))[0] for n in (asked.faulty, asked.sound)] == ["yes", "no"]
        return None if is_right else "the answer is wrong about what was put there to be known"
    faults = _list(answer.parsed(), "faults")
    if faults is None:
        return "the answer is not of the schema"
    number, control = asked.control
    if not any(_hits(fault, number, control.quote, control.text) for fault in faults):
        return "the answer misses the fault that was put there to be found"
    if isinstance(asked, Trial):
        sound = [f for f in faults if f.get("sentence") != number]
        return "the answer marks what is sound" if sound else None
    texts = {n: s.text for n, s in asked.sentences.items()}
    if _is_flood(faults, {number: control.text}) or (len(texts) > 1 and _is_flood(faults, texts)):
        return "the answer marks nearly everything"
    return None


def remarks(asked: FindQuestion, answer: Answer, dropped: Counter[str]) -> list[Remark]:
    """The faults that an answer names; `dropped` counts why others are not believed."""
    if why := objection(asked, answer):
        dropped[why] += 1
        return []
    known = _known(asked.stretch.story)
    faults = _list(answer.parsed(), "faults") or []
    found = [r for f in faults if (r := _remark(asked, f, known, dropped))]
    return list(dict.fromkeys(found))


def verdicts(
    asked: VerifyQuestion, answer: Answer, dropped: Counter[str]
) -> dict[Finding, tuple[str, str]]:
    """What an answer says of each finding, and why."""
    if why := objection(asked, answer):
        dropped[why] += 1
        return {}
    said = _said(answer) or {}
    return {f: said[n] for n, f in asked.findings.items() if n in said}


def _said(answer: Answer) -> dict[int, tuple[str, str]] | None:
    """What is said of each number, and why; None if the answer is not of the schema."""
    items = _list(answer.parsed(), "verdicts")
    if items is None:
        return None
    said: dict[int, tuple[str, str]] = {}
    for item in items:
        n, fault, why = (item.get(k) for k in ("n", "fault", "why"))
        if type(n) is int and isinstance(fault, str) and fault in ANSWERS and isinstance(why, str):
            said.setdefault(n, (fault, "" if _UNFIT.search(why) else _short(why)))
    return said


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


def _remark(
    asked: FindQuestion, fault: Mapping[str, Any], known: frozenset[str], dropped: Counter[str]
) -> Remark | None:
    """One fault, checked."""
    number, category, severity = (fault.get(k) for k in ("sentence", "category", "severity"))
    if number == asked.control[0]:
        return None
    sentence = asked.sentences.get(number) if type(number) is int else None
    if sentence is None:
        dropped["it names a sentence that was not asked about"] += 1
        return None
    if not isinstance(category, str) or category not in CATEGORIES or severity not in SEVERITIES:
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
    if suggestion is not None and (unfit := _unfit(suggestion, quote, story, known)):
        dropped[f"its suggestion has {unfit} (the fault is kept)"] += 1
        suggestion = None
    reason = _short(why) if isinstance(why, str) else ""
    if _UNFIT.search(reason) or _is_new(reason, story, known):
        reason = ""
    return Remark(
        version=sentence.version,
        start=sentence.start + start,
        end=sentence.start + end,
        quote=quote,
        category=category,
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


def _unfit(suggestion: str, quote: str, story: Story, known: frozenset[str]) -> str | None:
    """What a suggestion has that nobody should write unseen; None if nothing."""
    if _UNFIT.search(suggestion):
        return "a link, code or marks that nobody sees"
    times, more = LONGEST_WRITE
    if len(suggestion) > times * len(quote) + more:
        return "many more words than it replaces"
    return "a name or a number that no page has" if _is_new(suggestion, story, known) else None


def _is_new(written: str, story: Story, known: frozenset[str]) -> bool:
    """Whether words bring a name or a number that no version of the story has."""
    return any(
        word.casefold() not in known
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


def _is_flood(faults: Iterable[Mapping[str, Any]], texts: Mapping[int, str]) -> bool:
    """Whether more than `FLOOD` of the characters of texts are marked."""
    marked: set[tuple[int, int]] = set()
    for fault in faults:
        n = fault.get("sentence")
        if type(n) is int and n in texts and (span := _span(texts[n], fault)):
            marked |= {(n, at) for at in range(*span)}
    return len(marked) > FLOOD * sum(map(len, texts.values()))


def _short(why: str) -> str:
    """A reason on one line, cut at a word if it is long."""
    line = " ".join(why.split())
    return line if len(line) <= LONGEST_WHY else f"{line[:LONGEST_WHY].rsplit(' ', 1)[0]} …"
