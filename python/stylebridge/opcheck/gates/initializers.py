"""Initializers: which stored forms an importer reads, and which numbers it gets out of them."""

from __future__ import annotations

from collections import Counter

import onnx

from stylebridge.opcheck.behaviour.encodings import Refused, barracuda_reads, external, saturates, sentis_reads
from stylebridge.opcheck.behaviour.external import ExternalFiles
from stylebridge.opcheck.behaviour.parameters import only_parameters
from stylebridge.opcheck.model_site import ModelSite

_FLOATS = "store it as float32 in raw_data: stylebridge fix"
_EARLY_RANK, _LAST_RANK, _SENTIS_RANK = 4, 5, 8
# Inputs that Barracuda does not look at, so that an empty tensor there does no harm.
_UNREAD = {"Resize": (1, 2), "Upsample": (1,)}


def barracuda(site: ModelSite) -> None:
    """Few forms are refused; some are read as other numbers."""
    _duplicates(site)
    for tensor in site.graph.initializers.values():
        _rank(site, tensor, _LAST_RANK if site.since("1.3.3") else _EARLY_RANK)
        try:
            numbers, note = barracuda_reads(tensor)
        except Refused as refusal:
            site.rejects(tensor.name, str(refusal), _remedy(tensor))
            continue
        if 0 in tensor.dims and _is_read(site, tensor.name):
            site.rejects(tensor.name, "it is empty", "leave the input out")
        elif note:
            site.stores(tensor.name, numbers)
            _say(site, tensor, note)


def sentis(site: ModelSite) -> None:
    """Types are checked first; numbers in other files are read one after another, whatever their offsets say."""
    _duplicates(site)
    files = ExternalFiles(site.graph.folder)
    for tensor in site.graph.initializers.values():
        _rank(site, tensor, _SENTIS_RANK)
        try:
            if external(tensor):
                reading = files.read(tensor, required_length=not site.since("1.3.0"))
            else:
                reading = sentis_reads(tensor, strict=site.since("2.4.0"))
        except Refused as refusal:
            site.rejects(tensor.name, str(refusal), _remedy(tensor))
            continue
        if reading[1] or external(tensor):
            site.stores(tensor.name, reading[0])
        if reading[1]:
            _say(site, tensor, reading[1])


def _duplicates(site: ModelSite) -> None:
    for name, count in Counter(tensor.name for tensor in site.graph.proto.initializer).items():
        if count > 1:
            site.rejects(name, f"{count} initializers have this name", "rename them")


def _rank(site: ModelSite, tensor: onnx.TensorProto, most: int) -> None:
    if len(tensor.dims) > most and site.graph.users.get(tensor.name):
        site.rejects(tensor.name, f"a stored tensor of rank {len(tensor.dims)}", f"at most {most} dimensions")


def _is_read(site: ModelSite, name: str) -> bool:
    return any(
        index not in _UNREAD.get(user.op, ())
        for user in site.graph.users.get(name, [])
        for index, given in enumerate(user.inputs)
        if given == name
    )


def _say(site: ModelSite, tensor: onnx.TensorProto, note: str) -> None:
    if not site.graph.users.get(tensor.name):
        return
    if external(tensor) or not saturates(tensor) or not only_parameters(site.graph, tensor.name):
        site.alters(tensor.name, note, _remedy(tensor))


def _remedy(tensor: onnx.TensorProto) -> str:
    return "save the weights inside the model file: stylebridge fix" if external(tensor) else _FLOATS
