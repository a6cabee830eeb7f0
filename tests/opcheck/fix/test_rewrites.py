"""Rewrites: each makes a model that the target takes and that gives the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from .mending import mended, open_picture, operators, picture, random

BARRACUDA, SENTIS = "barracuda-3.0.1", "inference-engine-2.4.0"

ACTIVATIONS = {
    "HardSwish": (14, "y = HardSwish(x)"),
    "Gelu": (20, "y = Gelu(x)"),
    "Gelu tanh": (20, 'y = Gelu <approximate = "tanh"> (x)'),
    "Mish": (18, "y = Mish(x)"),
    "Celu": (12, "y = Celu <alpha = 0.7> (x)"),
    "Softsign": (9, "y = Softsign(x)"),
    "ThresholdedRelu": (10, "y = ThresholdedRelu <alpha = 0.4> (x)"),
    "Shrink": (9, "y = Shrink <lambd = 0.4, bias = 0.2> (x)"),
    "Hardmax": (13, "y = Hardmax <axis = 1> (x)"),
    "LeakyRelu above 1": (9, "y = LeakyRelu <alpha = 1.5> (x)"),
}
REDUCTIONS = {
    "ReduceL1": (13, "y = ReduceL1 <axes = [1]> (x)"),
    "ReduceL2": (13, "y = ReduceL2 <axes = [2, 3], keepdims = 0> (x)"),
    "ReduceSumSquare": (13, "y = ReduceSumSquare <axes = [-1]> (x)"),
    "ReduceLogSumExp": (13, "y = ReduceLogSumExp <axes = [1, 2]> (x)"),
    "without axes": (13, "y = ReduceMean(x)"),
    "dropped": (11, "y = ReduceSum <axes = [-2, -1], keepdims = 0> (x)"),
    "CumSum": (13, "a = Constant <value = int64 {2}> ()\n y = CumSum <reverse = 1> (x, a)"),
}
SHAPES = {
    "Flatten": (13, "y = Flatten <axis = 2> (x)"),
    "Transpose": (13, "y = Transpose (x)"),
    "Split": (13, "a, b = Split <axis = 1> (x)\n y = Add(a, b)"),
    "Squeeze": (11, "a = ReduceMax <axes = [1]> (x)\n y = Squeeze(a)"),
    "Gather": (13, "i = Constant <value = int64[2] {-1, 0}> ()\n y = Gather <axis = 1> (x, i)"),
    "Gather table": (13, "i = Constant <value = int64[2, 2] {-1, 0, 1, 2}> ()\n y = Gather <axis = 1> (x, i)"),
    "Expand": (13, "s = Constant <value = int64[5] {2, 1, 4, 6, 8}> ()\n y = Expand(x, s)"),
    "Pad batch": (13, "p = Constant <value = int64[8] {1, 0, 0, 1, 0, 0, 2, 0}> ()\n y = Pad(x, p)"),
    "Pad wrap": (19, 'p = Constant <value = int64[8] {0, 0, 1, 2, 0, 0, 3, 0}> ()\n y = Pad <mode = "wrap"> (x, p)'),
    "Softmax rows": (11, "y = Softmax <axis = 2> (x)"),
    "LogSoftmax last": (13, "y = LogSoftmax(x)"),
    "Einsum": (12, 'y = Einsum <equation = "bchw,bdhw->bcd"> (x, x)'),
    "GreaterOrEqual": (12, "z = Neg(x)\n a = GreaterOrEqual(x, z)\n y = Cast <to = 1> (a)"),
    "Mod": (13, "z = Abs(x)\n y = Mod <fmod = 1> (x, z)"),
    "Cast": (13, "a = Cast <to = 6> (x)\n y = Cast <to = 1> (a)"),
}
POOLS = {
    "ceil": (13, "y = MaxPool <kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1> (x)"),
    "dilated": (13, "y = MaxPool <kernel_shape = [2, 2], dilations = [2, 3]> (x)"),
    "unequal": (13, "y = MaxPool <kernel_shape = [2, 3], strides = [2, 1]> (x)"),
    "average unequal": (13, "y = AveragePool <kernel_shape = [3, 2], strides = [1, 2], pads = [1, 0, 1, 0]> (x)"),
    "average counted": (
        13,
        "y = AveragePool <kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], count_include_pad = 1> (x)",
    ),
    "average ceil": (13, "y = AveragePool <kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1> (x)"),
    "powers": (11, "y = LpPool <kernel_shape = [2, 2], strides = [2, 2]> (x)"),
}
RESIZES = {
    "align_corners": "s = Constant <value = float[4] {1.0, 1.0, 2.0, 3.0}> ()\n"
    'y = Resize <mode = "linear", coordinate_transformation_mode = "align_corners"> (x, , s)',
    "cubic": 's = Constant <value = float[4] {1.0, 1.0, 2.0, 2.0}> ()\n y = Resize <mode = "cubic"> (x, , s)',
    "sizes": "s = Constant <value = int64[4] {1, 4, 7, 13}> ()\n"
    'y = Resize <mode = "nearest", coordinate_transformation_mode = "half_pixel"> (x, , , s)',
    "smaller": "s = Constant <value = float[4] {1.0, 1.0, 0.5, 0.5}> ()\n"
    'y = Resize <coordinate_transformation_mode = "asymmetric", nearest_mode = "ceil"> (x, , s)',
    "no whole scale": "s = Constant <value = float[4] {1.0, 1.0, 1.5, 1.5}> ()\n"
    'y = Resize <coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, , s)',
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_written_with_known_operators(name: str) -> None:
    opset, body = ACTIVATIONS[name]
    assert name not in operators(mended(picture(body, opset)))


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_keep_their_meaning(name: str) -> None:
    opset, body = REDUCTIONS[name]
    mended(picture(body, opset))


@pytest.mark.parametrize("name", SHAPES)
def test_operators_that_move_numbers_keep_their_meaning(name: str) -> None:
    opset, body = SHAPES[name]
    mended(picture(body, opset))


@pytest.mark.parametrize("name", POOLS)
def test_pools_keep_their_meaning(name: str) -> None:
    opset, body = POOLS[name]
    mended(picture(body, opset))


@pytest.mark.parametrize("name", RESIZES)
def test_resizes_keep_their_meaning(name: str) -> None:
    assert "Resize" not in operators(mended(picture(RESIZES[name])))


@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_an_old_upsample_keeps_its_meaning(mode: str) -> None:
    weights = {"s": np.array([1, 1, 1.5 if mode == "nearest" else 2, 2], np.float32)}
    mended(picture(f'y = Upsample <mode = "{mode}"> (x, s)', 9, weights))


def test_grouped_convolutions_are_split() -> None:
    weights = {"w": random(6, 2, 3, 3), "b": random(6)}
    outcome = mended(picture("y = Conv <group = 2, pads = [1, 1, 1, 1]> (x, w, b)", weights=weights))
    assert [node.op_type for node in outcome.model.graph.node].count("Conv") == 2


def test_several_filters_a_channel_stay_one_convolution() -> None:
    outcome = mended(picture("y = Conv <group = 4> (x, w)", weights={"w": random(8, 1, 3, 3)}))
    assert [node.op_type for node in outcome.model.graph.node] == ["Gather", "Conv"]


@pytest.mark.parametrize("opset", [9, 13])
def test_unequal_strides_are_sliced(opset: int) -> None:
    body = "y = Conv <strides = [1, 2], pads = [1, 1, 1, 1]> (x, w)"
    made = open_picture(body, opset, {"w": random(3, 4, 3, 3)})
    outcome = mended(made, BARRACUDA, (1, 4, 6, 8), (1, 4, 9, 11))
    assert operators(outcome) == {"Conv", "Slice"}


@pytest.mark.parametrize(
    "attributes",
    [
        "group = 2, strides = [2, 2], pads = [1, 1, 1, 1]",
        "strides = [2, 1], output_padding = [1, 0]",
        "strides = [2, 2], pads = [0, 1, 1, 0]",
        "dilations = [2, 3]",
        'strides = [2, 2], auto_pad = "SAME_UPPER"',
        "strides = [2, 2], output_shape = [12, 16]",
    ],
)
def test_transposed_convolutions_keep_their_meaning(attributes: str) -> None:
    weights = {"w": random(4, 2, 3, 3), "b": random(4 if "group" in attributes else 2)}
    mended(picture(f"y = ConvTranspose <{attributes}> (x, w, b)", weights=weights))


def test_computed_weights_and_biases_are_folded() -> None:
    weights = {"w": random(2, 4, 1, 1), "two": np.array(2, np.float32), "b": random(2)}
    body = "v = Mul(w, two)\n c = Identity(b)\n y = Conv(x, v, c)"
    assert operators(mended(picture(body, weights=weights))) == {"Conv"}


def test_weights_worked_out_at_run_time_become_products() -> None:
    weights = {"s": np.array([2, 4, 3, 3], np.int64), "i": np.arange(72)}
    body = "f = Flatten <axis = 0> (x)\n p = Gather <axis = 1> (f, i)\n w = Reshape(p, s)\n y = Conv(x, w)"
    assert "Conv" not in operators(mended(picture(body, weights=weights)))


@pytest.mark.parametrize(
    ("opset", "body"),
    [
        (17, "y = LayerNormalization <axis = -1> (x, w, b)"),
        (21, "y = GroupNormalization <num_groups = 2> (x, g, h)"),
        (13, "y = MeanVarianceNormalization(x)"),
        (13, "y = LpNormalization <axis = 1> (x)"),
        (13, "n = Abs(g)\n m = ReduceMax <axes = [0, 2, 3], keepdims = 0> (x)\n y = InstanceNormalization(x, n, m)"),
    ],
)
def test_norms_are_written_out(opset: int, body: str) -> None:
    mended(picture(body, opset, {"w": random(8), "b": random(8), "g": random(4), "h": random(4)}))


def test_a_group_norm_exported_as_reshape_and_instance_norm_runs() -> None:
    weights = {"s": np.array([0, 2, -1], np.int64), "o": np.ones(2, np.float32), "z": np.zeros(2, np.float32)}
    body = "a = Reshape(x, s)\n b = InstanceNormalization(a, o, z)\n c = Shape(x)\n y = Reshape(b, c)"
    mended(picture(body, 13, weights))
    mended(open_picture(body, 13, weights), BARRACUDA, (1, 4, 6, 8), (1, 4, 5, 9))


@pytest.mark.parametrize(
    ("attributes", "bias"),
    [("alpha = 0.5, beta = 2.0", (5,)), ("beta = 1.0", (4, 5)), ("beta = 1.0", ()), ("alpha = 0.5", None)],
)
def test_products_of_matrices_keep_their_meaning(attributes: str, bias: tuple[int, ...] | None) -> None:
    weights = {"w": random(48, 5), "s": np.array([4, 48], np.int64)}
    body = f"r = Reshape(x, s)\n y = Gemm <{attributes}> (r, w{'' if bias is None else ', c'})"
    if bias is not None:
        weights["c"] = random(*bias)
    mended(picture(body, weights=weights))


@pytest.mark.parametrize(
    ("opset", "body"),
    [
        (11, "y = Softmax <axis = 1> (x)"),
        (12, "y = Hardmax <axis = 1> (x)"),
        (13, 'y = Einsum <equation = "bchw,oc->bohw"> (x, o)'),
        (13, "y = MaxPool <kernel_shape = [2, 2], dilations = [2, 2]> (x)"),
        (17, "y = LayerNormalization <axis = 2> (x, w)"),
        (18, "s = Constant <value = float[2] {2.0, 2.0}> ()\n y = Resize <axes = [2, 3]> (x, , s)"),
    ],
)
def test_what_inference_engine_alters_or_refuses_is_rewritten_too(opset: int, body: str) -> None:
    weights = {"w": random(6, 8), "o": random(3, 4)}
    mended(picture(body, opset, {name: array for name, array in weights.items() if f"{name})" in body}), SENTIS)
