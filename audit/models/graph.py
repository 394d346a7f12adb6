"""ONNX graphs that read their weights from the safetensors files of a model.

Nothing is converted and nothing written: a graph is made anew whenever a model is loaded, says at
which byte of which file each weight lies, and ONNX Runtime maps those files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.models.processor import return_freed_memory, thread_count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONTRIB = "com.microsoft"
"""Domain of the operators that ONNX Runtime adds to the standard ones ("contrib operators")."""

_OPSET, _IR = 23, 10
"""Versions of the standard operators and of the file format: the first that has `Attention`."""
_FLOAT32, INT8 = "F32", "I8"
_TYPES = {_FLOAT32: "FLOAT", INT8: "INT8"}
"""What safetensors and ONNX call the types of weights."""
_Type = tuple[str, tuple[int | str, ...]]
"""What kind of numbers a value holds, and its shape."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor as it lies in a file: safetensors' name of its type, its shape, and its bytes."""

    file: str
    kind: str
    shape: tuple[int, ...]
    offset: int
    length: int

    @property
    def is_float32(self) -> bool:
        """Whether a graph can read it where it lies."""
        return self.kind == _FLOAT32


def stored_in(file: Path) -> dict[str, Stored]:
    """The tensors of a safetensors file, by name.

    A file is the length of its header (8 bytes, little-endian), the header in JSON, and the values.
    Raises OSError, ValueError, KeyError or SafetensorError for a damaged file.
    """
    from safetensors import safe_open

    with safe_open(str(file), framework="numpy"):  # raises if header and size do not agree
        pass
    with file.open("rb") as f:
        size = int.from_bytes(f.read(8), "little")
        header: dict[str, Any] = json.loads(f.read(size))
    header.pop("__metadata__", None)
    return {
        name: Stored(
            file.name, entry["dtype"], tuple(entry["shape"]), 8 + size + start, end - start
        )
        for name, entry in header.items()
        for start, end in (entry["data_offsets"],)
    }


class Graph:
    """A graph as it is put together. Shapes are sizes, or names of sizes that vary."""

    def __init__(self, weights: Mapping[str, Stored]) -> None:
        self._weights = weights
        self._nodes: list[Any] = []
        self._values: dict[str, Any] = {}

    def node(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any
    ) -> None:
        """Add an operator; an empty name stands for an input or output left out."""
        from onnx.helper import make_node

        self._nodes.append(make_node(operator, inputs, outputs, **attributes))

    def linear(
        self, x: str, name: str, shape: tuple[int, int], out: str, *, bias: bool = False
    ) -> None:
        """Add the product with a layer's weights, which are stored (out, in), and its bias."""
        given = [x, self.weight(f"{name}.weight", *shape)]
        if bias:
            given.append(self.weight(f"{name}.bias", shape[0]))
        self.node("Gemm", given, [out], transB=1)

    def rows(self, name: str, shape: tuple[int, int], ids: str, out: str) -> None:
        """Add the rows of a weight that some ids name."""
        self.node("Gather", [self.weight(name, *shape), ids], [out])

    def in_rows(self, x: str, out: str) -> None:
        """Lay what stands one beside the other in rows, by the input `in_cells` (see `cells`)."""
        self.node("Gather", [x, "in_cells"], [out])

    def in_line(self, x: str, out: str) -> None:
        """Lay rows one beside the other without padding, by the input `cells` and the constant
        `flat`, which has the shape -1 and the width."""
        self.node("Reshape", [x, "flat"], [f"{x}.cells"])
        self.node("Gather", [f"{x}.cells", "cells"], [out])

    def constant(self, name: str, value: NDArray[Any]) -> None:
        """Add a value that stands in the graph itself; it may be added again."""
        from onnx.numpy_helper import from_array

        self._values[name] = from_array(value, name)

    def weight(self, name: str, *shape: int, kind: str = _FLOAT32) -> str:
        """Add a value that lies in a file; gives its name. ValueError if it has another shape or
        is of another kind, as safetensors calls it."""
        from onnx import TensorProto

        stored = self._weights[name]
        if (stored.kind, stored.shape) != (kind, shape):
            raise ValueError(f"{name} is {stored.kind} {stored.shape}, not {kind} {shape}")
        value = TensorProto(
            name=name,
            data_type=getattr(TensorProto, _TYPES[kind]),
            dims=stored.shape,
            data_location=TensorProto.EXTERNAL,
        )
        place = {"location": stored.file, "offset": stored.offset, "length": stored.length}
        for key, word in place.items():
            value.external_data.add(key=key, value=str(word))
        self._values[name] = value
        return name

    def bytes(self, inputs: Mapping[str, _Type], outputs: Mapping[str, _Type]) -> bytes:
        """The graph as ONNX Runtime reads it."""
        from onnx import TensorProto
        from onnx.helper import make_graph, make_model, make_opsetid, make_tensor_value_info

        def described(values: Mapping[str, _Type]) -> list[Any]:
            return [
                make_tensor_value_info(name, getattr(TensorProto, kind), shape)
                for name, (kind, shape) in values.items()
            ]

        graph = make_graph(
            self._nodes,
            "model",
            described(inputs),
            described(outputs),
            list(self._values.values()),
        )
        versions = [make_opsetid("", _OPSET), make_opsetid(CONTRIB, 1)]
        model = make_model(graph, opset_imports=versions, ir_version=_IR)
        return bytes(model.SerializeToString())


def cells(real: NDArray[np.bool_]) -> dict[str, NDArray[np.int64]]:
    """The inputs by which a graph lays values in rows and back: `real` (rows, length) tells cells
    from padding.

    `cells`, where each value stands in the rows, counted through; `in_cells` (rows, length), which
    of them stands in each cell.
    """
    import numpy as np

    return {"cells": np.flatnonzero(real), "in_cells": np.cumsum(real).reshape(real.shape) - 1}


def session(graph: bytes, folder: Path, threads: int | None, *, rearranged: bool = False) -> Any:
    """An ONNX Runtime session of a graph whose weights lie in a folder. Raises what it raises.

    The weights stay where they are, in files mapped into memory that processes share: ONNX Runtime
    is told not to keep a copy of its own, unless it is to be `rearranged` ("prepacking").
    """
    import onnxruntime

    return_freed_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = thread_count(threads)
    options.enable_cpu_mem_arena = False  # spares 20 MB and costs no time
    options.enable_mem_pattern = False  # shapes hardly recur; spares 15 MB, costs 1 %
    options.log_severity_level = 3
    for key, value in {
        "session.model_external_initializers_file_folder_path": str(folder),
        "session.disable_prepacking": "0" if rearranged else "1",
        "session.intra_op.allow_spinning": "0",
    }.items():
        options.add_session_config_entry(key, value)
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
