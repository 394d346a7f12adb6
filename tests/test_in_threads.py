"""Work that several threads share: what each gives comes in order, and an error ends it."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models.processor import in_threads

THREADS = st.integers(1, 4)


@settings(deadline=None)
@given(numbers=st.lists(st.integers(), max_size=30), threads=THREADS)
def test_results_come_in_the_order_of_what_was_given(numbers: list[int], threads: int) -> None:
    assert list(in_threads(lambda n: n * n, iter(numbers), threads)) == [n * n for n in numbers]


def test_so_many_work_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=20)
    assert len(list(in_threads(lambda _: together.wait(), range(6), 3))) == 6


def test_one_thread_is_the_one_that_asks() -> None:
    assert set(in_threads(lambda _: threading.get_ident(), range(3), 1)) == {threading.get_ident()}


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_is_raised_and_what_has_not_begun_is_left(threads: int) -> None:
    begun: list[int] = []
    go_on = threading.Event()

    def work(n: int) -> int:
        begun.append(n)
        if n == 0:
            raise ValueError("the first fails")
        go_on.wait(20)
        return n

    threading.Timer(0.2, go_on.set).start()
    before = set(threading.enumerate())
    with pytest.raises(ValueError, match="the first fails"):
        list(in_threads(work, range(50), threads))
    assert len(begun) < 10
    assert set(threading.enumerate()) <= before
