"""Activations written out with operators that every engine has."""

from __future__ import annotations

import math

import onnx

from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.rewrites import Rewrites
from stylebridge.opcheck.fix.spelling import Cannot


def hard_swish(job: Job) -> str:
    """x · HardSigmoid(x)."""
    x = job.input(0)
    return str(job.op("Mul", x, job.op("HardSigmoid", x, alpha=1 / 6, beta=0.5)))


def hard_swish_clipped(job: Job) -> str:
    """x · Clip(x / 6 + 1/2, 0, 1)."""
    x = job.input(0)
    return str(job.op("Mul", x, _ramp(job, x, 1 / 6, 0.5)))


def hard_sigmoid(job: Job) -> str:
    """Clip(alpha · x + beta, 0, 1)."""
    return _ramp(job, job.input(0), job.attr("alpha", 0.2), job.attr("beta", 0.5))


def _ramp(job: Job, x: str, alpha: float, beta: float) -> str:
    line = job.op("Add", job.op("Mul", x, job.const(alpha)), job.const(beta))
    return str(job.op("Clip", line, min=0.0, max=1.0))


def gelu(job: Job) -> str:
    """x / 2 · (1 + Erf(x / √2)), or its form with Tanh."""
    x = job.input(0)
    if job.attr("approximate", "none") == "tanh":
        return _gelu_tanh(job, x)
    return str(_half_of(job, x, job.op("Erf", job.op("Mul", x, job.const(math.sqrt(0.5))))))


def _gelu_tanh(job: Job, x: str) -> str:
    cube = job.op("Mul", job.op("Mul", x, x), x)
    inner = job.op("Add", x, job.op("Mul", cube, job.const(0.044715)))
    return _half_of(job, x, job.op("Tanh", job.op("Mul", inner, job.const(math.sqrt(2 / math.pi)))))


def _half_of(job: Job, x: str, soft: str) -> str:
    half = job.op("Mul", x, job.const(0.5))
    return str(job.op("Mul", half, job.op("Add", soft, job.const(1.0))))


def mish(job: Job) -> str:
    """x · Tanh(log(1 + exp x)), without overflow."""
    x = job.input(0)
    return str(job.op("Mul", x, job.op("Tanh", _softplus(job, x))))


def softplus(job: Job) -> str:
    """Relu(x) + Log(1 + Exp(-|x|)), which doesn't overflow."""
    return _softplus(job, job.input(0))


def _softplus(job: Job, x: str) -> str:
    small = job.op("Exp", job.op("Neg", job.op("Abs", x)))
    return str(job.op("Add", job.op("Relu", x), job.op("Log", job.op("Add", small, job.const(1.0)))))


def celu(job: Job) -> str:
    """Relu(x) - alpha · (1 - Exp(-Relu(-x) / alpha))."""
    return _exponential(job, job.attr("alpha", 1.0), job.attr("alpha", 1.0), 1.0)


def elu(job: Job) -> str:
    """Relu(x) - alpha · (1 - Exp(-Relu(-x)))."""
    return _exponential(job, job.attr("alpha", 1.0), 1.0, 1.0)


def selu(job: Job) -> str:
    """gamma · (Relu(x) - alpha · (1 - Exp(-Relu(-x))))."""
    alpha, gamma = job.attr("alpha", 1.67326319217681884765625), job.attr("gamma", 1.05070102214813232421875)
    return _exponential(job, alpha, 1.0, gamma)


def _exponential(job: Job, alpha: float, width: float, gain: float) -> str:
    x = job.input(0)
    below = job.op("Neg", job.op("Relu", job.op("Neg", x)))
    curve = job.op("Sub", job.op("Exp", job.op("Mul", below, job.const(1 / width))), job.const(1.0))
    total = job.op("Add", job.op("Relu", x), job.op("Mul", curve, job.const(alpha)))
    return str(total if gain == 1.0 else job.op("Mul", total, job.const(gain)))


def softsign(job: Job) -> str:
    """x / (1 + |x|)."""
    x = job.input(0)
    return str(job.op("Div", x, job.op("Add", job.op("Abs", x), job.const(1.0))))


def thresholded_relu(job: Job) -> str:
    """Where(x > alpha, x, 0)."""
    x = job.input(0)
    return str(job.op("Where", job.op("Greater", x, job.const(job.attr("alpha", 1.0))), x, job.const(0.0)))


def thresholded_relu_product(job: Job) -> str:
    """x · (x > alpha)."""
    x = job.input(0)
    return str(job.op("Mul", x, _mask(job, "Greater", x, job.attr("alpha", 1.0))))


def shrink(job: Job) -> str:
    """(x + bias) · (x < -lambd) + (x - bias) · (x > lambd)."""
    x, bias, edge = job.input(0), job.attr("bias", 0.0), job.attr("lambd", 0.5)
    low = job.op("Mul", job.op("Add", x, job.const(bias)), _mask(job, "Less", x, -edge))
    high = job.op("Mul", job.op("Sub", x, job.const(bias)), _mask(job, "Greater", x, edge))
    return str(job.op("Add", low, high))


def _mask(job: Job, comparison: str, x: str, edge: float) -> str:
    return str(job.op("Cast", job.op(comparison, x, job.const(edge)), to=onnx.TensorProto.FLOAT))


def leaky_relu(job: Job) -> str:
    """Relu(x) - alpha · Relu(-x)."""
    return _two_slopes(job, job.const(job.attr("alpha", 0.01)))


def prelu(job: Job) -> str:
    """Relu(x) - slope · Relu(-x), the slope given the rank of x."""
    slope = job.maybe_constant(1)
    if slope is None:
        return _two_slopes(job, job.input(1))
    rank = job.rank(0)
    return _two_slopes(job, job.const(slope.reshape((1,) * (rank - slope.ndim) + slope.shape)))


def prelu_flat(job: Job) -> str:
    """PRelu with one slope, or one a channel as [C,1,1]."""
    slope, rank = job.constant(1), job.rank(0)
    if slope.size == 1:
        flat = slope.reshape(1)
    else:
        full = slope.reshape((1,) * (rank - slope.ndim) + slope.shape)
        if rank < 3 or full.shape[1] != full.size:
            raise Cannot("its slopes differ along another axis than the channels")
        flat = full.reshape(-1, *[1] * (rank - 2))
    if flat.shape == slope.shape:
        raise Cannot("its slopes have that shape already")
    return str(job.op("PRelu", job.input(0), job.const(flat)))


def _two_slopes(job: Job, slope: str) -> str:
    x = job.input(0)
    below = job.op("Mul", job.op("Relu", job.op("Neg", x)), slope)
    return str(job.op("Sub", job.op("Relu", x), below))


def swish(job: Job) -> str:
    """x · Sigmoid(alpha · x)."""
    x, alpha = job.input(0), job.attr("alpha", 1.702 if job.node.op == "QuickGelu" else 1.0)
    inner = x if alpha == 1.0 else job.op("Mul", x, job.const(alpha))
    return str(job.op("Mul", x, job.op("Sigmoid", inner)))


def fast_gelu(job: Job) -> str:
    """x / 2 · (1 + Tanh(√(2/π) · (x + 0.044715 x³))), its bias added first."""
    x = job.op("Add", job.input(0), job.input(1)) if job.input(1) else job.input(0)
    return _gelu_tanh(job, x)


def bias_gelu(job: Job) -> str:
    """x + bias, then x / 2 · (1 + Erf(x / √2))."""
    x = job.op("Add", job.input(0), job.input(1))
    return _half_of(job, x, job.op("Erf", job.op("Mul", x, job.const(math.sqrt(0.5)))))


_ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)  # within 2e-7 of it everywhere


def erf(job: Job) -> str:
    """Sign(x) · (1 - p(1 / (1 + 0.3275911 |x|)) · Exp(-x²)), p of fifth degree."""
    x = job.input(0)
    away = job.op("Add", job.op("Mul", job.op("Abs", x), job.const(0.3275911)), job.const(1.0))
    t = job.op("Div", job.const(1.0), away)
    total = job.const(_ERF[-1])
    for factor in reversed(_ERF[:-1]):
        total = job.op("Add", job.op("Mul", total, t), job.const(factor))
    tail = job.op("Mul", job.op("Mul", total, t), job.op("Exp", job.op("Neg", job.op("Mul", x, x))))
    return str(job.op("Mul", job.op("Sign", x), job.op("Sub", job.const(1.0), tail)))


def clip(job: Job) -> str:
    """Max with the lower bound, Min with the upper one."""
    x = job.input(0)
    if job.opset < 11:
        raise Cannot("its bounds are constant already")
    for index, op in ((1, "Max"), (2, "Min")):
        if job.input(index):
            x = job.op(op, x, job.input(index))
    return x


def sign(job: Job) -> str:
    """(x > 0) - (x < 0)."""
    x = job.input(0)
    return str(job.op("Sub", _mask(job, "Greater", x, 0.0), _mask(job, "Less", x, 0.0)))


REWRITES: Rewrites = {
    "HardSwish": (hard_swish, hard_swish_clipped),
    "HardSigmoid": (hard_sigmoid,),
    "Gelu": (gelu,),
    "FastGelu": (fast_gelu,),
    "BiasGelu": (bias_gelu,),
    "QuickGelu": (swish,),
    "Swish": (swish,),
    "Mish": (mish,),
    "Softplus": (softplus,),
    "Celu": (celu,),
    "Elu": (elu,),
    "Selu": (selu,),
    "Softsign": (softsign,),
    "ThresholdedRelu": (thresholded_relu, thresholded_relu_product),
    "Shrink": (shrink,),
    "LeakyRelu": (leaky_relu,),
    "PRelu": (prelu_flat, prelu),
    "Clip": (clip,),
    "Erf": (erf,),
    "Sign": (sign,),
}
