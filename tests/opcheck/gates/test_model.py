"""What concerns a model as a whole: inputs, outputs, order, metadata."""

from __future__ import annotations

import onnx
import pytest
from onnx import parser

from opcheck.rules.trying import NEWEST, one_node, said

HEAD = '<ir_version: 8, opset_import: ["" : 13]> g '


def relu_of(rank: int) -> onnx.ModelProto:
    return one_node("Relu", {"x": [2] * rank})


@pytest.mark.parametrize(
    ("rank", "verdicts"),
    [
        (4, ["ok", "ok", "ok"]),
        (5, ["rejected", "ok", "ok"]),
        (6, ["rejected", "rejected", "ok"]),
        (8, ["rejected", "rejected", "ok"]),
        (9, ["rejected", "rejected", "rejected"]),
    ],
)
def test_ranks_of_inputs_are_limited(rank: int, verdicts: list[str]) -> None:
    assert [said(relu_of(rank), target) for target in ("barracuda-1.0.4", "barracuda-3.0.1", NEWEST)] == verdicts


def test_an_input_without_a_shape_is_refused() -> None:
    model = relu_of(2)
    model.graph.input[0].type.tensor_type.ClearField("shape")
    assert {said(model, target) for target in ("barracuda-3.0.1", NEWEST)} == {"rejected"}


def test_open_sizes_other_than_the_batch_draw_a_warning() -> None:
    assert said(one_node("Relu", {"x": ("n", 3, "h", "w")}), "barracuda-3.0.1") == "ok-warned"
    assert said(one_node("Relu", {"x": ("n", 3, 4, 4)}), "barracuda-3.0.1") == "ok"
    assert said(one_node("Relu", {"x": ("n", 3, "h", "w")}), NEWEST) == "ok"
    assert said(one_node("Relu", {"x": (-1, 3, 4, 4)}), NEWEST) == "ok-warned"


def test_nodes_may_stand_in_any_order() -> None:
    model = parser.parse_model(HEAD + "(float[2] x) => (float[2] y) { y = Sigmoid(a) a = Relu(x) }")
    assert [said(model, t) for t in ("barracuda-1.0.4", "barracuda-1.3.3", NEWEST)] == ["throws", "ok", "ok"]


def test_what_nobody_makes_can_not_be_used() -> None:
    model = parser.parse_model(HEAD + "(float[2] x) => (float[2] y) { y = Add(x, nothing) }")
    assert {said(model, target) for target in ("barracuda-1.0.4", "barracuda-3.0.1", NEWEST)} == {"rejected"}


def test_an_output_that_nobody_makes_is_left_out() -> None:
    model = parser.parse_model(HEAD + "(float[2] x) => (float[2] y, float[2] z) { y = Relu(x) }")
    verdicts = [said(model, t) for t in ("barracuda-3.0.1", "inference-engine-2.3.0", NEWEST)]
    assert verdicts == ["throws", "altered", "altered-warned"]


def test_one_release_leaves_out_stored_outputs() -> None:
    model = parser.parse_model(HEAD + "(float[2] x) => (float[2] y, float[1] v) <float[1] v = {3}> { y = Relu(x) }")
    targets = ("barracuda-3.0.1", "sentis-1.3.0", "sentis-1.4.0", "sentis-2.0.0", NEWEST)
    assert [said(model, target) for target in targets] == ["ok", "ok", "altered", "ok", "ok"]


def test_barracuda_wants_metadata_keys_once() -> None:
    model = relu_of(2)
    for _ in range(2):
        model.metadata_props.add(key="author", value="me")
    assert [said(model, target) for target in ("barracuda-3.0.1", NEWEST)] == ["rejected", "ok"]


def test_a_known_operator_of_another_domain_is_taken_for_it() -> None:
    model = relu_of(2)
    model.graph.node[0].domain = "my.ops"
    assert {said(model, target) for target in ("barracuda-3.0.1", NEWEST)} == {"ok"}
    model.graph.node[0].op_type = "Fancy"
    assert {said(model, target) for target in ("barracuda-3.0.1", NEWEST)} == {"rejected"}


def test_an_unknown_operator_counts_even_when_its_result_is_not_used() -> None:
    model = parser.parse_model(HEAD + "(float[2, 2] x) => (float[2, 2] y) { y = Relu(x) dead = Det(x) }")
    assert {said(model, target) for target in ("barracuda-3.0.1", NEWEST)} == {"rejected"}
