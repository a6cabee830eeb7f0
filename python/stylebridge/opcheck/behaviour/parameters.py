"""Parameters: inputs that say how an operator works (sizes, axes, indices) rather than what it works on."""

from __future__ import annotations

from stylebridge.opcheck.graph import Graph

_ALL = frozenset(range(1, 8))
PARAMETERS: dict[str, frozenset[int]] = {
    **dict.fromkeys(("Slice", "Resize", "Upsample", "OneHot", "TopK", "Clip", "NonMaxSuppression"), _ALL),
    **dict.fromkeys(("Reshape", "Expand", "Tile", "Squeeze", "Unsqueeze", "Split", "Pad", "Gather"), _ALL - {2}),
    **dict.fromkeys(("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"), _ALL),
    "ConstantOfShape": frozenset({0}),
    "Range": frozenset({0, 1, 2}),
}


def only_parameters(graph: Graph, name: str) -> bool:
    """Whether every user of a tensor takes it for a parameter."""
    return all(
        index in PARAMETERS.get(user.op, frozenset())
        for user in graph.users.get(name, [])
        for index, given in enumerate(user.inputs)
        if given == name
    ) and all(output.name != name for output in graph.outputs)
