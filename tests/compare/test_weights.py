"""Stored weights are compared as numbers: rounding and folded batch norms are no other weights, others are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from causenets import few_shot, johnson
from stylebridge.compare.diagnosis.parity import parity
from stylebridge.compare.diagnosis.weights import FOLDED, compare_weights

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from causenets import picture  # noqa: E402
from onnx import numpy_helper  # noqa: E402
from stylebridge.export import contract_of, export  # noqa: E402
from stylebridge.nets.checkpoint import load_network  # noqa: E402
from stylebridge.targets import find_target  # noqa: E402


def exported(checkpoint: Path) -> Path:
    network = load_network(checkpoint)
    out = checkpoint.with_suffix(".onnx")
    export(network, contract_of(network, checkpoint.parent), out, find_target("barracuda"))
    return out


def changed(model: Path, out: Path, change: Callable[[np.ndarray], np.ndarray]) -> Path:
    """The file with every stored weight changed."""
    loaded = onnx.load(str(model))
    for stored in loaded.graph.initializer:
        if stored.data_type == onnx.TensorProto.FLOAT:
            stored.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(stored)), stored.name))
    onnx.save(loaded, str(out))
    return out


def test_an_export_holds_the_same_weights(tmp_path: Path) -> None:
    assert compare_weights(johnson(tmp_path / "net.pt"), exported(tmp_path / "net.pt")) == "same"


def test_batch_norms_that_are_folded_in_are_no_other_weights(tmp_path: Path) -> None:
    assert compare_weights(few_shot(tmp_path / "net.pt"), exported(tmp_path / "net.pt")) == FOLDED
    other = few_shot(tmp_path / "other.pt", 9)
    assert compare_weights(other, tmp_path / "net.onnx").startswith("other: ")


def test_half_precision_is_no_other_weights_and_a_hundredth_is(tmp_path: Path) -> None:
    johnson(tmp_path / "net.pt")
    model = exported(tmp_path / "net.pt")
    half = changed(model, tmp_path / "half.onnx", lambda w: w.astype(np.float16).astype(np.float32))
    assert compare_weights(tmp_path / "net.pt", half) == "same"
    tuned = changed(model, tmp_path / "tuned.onnx", lambda w: w * np.float32(1.01))
    assert compare_weights(tmp_path / "net.pt", tuned).startswith("other: ")


def test_a_folded_network_that_shows_something_else_is_not_blamed_on_its_weights(tmp_path: Path) -> None:
    few_shot(tmp_path / "net.pt")
    model = onnx.load(str(exported(tmp_path / "net.pt")))
    for node in model.graph.node:
        if node.op_type == "Tanh":
            node.op_type = "Sin"
    onnx.save(model, str(tmp_path / "sine.onnx"))
    row = parity(tmp_path / "net.pt", ["torch", f"onnxruntime={tmp_path}/sine.onnx"], [picture()]).rows[1]
    assert row.status == "differs" and row.cause is not None
    assert all("weights" not in cause.faults for cause in row.diagnosis.causes)
