"""Element-wise functions of one tensor: both engines compute most of them as ONNX does."""

from __future__ import annotations

import math

from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.behaviour.kinds import needs_float, needs_int
from stylebridge.opcheck.site import Site

_FLOAT = (
    *("Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cos", "Cosh", "Sin", "Sinh", "Tan", "Tanh"),
    *("Ceil", "Floor", "Round", "Erf", "Exp", "Log", "Reciprocal", "Sqrt", "IsInf", "IsNaN"),
    *("Celu", "Elu", "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu", "Mish", "Relu", "Selu", "Shrink", "Sigmoid"),
    *("Softplus", "Softsign", "Swish", "ThresholdedRelu"),
)
_EITHER = ("Abs", "Neg", "Sign")
_INT = ("Not", "BitwiseNot")
OPERATORS = (*_FLOAT, *_EITHER, *_INT)
_EXP_OVERFLOWS_ABOVE = 88
_GELU_OPSET = 20


def barracuda(site: Site) -> None:
    """Three of them have their own ways; the rest are right in every release that knows them."""
    if bake(site):
        return
    if site.node.op == "LeakyRelu":
        _leaky_relu(site)
    elif site.node.op == "Softplus":
        _softplus(site)
    elif site.node.op == "Round" and not site.since("1.1.2"):
        site.becomes("Identity")
        site.alters("the importer takes it, and the back end passes the numbers on unrounded", "use Floor(x + 0.5)")
    elif site.node.op == "Swish":
        _swish(site)


def _leaky_relu(site: Site) -> None:
    alpha = float(site.node.attr("alpha", 0.01))
    if alpha > 1 and not site.target.backend:
        site.throws(
            f"alpha is {alpha:g}, and the CSharp back end asserts that it is at most 1",
            f"use Max(x, 0) - {alpha:g} * Max(-x, 0), or the Burst back end",
            attribute="alpha",
        )


def _softplus(site: Site) -> None:
    """Written as log(exp(x) + 1), which is infinite where exp overflows."""
    one = site.const(1.0)
    site.nodes = []
    raised = site.op("Exp", [site.node.input(0)])
    site.op("Log", [site.op("Add", [raised, one])], site.node.outputs[:1])
    site.notes(f"numbers above {_EXP_OVERFLOWS_ABOVE} come out infinite: it is computed as log(exp(x) + 1)")


def _swish(site: Site) -> None:
    """Known to both engines long before ONNX had it, and without its alpha."""
    x = site.node.input(0)
    site.nodes = []
    site.op("Mul", [x, site.op("Sigmoid", [x])], site.node.outputs[:1])
    alpha = float(site.node.attr("alpha", 1.0))
    if alpha != 1:
        site.alters(
            f"its alpha {alpha:g} is not read, 1 is used", "write it as x * Sigmoid(alpha * x)", attribute="alpha"
        )


def sentis(site: Site) -> None:
    """All are right on the kinds that they run on."""
    op = site.node.op
    if op in _FLOAT and not needs_float(site, 0):
        return
    if op in _INT and not needs_int(site, 0):
        return
    if op == "Swish":
        _swish(site)
    elif op == "Gelu" and site.draft.opset < _GELU_OPSET:
        _gelu(site)


def _gelu(site: Site) -> None:
    """Spelled out for files older than the operator, such as those of ONNX Runtime's own domain."""
    x, half, one = site.node.input(0), site.const(0.5), site.const(1.0)
    site.nodes = []
    if site.node.attr("approximate", "none") == "tanh":
        cube = site.op("Mul", [site.op("Mul", [x, x]), x])
        inner = site.op("Add", [x, site.op("Mul", [cube, site.const(0.044715)])])
        bent = site.op("Tanh", [site.op("Mul", [inner, site.const(math.sqrt(2 / math.pi))])])
    else:
        bent = site.op("Erf", [site.op("Mul", [x, site.const(math.sqrt(0.5))])])
    site.op("Mul", [site.op("Mul", [x, half]), site.op("Add", [bent, one])], site.node.outputs[:1])
