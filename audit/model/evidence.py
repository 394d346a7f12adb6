"""What is measured about words and cells between their alignment and their detection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from audit.model.text import Reading


@dataclass(frozen=True, slots=True)
class GrammarMatch:
    """A place of a version that LanguageTool objects to.

    `rule` and `category` are LanguageTool's ids, `replacements` its proposals, best first.
    """

    start: int
    end: int
    rule: str
    category: str
    message: str
    replacements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retelling:
    """A cell read by a language model right after its key witness's cell, and that one after it.

    `own` holds the surprisal of every token of the cell in nats, `theirs` that of the witness's;
    None where the witness's was not read.
    """

    own: tuple[float, ...]
    theirs: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Probability that a careful reader marks a word: as any fault, and as a serious one."""

    any: float
    serious: float


Confusion = Literal["function", "form", "spelling"]
"""Another word of a closed class; another form or kin of the same stem; one letter apart."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A word that the language model would rather have read: `text` instead of `quote`.

    `gain` is how many nats less surprising it is after what stands before it.
    """

    start: int
    end: int
    quote: str
    text: str
    gain: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What the language model expected in the place of a word that it did not expect.

    `nats` is the surprisal of each of the likeliest pieces that might have begun a word there, by
    their ids.
    """

    start: int
    end: int
    nats: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Meant:
    """A word that may have been meant: `text` in the place of `quote`.

    `ahead` is how many nats less surprising it is after what stands before it. `confusion` is log10
    of the probability that a way through another language meets the two words as one (see
    `Language.sharing_translation`), None if it does not. `witness` is where another version has the
    word in the best company, None if none has; `company` counts the content words that stand beside
    both. `gain` is how many nats less surprising it is together with the words
    after it, `chance` the probability that it is what was meant, if the place is a fault.
    """

    start: int
    end: int
    quote: str
    text: str
    ahead: float
    confusion: float | None
    witness: Reading | None
    company: int = 0
    gain: float = 0.0
    chance: float = 0.0


@dataclass(frozen=True, slots=True)
class Edit:
    """What may be written in one sentence: `text` instead of `quote`.

    `witness` shows it; None if no version does, and the language model alone proposes it. `lost`
    and `new` are the tokens that go and come. `text` is "" where the witness has nothing there.
    Where it has a word more, `quote` and `text` hold the words on both sides too. `doubt` is the
    greatest at and beside the place, `support` the number of independent witnesses that have the
    new words, `gain` how many nats less surprising the sentence is with the edit (positive: the
    language model prefers it), `confidence` the probability that the place is a fault. `proposal`
    says how the language model came upon the new word, `ahead` what it gains after what precedes.
    """

    version: str
    sentence: int
    start: int
    end: int
    quote: str
    text: str
    lost: tuple[str, ...]
    new: tuple[str, ...]
    witness: Reading | None
    doubt: Doubt
    support: int = 1
    gain: float = 0.0
    confidence: float = 0.0
    proposal: Confusion | None = None
    ahead: float = 0.0
