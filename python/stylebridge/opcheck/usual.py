"""A second look at models that leave the picture's size open: what fails at any size fails all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import onnx

from stylebridge.opcheck.finding import Finding, Verdict
from stylebridge.opcheck.graph import Graph, shape_of
from stylebridge.opcheck.study import Study, study

HEIGHT, WIDTH = 128, 192  # multiples of 64, so that what is halved six times fits together again
_CHANNELS = (1, 3, 4)


def with_usual_sizes(found: Study, model: onnx.ModelProto, folder: Path | None) -> tuple[Finding, ...]:
    """The findings, and with them those nodes that fail on a picture of usual size, which open sizes hide."""
    sizes = _usual(found.graph)
    if sizes is None or found.verdict >= Verdict.THROWS:
        return found.findings
    failures = [
        replace(finding, reason=f"{finding.reason} (tried with a picture of {WIDTH} x {HEIGHT})")
        for finding in study(model, found.target, sizes, folder).findings
        if finding.verdict == Verdict.THROWS
    ]
    return (*failures, *found.findings)


def _usual(graph: Graph) -> dict[str, tuple[int, ...]] | None:
    """Sizes for all inputs; None where none is open, or where one isn't a picture."""
    sizes = {value.name: shape_of(value) for value in graph.inputs}
    if not any(None in shape for shape in sizes.values()):
        return None
    chosen = {name: _picture(shape) for name, shape in sizes.items()}
    return None if any(not shape for shape in chosen.values()) else chosen


def _picture(shape: tuple[int | None, ...]) -> tuple[int, ...]:
    """The shape with its open sizes filled in; empty where it isn't one of a picture."""
    if None not in shape:
        return tuple(int(size or 0) for size in shape)
    if len(shape) != 4:
        return ()
    last = shape[1] is None and shape[3] in _CHANNELS
    usual = (1, HEIGHT, WIDTH, shape[3]) if last else (1, shape[1], HEIGHT, WIDTH)
    filled = tuple(given if size is None else size for size, given in zip(shape, usual, strict=True))
    return tuple(size for size in filled if size is not None) if None not in filled else ()
