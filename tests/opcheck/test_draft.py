from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx import TensorProto, helper, parser  # noqa: E402
from stylebridge.opcheck.draft import Draft  # noqa: E402
from stylebridge.opcheck.graph import Graph  # noqa: E402
from stylebridge.opcheck.numbers import run_model  # noqa: E402
from stylebridge.opcheck.study import study  # noqa: E402
from stylebridge.targets import find_target  # noqa: E402


def graph(text: str) -> Graph:
    return Graph(parser.parse_model(f'<ir_version: 8, opset_import: ["" : 17]> {text}'))


def draft_of(text: str, line: str = "barracuda") -> Draft:
    read = graph(text)
    draft = Draft(read, line)
    for name, tensor in read.initializers.items():
        draft.set_constant(name, onnx.numpy_helper.to_array(tensor))
    draft.add([node.proto for node in read.nodes])
    return draft


def test_shapes_are_followed_through_the_nodes() -> None:
    draft = draft_of("g (float[1,4,6,8] x) => (y) { a = Transpose<perm = [0,2,3,1]>(x) y = Flatten(a) }")
    assert draft.shape("a") == (1, 6, 8, 4)
    assert draft.shape("y") == (1, 192)


def test_open_dimensions_stay_open() -> None:
    draft = draft_of("g (float[1,4,h,8] x) => (y) { y = Relu(x) }")
    assert draft.shape("y") == (1, 4, None, 8)


def test_the_shape_of_a_static_tensor_is_known_before_a_run() -> None:
    text = """g (float[1,4,6,8] x) => (y) <int64[1] two = {2}> {
        s = Shape(x) d = Gather<axis = 0>(s, two) y = Mul(d, d) }"""
    assert draft_of(text).value("y") == pytest.approx([36])


def test_barracuda_holds_floats_alone_and_sentis_whole_numbers_too() -> None:
    text = "g (int64[4] x, float[4] f) => (y) { g = Greater(f, f) y = Add(x, x) }"
    barracuda, sentis = draft_of(text), draft_of(text, "sentis")
    assert {barracuda.dtype(name) for name in ("x", "y", "g")} == {TensorProto.FLOAT}
    assert {sentis.dtype(name) for name in ("x", "y", "g")} == {TensorProto.INT32}


def test_large_whole_numbers_end_at_the_bounds_of_the_world() -> None:
    draft = draft_of("g (int32[1] x) => (y) <int64[1] c = {8589934592}> { y = Add(x, c) }", "sentis")
    cast = next(name for node in draft.nodes for name in node.input if name in draft.known)
    assert draft.known[cast].tolist() == [2**31 - 1]


def test_nodes_that_come_too_early_in_the_file_are_sorted() -> None:
    read = graph("g (float[2] x) => (y) { y = Neg(a) a = Abs(x) }")
    assert [node.op for node in read.nodes] == ["Abs", "Neg"]


def test_what_can_never_run_comes_last_and_is_not_lost() -> None:
    read = graph("g (float[2] x) => (y) { z = Neg(nobody) y = Abs(x) }")
    assert [node.op for node in read.nodes] == ["Abs", "Neg"]


@pytest.mark.parametrize("target", ["barracuda", "sentis", "onnxruntime"])
def test_an_emulation_without_alterations_gives_the_models_numbers(target: str) -> None:
    text = """g (float[1,4,6,8] x) => (float[n,c,h,w] y) <float[4,1,1] c = {1, 2, 3, 4}> {
        a = Sigmoid(x) b = Mul(a, c) y = Concat<axis = 1>(b, x) }"""
    read = graph(text)
    given = np.random.default_rng(2).normal(size=(1, 4, 6, 8)).astype(np.float32)
    expected = run_model(read.model, {"x": given})
    found = run_model(study(read.model, find_target(target)).emulation(), {"x": given})
    assert expected is not None
    assert found is not None
    np.testing.assert_allclose(found["y"], expected["y"], atol=1e-6)


def test_a_node_name_that_comes_twice_runs_in_the_emulation() -> None:
    read = graph("g (float[2] x) => (float[2] y) { [twice] a = Relu(x) [twice] y = Neg(a) }")
    found = run_model(study(read.model, find_target("sentis")).emulation(), {"x": np.array([1, -1], np.float32)})
    assert found is not None
    np.testing.assert_array_equal(found["y"], [-1, 0])


def test_an_opset_newer_than_the_rules_is_kept() -> None:
    model = helper.make_model(
        parser.parse_graph("g (float[2] x) => (float[2] y) { y = Gelu(x) }"),
        opset_imports=[helper.make_opsetid("", 20)],
    )
    assert Draft(Graph(model), "sentis").opset == 20
