"""How a text is cut into what the language model reads in one go."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from stories import story_of

from audit.measure.passages import ENDS, LONGEST, Passage, passages
from audit.model import Sentence, Token

WORDS = st.lists(st.sampled_from(["dam", "port", "crew", "tide", "mayor"]), min_size=1, max_size=9)


def sentence(words: list[str], index: int = 0) -> Sentence:
    text = " ".join(words)
    tokens = tuple(Token(0, 0, w) for w in words)
    return Sentence("v", index, 0, len(text), text, "body", tokens)


def keys(cut: list[Passage]) -> list[bytes]:
    return [key for p in cut for key in p.keys(lambda s: s.kind)]


@given(st.lists(WORDS, max_size=60), st.sampled_from(["", "What came before."]))
def test_every_sentence_lies_in_one_passage_after_the_one_before_it(
    texts: list[list[str]], before: str
) -> None:
    sentences = [sentence(words, i) for i, words in enumerate(texts)]
    cut = list(passages(sentences, before))
    assert [s for p in cut for s in p.sentences] == sentences
    contexts = [c for p in cut for c in p.contexts()]
    assert contexts == [before, *(s.text for s in sentences[:-1])][: len(sentences)]
    for p in cut:
        assert len(p.sentences) == 1 or sum(len(s.tokens) for s in p.sentences) <= LONGEST


def test_a_sentence_longer_than_a_passage_stands_alone() -> None:
    long = sentence(["tide"] * (LONGEST + 1))
    short = sentence(["dam"])
    assert [len(p.sentences) for p in passages([short, long, short])] == [1, 1, 1]


def numbered(count: int) -> list[Sentence]:
    return [sentence(["number", str(n), "is", "here"], n) for n in range(count)]


def test_a_new_beginning_leaves_later_passages_as_they_were() -> None:
    old = numbered(20 * ENDS)
    new = [sentence(["A", "new", "first", "paragraph"]), *old]
    kept = set(keys(list(passages(old)))) & set(keys(list(passages(new))))
    assert len(kept) > 17 * ENDS


def test_a_key_says_all_that_a_sentence_is_read_after() -> None:
    a, b, c = numbered(3)
    found = {
        keys([Passage(context, own)])[-1]
        for context in ("", "Before.")
        for own in ((a, b, c), (b, c), (c,), (a, c))
    }
    assert len(found) == 8
    as_title = Passage("", (a,)).keys(lambda _: "title")
    assert as_title != Passage("", (a,)).keys(lambda _: "body")


def test_a_text_is_read_in_few_passages() -> None:
    story = story_of(a="The dam gave way on Monday. " * 40)
    assert len(list(passages(story.sentences["a"]))) < 10
