"""Numbers written in words: "two hundred and six", "half a million", "the twenty-fifth"."""

from __future__ import annotations

import re

from audit.language.en.number_patterns import ORDINALS, SCALES, UNITS


def number_words(tokens: list[re.Match[str]], i: int) -> tuple[float, int, bool] | None:
    """Value, index after the last token, and whether it is an ordinal; None if no number."""
    total, current, seen, ordinal = 0.0, 0.0, False, False
    first = i
    while i < len(tokens):
        word = (tokens[i]["word"] or tokens[i]["mark"] or "").lower()
        if word in UNITS and (current % 100 == 0 or (current % 10 == 0 and UNITS[word] < 10)):
            current += UNITS[word]
            seen = True
        elif word in SCALES and len(word) > 2 and (seen or _unit_before(tokens, i)):
            current = (current or _unit_before(tokens, i)) * SCALES[word]
            if SCALES[word] >= 1000:
                total, current = total + current, 0.0
            seen = True
        elif word in ORDINALS and (current % 10 == 0 or not seen):
            current += ORDINALS[word]
            seen = ordinal = True
            i += 1
            break
        elif word in ("and", "-") and seen and i > first and _continues(tokens, i):
            pass
        elif word == "and" and seen and _words(tokens, i + 1, 2) == ["a", "half"]:
            after = _words(tokens, i + 3, 1)
            if not (after and after[0] in SCALES) and _words(tokens, i - 1, 1)[0] in SCALES:
                break
            current += 0.5
            i += 2
        else:
            break
        i += 1
    return (total + current, i, ordinal) if seen else None


def _words(tokens: list[re.Match[str]], first: int, count: int) -> list[str]:
    """The forms of some tokens that are words, in lower case."""
    return [(t["word"] or "").lower() for t in tokens[first : first + count]]


def _unit_before(tokens: list[re.Match[str]], i: int) -> float:
    """What "a", "half" and "half a" before a scale word stand for; 0 if nothing is there."""
    words = [(t["word"] or "").lower() for t in tokens[max(0, i - 2) : i]]
    if words[-1:] == ["half"] or words in (["half", "a"], ["half", "an"]):
        return 0.5
    return 1.0 if words[-1:] in (["a"], ["an"]) else 0.0


def _continues(tokens: list[re.Match[str]], i: int) -> bool:
    """Whether "and" or a hyphen stands inside a number: "two hundred and six", "twenty-five"."""
    before = (tokens[i - 1]["word"] or "").lower()
    after = (tokens[i + 1]["word"] or "").lower() if i + 1 < len(tokens) else ""
    if tokens[i]["mark"]:
        return UNITS.get(before, 0) >= 20 and (after in UNITS or after in ORDINALS)
    return before in SCALES and after in UNITS
