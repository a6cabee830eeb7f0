"""Back ends: what is known about the graphics processor's code is said, and said to be no measurement."""

from __future__ import annotations

import onnx
import pytest
from onnx import parser
from stylebridge.opcheck import Finding, check


def findings(graph: str, target: str, opset: int = 16) -> list[Finding]:
    model: onnx.ModelProto = parser.parse_model(f'<ir_version: 8, opset_import: ["" : {opset}]>\n{graph}')
    return [finding for finding in check(model, target).findings if "not measured" in finding.reason]


TOPK = """agraph (float[4,8] x) => (float[4,2] y, int64[4,2] i) <int64[1] k = {2}> { y, i = TopK(x, k) }"""
NONZERO = "agraph (float[4,8] x) => (int64[2,N] y) { y = NonZero(x) }"
POOL3 = (
    "agraph (float[1,2,4,4,4] x) => (float[1,2,2,2,2] y) { y = MaxPool <kernel_shape=[2,2,2], strides=[2,2,2]> (x) }"
)
POOL2 = "agraph (float[1,2,4,4] x) => (float[1,2,H,W] y) { y = MaxPool <kernel_shape=[2,2]> (x) }"
SCATTER = """agraph (float[4] x, int64[2] i, float[2] u) => (float[4] y)
    {{ y = ScatterElements <reduction = "{}"> (x, i, u) }}"""
GRID = """agraph (float[1,1,4,4] x, float[1,4,4,2] g) => (float[1,1,4,4] y)
    {{ y = GridSample <mode = "{}"> (x, g) }}"""
EINSUM = 'agraph ({}) => (float[A,B] y) {{ y = Einsum <equation = "{}"> ({}) }}'
TWO = ("float[3,4] a, float[4,5] b", "{}", "a, b")


@pytest.mark.parametrize(
    ("graph", "target", "verdict"),
    [
        (TOPK, "sentis+gpupixel", "throws"),
        (TOPK, "sentis+gpucompute", None),
        (TOPK, "sentis", None),
        (NONZERO, "inference-engine+gpupixel", "ok"),
        (NONZERO, "inference-engine+gpucompute", "ok"),
        (POOL3, "inference-engine+gpucompute", "ok"),
        (POOL2, "inference-engine+gpucompute", None),
        (SCATTER.format("add"), "inference-engine+gpucompute", "throws"),
        (SCATTER.format("none"), "inference-engine+gpucompute", None),
        (GRID.format("bicubic"), "inference-engine+gpucompute", "throws"),
        (GRID.format("bilinear"), "inference-engine+gpupixel", None),
    ],
)
def test_gaps_of_the_graphics_processor_are_told(graph: str, target: str, verdict: str | None) -> None:
    assert [finding.verdict.word for finding in findings(graph, target)] == ([verdict] if verdict else [])


@pytest.mark.parametrize(
    ("equation", "throws"),
    [("ij,jk->ik", False), ("ij,jk", False), ("ij,jk->ki", False), ("ij,jk->i", True), ("ij,jj->ij", True)],
)
def test_an_einsum_that_is_a_matrix_product_runs_on_gpupixel(equation: str, throws: bool) -> None:
    graph = EINSUM.format(TWO[0], equation, TWO[2])
    assert bool(findings(graph, "inference-engine+gpupixel")) == throws
    assert findings(graph, "inference-engine+gpucompute") == []


def test_gpucompute_takes_no_einsum_of_three() -> None:
    graph = EINSUM.format("float[3,4] a, float[4,5] b, float[5,6] c", "ij,jk,kl->il", "a, b, c")
    assert [f.verdict.word for f in findings(graph, "inference-engine+gpucompute")] == ["throws"]


@pytest.mark.parametrize(("slopes", "told"), [("float[1] s = {0.5}", False), ("float[2,1,1] s = {0.5, 0.1}", True)])
def test_barracudas_shader_has_one_slope(slopes: str, told: bool) -> None:
    graph = f"agraph (float[1,2,4,4] x) => (float[1,2,4,4] y) <{slopes}> {{ y = PRelu(x, s) }}"
    assert bool(findings(graph, "barracuda+compute")) == told
    assert findings(graph, "barracuda") == []


@pytest.mark.parametrize(
    ("node", "verdict"),
    [("Relu(x)", "ok"), ("ai.onnx.Relu(x)", "ok"), ("com.microsoft.FastGelu(x)", "ok"), ("Nonsense(x)", "rejected")],
)
def test_onnxruntime_takes_what_onnx_defines(node: str, verdict: str) -> None:
    imports = '"" : 16, "com.microsoft" : 1'
    graph = f"agraph (float[4] x) => (float[4] y) {{ y = {node} }}"
    model = parser.parse_model(f"<ir_version: 8, opset_import: [{imports}]>\n{graph}")
    assert check(model, "onnxruntime").verdict == verdict
