"""Chunks audited on a Ray cluster, by Ray Data: one reader, many workers, one writer.

The reader runs where the command does, and the command writes, so the other machines need neither
the input nor the output: only mtaudit with its models. Ray restarts a worker that is lost with its
machine and gives its chunk to another. In each worker a process of `audit.bulk.workers` audits, so
that a story that ends its process costs the same here as there.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from audit.bulk.chunks import Audited, Chunk, chunks
from audit.bulk.workers import MakeEngine, Workers
from audit.errors import AuditError, ConfigurationError
from audit.ingest.bulk import STDIN, read_bulk_files
from audit.models.processor import allowed_cores

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["audited_on_ray"]

ADDRESS = "RAY_ADDRESS"
"""Ray's own variable: the cluster to use. Without it one is started on this machine."""

CONNECT_SECONDS = 10.0


def audited_on_ray(
    files: Sequence[str], skip: int, make: MakeEngine, jobs: int, threads: int
) -> Generator[Audited]:
    """The chunks of these files after the first `skip`, audited, in their order.

    `jobs` workers take part, each on `threads` processors; 0 means as many as the cluster has room
    for. Raises ConfigurationError, saying what to do, if there is no Ray or no such cluster, or for
    standard input; and what reading and auditing raise.
    """
    if "-" in files:
        raise ConfigurationError(f"--engine ray reads its input twice: name a file, not {STDIN}")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is reported to the makers of Ray
    try:
        import ray
        import ray.data
    except ImportError as e:
        raise ConfigurationError("Ray is not installed; run: pip install 'mtaudit[ray]'") from e
    logging.getLogger("ray").setLevel(logging.ERROR)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    _connect()
    try:
        resources = ray.cluster_resources()  # type: ignore[no-untyped-call]
        room = int(resources.get("CPU", 0)) // threads
        if room < max(1, jobs):
            raise ConfigurationError(
                f"the Ray cluster has room for {room} workers of {threads} threads; give fewer "
                "--jobs or --threads"
            )
        yield from _results(_dataset(files, skip, make, jobs or room, threads))
    finally:
        ray.shutdown()


def _connect() -> None:
    import ray

    quiet: dict[str, Any] = {"logging_level": logging.ERROR}
    address = os.environ.get(ADDRESS)
    if not address:
        ray.init("local", num_cpus=allowed_cores(), include_dashboard=False, **quiet)
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        if port.isdecimal():  # Ray would try for minutes
            socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
        ray.init(**quiet)
    except (OSError, ValueError, RuntimeError) as e:
        raise ConfigurationError(f"{ADDRESS}={address}: no Ray cluster there: {e}") from e


def _dataset(files: Sequence[str], skip: int, make: MakeEngine, jobs: int, threads: int) -> Any:
    import ray
    from ray.data import ActorPoolStrategy, DataContext, Datasource, ReadTask
    from ray.data.block import BlockMetadata
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    class Stories(Datasource):
        """One stream of chunks, a block each."""

        def get_read_tasks(self, *_: object, **__: object) -> list[ReadTask]:
            unknown = BlockMetadata(
                num_rows=None, size_bytes=None, input_files=None, exec_stats=None
            )
            return [ReadTask(lambda: _blocks(files, skip), unknown)]

        def estimate_inmemory_data_size(self) -> None:
            return None

    context = DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    # Ray joins small blocks to one of 128 MB for one worker; a chunk is what one is to get.
    context.target_max_block_size = context.target_min_block_size = 1
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    read = ray.data.read_datasource(
        Stories(),  # type: ignore[no-untyped-call]
        override_num_blocks=1,
        num_cpus=0,
        scheduling_strategy=here,
    )
    return read.map_batches(
        _Worker,
        fn_constructor_args=(make, threads),
        batch_size=1,
        batch_format="pyarrow",
        compute=ActorPoolStrategy(size=jobs),
        num_cpus=threads,
    )


def _blocks(files: Sequence[str], skip: int) -> Iterator[pa.Table]:
    try:
        for chunk in islice(chunks(read_bulk_files(files)), skip, None):
            yield _table(chunk)
    except AuditError as e:
        yield _table(e)


class _Worker:
    """What Ray runs once for each worker."""

    def __init__(self, make: MakeEngine, threads: int) -> None:
        self._workers = Workers(1, make, threads)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """A chunk audited, or the error that ends the run: Ray would try again."""
        chunk = _content(batch)
        if isinstance(chunk, AuditError):
            return batch
        assert isinstance(chunk, Chunk)
        try:
            (audited,) = self._workers.map([chunk])
        except AuditError as e:
            return _table(e)
        return _table(audited)


def _results(dataset: Any) -> Iterator[Audited]:
    for batch in dataset.iter_batches(batch_size=1, batch_format="pyarrow", prefetch_batches=0):
        result = _content(batch)
        if isinstance(result, AuditError):
            raise result
        assert isinstance(result, Audited)
        yield result


def _table(content: Chunk | Audited | AuditError) -> pa.Table:
    import pyarrow as pa

    return pa.table({"content": pa.array([pickle.dumps(content)], pa.large_binary())})


def _content(table: pa.Table) -> object:
    (content,) = table["content"].to_pylist()
    return pickle.loads(content)  # noqa: S301  written by this run
