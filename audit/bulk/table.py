"""Lines of the bulk output as rows of Parquet: the same objects, typed."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import IO, TYPE_CHECKING, Protocol

from audit.model import Suppression

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Lines", "ParquetLines"]


class Lines(Protocol):
    """Where JSON lines are written."""

    def write(self, lines: bytes, /) -> object:
        """Write whole lines."""

    def flush(self) -> None:
        """Hand on what was written so far."""


class ParquetLines:
    """Writes JSON lines of the bulk output as Parquet. Use it as a context manager.

    A row has the keys of the line (docs/report.schema.json); what a line lacks is null. `measure`,
    `threshold` and `dropped` are maps. Lines that are written together are one row group.
    """

    def __init__(self, file: IO[bytes]) -> None:
        from pyarrow.parquet import ParquetWriter

        self._schema = schema()
        self._writer = ParquetWriter(file, self._schema, compression="zstd")

    def __enter__(self) -> ParquetLines:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def write(self, lines: bytes, /) -> None:
        """Write whole lines."""
        import pyarrow as pa

        rows = [json.loads(line) for line in lines.splitlines()]
        self._writer.write_table(pa.Table.from_pylist(rows, self._schema))

    def flush(self) -> None:
        """Nothing waits: a row group is written as it comes."""


def schema() -> pa.Schema:
    """The columns."""
    import pyarrow as pa

    text, number, whole = pa.string(), pa.float64(), pa.int64()
    place = {"start": whole, "end": whole}
    reading = pa.struct({"version": text, **place, "quote": text})
    measures = pa.map_(text, number)
    finding = pa.struct(
        {
            "id": text,
            "version": text,
            **place,
            **dict.fromkeys(("quote", "category", "severity"), text),
            "confidence": number,
            **dict.fromkeys(("message", "suggestion"), text),
            "witnesses": pa.list_(reading),
            "measure": measures,
            "threshold": measures,
            "rule": text,
        }
    )
    sentence = pa.struct({**place, "risk": number, "row": text})
    version = pa.struct(
        {
            "id": text,
            "score": number,
            "interval": pa.list_(number),
            "words": whole,
            **dict.fromkeys(("compared", "mt_likelihood", "fluency"), number),
            "sentences": pa.list_(sentence),
        }
    )
    said = {field.name: text for field in fields(Suppression)}
    counts = dict.fromkeys(("of", "read", "left", "verified", "denied", "tokens"), whole)
    reader = {"model": text, "calibrated": pa.bool_(), **counts, "dropped": pa.map_(text, whole)}
    return pa.schema(
        {
            "schema": whole,
            "story": text,
            "versions": pa.list_(version),
            "findings": pa.list_(finding),
            "skipped": pa.list_(pa.struct({"stage": text, "why": text})),
            "signature": text,
            "profile": text,
            "suspicions": pa.list_(finding),
            "suppressed": pa.list_(pa.struct({"finding": finding, **said})),
            "second_reader": pa.struct(reader),
            "error": pa.struct({"kind": text, "message": text}),
            "line": whole,
        }
    )
