"""The office that stands before a person's name: Chancellor beside Prime Minister."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.compare.claims.cell_pair import CellPair, Shift
from audit.language.spelling import plain
from audit.model import Language, Measure, Token

__all__ = ["has_office", "offices"]

LONGEST = 2
"""Most words of an office."""


@dataclass(frozen=True, slots=True)
class _Office:
    """An office before a name: the range of its tokens, its group, and the words of the name."""

    span: tuple[int, int]
    group: str
    name: frozenset[str]


def offices(pair: CellPair) -> Iterator[Shift]:
    """Another office than the other cell has before the same name, or before a part of it."""
    theirs = _offices(pair.match.b_tokens, pair.language)
    for our in _offices(pair.match.a_tokens, pair.language):
        same = [o for o in theirs if our.name <= o.name or o.name <= our.name]
        if same and all(o.group != our.group for o in same):
            their = same[0]
            yield Shift(
                "office",
                our.span,
                their.span,
                "major",
                1.0,
                Measure("words of the name in common", len(our.name & their.name), 1),
                "Another office",
                swap=True,
            )


def has_office(pair: CellPair, ours: tuple[int, int]) -> bool:
    """Whether the other cell names the office of ours too, before a name or elsewhere."""
    groups = pair.language.groups("office")
    group = groups[" ".join(plain(t.text) for t in pair.match.a_tokens[slice(*ours)])]
    words = [plain(t.text) for t in pair.match.b_tokens]
    runs = (words[j : j + n] for n in range(1, LONGEST + 1) for j in range(len(words)))
    return any(groups.get(" ".join(run)) == group for run in runs)


def _offices(tokens: Sequence[Token], language: Language) -> list[_Office]:
    """The offices that stand before names, but for "vice", "former" and the like before them."""
    groups, before = language.groups("office"), language.words("before_offices")
    forms = [plain(t.text) for t in tokens]
    found = []
    end = 0
    for at in range(len(tokens)):
        longest = range(min(at + LONGEST, len(tokens)), at, -1)
        end_here = next((k for k in longest if " ".join(forms[at:k]) in groups), None)
        if at < end or end_here is None:
            continue
        end = end_here
        last = end
        while last < len(tokens) and tokens[last].is_word and tokens[last].text[:1].isupper():
            last += 1
        is_whole = not at or not (tokens[at - 1].text[:1].isupper() or forms[at - 1] in before)
        if last > end and is_whole and not groups.keys() & set(forms[end:last]):
            name = frozenset(forms[end:last])
            found.append(_Office((at, end), groups[" ".join(forms[at:end])], name))
    return found
