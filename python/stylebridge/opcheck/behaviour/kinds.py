"""Kinds: Sentis holds float and int tensors only, and most operators run on one of the two."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper

from stylebridge.opcheck.graph import Graph
from stylebridge.opcheck.site import Site

_REMEDY = "put a Cast before it"


def is_int(graph: Graph, name: str) -> bool:
    """Whether the file means a tensor to hold whole numbers (truth values are none)."""
    kind = graph.element_types.get(name, 0)
    return kind != 0 and bool(np.issubdtype(helper.tensor_dtype_to_np_dtype(kind), np.integer))


def needs_float(site: Site, *indices: int) -> bool:
    """Say so and return False where one of these inputs is an int tensor."""
    return _needs(site, TensorProto.INT32, "whole numbers", "floats", indices)


def needs_int(site: Site, *indices: int) -> bool:
    """Say so and return False where one of these inputs is a float tensor."""
    return _needs(site, TensorProto.FLOAT, "floats", "whole numbers or truth values", indices)


def one_kind(site: Site, *indices: int) -> bool:
    """Say so and return False where some of these inputs are float and others int."""
    if len({site.draft.dtype(site.node.input(index)) for index in indices} - {None}) > 1:
        _say_wrong_kind(site, "it needs operands of one kind, and here one is float, another int")
        return False
    return True


def _needs(site: Site, wrong: int, has: str, takes: str, indices: tuple[int, ...]) -> bool:
    for index in indices:
        name = site.node.input(index)
        if name and site.draft.dtype(name) == wrong:
            _say_wrong_kind(site, f"{name} holds {has}, and {site.node.op} runs on {takes} only")
            return False
    return True


def _say_wrong_kind(site: Site, reason: str) -> None:
    """The kernel's own cast fails at run time; the importer checks nothing."""
    site.throws(f"{reason}: it imports, and fails when it is run", _REMEDY)
