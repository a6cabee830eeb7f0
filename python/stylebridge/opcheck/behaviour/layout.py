"""Layout: Barracuda's guess that parts of a model keep channels last, and what it does to the nodes in them.

From operators that only exist channels first (convolutions and the like) the guess spreads over the graph in both
directions; a transpose to or from channels last turns it around. Nodes that end up channels last keep the file's
dimensions, and in them negative axes are counted wrongly.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum, auto

import numpy as np

from stylebridge.opcheck.graph import Graph, Node
from stylebridge.opcheck.site import Site

_FIRST_ONLY = {"Conv", "ConvTranspose", "DepthToSpace", "SpaceToDepth"}
_ALL_INPUTS = {
    *("Add", "Sum", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Mean", "Concat", "Where", "MatMul", "Gather"),
    *("Greater", "Less", "LessOrEqual", "Equal", "And", "Or", "Xor", "PRelu"),
}
_TO_LAST, _TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]
Shapes = Callable[[str], "Sequence[int | None] | None"]
WRITTEN = "written for "  # before a reshape's output: the shape as the file gives it, with its -1 and 0


class Order(Enum):
    """How a layer's dimensions are taken to lie."""

    LAST = auto()
    FIRST = auto()
    TO_LAST = auto()
    TO_FIRST = auto()
    NATIVE = auto()  # an operator that only exists channels first, and what it reaches


def orders(graph: Graph, shape_of: Shapes, *, native_wins: bool) -> dict[str, Order]:
    """The guess for every tensor that it reaches; empty where no operator starts it."""
    found: dict[str, Order] = {}
    waiting = deque((n.outputs[0], Order.NATIVE, "seed") for n in graph.nodes if n.op in _FIRST_ONLY)
    while waiting:
        name, order, direction = waiting.popleft()
        if _is_settled(found.get(name), order, native_wins):
            continue
        node = graph.producers.get(name)
        order = _turned(node, shape_of, order, direction)
        if order in (Order.TO_LAST, Order.TO_FIRST) and found.get(name) == order:
            continue
        found[name] = order
        before = {Order.TO_FIRST: Order.LAST, Order.TO_LAST: Order.FIRST}.get(order, order)
        after = {Order.TO_FIRST: Order.FIRST, Order.TO_LAST: Order.LAST}.get(order, order)
        waiting.extend((above, before, "up") for above in _layer_inputs(graph, node))
        waiting.extend((below, after, "down") for below in _layer_users(graph, name))
    return found


def _is_settled(known: Order | None, order: Order, native_wins: bool) -> bool:
    if known is None:
        return False
    if known in (order, Order.NATIVE):
        return True
    return known == Order.LAST and not (native_wins and order == Order.NATIVE)


def _turned(node: Node | None, shape_of: Shapes, order: Order, direction: str) -> Order:
    if node is None:
        return order
    first = order in (Order.FIRST, Order.NATIVE)
    if _changes(node, shape_of, _TO_LAST):
        if (first and direction == "down") or (order == Order.LAST and direction == "up"):
            return Order.TO_LAST
    elif _changes(node, shape_of, _TO_FIRST) and (
        (order == Order.LAST and direction == "down") or (first and direction == "up")
    ):
        return Order.TO_FIRST
    return order


def _changes(node: Node, shape_of: Shapes, permutation: list[int]) -> bool:
    """Whether the node is such a transpose, or a reshape or squeeze that is taken for one."""
    if node.op == "Transpose":
        return bool(node.attr("perm") == permutation)
    shape = shape_of(node.input(0))
    if node.op == "Squeeze":
        made = shape_of(node.outputs[0])
        return permutation == _TO_LAST and shape is not None and len(shape) == 4 and made is not None and len(made) <= 2
    if node.op != "Reshape" or shape is None or None in shape[1:] or len(shape) > 4:
        return False
    written = shape_of(WRITTEN + node.outputs[0])
    sizes = [*shape, *[1] * (4 - len(shape))]
    wanted = [sizes[axis] for axis in permutation]
    return written is not None and written[0] in (-1, 0, wanted[0]) and list(written[1:]) == wanted[1:]


def _layer_inputs(graph: Graph, node: Node | None) -> list[str]:
    """What a layer takes in while it runs; stored numbers are no layers here, they can't carry the guess on."""
    if node is None:
        return []
    names = node.inputs if node.op in _ALL_INPUTS else node.inputs[:1]
    return [name for name in names if name and name not in graph.initializers and not _is_constant(graph, name)]


def _is_constant(graph: Graph, name: str) -> bool:
    producer = graph.producers.get(name)
    return producer is not None and producer.op == "Constant"


def _layer_users(graph: Graph, name: str) -> list[str]:
    return [o for user in graph.users.get(name, []) if name in _layer_inputs(graph, user) for o in user.outputs if o]


def misread_axes(site: Site) -> None:
    """In a node that is taken for channels last, a negative axis means another dimension."""
    rank, axes = site.rank(0), _axes(site)
    if rank is None or not 3 <= rank <= 5 or not axes or min(axes) >= 0:
        return
    reason = f"the model is taken for channels last, and axis {min(axes)} is counted wrongly there"
    remedy = "use positive axes, or keep channels first throughout"
    if site.node.op in ("Concat", "Gather"):
        site.throws(reason, remedy, "axis")
        return
    real = [axis for axis in (_real_axis(a, rank) for a in axes) if axis is not None]
    _compute(site, real)
    site.alters_if_different(reason, remedy, "axis", warned=True)


def _axes(site: Site) -> list[int]:
    if site.node.op.startswith("Reduce"):
        given = site.value(1) if site.present(1) else site.node.attr("axes")
        return [] if given is None else [int(axis) for axis in np.asarray(given).ravel()]
    if site.node.op in ("Softmax", "LogSoftmax", "Concat", "Gather", "ArgMax", "ArgMin"):
        return [int(site.node.attr("axis", 1 if "Softmax" in site.node.op else 0))]
    return []


def _real_axis(axis: int, rank: int) -> int | None:
    """The dimension that is really taken; None for one of the eight that the tensor does not use."""
    if axis >= 0:
        return axis
    slot = axis + 8 - rank
    slots = [2, *range(9 - rank, 8)]
    return slots.index(slot) if slot in slots else None


def _compute(site: Site, axes: list[int]) -> None:
    data, output = site.node.input(0), list(site.node.outputs[:1])
    if site.node.op.startswith("Reduce"):
        if axes:
            site.becomes(site.node.op, [data, site.const(axes, np.int64)], keepdims=int(site.node.attr("keepdims", 1)))
        else:
            site.becomes("Identity", [data])
    elif axes:
        site.set(axis=axes[0])
    else:
        site.nodes = []
        zero = site.op("Sub", [data, data], output if site.node.op != "Softmax" else None)
        if site.node.op == "Softmax":
            site.op("Add", [zero, site.const(1.0)], output)
