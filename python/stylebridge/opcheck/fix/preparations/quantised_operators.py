"""Operators on whole numbers, written as dequantise, the float operator, quantise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx

from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.spelling import Cannot


def _real(job: Job, index: int) -> str:
    """Three inputs, tensor, scale and zero, as one of real numbers."""
    return str(job.op("DequantizeLinear", *job.node.inputs[index : index + 3]))


def _per_row(job: Job, index: int, axis: int) -> str:
    """The same for weights with a scale a row."""
    scale = job.constant(index + 1)
    kept = {"axis": axis} if scale.size > 1 else {}
    return str(job.op("DequantizeLinear", *job.node.inputs[index : index + 3], **kept))


def _whole(job: Job, x: str, index: int) -> str:
    """Quantise with the scale and zero that stand there."""
    return str(job.op("QuantizeLinear", x, *job.node.inputs[index : index + 2]))


def _conv(job: Job) -> str:
    inputs = [_real(job, 0), _per_row(job, 3, 0)]
    if job.input(8):
        gain = job.constant(1).reshape(-1) * job.constant(4).reshape(-1)
        inputs.append(job.const(job.constant(8).astype(np.float64) * gain, np.float32))
    return _whole(job, str(job.again(*inputs, op="Conv")), 6)


def _matmul(job: Job) -> str:
    known = job.maybe_constant(3)
    right = _per_row(job, 3, known.ndim - 1) if known is not None else _real(job, 3)
    return _whole(job, str(job.op("MatMul", _real(job, 0), right)), 6)


def _gemm(job: Job) -> str:
    trans = job.attr("transB", 0)
    inputs = [_real(job, 0), _per_row(job, 3, 0 if trans else 1)]
    alpha = job.attr("alpha", 1.0)
    if job.input(6):
        gain = job.constant(1).reshape(-1) * job.constant(4).reshape(-1) * alpha
        inputs.append(job.const(job.constant(6).astype(np.float64) * gain, np.float32))
    made = str(job.op("Gemm", *inputs, transA=job.attr("transA", 0), transB=trans, alpha=alpha))
    return _whole(job, made, 7) if job.input(7) else made


def _binary(op: str) -> Callable[[Job], str]:
    def made(job: Job) -> str:
        return _whole(job, str(job.op(op, _real(job, 0), _real(job, 3))), 6)

    return made


def _unary(op: str) -> Callable[[Job], str]:
    def made(job: Job) -> str:
        if job.attr("channels_last", 0):
            raise Cannot("its channels come last")
        kept = [name for name in ("channels_last", "opset") if job.attr(name) is not None]
        return _whole(job, str(job.again(_real(job, 0), op=op, drop=kept)), 3)

    return made


def _concat(job: Job) -> str:
    parts = [_real(job, index) for index in range(2, len(job.node.inputs), 3)]
    return _whole(job, str(job.again(*parts, op="Concat")), 0)


def _to_float(job: Job) -> str:
    """A, B, their scales, their zeros, bias."""
    left = job.op("DequantizeLinear", job.input(0), job.input(2), *filter(None, [job.input(4)]))
    weights = _dequantised(job, 1, 3, 5)
    made = str(job.op("MatMul", left, weights))
    return str(job.op("Add", made, job.input(6))) if job.input(6) else made


def _dynamic(job: Job) -> str:
    """A is real already; B, its scale, its zero, bias."""
    made = str(job.op("MatMul", job.input(0), _dequantised(job, 1, 2, 3)))
    return str(job.op("Add", made, job.input(4))) if job.input(4) else made


def _dequantised(job: Job, index: int, scale: int, zero: int) -> str:
    numbers = job.constant(index).astype(np.float32)
    if job.input(zero):
        numbers = numbers - job.constant(zero).astype(np.float32)
    return job.const(numbers * job.constant(scale), np.float32)


EXPANDED: dict[str, Callable[[Job], str]] = {
    "QLinearConv": _conv,
    "QLinearMatMul": _matmul,
    "QGemm": _gemm,
    "QLinearAdd": _binary("Add"),
    "QLinearMul": _binary("Mul"),
    "QLinearSigmoid": _unary("Sigmoid"),
    "QLinearLeakyRelu": _unary("LeakyRelu"),
    "QLinearGlobalAveragePool": _unary("GlobalAveragePool"),
    "QLinearAveragePool": _unary("AveragePool"),
    "QLinearSoftmax": _unary("Softmax"),
    "QLinearConcat": _concat,
    "MatMulIntegerToFloat": _to_float,
    "DynamicQuantizeMatMul": _dynamic,
}


def expand(job: Job) -> list[onnx.NodeProto]:
    """The node, or the three that stand for it."""
    maker = EXPANDED.get(job.node.op)
    if maker is None:
        return [job.node.proto]
    made = job.finished([maker(job)], "float")
    for name, numbers in job.stored.items():
        job.workshop.model.graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(numbers, order="C"), name))
    return made
