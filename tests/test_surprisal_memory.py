"""Surprisals kept on disk: what was put is what comes back, in another process too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stories import story_of

from audit.align.embed import Embedder
from audit.measure.memory import CHUNK, KeptScores, Memory
from audit.model import Doubt

SPAN = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000))
BETTER = st.tuples(st.integers(0, 99), st.integers(0, 99), st.text(max_size=9), st.floats(0, 50))
FOUND = st.lists(st.tuples(st.integers(0, 9), st.floats(0, 50)), max_size=3).flatmap(
    lambda pairs: st.tuples(
        st.integers(0, 99),
        st.integers(0, 99),
        st.just(tuple(i for i, _ in pairs)),
        st.just(tuple(n for _, n in pairs)),
    )
)
SCORES = st.tuples(
    st.lists(st.tuples(SPAN, st.floats(0, 50)), max_size=8),
    st.lists(BETTER, max_size=3),
    st.lists(st.builds(Doubt, st.floats(0, 1), st.floats(0, 1)), max_size=3),
    st.lists(FOUND, max_size=3),
).map(lambda x: (tuple(s for s, _ in x[0]), tuple(n for _, n in x[0]), *map(tuple, x[1:])))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.dictionaries(st.binary(min_size=16, max_size=16), SCORES, max_size=5))
def test_what_was_put_comes_back_equal(tmp_path: Path, scores: dict) -> None:
    file = tmp_path / "deep" / "m.sqlite"
    Memory(file).put(scores)
    assert Memory(file).get(list(scores)) == scores


def test_unknown_keys_are_left_out_and_many_may_be_asked_for(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "m.sqlite")
    keys = [n.to_bytes(16, "big") for n in range(2 * CHUNK + 3)]
    assert memory.get(keys) == {}
    assert not memory.file.exists()
    memory.put(dict.fromkeys(keys[::2], (((0, 1),), (0.5,), (), (), ())))
    assert set(memory.get(keys)) == set(keys[::2])


def test_what_was_kept_first_is_dropped_when_a_file_is_full(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "m.sqlite", most_bytes=400_000)
    keys = [n.to_bytes(16, "big") for n in range(1_000)]
    scores = (((0, 1),) * 100, (0.5,) * 100, (), (), ())
    for at in range(0, len(keys), 20):
        memory.put(dict.fromkeys(keys[at : at + 20], scores))
    kept = set(memory.get(keys))
    assert kept == set(keys[-len(kept) :])
    assert 100 < len(kept) < 300
    assert memory.file.stat().st_size < 800_000


class InMemory:
    """What a store keeps, in a dictionary."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, bytes], bytes] = {}

    def get(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        return {k: self.values[kind, k] for k in keys if (kind, k) in self.values}

    def put(self, kind: str, values: Mapping[bytes, bytes]) -> None:
        self.values |= {(kind, k): v for k, v in values.items()}


@given(st.dictionaries(st.binary(min_size=16, max_size=16), SCORES, max_size=5))
def test_what_was_put_into_a_store_comes_back_equal(scores: dict) -> None:
    kept = InMemory()
    KeptScores(kept, "surprisal-1").put(scores)
    assert KeptScores(kept, "surprisal-1").get([*scores, b"?"]) == scores
    assert KeptScores(kept, "surprisal-2").get(list(scores)) == {}


def test_a_store_gives_the_vectors_that_the_model_gave() -> None:
    story = story_of(a="The dam gave way on Monday. Troops came 🌊 at once.", b="The dam broke.")
    sentences = [s for own in story.sentences.values() for s in own]
    kept = InMemory()
    first = Embedder(kept=kept).encode(sentences)
    again = Embedder("no such model", kept=kept)
    again.__dict__["digest"] = Embedder().digest
    for a, b in zip(first, again.encode(sentences), strict=True):
        assert (a.sentence == b.sentence).all()
        assert (a.tokens == b.tokens).all()
