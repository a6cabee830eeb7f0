"""Encodings: the numbers that an importer reads from a stored tensor, which need not be those that ONNX means."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from stylebridge.opcheck.graph import Array, tensor_array

LOWEST, HIGHEST = -(1 << 31), (1 << 31) - 1
_WHOLE = {TensorProto.INT64, TensorProto.UINT64, TensorProto.UINT32}
_BARRACUDA_RAW = {
    TensorProto.DOUBLE,
    TensorProto.FLOAT,
    TensorProto.FLOAT16,
    TensorProto.INT8,
    TensorProto.INT16,
    TensorProto.INT32,
    TensorProto.INT64,
    TensorProto.UINT8,
    TensorProto.UINT16,
    TensorProto.UINT32,
    TensorProto.UINT64,
    TensorProto.BOOL,
}
_SENTIS_RAW = {
    TensorProto.DOUBLE,
    TensorProto.FLOAT,
    TensorProto.FLOAT16,
    TensorProto.INT8,
    TensorProto.INT32,
    TensorProto.INT64,
    TensorProto.UINT8,
    TensorProto.BOOL,
}
_SENTIS_TYPED = {TensorProto.FLOAT, TensorProto.INT32, TensorProto.DOUBLE, TensorProto.INT64}
_FLOATS = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE}

Reading = tuple[Array, str]  # the numbers, and what is wrong with them (empty where nothing is)


class Refused(Exception):
    """The importer can't read the tensor; the message says why."""


def external(tensor: onnx.TensorProto) -> bool:
    """Whether the numbers lie in another file."""
    return bool(tensor.data_location == TensorProto.EXTERNAL)


def saturates(tensor: onnx.TensorProto) -> bool:
    """Whether whole numbers lie beyond int32, where both engines stop."""
    if tensor.data_type not in _WHOLE or external(tensor):
        return False
    numbers = tensor_array(tensor)
    return bool(numbers.size and (int(numbers.max()) > HIGHEST or int(numbers.min()) < LOWEST))


def barracuda_reads(tensor: onnx.TensorProto) -> Reading:
    """Raw bytes by their type; typed fields in a fixed order, whatever the type."""
    if external(tensor):
        raise Refused("its numbers lie in another file, which is never read")
    if 0 in tensor.dims:
        return _plain(tensor), ""
    kind = _word(tensor)
    if tensor.raw_data:
        if tensor.data_type not in _BARRACUDA_RAW:
            raise Refused(f"{kind} can't be read")
        return _clipped(_plain(tensor), reals=tensor.data_type == TensorProto.DOUBLE)
    for field, stored in (("float_data", tensor.float_data), ("int32_data", tensor.int32_data)):
        if len(stored):
            note = f"{kind} in {field}: the bit patterns are read as numbers"
            return _typed(tensor, np.array(stored, np.float32), note)
    if len(tensor.int64_data):
        return _clipped(_plain(tensor))
    raise Refused(f"{kind} outside of raw_data can't be read")


def sentis_reads(tensor: onnx.TensorProto, *, strict: bool) -> Reading:
    """`strict` is 2.4.0, which reads each type from its own field; older ones copy bits from whichever is filled."""
    if 0 in tensor.dims:
        return _plain(tensor), ""
    kind = _word(tensor)
    if tensor.raw_data:
        if tensor.data_type not in _SENTIS_RAW:
            raise Refused(f"{kind} can't be read")
        return _clipped(_plain(tensor))
    if strict:
        if tensor.data_type not in _SENTIS_TYPED:
            raise Refused(f"{kind} outside of raw_data can't be read")
        return _clipped(_plain(tensor))
    if len(tensor.float_data):
        return _plain(tensor), ""
    if len(tensor.int32_data):
        numbers = np.array(tensor.int32_data, np.int32)
        if tensor.data_type in _FLOATS:
            return numbers.view(np.float32).reshape(tuple(tensor.dims)), f"{kind} in int32_data: its bits are copied"
        return numbers.reshape(tuple(tensor.dims)), ""
    if len(tensor.int64_data):
        return _clipped(_plain(tensor))
    raise Refused(f"{kind} in this field can't be read")


def sentis_reads_bytes(tensor: onnx.TensorProto, stored: bytes) -> Reading:
    """Bytes from another file."""
    copy = onnx.TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims, raw_data=stored)
    return sentis_reads(copy, strict=True)


def _typed(tensor: onnx.TensorProto, numbers: Array, note: str) -> Reading:
    found = numbers.reshape(tuple(tensor.dims))
    if tensor.data_type in _FLOATS - {TensorProto.FLOAT}:
        return found, note
    return _plain(tensor), ""


def _plain(tensor: onnx.TensorProto) -> Array:
    try:
        return tensor_array(tensor)
    except Exception as error:  # whatever is wrong with the file's tensor
        raise Refused(f"its {_word(tensor)} data doesn't fit its shape {list(tensor.dims)}") from error


def _clipped(numbers: Array, *, reals: bool = False) -> Reading:
    whole = np.issubdtype(numbers.dtype, np.integer)
    if not (whole or reals) or not numbers.size or (numbers.max() <= HIGHEST and numbers.min() >= LOWEST):
        return numbers, ""
    clipped = np.clip(numbers, LOWEST, HIGHEST)
    return clipped.astype(np.int64 if whole else np.float64), "numbers beyond int32 end at its bounds"


def _word(tensor: onnx.TensorProto) -> str:
    try:
        return helper.tensor_dtype_to_string(tensor.data_type).rpartition(".")[2].lower()
    except Exception:  # a number that ONNX doesn't know
        return f"type {tensor.data_type}"


__all__ = ["Refused", "barracuda_reads", "external", "saturates", "sentis_reads", "sentis_reads_bytes"]
