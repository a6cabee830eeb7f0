"""Running a few nodes by themselves, and saying whether two arrays hold the same numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import onnxruntime
from onnx import helper, shape_inference
from onnx.reference import ReferenceEvaluator

from stylebridge.opcheck.graph import Array

TOLERANCE = (1e-4, 1e-3)  # absolute, and of the largest number
_REFERRED = 1 << 16  # numbers of one output that ONNX's slow reference may be asked for
_QUIET = 4
onnxruntime.set_default_logger_severity(_QUIET)  # a trial's complaints are no news to anybody


def run_nodes(
    nodes: Sequence[onnx.NodeProto], feeds: Mapping[str, Array], outputs: Sequence[str], opset: int
) -> dict[str, Array] | None:
    """The outputs of these nodes for these inputs; None where nothing here can run them."""
    wanted = [name for name in outputs if name]
    graph = helper.make_graph(
        list(nodes),
        "probe",
        [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for n, a in feeds.items()],
        [onnx.ValueInfoProto(name=name) for name in wanted],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return run_model(model, feeds)


def run_model(model: onnx.ModelProto, feeds: Mapping[str, Array]) -> dict[str, Array] | None:
    """Run in ONNX Runtime, or in ONNX's reference where that has no kernel; None where neither can."""
    names = [output.name for output in model.graph.output]
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = _QUIET
    settings.intra_op_num_threads = 1
    try:
        data = model.SerializeToString()
        # Without a fallback, which would print to standard output.
        session = onnxruntime.InferenceSession(data, settings, ["CPUExecutionProvider"], enable_fallback=0)
        return dict(zip(names, session.run(names, dict(feeds)), strict=True))
    except Exception:  # the reference may still know it
        return _referred(model, feeds, names)


def _referred(model: onnx.ModelProto, feeds: Mapping[str, Array], names: list[str]) -> dict[str, Array] | None:
    if not _is_small(model):
        return None  # it takes minutes for pictures
    try:
        return dict(zip(names, ReferenceEvaluator(model).run(names, dict(feeds)), strict=True))
    except Exception:  # nobody here can run it
        return None


def _is_small(model: onnx.ModelProto) -> bool:
    """Whether the outputs, as far as ONNX infers them, have few numbers."""
    try:
        outputs = shape_inference.infer_shapes(model, data_prop=True).graph.output
    except Exception:  # what can't be inferred may still run
        return True
    counts = (math.prod(d.dim_value or 1 for d in value.type.tensor_type.shape.dim) for value in outputs)
    return max(counts, default=0) <= _REFERRED


def close(one: Array, other: Array) -> bool:
    """Equal shape, and equal numbers within the tolerance that the engines were measured with."""
    if one.shape != other.shape:
        return False
    if one.size == 0:
        return True
    a, b = one.astype(np.float64), other.astype(np.float64)
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        return False
    finite = np.isfinite(a) & np.isfinite(b)
    if not np.array_equal(a[~finite & ~np.isnan(a)], b[~finite & ~np.isnan(b)]):
        return False
    absolute, relative = TOLERANCE
    bound = absolute + relative * float(np.max(np.abs(b[finite]), initial=0.0))
    return bool(np.max(np.abs(a[finite] - b[finite]), initial=0.0) <= bound)
