"""Comparisons, remainders, sums along an axis, casts, and shapes that must be brought to one rank first."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper

from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.rewrites import Rewrites
from stylebridge.opcheck.fix.spelling import Cannot
from stylebridge.opcheck.fix.workshop import float_tensor

FLOAT = onnx.TensorProto.FLOAT


def greater_or_equal(job: Job) -> str:
    """Greater or Equal."""
    a, b = job.input(0), job.input(1)
    return str(job.op("Or", job.op("Greater", a, b), job.op("Equal", a, b)))


def less_or_equal(job: Job) -> str:
    """Less or Equal."""
    a, b = job.input(0), job.input(1)
    return str(job.op("Or", job.op("Less", a, b), job.op("Equal", a, b)))


def mod(job: Job) -> str:
    """a - b · floor(a / b), or with the quotient cut towards zero."""
    kind = job.workshop.dtype(job.input(0))
    a, b = _as_float(job, job.input(0), kind), _as_float(job, job.input(1), kind)
    quotient = job.op("Div", a, b)
    if job.attr("fmod", 0):
        whole = job.op("Mul", job.op("Sign", quotient), job.op("Floor", job.op("Abs", quotient)))
    else:
        whole = job.op("Floor", quotient)
    rest = job.op("Sub", a, job.op("Mul", b, whole))
    return str(rest if float_tensor(kind) else job.op("Cast", rest, to=kind))


def _as_float(job: Job, name: str, kind: int) -> str:
    return name if float_tensor(kind) else str(job.op("Cast", name, to=FLOAT))


def integer_division(job: Job) -> str:
    """Quotient of whole numbers, cut towards zero by hand."""
    kind = job.workshop.dtype(job.input(0))
    if float_tensor(kind):
        raise Cannot("it divides real numbers")
    quotient = job.op("Div", *(str(job.op("Cast", job.input(i), to=FLOAT)) for i in (0, 1)))
    whole = job.op("Mul", job.op("Sign", quotient), job.op("Floor", job.op("Abs", quotient)))
    return str(job.op("Cast", whole, to=kind))


def cumsum(job: Job) -> str:
    """Product with a triangular matrix."""
    axis = job.axis(int(job.constant(1).reshape(-1)[0]))
    shape, rank = job.full_shape(0), job.rank(0)
    count = shape[axis]
    job.room(count, count)
    matrix = np.triu(np.ones((count, count)), 1 if job.attr("exclusive", 0) else 0)
    if job.attr("reverse", 0):
        matrix = matrix.T
    order = [i for i in range(rank) if i != axis] + [axis]
    moved = job.input(0) if axis == rank - 1 else job.op("Transpose", job.input(0), perm=order)
    if rank == 1:
        moved = job.op("Reshape", moved, shape=[1, count])
    total = job.op("MatMul", moved, job.const(matrix))
    if rank == 1:
        return str(job.op("Reshape", total, shape=[count]))
    return str(total if axis == rank - 1 else job.op("Transpose", total, perm=np.argsort(order).tolist()))


def cast(job: Job) -> str:
    """Cast of a number that was cut by hand first."""
    before, after = job.workshop.dtype(job.input(0)), int(job.attr("to"))
    if not float_tensor(before) or float_tensor(after):
        raise Cannot("nothing would be cut by it")
    x = job.input(0)
    if after == onnx.TensorProto.BOOL:
        return str(job.op("Cast", job.op("Abs", job.op("Sign", x)), to=after))
    whole = job.op("Mul", job.op("Sign", x), job.op("Floor", job.op("Abs", x)))
    return str(job.op("Cast", whole, to=after))


def cast_wrapped(job: Job) -> str:
    """Cast to a small whole number, wrapped around by hand."""
    before, after = job.workshop.dtype(job.input(0)), int(job.attr("to"))
    kind = helper.tensor_dtype_to_np_dtype(after)
    if not float_tensor(before) or kind.kind not in "iu" or kind.itemsize > 2:
        raise Cannot("nothing wraps around in it")
    x, span, low = job.input(0), float(2 ** (8 * kind.itemsize)), float(np.iinfo(kind).min)
    whole = job.op("Mul", job.op("Sign", x), job.op("Floor", job.op("Abs", x)))
    turns = job.op("Floor", job.op("Mul", job.op("Sub", whole, job.const(low)), job.const(1 / span)))
    return str(job.op("Cast", job.op("Sub", whole, job.op("Mul", turns, job.const(span))), to=after))


def through_float(job: Job) -> str:
    """Whole numbers made real for it, and whole again behind it."""
    kind = job.workshop.dtype(job.input(0))
    if float_tensor(kind) or kind == onnx.TensorProto.BOOL:
        raise Cannot("its numbers are real already")
    inputs = [str(job.op("Cast", name, to=FLOAT)) if name else "" for name in job.node.inputs]
    made = job.again(*inputs)
    return str(job.op("Cast", made, to=kind))


def same_rank(job: Job) -> str:
    """Operands given the same rank first."""
    rank = max(job.rank(i) for i in range(len(job.node.inputs)))
    inputs = []
    for index, name in enumerate(job.node.inputs):
        missing = rank - job.rank(index)
        known = job.maybe_constant(index)
        if not missing:
            inputs.append(name)
        elif known is not None:
            inputs.append(job.const(known.reshape((1,) * missing + known.shape), known.dtype))
        else:
            inputs.append(_raised(job, index, rank))
    if inputs == list(job.node.inputs):
        raise Cannot("its operands have the same rank")
    return str(job.again(*inputs))


def _raised(job: Job, index: int, rank: int) -> str:
    shape = job.shape(index)
    if sum(size is None for size in shape) <= 1:
        sizes = [1] * (rank - len(shape)) + [-1 if size is None else size for size in shape]
        return str(job.op("Reshape", job.input(index), shape=sizes))
    return str(job.op("Unsqueeze", job.input(index), axes=list(range(rank - len(shape)))))


def expanded(job: Job) -> str:
    """Operands repeated to the full shape first."""
    shapes = [job.full_shape(i) for i in range(len(job.node.inputs))]
    full = np.broadcast_shapes(*shapes)
    inputs = []
    for index, name in enumerate(job.node.inputs):
        known = job.maybe_constant(index)
        if shapes[index] == full:
            inputs.append(name)
        elif known is not None:
            job.room(*full)
            inputs.append(job.const(np.broadcast_to(known, full), known.dtype))
        else:
            padded = (1,) * (len(full) - len(shapes[index])) + shapes[index]
            level = name if padded == shapes[index] else str(job.op("Reshape", name, shape=list(padded)))
            repeats = [wide // narrow for wide, narrow in zip(full, padded, strict=True)]
            inputs.append(str(job.op("Tile", level, repeats=repeats)) if max(repeats) > 1 else level)
    if inputs == list(job.node.inputs):
        raise Cannot("its operands have the same shape")
    return str(job.again(*inputs))


def pairwise(job: Job) -> str:
    """Two operands at a time."""
    op = {"Sum": "Add", "Mean": "Add"}.get(job.node.op, job.node.op)
    if len(job.node.inputs) < 3 and op == job.node.op:
        raise Cannot("it has two operands")
    total = job.input(0)
    for name in job.node.inputs[1:]:
        total = str(job.op(op, total, name))
    if job.node.op == "Mean":
        return str(job.op("Mul", total, job.const(1 / len(job.node.inputs))))
    return total


def where_product(job: Job) -> str:
    """mask · a + (1 - mask) · b."""
    mask = job.op("Cast", job.input(0), to=FLOAT)
    one = job.const(1.0, np.float32)
    picked = job.op("Mul", mask, job.input(1))
    return str(job.op("Add", picked, job.op("Mul", job.op("Sub", one, mask), job.input(2))))


def eye_like(job: Job) -> str:
    """The matrix itself, stored."""
    rows, columns = job.full_shape(0)
    job.room(rows, columns)
    kind = job.attr("dtype")
    dtype = helper.tensor_dtype_to_np_dtype(kind) if kind else job.dtype(0)
    return job.const(np.eye(rows, columns, int(job.attr("k", 0))), dtype)


_BROADCAST = (same_rank, expanded)
REWRITES: Rewrites = {
    "GreaterOrEqual": (greater_or_equal, *_BROADCAST),
    "LessOrEqual": (less_or_equal, *_BROADCAST),
    "Mod": (mod,),
    "CumSum": (cumsum,),
    "Cast": (cast_wrapped, cast),
    "Div": (*_BROADCAST, integer_division),
    "Where": (*_BROADCAST, where_product),
    **dict.fromkeys(("Add", "Sub", "Mul", "Pow", "Equal", "Greater", "Less", "And", "Or", "Xor"), _BROADCAST),
    **dict.fromkeys(("Max", "Min", "Sum", "Mean"), (pairwise, *_BROADCAST)),
    **dict.fromkeys(("Relu", "MatMul", "ReduceMean", "Sigmoid", "Tanh", "GlobalAveragePool"), (through_float,)),
    "EyeLike": (eye_like,),
}
