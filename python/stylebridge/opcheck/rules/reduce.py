"""Reductions, ArgMax and ArgMin: which dimensions are reduced depends on where the axes are written."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.axes import is_old_importer
from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.site import Site

_ARG = ("ArgMax", "ArgMin")
_REDUCTIONS = ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")
OPERATORS = (*(f"Reduce{name}" for name in _REDUCTIONS), *_ARG)
_MAX_DROPPED_RANK = 4
_WRITE_AXES = "write the axes as an attribute: export with opset 11"


def barracuda(site: Site) -> None:
    """One dimension after another; without axes the first one only."""
    if bake(site):
        return
    if is_old_importer(site):
        _channels_only(site)
        return
    rank, axes = site.rank(0), _axes(site)
    if rank is None or axes is None:
        return
    if site.node.has("select_last_index"):
        site.set(select_last_index=None)
        site.alters_if_different("select_last_index is not supported: of equal numbers the first is taken", warned=True)
    keep = bool(site.node.attr("keepdims", 1))
    steps = _steps(site, axes, rank, keep)
    if steps is None or _reduced(steps, rank, keep) == _meant(site, rank):
        return
    _build(site, steps, keep)
    site.alters_if_different(*_reason(site, axes, keep))


def _reduced(steps: list[int], rank: int, keep: bool) -> set[int]:
    """The dimensions of the input that these steps reduce."""
    left, found = list(range(rank)), set()
    for axis in steps:
        found.add(left[axis])
        if not keep:
            del left[axis]
    return found


def _meant(site: Site, rank: int) -> set[int] | None:
    """The dimensions that ONNX reduces; None where they aren't known."""
    if site.node.op in _ARG:
        return {int(site.node.attr("axis", 0)) % rank} if rank else set()
    axes = site.node.attr("axes")
    if site.present(1):
        value = site.value(1)
        if value is None:
            return None
        axes = [int(axis) for axis in value.ravel()]
    if not axes:
        return set() if site.node.attr("noop_with_empty_axes", 0) else set(range(rank))
    return {axis % rank for axis in axes} if rank else set()


def _axes(site: Site) -> list[int] | None:
    """The axes that the importer finds; None where it refuses."""
    axes = [int(site.node.attr("axis", 0))]
    if site.node.has("axes"):
        axes = [int(axis) for axis in site.node.attr("axes")]
    if len(site.node.inputs) < 2 or site.node.op in _ARG or not site.since("2.4.0"):
        return axes
    stored = site.constant(1)
    if stored is None:
        site.rejects("its axes are computed, not stored", "fold constants: stylebridge fix", attribute="axes")
        return None
    return [int(axis) for axis in stored.ravel()]


def _steps(site: Site, axes: list[int], rank: int, keep: bool) -> list[int] | None:
    """The dimension that each step reduces, of what the steps before have left; None where the import fails."""
    done = []
    for place, written in enumerate(axes):
        axis = written - (1 if place and not keep else 0)
        axis += rank if axis < 0 else 0
        if not keep and rank > _MAX_DROPPED_RANK:
            site.rejects(f"it drops dimensions of {rank}, and the importer does so up to 4", "use keepdims=1")
            return None
        if not keep and rank > 1 and axis >= rank:
            site.rejects(
                f"axes {axes} with keepdims=0 are dropped one by one and run past the end",
                "use keepdims=1, then Squeeze or Reshape",
                attribute="keepdims",
            )
            return None
        if 0 <= axis < rank:
            done.append(axis)
            rank -= 0 if keep else 1
    return done


def _build(site: Site, steps: list[int], keep: bool) -> None:
    x, outputs = site.node.input(0), list(site.node.outputs)
    site.nodes = []
    for place, axis in enumerate(steps):
        target = outputs if place == len(steps) - 1 else None
        if site.node.op in _ARG:
            x = site.op(site.node.op, [x], target, axis=axis, keepdims=int(keep))
        else:
            x = site.op(site.node.op, [x, site.const([axis], "int64")], target, keepdims=int(keep))
    if not steps:
        site.op("Identity", [x], outputs)


def _reason(site: Site, axes: list[int], keep: bool) -> tuple[str, str, str]:
    if len(site.node.inputs) > 1 and not site.since("2.4.0"):
        return (
            "its axes are an input, which this release does not read: the first dimension is reduced",
            _WRITE_AXES,
            "",
        )
    if len(site.node.inputs) < 2 and not site.node.has("axes"):
        return "no axes are written: only the first dimension is reduced, ONNX means all", "write all axes", "axes"
    if not keep:
        return (
            f"axes {axes} with keepdims=0 are dropped one by one, and then count other dimensions",
            "use keepdims=1, then Squeeze or Reshape; or positive axes in rising order, at most two",
            "axes",
        )
    return f"axes {axes} are not reduced as ONNX does", "write positive axes", "axes"


def _channels_only(site: Site) -> None:
    """The oldest importer: the axes must be written, and its back end sums over channels only."""
    rank = site.rank(0)
    if not site.node.has("axes"):
        site.rejects("no axes are written as an attribute", _WRITE_AXES, attribute="axes")
        return
    if rank is None:
        return
    keep = bool(site.node.attr("keepdims", 1))
    axes = [int(axis) for axis in site.node.attr("axes")]
    found = [_old_axis(axis, rank - place) for place, axis in enumerate(axes)]
    if len(set(found)) < len(found):
        site.rejects(f"axes {axes} become layers of the same name", "write them in rising order")
    elif any(letter not in ("C", "") for letter in found):
        site.throws(f"it reduces axes {axes}, and this release runs over channels only", "use GlobalAveragePool")
    else:
        _build(site, [min(1, rank - 1)], keep)
        site.alters_if_different(
            f"axes {axes} with keepdims={int(keep)}: only channels are reduced, and dimensions are always kept",
            "use keepdims=1",
            attribute="keepdims",
            warned=not keep,
        )


def _old_axis(axis: int, rank: int) -> str:
    own = {1: "C", 2: "NC", 3: "NCW", 4: "NCHW"}.get(rank, "")
    axis += rank if axis < 0 else 0
    return own[axis] if 0 <= axis < len(own) else ""


_FLOAT_ONLY = ("ReduceMean", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp")
_EMPTY_REFUSED = ("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceMean", "ReduceSumSquare")


def sentis(site: Site) -> None:
    """Right wherever the axes are written for the file's opset."""
    op = site.node.op
    if op in _ARG or (op in _FLOAT_ONLY and not needs_float(site, 0)):
        return
    as_input = site.graph.opset >= (13 if op == "ReduceSum" else 18)
    stored = site.value(1) if site.present(1) else None
    empty = stored is not None and stored.size == 0
    axes = site.const(site.node.attr("axes"), "int64") if site.node.has("axes") else site.node.input(1)
    if site.node.has("axes") and as_input and site.since("2.0.0"):
        axes = site.node.input(1)
        _ignored(site)
    if site.node.attr("noop_with_empty_axes", 0) and (empty or not axes):
        _kept(site)
    elif empty and not site.since("1.3.0"):
        _empty_in_the_first(site)
    else:
        site.becomes(op, [site.node.input(0), *([axes] if axes and not empty else [])], keepdims=_keepdims(site))


def _keepdims(site: Site) -> int:
    return int(site.node.attr("keepdims", 1) == 1)


def _ignored(site: Site) -> None:
    rank = site.rank(0) or 0
    if len({int(axis) % max(rank, 1) for axis in site.node.attr("axes")}) < rank:
        site.alters(
            f"axes are written as an attribute, which opset {site.graph.opset} has no more: everything is reduced",
            "write the axes as an input, or convert the model with onnx.version_converter",
            attribute="axes",
        )


def _kept(site: Site) -> None:
    """Nothing to reduce: the numbers are passed on, though ONNX would still square them, or take their logarithm."""
    op = site.node.op
    site.becomes("Identity", [site.node.input(0)])
    if op in ("ReduceLogSum", "ReduceSumSquare"):
        missed = "logarithm" if op == "ReduceLogSum" else "square"
        site.alters(
            f"with no axes and noop_with_empty_axes the numbers are passed on without their {missed}",
            f"write the {missed} itself",
            attribute="noop_with_empty_axes",
        )
    elif op in ("ReduceL1", "ReduceL2"):
        site.notes("with no axes and noop_with_empty_axes negative numbers keep their sign", "noop_with_empty_axes")


def _empty_in_the_first(site: Site) -> None:
    if site.node.op in _EMPTY_REFUSED:
        site.rejects("its list of axes is empty", "leave the axes out", attribute="axes")
        return
    site.becomes("Identity", [site.node.input(0)])
    site.alters("its list of axes is empty: nothing is reduced, ONNX means all", "leave the axes out", "axes")
