"""Softmax, LogSoftmax, Hardmax: over one axis or over a flattened rest, and which axis where none is written."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.axes import is_old_importer, letters, memory_order
from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.site import Site

OPERATORS = ("Softmax", "LogSoftmax", "Hardmax")
_ONE_AXIS_SINCE = {"Softmax": "2.1.0", "LogSoftmax": "2.2.1"}
_SINGLE = 13  # the opset from which ONNX means one axis
_REMEDY = "export with opset 13 or later and write the axis, or transpose that axis to the end"


def barracuda(site: Site) -> None:
    """Newer releases go along one axis, the second where none is written; older ones flatten, each in its way."""
    rank, op = site.rank(0), site.node.op
    if bake(site) or rank is None:
        return
    axis = int(site.node.attr("axis", 1))
    warned = False
    if is_old_importer(site):
        warned = _in_memory_order(site)
    elif site.since(_ONE_AXIS_SINCE[op]):
        _along(site, axis % rank if axis < 0 else axis, rank)
    elif op == "LogSoftmax":
        warned = site.node.has("axis") and axis != 1
        _flattened(site, 1, list(range(rank)))
    elif axis in (1, 1 - rank):
        _along(site, 1, rank)
    else:
        _flattened(site, axis % rank, [0, 2, 1, *range(3, rank)] if rank > 4 else list(range(rank)))
    _say(site, warned)


def _say(site: Site, warned: bool) -> None:
    written, opset = site.node.has("axis"), site.graph.opset
    axis = site.node.attr("axis", 1 if opset < _SINGLE else -1)
    if warned:
        reason = f"its axis {axis} is not supported, it goes over all dimensions from the second on"
    elif not written and opset >= _SINGLE:
        reason = "no axis is written: it goes along the second dimension, ONNX means the last"
    elif opset < _SINGLE:
        reason = f"in opset {opset} it goes over all dimensions from {axis} on together, the engine over one"
    else:
        reason = f"it goes over all dimensions from {axis} on together, ONNX means one"
    site.alters_if_different(reason, _REMEDY, attribute="axis", warned=warned)


def _along(site: Site, axis: int, rank: int) -> None:
    """Along one axis; one that the tensor doesn't have is of size 1 in the engine."""
    x = site.node.input(0)
    if axis < rank:
        site.becomes(site.node.op, [x], axis=axis)
        return
    site.nodes = []
    last = site.const([-1], "int64")
    soft = site.op(site.node.op, [site.op("Unsqueeze", [x, last])], axis=-1)
    site.op("Squeeze", [soft, last], list(site.node.outputs))


def _flattened(site: Site, axis: int, order: list[int]) -> None:
    """Over everything from a dimension on, the dimensions taken in that order."""
    x = site.node.input(0)
    site.nodes = []
    turned = site.op("Transpose", [x], perm=order)
    soft = site.op(site.node.op, [site.op("Flatten", [turned], axis=axis)], axis=-1)
    shaped = site.op("Reshape", [soft, site.op("Shape", [turned])])
    site.op("Transpose", [shaped], list(site.node.outputs), perm=[order.index(i) for i in range(len(order))])


def _in_memory_order(site: Site) -> bool:
    """The oldest importer flattens all but N, and leaves it so: as channels."""
    own, axis = letters(site, 0), site.node.attr("axis", 1)
    warned = site.node.has("axis") and axis != 1
    if own is None:
        return warned
    x = site.node.input(0)
    site.nodes = []
    turned = site.op("Transpose", [x], perm=memory_order(own))
    soft = site.op(site.node.op, [site.op("Flatten", [turned], axis=int("N" in own))], axis=-1)
    shape = [0, -1, *[1] * (len(own) - 2)] if "N" in own else [-1]
    site.op("Reshape", [soft, site.const(shape, "int64")], list(site.node.outputs))
    return warned


def sentis(site: Site) -> None:
    """Always along one axis, the last where none is written."""
    if not needs_float(site, 0):
        return
    site.becomes(site.node.op, [site.node.input(0)], axis=int(site.node.attr("axis", -1)))
    if site.graph.opset < _SINGLE:
        axis = site.node.attr("axis", 1)
        site.alters_if_different(
            f"in opset {site.graph.opset} it goes over all dimensions from {axis} on together, the engine over one",
            _REMEDY,
            attribute="axis",
        )
