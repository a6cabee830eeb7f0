"""Arithmetic, comparison, logic of several operands: Barracuda broadcasts on its own axes, Sentis as ONNX does."""

from __future__ import annotations

from onnx import TensorProto

from stylebridge.opcheck.behaviour.axes import MAX_OLD_RANK, broadcast_letters, is_old_importer
from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.behaviour.kinds import is_int, needs_float, needs_int, one_kind
from stylebridge.opcheck.behaviour.meeting import meet, shapes_in_words
from stylebridge.opcheck.site import Site

_ARITHMETIC = ("Add", "Sub", "Mul", "Div", "Mod")
_VARIADIC = ("Sum", "Max", "Min", "Mean")
_COMPARISONS = ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")
_LOGIC = ("And", "Or", "Xor", "BitwiseAnd", "BitwiseOr", "BitwiseXor")
_NEW_OPSET = "convert the model to opset 7 or later: onnx.version_converter"
OPERATORS = (*_ARITHMETIC, "Pow", *_VARIADIC, *_COMPARISONS, *_LOGIC)


def barracuda(site: Site) -> None:
    """Operands meet on Barracuda's axes; sizes that don't fit there fail an assertion when it runs."""
    _forget_old_attributes(site)
    if bake(site):
        return
    ranks = [site.rank(i) for i in range(len(site.node.inputs))]
    if any(rank is None for rank in ranks):
        return
    highest = max(rank or 0 for rank in ranks)
    if is_old_importer(site) and highest > MAX_OLD_RANK:
        site.rejects(f"an operand has {highest} dimensions, this release knows up to {MAX_OLD_RANK}")
        return
    landed = [broadcast_letters(site, i, highest) for i in range(len(ranks))]
    if any(own is None for own in landed):
        return
    if meet(site, [own or "" for own in landed], highest) and _divides_whole_numbers(site):
        site.alters_if_different("whole numbers are divided as real ones: the fraction stays", "use floats and Floor")
    _say_misaligned(site)
    if len(site.node.inputs) == 1 and site.node.op in _VARIADIC:
        site.becomes("Mul", [site.node.input(0), site.const(0.0)])
        site.alters("with a single operand nothing is computed: the output is left empty", "leave the node out")


def _divides_whole_numbers(site: Site) -> bool:
    return site.node.op == "Div" and is_int(site.graph, site.node.input(0))


def _forget_old_attributes(site: Site) -> None:
    """Before opset 7 an attribute said how to broadcast; no engine reads it."""
    if len(site.nodes) == 1 and site.node.has("broadcast"):
        site.set(broadcast=None, axis=None)


def _say_misaligned(site: Site) -> None:
    """The old attributes are not read: the last dimensions are lined up, as in later opsets."""
    rank, other = site.rank(0), site.rank(1)
    if not site.node.has("broadcast") or not site.node.has("axis") or rank is None or other is None:
        return
    axis = int(site.node.attr("axis"))
    single = site.full_shape(1) == (1,) * other
    if (axis + rank if axis < 0 else axis) != rank - other and not single:
        reason = f"its old attributes `broadcast` and `axis` {axis} are not read: the last dimensions are lined up"
        site.alters(reason, _NEW_OPSET, attribute="axis")


def sentis(site: Site) -> None:
    """Broadcast like numpy, on tensors of one kind; Max and Min drop NaN."""
    _forget_old_attributes(site)
    op, count = site.node.op, len(site.node.inputs)
    if not _fits(site):
        site.rejects(f"operands of shapes {shapes_in_words(site)} can't be broadcast", _NEW_OPSET)
        return
    _say_misaligned(site)
    if count == 1 and op in _VARIADIC:
        _single(site)
    elif op in _LOGIC:
        needs_int(site, *range(count))
    elif op == "Mean":
        needs_float(site, *range(count))
    elif op == "Pow":
        _pow(site)
    else:
        one_kind(site, *range(count))
    if op in ("Max", "Min") and count > 1:
        _dropping_nan(site)


def _fits(site: Site) -> bool:
    shapes = [site.shape(i) for i in range(len(site.node.inputs))]
    longest = max((len(shape) for shape in shapes if shape is not None), default=0)
    for axis in range(1, longest + 1):
        sizes = {shape[-axis] for shape in shapes if shape is not None and len(shape) >= axis} - {1, None}
        if len(sizes) > 1:
            return False
    return True


def _single(site: Site) -> None:
    """One operand only: allowed by ONNX, and not foreseen by the importers from 2.0 on."""
    if site.target.family == "sentis" and site.since("2.0.0"):
        site.rejects("the importer wants a second operand", "leave the node out")
    elif site.since("2.2.2") and site.node.op == "Sum":
        site.becomes("Add", [site.node.input(0), site.node.input(0)])
        site.alters("a sum of one operand is added to itself", "leave the node out")


def _pow(site: Site) -> None:
    if not site.since("2.3.0"):
        needs_float(site, 0)


def _dropping_nan(site: Site) -> None:
    """A pair's maximum is the other number where one of them is NaN."""
    if not any(site.draft.dtype(name) == TensorProto.FLOAT for name in site.node.inputs):
        return
    beats, holds = ("Greater", "GreaterOrEqual") if site.node.op == "Max" else ("Less", "LessOrEqual")
    site.nodes = []
    result, rest = site.node.input(0), list(site.node.inputs[1:])
    for place, other in enumerate(rest):
        outputs = list(site.node.outputs) if place == len(rest) - 1 else None
        if site.draft.value(other) is not None:  # what is stored is no NaN, so one comparison is enough
            result = site.op("Where", [site.op(holds, [result, other]), result, other], outputs)
            continue
        takes = site.op(beats, [other, result])
        if place or site.value(0) is None:
            takes = site.op("Or", [takes, site.op("IsNaN", [result])])
        result = site.op("Where", [takes, other, result], outputs)
