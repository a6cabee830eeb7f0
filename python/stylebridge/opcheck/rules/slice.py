"""Slice: Barracuda wraps indices around, rounds counts, and drops a node of four inputs that aren't all constant."""

from __future__ import annotations

import numpy as np

from stylebridge.opcheck.behaviour import early
from stylebridge.opcheck.behaviour.slicing import HIGHEST, LOWEST, Run, early_run_of, run_of
from stylebridge.opcheck.graph import Array
from stylebridge.opcheck.site import Site
from stylebridge.opcheck.trial import usual_shape

OPERATORS = ("Slice",)
_FOLD = "fold constants: stylebridge fix"
_MAX_RANK = 6
_NEAR, _FAR = 3, 1 << 30


def barracuda(site: Site) -> None:
    """Starts and ends must be constant, or all five inputs known from shapes."""
    if len(site.node.inputs) <= 1:
        _apply(site, site.node.attr("starts"), site.node.attr("ends"), site.node.attr("axes"), None)
        return
    if site.constant(1) is not None and site.constant(2) is not None:
        _apply(site, *(_numbers(site, site.constant(index)) for index in (1, 2, 3, 4)))
        for index, name in ((3, "axes"), (4, "steps")):
            if site.present(index) and site.constant(index) is None:
                site.alters_if_different(f"its {name} are computed, not stored: the default is used", _FOLD, name)
        return
    _computed(site)


def _computed(site: Site) -> None:
    given = len(site.node.inputs)
    if not site.since("1.3.3"):
        site.rejects("its starts or ends are computed, not stored", _FOLD)
    elif given == 4:
        site.throws("with four inputs, some computed, the node is left out", _FOLD)
    elif given == 5 and all(site.value(index) is not None for index in (1, 2, 3, 4)):
        _apply(site, *(_numbers(site, site.value(index)) for index in (1, 2, 3, 4)))
    else:
        site.rejects("its starts or ends can't be known before it runs", _FOLD)


def _numbers(site: Site, found: Array | None) -> list[int] | None:
    """Floats made whole again; before 1.3.3 what doesn't fit turned negative."""
    if found is None:
        return None
    numbers = [int(n) for n in found.ravel()]
    if not site.since("1.3.3"):
        return [LOWEST if float(np.float32(n)) > HIGHEST else max(n, LOWEST) for n in numbers]
    return [min(max(n, LOWEST), HIGHEST) for n in numbers]


def _apply(
    site: Site, starts: list[int] | None, ends: list[int] | None, axes: list[int] | None, steps: list[int] | None
) -> None:
    shape = site.shape(0)
    if starts is None or ends is None:
        site.rejects("starts and ends are required", "export it again")
        return
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    if shape is None:
        return
    if len(shape) > (_MAX_RANK if site.since("1.3.3") else early.MAX_RANK):
        site.rejects(f"a tensor of rank {len(shape)}", "reshape it first")
        return
    runs: dict[int, Run] = {}
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=False):
        place = min(max(axis + len(shape) if axis < 0 else axis, 0), len(shape) - 1)
        size = shape[place]
        if size is None and not (_is_near_an_end(start) and _is_near_an_end(end)):
            return
        runs[place] = _run(site, size or usual_shape(shape)[place], start, end, step)
    if site.since("1.4.0") and not site.since("2.1.0") and site.value(0) is not None and min(steps) < 0:
        site.rejects("a list known at import can't be reversed", "pad by stored numbers: stylebridge fix", "steps")
        return
    numbers = site.constant(0)
    if numbers is not None and not site.since("1.3.3"):
        site.becomes_constant(_cut(numbers, runs))
        return
    written = site.nodes
    _slice(site, runs)
    reason = f"starts {starts}, ends {ends}, steps {steps} are counted in another way"
    site.alters_if_different(reason, "use ends within the tensor and a step that divides the length")
    if any(shape[place] is None for place in runs):
        site.nodes = written  # the run belongs to a guessed size


def _is_near_an_end(index: int) -> bool:
    """Whether an index means about the same in a tensor of any size."""
    return abs(index) <= _NEAR or abs(index) >= _FAR


def _cut(numbers: Array, runs: dict[int, Run]) -> Array:
    for axis, run in runs.items():
        numbers = np.take(numbers, [run.first + run.step * i for i in range(run.length)], axis)
    return numbers


def _run(site: Site, size: int, start: int, end: int, step: int) -> Run:
    if site.since("2.1.0"):
        return run_of(size, start, end, step)
    return early_run_of(size, start, end, step, wraps_counts=site.since("1.3.3"))


def _slice(site: Site, runs: dict[int, Run]) -> None:
    site.nodes = []
    lists = (
        [run.first for run in runs.values()],
        [run.end for run in runs.values()],
        list(runs),
        [run.step or 1 for run in runs.values()],
    )
    site.op("Slice", [site.node.input(0), *(site.const(n, np.int64) for n in lists)], list(site.node.outputs))
