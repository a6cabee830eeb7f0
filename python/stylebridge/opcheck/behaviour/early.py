"""Early: Barracuda before 1.3.3, which moved no data when the meaning of dimensions changed.

A tensor lies in memory channels last, as N H W C, N W C or N C; a reshape or squeeze there renames what lies in memory.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylebridge.opcheck.behaviour.slots import CHANNELS_LAST, moved
from stylebridge.opcheck.graph import Graph, Node
from stylebridge.opcheck.site import Site
from stylebridge.opcheck.trial import usual_shape

MAX_RANK = 4
_LOOK_AT_NO_DIMENSION = {
    *("Relu", "Sigmoid", "Tanh", "Elu", "LeakyRelu", "Selu", "Clip", "Identity", "Cast", "Dropout", "Sqrt"),
    *("Abs", "Neg", "Exp", "Log", "Ceil", "Floor", "Round", "Reciprocal", "Swish"),
}
_IDENTITY = tuple(range(8))
_TO_MEMORY = {3: [0, 2, 1], 4: [0, 2, 3, 1]}
_FROM_MEMORY = {3: [0, 2, 1], 4: [0, 3, 1, 2]}


def memory_shape(shape: Sequence[int]) -> list[int]:
    """The dimensions in the order in which they lie in memory."""
    return [shape[axis] for axis in _TO_MEMORY.get(len(shape), range(len(shape)))]


def to_memory(site: Site, name: str, rank: int) -> str:
    """The tensor in memory's order."""
    order = _TO_MEMORY.get(rank)
    return name if order is None else site.op("Transpose", [name], perm=order)


def from_memory(site: Site, name: str, rank: int, output: str) -> None:
    """What lies in memory, read as a tensor of this rank."""
    order = _FROM_MEMORY.get(rank)
    if order is None:
        site.op("Identity", [name], [output])
    else:
        site.op("Transpose", [name], [output], perm=order)


def renamed(
    site: Site, data: str, shape: Sequence[int], new_shape: Sequence[int], *, warned: bool, reason: str
) -> None:
    """The tensor stays as it lies in memory, and is read with fewer or more dimensions."""
    before = list(site.nodes)
    moved(site, data, _IDENTITY, len(shape), len(new_shape), shape)
    if not site.differs():
        if warned:
            site.warns(reason)
        return
    by_slots, site.nodes = site.nodes, before
    raw = to_memory(site, data, len(shape))
    site.op("Reshape", [raw, site.const(list(new_shape), np.int64)], [site.node.outputs[0]])
    if site.differs():
        site.nodes = by_slots
        site.alters(reason, "use a newer Barracuda", warned=warned)
    elif warned:
        site.warns(reason)


def fits(rank: int | None) -> bool:
    """Whether these releases can hold a tensor of this rank."""
    return rank is None or (rank <= MAX_RANK and rank in CHANNELS_LAST)


def looks_away(node: Node) -> bool:
    """Whether the operator takes each number by itself, so that dimensions don't matter to it."""
    return node.op in _LOOK_AT_NO_DIMENSION


def is_renamed_again(graph: Graph, node: Node) -> bool:
    """Whether all that comes out of a reshape is reshaped once more before anything looks at its dimensions."""
    if any(output.name == node.outputs[0] for output in graph.outputs):
        return False
    users = graph.users.get(node.outputs[0], [])
    return bool(users) and all(
        user.op == "Reshape" or (looks_away(user) and is_renamed_again(graph, user)) for user in users
    )


def comes_out_right(site: Site, sizes: Sequence[int]) -> bool:
    """Whether memory reshaped (once or several times in a row) reads as ONNX means it, told from numbered elements."""
    name = site.node.input(0)
    producer = site.graph.producers.get(name)
    while producer is not None and (producer.op == "Reshape" or looks_away(producer)):
        name = producer.input(0)
        producer = site.graph.producers.get(name)
    shape = usual_shape(site.draft.shape(name) or ())
    numbered = np.arange(np.prod(shape, dtype=np.int64)).reshape(shape)
    memory = numbered.transpose(_TO_MEMORY.get(len(shape), range(len(shape))))
    sizes = [*(size or shape[0] for size in sizes[:1]), *sizes[1:]]
    try:
        found = memory.reshape(memory_shape(sizes)).transpose(_FROM_MEMORY.get(len(sizes), range(len(sizes))))
        return np.array_equal(found, numbered.reshape(sizes))
    except ValueError:
        return False
