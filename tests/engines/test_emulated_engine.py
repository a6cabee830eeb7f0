from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from conformance import EngineConformance  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from stylebridge.engines import Engine, InferenceFailed, ModelRejected, open_engine  # noqa: E402
from stylebridge.errors import InputError  # noqa: E402

NEWEST = ("barracuda-3.0.1", "inference-engine-2.4.0")


def write(
    path: Path, op: str, *weights: np.ndarray, size: Any = (1, 4, 8, 8), opset: int = 13, **attributes: Any
) -> Path:
    stored = [numpy_helper.from_array(array, f"w{index}") for index, array in enumerate(weights)]
    node = helper.make_node(op, ["x", *(tensor.name for tensor in stored)], ["y"], **attributes)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, list(size))
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "tiny", [x], [y], initializer=stored)
    path.write_bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8).SerializeToString()
    )
    return path


@pytest.fixture(scope="session")
def simplified(tiny_onnx: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without the Identity nodes that PyTorch puts before equal weights, which Barracuda refuses."""
    onnxsim = pytest.importorskip("onnxsim")
    path = tmp_path_factory.mktemp("simplified") / "tiny.onnx"
    onnx.save(onnxsim.simplify(onnx.load(str(tiny_onnx)))[0], str(path))
    return path


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).normal(size=shape).astype(np.float32)


class EmulatedConformance(EngineConformance):
    """What the engines here are for: showing what comes of any numbers, the broken ones too."""

    target = ""

    @pytest.fixture
    def open_tiny(self, simplified: Path) -> Any:
        return lambda **options: open_engine(self.target, simplified, **options)

    def test_nan_and_infinity_are_refused_with_count_and_place(self, engine: Engine) -> None:
        """They aren't: they run through, as in the real engine."""
        given = self.given(engine)
        next(iter(given.values()))[0, 1, 2, 3] = np.nan
        assert np.isnan(engine.run(given)[engine.outputs[0].name]).any()


class TestEmulatedBarracuda(EmulatedConformance):
    target = "barracuda-3.0.1"


class TestEmulatedInferenceEngine(EmulatedConformance):
    target = "inference-engine-2.4.0"


@pytest.mark.parametrize("target", NEWEST)
def test_a_style_network_computes_what_onnx_runtime_computes(simplified: Path, target: str) -> None:
    picture = np.abs(noise(1, 3, 24, 32))
    with open_engine("onnxruntime", simplified) as real, open_engine(target, simplified) as emulated:
        expected, found = real.run({"input": picture}), emulated.run({"input": picture})
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-4)


def test_unequal_strides_are_computed_the_other_way_round_in_barracuda_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "conv.onnx", "Conv", noise(2, 4, 3, 3), strides=[2, 1])
    picture = noise(1, 4, 8, 8)
    shapes = {}
    for name in ("onnxruntime", *NEWEST):
        with open_engine(name, path) as engine:
            shapes[name] = engine.run({"x": picture})["y"].shape
    assert shapes["onnxruntime"] == shapes["inference-engine-2.4.0"] == (1, 2, 3, 6)
    assert shapes["barracuda-3.0.1"] == (1, 2, 6, 3)


def test_equal_weights_that_pytorch_shares_through_identities_are_refused_by_barracuda(tiny_onnx: Path) -> None:
    assert any(node.op_type == "Identity" for node in onnx.load(str(tiny_onnx)).graph.node)
    with pytest.raises(ModelRejected, match="computed, not stored"):
        open_engine("barracuda-3.0.1", tiny_onnx)


def test_a_model_that_the_import_refuses_is_not_opened(tmp_path: Path) -> None:
    path = write(tmp_path / "swish.onnx", "HardSwish", opset=14)
    with pytest.raises(ModelRejected, match="HardSwish"):
        open_engine("barracuda-3.0.1", path)
    with open_engine("inference-engine-2.4.0", path) as engine:
        assert engine.run({"x": noise(1, 4, 8, 8)})["y"].shape == (1, 4, 8, 8)


def test_a_model_that_throws_opens_and_fails_when_it_runs(tmp_path: Path) -> None:
    path = write(tmp_path / "group.onnx", "Conv", noise(4, 2, 3, 3), group=2)
    with open_engine("barracuda-3.0.1", path) as engine, pytest.raises(InferenceFailed, match="2 groups"):
        engine.run({"x": noise(1, 4, 8, 8)})


def test_short_names_mean_the_newest_release(tmp_path: Path) -> None:
    path = write(tmp_path / "relu.onnx", "Relu")
    for name, full in (("barracuda", "barracuda-3.0.1"), ("sentis-2.1", "sentis-2.1.3")):
        with open_engine(name, path) as engine:
            assert engine.name == full


def test_open_dimensions_take_any_size_one_after_another(tmp_path: Path) -> None:
    path = write(tmp_path / "open.onnx", "Relu", size=("n", 4, "h", "w"))
    with open_engine("barracuda", path) as engine:
        for shape in ((1, 4, 8, 8), (2, 4, 5, 7), (1, 4, 8, 8)):
            given = noise(*shape)
            np.testing.assert_array_equal(engine.run({"x": given})["y"], np.maximum(given, 0))


def test_an_engine_that_nobody_knows_is_refused_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="barracuda-3"):
        open_engine("baracuda-3.0.1", tmp_path / "any.onnx")
