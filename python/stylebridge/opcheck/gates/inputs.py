"""Inputs: their shapes, ranks and kinds, and what an importer says about sizes that the file leaves open."""

from __future__ import annotations

import onnx
from onnx import TensorProto

from stylebridge.opcheck.model_site import ModelSite

_EARLY_RANK, _BARRACUDA_RANK, _SENTIS_RANK = 4, 5, 8
_SENTIS_KINDS = {
    TensorProto.UNDEFINED,
    TensorProto.FLOAT,
    TensorProto.FLOAT16,
    TensorProto.DOUBLE,
    TensorProto.BFLOAT16,
    TensorProto.UINT8,
    TensorProto.INT8,
    TensorProto.UINT16,
    TensorProto.INT16,
    TensorProto.INT32,
    TensorProto.INT64,
    TensorProto.BOOL,
    TensorProto.UINT32,
    TensorProto.UINT64,
}
_DECLARE = "declare the input's shape"


def barracuda(site: ModelSite) -> None:
    """Up to five dimensions; all but the batch should be known."""
    most = _BARRACUDA_RANK if site.since("1.3.3") else _EARLY_RANK
    for value in site.graph.inputs:
        if not _has_shape(site, value):
            continue
        dims = value.type.tensor_type.shape.dim
        if len(dims) > most:
            site.rejects(value.name, f"an input of rank {len(dims)}", f"at most {most} dimensions")
        elif site.since("1.3.3") and any(dim.dim_value <= 0 for dim in list(dims)[1:]):
            site.warns(value.name, "sizes are left open")


def sentis(site: ModelSite) -> None:
    """Up to eight dimensions; open sizes are fine, negative ones are remarked upon."""
    for value in site.graph.inputs:
        kind = value.type.tensor_type.elem_type
        if kind not in _SENTIS_KINDS:
            site.rejects(value.name, f"{_kind(kind)} is not known", "use float32")
        elif _has_shape(site, value):
            dims = value.type.tensor_type.shape.dim
            if len(dims) > _SENTIS_RANK:
                site.rejects(value.name, f"an input of rank {len(dims)}", f"at most {_SENTIS_RANK} dimensions")
            elif any(dim.dim_value < 0 for dim in dims):
                site.warns(value.name, "a negative size counts as left open")
    for value in site.graph.outputs if site.since("2.4.0") else ():
        kind = value.type.tensor_type.elem_type
        if kind not in _SENTIS_KINDS:
            site.rejects(value.name, f"{_kind(kind)} is not known", "use float32")


def _kind(number: int) -> str:
    known = number in TensorProto.DataType.values()
    return TensorProto.DataType.Name(number).lower() if known else f"type {number}"


def _has_shape(site: ModelSite, value: onnx.ValueInfoProto) -> bool:
    if value.type.WhichOneof("value") != "tensor_type":
        site.rejects(value.name, "an input that is not a tensor", "use plain tensors")
        return False
    if not value.type.tensor_type.HasField("shape"):
        site.rejects(value.name, "an input without a shape", _DECLARE)
        return False
    return True
