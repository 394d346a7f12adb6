"""Surprisals kept on disk: what was put is what comes back, in another process too."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.measure.memory import CHUNK, Memory
from audit.model import Doubt

SPAN = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000))
BETTER = st.tuples(st.integers(0, 99), st.integers(0, 99), st.text(max_size=9), st.floats(0, 50))
SCORES = st.tuples(
    st.lists(st.tuples(SPAN, st.floats(0, 50)), max_size=8),
    st.lists(BETTER, max_size=3),
    st.lists(st.builds(Doubt, st.floats(0, 1), st.floats(0, 1)), max_size=3),
).map(lambda x: (tuple(s for s, _ in x[0]), tuple(n for _, n in x[0]), tuple(x[1]), tuple(x[2])))


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
    memory.put(dict.fromkeys(keys[::2], (((0, 1),), (0.5,), (), ())))
    assert set(memory.get(keys)) == set(keys[::2])
