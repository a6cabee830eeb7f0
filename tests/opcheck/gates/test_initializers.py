"""Stored tensors: which forms an importer reads, and what it makes of the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, external_data_helper, helper, numpy_helper

from opcheck.rules.trying import NEWEST, emulated, numbers, said


def shifted_by(tensor: onnx.TensorProto) -> onnx.ModelProto:
    tensor.name = "c"
    graph = helper.make_graph(
        [helper.make_node("Cast", ["c"], ["f"], to=TensorProto.FLOAT), helper.make_node("Add", ["x", "f"], ["y"])],
        "trial",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 1, 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [tensor],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def raw(array: list[float], dtype: type) -> onnx.ModelProto:
    return shifted_by(numpy_helper.from_array(np.array(array, dtype).reshape(1, 2, 1, 1)))


def typed(kind: int, array: list[float]) -> onnx.ModelProto:
    return shifted_by(helper.make_tensor("c", kind, [1, 2, 1, 1], array))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, np.int8, np.int32, np.int64, np.uint8, np.bool_])
def test_usual_types_in_raw_bytes_are_right(dtype: type, tmp_path: Path) -> None:
    model = raw([1, 0], dtype)
    x = numbers(1, 2, 1, 1)
    for target in ("barracuda-3.0.1", "sentis-1.2.0", NEWEST):
        assert said(model, target) == "ok"
        assert np.allclose(emulated(model, target, tmp_path, x=x)["y"].ravel() - x.ravel(), [1, 0])


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.uint32, np.uint64])
def test_sentis_refuses_the_less_usual_ones(dtype: type) -> None:
    assert said(raw([1, 0], dtype), "barracuda-3.0.1") == "ok"
    assert {said(raw([1, 0], dtype), target) for target in ("sentis-1.2.0", NEWEST)} == {"rejected"}


@pytest.mark.parametrize(
    ("kind", "verdicts"),
    [
        (TensorProto.FLOAT16, ["altered", "altered", "rejected"]),
        (TensorProto.BFLOAT16, ["altered", "altered", "rejected"]),
        (TensorProto.BOOL, ["ok", "ok", "rejected"]),
        (TensorProto.INT8, ["ok", "ok", "rejected"]),
        (TensorProto.DOUBLE, ["rejected", "rejected", "ok"]),
        (TensorProto.INT64, ["ok", "ok", "ok"]),
        (TensorProto.UINT64, ["rejected", "rejected", "rejected"]),
    ],
)
def test_typed_fields_are_read_in_part(kind: int, verdicts: list[str]) -> None:
    targets = ("barracuda-3.0.1", "inference-engine-2.3.0", NEWEST)
    assert [said(typed(kind, [1, 0]), target) for target in targets] == verdicts


def test_half_floats_in_whole_number_fields_are_read_as_whole_numbers(tmp_path: Path) -> None:
    x = numbers(1, 2, 1, 1)
    found = emulated(typed(TensorProto.FLOAT16, [1.0, 0.0]), "barracuda-3.0.1", tmp_path, x=x)["y"]
    assert np.allclose(found.ravel() - x.ravel(), [15360, 0])


def test_whole_numbers_end_at_the_bounds_of_int32(tmp_path: Path) -> None:
    model = raw([2**40, 1], np.int64)
    assert {said(model, target) for target in ("barracuda-3.0.1", NEWEST)} == {"altered"}
    found = emulated(model, NEWEST, tmp_path, x=np.zeros((1, 2, 1, 1), np.float32))["y"]
    assert found.ravel()[0] == pytest.approx(2**31 - 1)


def test_an_end_beyond_int32_does_no_harm() -> None:
    graph = helper.make_graph(
        [helper.make_node("Slice", ["x", "s", "e"], ["y"])],
        "trial",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.array([n]), name) for name, n in (("s", 1), ("e", 2**63 - 1))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    assert {said(model, target) for target in ("barracuda-3.0.1", NEWEST)} == {"ok"}


def test_a_name_used_twice_is_refused() -> None:
    model = raw([1, 0], np.float32)
    model.graph.initializer.append(model.graph.initializer[0])
    assert {said(model, target) for target in ("barracuda-3.0.1", NEWEST)} == {"rejected"}


def two_stored_outside(folder: Path, order: list[str], *, lengths: bool = True) -> Path:
    """y = x + a - b, with a and b in one file in the given order."""
    values = {"a": np.array([1.0, 2.0], np.float32), "b": np.array([10.0, 20.0], np.float32)}
    stored = b"".join(values[name].tobytes() for name in order)
    (folder / "weights.bin").write_bytes(stored)
    tensors = []
    for name in ("a", "b"):
        tensor = numpy_helper.from_array(values[name], name)
        external_data_helper.set_external_data(tensor, "weights.bin", order.index(name) * 8, 8 if lengths else None)
        tensor.ClearField("raw_data")
        tensors.append(tensor)
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "a"], ["s"]), helper.make_node("Sub", ["s", "b"], ["y"])],
        "trial",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        tensors,
    )
    path = folder / "trial.onnx"
    path.write_bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8).SerializeToString()
    )
    return path


def test_weights_outside_are_read_in_order_whatever_their_offsets(tmp_path: Path) -> None:
    from stylebridge.engines import open_engine
    from stylebridge.opcheck import check

    x = np.zeros(2, np.float32)
    found = {}
    for order in (["a", "b"], ["b", "a"]):
        path = two_stored_outside(tmp_path, order)
        assert check(path, "barracuda-3.0.1").verdict == "rejected"
        with open_engine(NEWEST, path) as engine:
            found[order[0]] = check(path, NEWEST).verdict, engine.run({"x": x})["y"].tolist()
    assert found == {"a": ("ok", [-9.0, -18.0]), "b": ("altered", [9.0, 18.0])}


def test_weights_outside_must_say_how_long_they_are(tmp_path: Path) -> None:
    from stylebridge.opcheck import check

    path = two_stored_outside(tmp_path, ["a", "b"], lengths=False)
    assert check(path, NEWEST).verdict == "rejected"


def test_weights_outside_are_looked_for_beside_the_model_only(tmp_path: Path) -> None:
    from stylebridge.opcheck import check

    inner = tmp_path / "inner"
    inner.mkdir()
    path = two_stored_outside(inner, ["a", "b"])
    (inner / "weights.bin").rename(tmp_path / "weights.bin")
    model = onnx.load(str(path), load_external_data=False)
    for tensor in model.graph.initializer:
        tensor.external_data[0].value = "../weights.bin"
    path.write_bytes(model.SerializeToString())
    assert check(path, NEWEST).verdict == "rejected"
