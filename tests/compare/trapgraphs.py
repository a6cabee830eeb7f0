"""ONNX files of real style networks with a trap inside: unequal strides, or a smooth resize with aligned corners."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper


def with_unequal_strides(source: Path, out: Path) -> Path:
    """The two halving convolutions halve one axis each, and one doubling is taken out: the size comes out right."""
    model = onnx.load(str(source))
    halving = [n for n in model.graph.node if n.op_type == "Conv" and _ints(n, "strides") == [2, 2]]
    for node, strides in zip(halving, ([2, 1], [1, 2]), strict=True):
        _set_ints(node, "strides", strides)
    doubling = next(node for node in model.graph.node if node.op_type in ("Upsample", "Resize"))
    _replace_scales(model, doubling, [1.0, 1.0, 1.0, 1.0])
    del model.metadata_props[:]
    onnx.save(model, str(out))
    return out


def with_smooth_resize(source: Path, out: Path, grid: str) -> Path:
    """The doublings become bilinear on the given grid; of opset 11, which is the first to know grids."""
    model = onnx.load(str(source))
    for node in model.graph.node:
        if node.op_type != "Upsample":
            continue
        empty = f"{node.output[0]}_roi"
        model.graph.initializer.append(numpy_helper.from_array(np.zeros(0, np.float32), empty))
        node.op_type = "Resize"
        node.input.insert(1, empty)
        del node.attribute[:]
        node.attribute.append(helper.make_attribute("mode", "linear"))
        node.attribute.append(helper.make_attribute("coordinate_transformation_mode", grid))
    _spell_clips(model)
    paddings = [node for node in model.graph.node if node.op_type == "Pad"]
    for node in paddings:  # an attribute before opset 11, an input since
        pads = numpy_helper.from_array(np.array(_ints(node, "pads"), np.int64), f"{node.output[0]}_pads")
        model.graph.initializer.append(pads)
        node.input.append(pads.name)
        kept = [attribute for attribute in node.attribute if attribute.name == "mode"]
        del node.attribute[:]
        node.attribute.extend(kept)
    del model.opset_import[:]
    model.opset_import.append(helper.make_opsetid("", 11))
    del model.metadata_props[:]
    onnx.save(model, str(out))
    return out


def _spell_clips(model: onnx.ModelProto) -> None:
    """The bounds of Clip are attributes before opset 11, inputs since."""
    for node in model.graph.node:
        if node.op_type != "Clip":
            continue
        bounds = {attribute.name: attribute.f for attribute in node.attribute}
        del node.attribute[:]
        for name in ("min", "max"):
            bound = numpy_helper.from_array(np.array(bounds[name], np.float32), f"{node.output[0]}_{name}")
            model.graph.initializer.append(bound)
            node.input.append(bound.name)


def _ints(node: onnx.NodeProto, name: str) -> list[int]:
    return next((list(a.ints) for a in node.attribute if a.name == name), [])


def _set_ints(node: onnx.NodeProto, name: str, values: list[int]) -> None:
    next(a for a in node.attribute if a.name == name).CopyFrom(helper.make_attribute(name, values))


def _replace_scales(model: onnx.ModelProto, node: onnx.NodeProto, scales: list[float]) -> None:
    name = f"{node.output[0]}_scales"
    model.graph.initializer.append(numpy_helper.from_array(np.array(scales, np.float32), name))
    node.input[-1] = name
