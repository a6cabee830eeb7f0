"""Numbers that lie in files beside the model, brought inside; nothing outside the model's folder is read."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from stylebridge.errors import InputError
from stylebridge.opcheck.graph import MAX_BYTES


def has_external(model: onnx.ModelProto) -> bool:
    """Whether some initializers lie in other files."""
    return any(tensor.data_location == TensorProto.EXTERNAL for tensor in model.graph.initializer)


def embedded(model: onnx.ModelProto, folder: Path | None) -> tuple[onnx.ModelProto, int]:
    """A copy with all numbers inside, and how many initializers were fetched."""
    outside = [t for t in model.graph.initializer if t.data_location == TensorProto.EXTERNAL]
    wanted = sum(_bytes_of(tensor) for tensor in outside)
    if wanted + model.ByteSize() > MAX_BYTES:
        raise InputError(f"{wanted} bytes in other files", expected=f"at most {MAX_BYTES} with the model")
    made = onnx.ModelProto()
    made.CopyFrom(model)
    for tensor in made.graph.initializer:
        if tensor.data_location == TensorProto.EXTERNAL:
            content = _read(tensor, folder)
            del tensor.external_data[:]
            tensor.ClearField("data_location")
            tensor.raw_data = content
    return made, len(outside)


def _read(tensor: onnx.TensorProto, folder: Path | None) -> bytes:
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    if folder is None:
        raise InputError(f"initializer {tensor.name!r} lies in another file", do="give the model's path")
    path, inside = (folder / location).resolve(), folder.resolve()
    if not location or inside not in path.parents or not path.is_file():
        raise InputError(f"initializer {tensor.name!r} lies in {location!r}", expected="a file beside the model")
    size = _bytes_of(tensor)
    try:
        offset, length = int(entries.get("offset", 0)), int(entries.get("length", size))
    except ValueError as error:
        raise InputError(f"the place of initializer {tensor.name!r} is no number", where=path) from error
    if offset < 0 or length != size or offset + length > path.stat().st_size:
        found = f"initializer {tensor.name!r} at bytes {offset} to {offset + length} of {path.stat().st_size}"
        raise InputError(found, expected=f"{size} bytes inside the file", do="fetch the whole file", where=path)
    with path.open("rb") as file:
        file.seek(offset)
        content: bytes = file.read(length)
        return content


def _bytes_of(tensor: onnx.TensorProto) -> int:
    try:
        item = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type)).itemsize
    except (KeyError, ValueError) as error:
        raise InputError(f"initializer {tensor.name!r} has an unknown type") from error
    return int(item) * math.prod(max(0, int(size)) for size in tensor.dims)
