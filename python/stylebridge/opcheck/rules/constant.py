"""Constant: Barracuda and Sentis before 2.3 read nothing but `value`, and read it as they read initializers."""

from __future__ import annotations

import numpy as np
import onnx

from stylebridge.opcheck.behaviour.encodings import Refused, barracuda_reads, saturates, sentis_reads
from stylebridge.opcheck.behaviour.parameters import only_parameters
from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site

OPERATORS = ("Constant",)
_NUMBERS = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}
_REMEDY = "write it as an initializer: stylebridge fix"


def barracuda(site: Site) -> None:
    """Only a tensor."""
    if site.node.has("sparse_value"):
        site.warns("sparse_value is ignored", "sparse_value")
    tensor = _tensor(site)
    if tensor is None:
        site.rejects(f"only `value` is read, not {_written(site)}", _REMEDY, "value")
        return
    _fold(site, tensor, *_reading(site, tensor))


def sentis(site: Site) -> None:
    """A tensor, and from 2.3 on plain numbers and lists of them."""
    tensor = _tensor(site)
    if tensor is not None:
        _fold(site, tensor, *_reading(site, tensor))
        return
    written = next((name for name in _NUMBERS if site.node.has(name)), None)
    if written is None or not site.since("2.3.0"):
        site.rejects(f"{_written(site)} is not read", _REMEDY, "value")
        return
    site.becomes_constant(np.array(site.node.attr(written), _NUMBERS[written]))


def _tensor(site: Site) -> onnx.TensorProto | None:
    written = site.node.raw("value")
    return written.t if written is not None and written.HasField("t") else None


def _written(site: Site) -> str:
    return next((a.name for a in site.node.proto.attribute), "nothing")


def _reading(site: Site, tensor: onnx.TensorProto) -> tuple[Array | None, str]:
    try:
        if site.target.line == "barracuda":
            return barracuda_reads(tensor)
        return sentis_reads(tensor, strict=site.since("2.4.0"))
    except Refused as refusal:
        site.rejects(str(refusal), _REMEDY, "value")
        return None, ""


def _fold(site: Site, tensor: onnx.TensorProto, numbers: Array | None, note: str) -> None:
    if numbers is None:
        return
    if note and not (saturates(tensor) and only_parameters(site.graph, site.node.outputs[0])):
        site.alters(note, "store it as float32 or int32", "value")
    site.becomes_constant(numbers)
