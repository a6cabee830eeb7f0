"""A second look at models that leave the picture's size open: what fails at a usual size fails at others too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import onnx
from onnx import shape_inference

from stylebridge.opcheck.finding import Finding, Verdict
from stylebridge.opcheck.graph import Graph, shape_of
from stylebridge.opcheck.study import Study, study

HEIGHT, WIDTH = 128, 192  # multiples of 64, so that what is halved six times fits together again
_CHANNELS = (1, 3, 4)
_LENIENT_SINCE = (2, 2, 1)  # Barracuda broadcasts operands of all usual shapes from here on
Sizes = dict[str, tuple[int, ...]]


def with_usual_sizes(found: Study, model: onnx.ModelProto, folder: Path | None) -> tuple[Finding, ...]:
    """The findings, and with them those nodes that fail on a picture of usual size, which open sizes hide."""
    sizes = _usual(found.graph) if _may_hide_failures(found) else None
    if sizes is None:
        return found.findings
    failures = [
        replace(finding, reason=f"{finding.reason} (tried with a picture of {WIDTH} x {HEIGHT})")
        for finding in study(model, found.target, sizes, folder).findings
        if finding.verdict == Verdict.THROWS
    ]
    return (*failures, *found.findings) if failures and _is_meant(model, sizes) else found.findings


def _may_hide_failures(found: Study) -> bool:
    """Whether shapes may differ from the model's own, or operands have to meet in the older Barracudas' ways."""
    old = found.target.line == "barracuda" and found.target.release < _LENIENT_SINCE
    return found.verdict == Verdict.ALTERED or (old and found.verdict == Verdict.OK)


def _usual(graph: Graph) -> Sizes | None:
    """Sizes for all inputs; None where none is open, or where one isn't a picture."""
    shapes = {value.name: shape_of(value) for value in graph.inputs}
    if not any(None in shape for shape in shapes.values()):
        return None
    chosen = {name: _picture(shape) for name, shape in shapes.items()}
    return {name: shape for name, shape in chosen.items() if shape is not None} if None not in chosen.values() else None


def _picture(shape: tuple[int | None, ...]) -> tuple[int, ...] | None:
    """The shape with its open sizes filled in; None where it isn't one of a picture."""
    if None not in shape:
        return tuple(int(size or 0) for size in shape)
    if len(shape) != 4:
        return None
    last = shape[1] is None and shape[3] in _CHANNELS
    usual = (1, HEIGHT, WIDTH, shape[3]) if last else (1, shape[1], HEIGHT, WIDTH)
    filled = [given if size is None else size for size, given in zip(shape, usual, strict=True)]
    return None if None in filled else tuple(int(size or 0) for size in filled)


def _is_meant(model: onnx.ModelProto, sizes: Sizes) -> bool:
    """Whether the model itself fits together at these sizes: some that leave them open work at one size only."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    for value in fixed.graph.input:
        for dim, size in zip(value.type.tensor_type.shape.dim, sizes.get(value.name, ()), strict=False):
            dim.dim_value = size
    try:
        shape_inference.infer_shapes(fixed, strict_mode=True, data_prop=True)
    except Exception:  # it doesn't
        return False
    return True
