"""How an operator's parameters are written down at an opset: as attributes in older ones, as inputs in newer ones.

Rewrites always name parameters as attributes (`axes=[1]`, `pads=[...]`); here they become what the model's opset wants,
and what stands in a model is read back into that form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import defs, helper

from stylebridge.opcheck.graph import Array, Node

Constant = Callable[[str], "Array | None"]  # the numbers of a tensor that is known before a run
Store = Callable[[Array], str]  # a new initializer's name


class Cannot(Exception):
    """Why a rewrite does not apply; said to the person if nothing else helps."""


class Parameter(NamedTuple):
    """One parameter: its attribute's name, the input that replaced it, and since which opset."""

    name: str
    place: int  # among the inputs
    since: int
    kind: str = "ints"  # ints, scalar (of the data's type) or int


_AXES_13 = (Parameter("axes", 1, 13),)
_AXES_18 = (Parameter("axes", 1, 18),)
PARAMETERS: dict[str, tuple[Parameter, ...]] = {
    "Pad": (Parameter("pads", 1, 11), Parameter("value", 2, 11, "scalar"), Parameter("axes", 3, 18)),
    "Clip": (Parameter("min", 1, 11, "scalar"), Parameter("max", 2, 11, "scalar")),
    "Slice": tuple(Parameter(name, i, 10) for i, name in enumerate(("starts", "ends", "axes", "steps"), 1)),
    "Squeeze": _AXES_13,
    "Unsqueeze": _AXES_13,
    "Split": (Parameter("split", 1, 13),),
    "ReduceSum": _AXES_13,
    **{f"Reduce{n}": _AXES_18 for n in ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare")},
    "TopK": (Parameter("k", 1, 10, "int"),),
    "Reshape": (Parameter("shape", 1, 5),),
    "Expand": (Parameter("shape", 1, 1),),
    "Tile": (Parameter("repeats", 1, 1),),
    "Resize": (Parameter("scales", 2, 11, "floats"), Parameter("sizes", 3, 11)),
}
_ADDED_LATER = {("Slice", "steps"): 10, ("Pad", "axes"): 18, ("Split", "num_outputs"): 18, ("Reshape", "allowzero"): 14}
_HARMLESS = {("Reshape", "allowzero"): 0}


def read_parameters(node: Node, constant: Constant) -> tuple[dict[str, Any], list[str]]:
    """The node's parameters by name, and its inputs without them; Cannot where one is worked out at run time."""
    written = {a.name: node.attr(a.name) for a in node.proto.attribute}
    table = PARAMETERS.get(node.op, ())
    inputs = list(node.inputs)
    for parameter in table:
        name = node.input(parameter.place)
        if not name:
            continue
        numbers = constant(name)
        if numbers is None:
            raise Cannot(f"its {parameter.name} are worked out at run time")
        if numbers.size or parameter.kind == "ints":
            written[parameter.name] = _plain(numbers, parameter.kind)
    first = min((p.place for p in table), default=len(inputs))
    return written, inputs[:first]


def _plain(numbers: Array, kind: str) -> Any:
    if kind == "scalar":
        return numbers.reshape(-1)[0].item() if numbers.size else 0.0
    if kind == "int":
        return int(numbers.reshape(-1)[0])
    return [value.item() for value in numbers.reshape(-1)]


def spelled(
    op: str, inputs: Sequence[str], outputs: Sequence[str], given: Mapping[str, Any], opset: int, store: Store,
    dtype: Any = np.float32,
) -> onnx.NodeProto:  # fmt: skip
    """The node as this opset writes it; Cannot where the opset has no such operator or parameter."""
    require(op, opset)
    attributes = {k: v for k, v in given.items() if v is not None}
    made = list(inputs)
    for parameter in PARAMETERS.get(op, ()):
        if parameter.name not in attributes:
            continue
        if opset < _ADDED_LATER.get((op, parameter.name), 0):
            raise Cannot(f"opset {opset} knows no {parameter.name} of {op}")
        if opset >= parameter.since:
            value = attributes.pop(parameter.name)
            made += [""] * (parameter.place + 1 - len(made))
            made[parameter.place] = store(_stored(value, parameter.kind, dtype))
    for name in list(attributes):
        if opset < _ADDED_LATER.get((op, name), 0) and attributes.pop(name) != _HARMLESS.get((op, name)):
            raise Cannot(f"opset {opset} knows no {name} of {op}")
    return helper.make_node(op, made, list(outputs), **attributes)


def _stored(value: Any, kind: str, dtype: Any) -> Array:
    if kind == "scalar":
        return np.array(value, dtype)
    if kind == "int":
        return np.array([value], np.int64)
    return np.array(value, np.float32 if kind == "floats" else np.int64)


def require(op: str, opset: int) -> None:
    """Cannot where the opset has no such operator."""
    try:
        if not defs.get_schema(op, opset).deprecated:
            return
    except defs.SchemaError:
        pass
    raise Cannot(f"opset {opset} has no {op}")
