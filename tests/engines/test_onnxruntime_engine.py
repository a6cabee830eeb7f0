from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from conformance import EngineConformance  # noqa: E402
from onnx import TensorProto, helper  # noqa: E402
from stylebridge.engines import InferenceFailed, ModelRejected, open_engine  # noqa: E402
from stylebridge.engines import onnxruntime as module  # noqa: E402
from stylebridge.errors import InputError  # noqa: E402
from tiny_onnx_files import export_onnx  # noqa: E402


def picture(height: int = 12, width: int = 16) -> np.ndarray:
    return np.random.default_rng(1).random((1, 3, height, width), dtype=np.float32)


def save(path: Path, nodes: list[Any], inputs: list[Any], outputs: list[Any], weights: Any = (), **kind: Any) -> Path:
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, list(weights), **kind)
    opset = [helper.make_opsetid("", 13)]
    path.write_bytes(helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString())
    return path


def value(name: str, kind: int, shape: list[Any] | None) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


class TestOnnxRuntime(EngineConformance):
    @pytest.fixture
    def open_tiny(self, tiny_onnx: Path) -> Any:
        return lambda **options: open_engine("onnxruntime", tiny_onnx, **options)


class TestFreedOnnxRuntime(EngineConformance):
    @pytest.fixture
    def open_tiny(self, tiny_network: Any, tmp_path: Path) -> Any:
        export_onnx(tiny_network, tmp_path / "fixed.onnx", free=False, size=(20, 24))
        return lambda **options: open_engine("onnxruntime", tmp_path / "fixed.onnx", free_size=True, **options)


def test_the_file_says_what_it_takes(tiny_onnx: Path) -> None:
    with open_engine("onnxruntime", tiny_onnx, provider="cpu") as engine:
        assert [(i.name, i.shape) for i in engine.inputs] == [("input", (1, 3, None, None))]
        assert engine.metadata["stylebridge.note"] == "kept"
        assert engine.device == "cpu"


def test_it_agrees_with_torch(tiny_onnx: Path, tiny_checkpoint: Path) -> None:
    with open_engine("onnxruntime", tiny_onnx) as one, open_engine("torch", tiny_checkpoint, device="cpu") as two:
        made = [engine.run({"input": picture()})["output"] for engine in (one, two)]
    assert np.abs(made[0] - made[1]).max() < 1e-4


def test_number_types_are_the_files(tmp_path: Path) -> None:
    path = save(
        tmp_path / "types.onnx",
        [helper.make_node("Identity", ["half"], ["h"]), helper.make_node("Identity", ["count"], ["c"])],
        [value("half", TensorProto.FLOAT16, ["n"]), value("count", TensorProto.INT64, ["n"])],
        [value("h", TensorProto.FLOAT16, ["n"]), value("c", TensorProto.INT64, ["n"])],
    )
    with open_engine("onnxruntime", path) as engine:
        made = engine.run({"half": np.array([0.5], np.float32), "count": np.array([3], np.uint8)})
        assert (made["h"].dtype, made["c"].dtype) == (np.float16, np.int64)
        assert (made["h"][0], made["c"][0]) == (0.5, 3)
        with pytest.raises(InputError, match=r"reaches from 1\.0 to 70000\.0; expected values that fit float16"):
            engine.run({"half": np.array([1.0, 7e4], np.float32), "count": np.array([3])})
        with pytest.raises(InputError, match="holds float32; expected int64"):
            engine.run({"half": np.array([1.0]), "count": np.array([3], np.float32)})


def test_a_failure_in_the_middle_names_engine_file_and_reason(tmp_path: Path) -> None:
    path = save(
        tmp_path / "add.onnx",
        [helper.make_node("Add", ["a", "b"], ["sum"])],
        [value("a", TensorProto.FLOAT, ["n"]), value("b", TensorProto.FLOAT, ["m"])],
        [value("sum", TensorProto.FLOAT, ["k"])],
    )
    with open_engine("onnxruntime", path) as engine, pytest.raises(InferenceFailed) as caught:
        engine.run({"a": np.zeros(2, np.float32), "b": np.zeros(3, np.float32)})
    text = str(caught.value)
    assert caught.value.exit_code == 1
    assert str(path) in text
    assert "'onnxruntime' failed on a [2], b [3]" in text
    assert "Add" in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "noise", "half", "checkpoint"])
def test_what_is_no_model_gives_one_line_with_its_path(
    tmp_path: Path, tiny_onnx: Path, tiny_checkpoint: Path, kind: str, free: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "model.onnx"
    whole = tiny_onnx.read_bytes()
    contents = {"empty": b"", "noise": b"no model at all", "half": whole[: len(whole) // 2]}
    contents["checkpoint"] = tiny_checkpoint.read_bytes()
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(contents[kind])
    with pytest.raises(InputError) as caught:
        open_engine("onnxruntime", path, free_size=free)
    assert str(path) in str(caught.value)
    assert str(caught.value).count(str(path)) == 1
    assert len(str(caught.value).splitlines()) == 1
    assert "ONNXRuntimeError" not in str(caught.value)
    assert capfd.readouterr().err == "", "the library's own log would repeat the error"


def test_an_unknown_operator_is_rejected_by_name(tmp_path: Path) -> None:
    ends = [value("x", TensorProto.FLOAT, [1])], [value("y", TensorProto.FLOAT, [1])]
    path = save(tmp_path / "odd.onnx", [helper.make_node("Sparkle", ["x"], ["y"])], *ends)
    with pytest.raises(ModelRejected, match="Sparkle"):
        open_engine("onnxruntime", path)


def test_inputs_that_are_no_tensors_are_rejected(tmp_path: Path) -> None:
    ends = [value("x", TensorProto.STRING, [1])], [value("y", TensorProto.STRING, [1])]
    path = save(tmp_path / "text.onnx", [helper.make_node("Identity", ["x"], ["y"])], *ends)
    with pytest.raises(ModelRejected, match=r"'x' is tensor\(string\); expected numeric tensors"):
        open_engine("onnxruntime", path)


def outside_weights(path: Path, location: str) -> Path:
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3], data_location=TensorProto.EXTERNAL)
    for key, text in {"location": location, "offset": "0", "length": "12"}.items():
        weights.external_data.add(key=key, value=text)
    ends = [value("x", TensorProto.FLOAT, [1, 3, 4, 3])], [value("y", TensorProto.FLOAT, [1, 3, 4, 3])]
    return save(path, [helper.make_node("Add", ["x", "w"], ["y"])], *ends, [weights])


@pytest.mark.parametrize("free", [False, True])
def test_weights_beside_the_model_are_read(tmp_path: Path, free: bool) -> None:
    path = outside_weights(tmp_path / "apart.onnx", "w.bin")
    (tmp_path / "w.bin").write_bytes(np.array([1, 2, 3], "<f4").tobytes())
    with open_engine("onnxruntime", path, free_size=free) as engine:
        made = engine.run({"x": np.zeros((1, 3, 4, 3), np.float32)})["y"]
    assert list(made[0, 0, 0]) == [1, 2, 3]


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("way", ["dots", "absolute", "link", "missing"])
def test_weights_outside_the_folder_are_refused(tmp_path: Path, way: str, free: bool) -> None:
    (tmp_path / "secret.bin").write_bytes(bytes(12))
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    location = {"dots": "../secret.bin", "absolute": str(tmp_path / "secret.bin"), "link": "link.bin", "missing": "no"}
    path = outside_weights(folder / "apart.onnx", location[way])
    with pytest.raises(ModelRejected, match=re.escape(str(path))) as caught:
        open_engine("onnxruntime", path, free_size=free)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_over_protobufs_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.onnx"
    with path.open("wb") as file:
        file.truncate(2 << 30)  # sparse: it takes no room
    with pytest.raises(ModelRejected, match=r"2147483648 bytes; expected at most 2147483647\. Save the weights as"):
        open_engine("onnxruntime", path)


def test_an_absent_provider_names_those_present_and_the_package(tiny_onnx: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(module.onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(InputError, match=r"'directml' isn't in .*one of cpu\. Run: pip install onnxruntime-directml"):
        open_engine("onnxruntime", tiny_onnx, provider="directml")
    with pytest.raises(InputError, match="onnxruntime-gpu"):
        open_engine("onnxruntime", tiny_onnx, device="cuda:0")
    with pytest.raises(InputError, match="provider 'gpu'; expected auto, cpu, cuda"):
        open_engine("onnxruntime", tiny_onnx, provider="gpu")
    with pytest.raises(InputError, match="provider 'cpu' on device 'cuda'"):
        open_engine("onnxruntime", tiny_onnx, provider="cpu", device="cuda")


def test_a_provider_that_falls_back_in_silence_is_refused_when_asked_for(tiny_onnx: Path, monkeypatch: Any) -> None:
    cpu = module.PROVIDERS["cpu"][0]
    monkeypatch.setattr(module.onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider", cpu])
    session = module.onnxruntime.InferenceSession
    monkeypatch.setattr(module.onnxruntime, "InferenceSession", lambda m, s, providers: session(m, s, providers=[cpu]))
    with pytest.raises(InputError, match="fell back to 'cpu'"):
        open_engine("onnxruntime", tiny_onnx, provider="cuda")
    with open_engine("onnxruntime", tiny_onnx) as engine:
        assert engine.device == "cpu"


def test_a_fixed_size_is_refused_with_the_way_out(tiny_network: Any, tmp_path: Path) -> None:
    path = tmp_path / "fixed.onnx"
    export_onnx(tiny_network, path, free=False, size=(20, 24))
    with open_engine("onnxruntime", path) as engine:
        with pytest.raises(InputError, match=r"is \[1,3,24,20\]; expected \[1,3,20,24\]\. .*--free-size"):
            engine.run({"input": picture(24, 20)})
        wanted = engine.run({"input": picture(20, 24)})["output"]
    with open_engine("onnxruntime", path, free_size=True) as engine:
        assert engine.inputs[0].shape == engine.outputs[0].shape == (1, 3, None, None)
        np.testing.assert_allclose(engine.run({"input": picture(20, 24)})["output"], wanted, atol=1e-5)
        assert engine.run({"input": picture(24, 20)})["output"].shape == (1, 3, 24, 20)


def test_the_real_tutorial_model_runs_at_its_pictures_size(data_dir: Path) -> None:
    folder = data_dir / "cjmills_e2e"
    image = pytest.importorskip("stylebridge.imaging").read_image(folder / "011.png")
    wanted = pytest.importorskip("stylebridge.imaging").read_image(folder / "final.png")
    given = np.ascontiguousarray(image.transpose(2, 0, 1)[None], dtype=np.float32)
    model = folder / "final_project.onnx"
    with open_engine("onnxruntime", model) as engine, pytest.raises(InputError, match=r"expected \[1,3,960,540\]"):
        engine.run({"input.1": given})
    with open_engine("onnxruntime", model, free_size=True) as engine:
        made = engine.run({"input.1": given})["140"]
    assert made.shape == (1, 3, 540, 960)
    shown = np.clip(made[0].transpose(1, 2, 0), 0, 255)
    error = np.mean((np.round(shown) - wanted) ** 2)
    assert 10 * np.log10(255**2 / error) > 50  # its author's own output


def test_old_files_that_list_weights_as_inputs_open_but_are_not_all_free(data_dir: Path) -> None:
    with open_engine("onnxruntime", data_dir / "fns_small" / "mosaic_nc8_256x256.onnx", free_size=True) as engine:
        assert [info.name for info in engine.inputs] == ["input.1"]
        assert engine.run({"input.1": picture(256, 256) * 255})[engine.outputs[0].name].shape == (1, 3, 256, 256)
        with pytest.raises(InferenceFailed, match=r"Reshape.*\. Run it at its declared size") as caught:
            engine.run({"input.1": picture(64, 96) * 255})
    assert "onnxruntime_src" not in str(caught.value)


def test_channels_last_pictures_keep_their_channels(tmp_path: Path) -> None:
    ends = [value("x", TensorProto.FLOAT, [1, 8, 9, 3])], [value("y", TensorProto.FLOAT, [1, 8, 9, 1])]
    path = save(tmp_path / "nhwc.onnx", [helper.make_node("ReduceMean", ["x"], ["y"], axes=[3])], *ends)
    with open_engine("onnxruntime", path, free_size=True) as engine:
        assert engine.inputs[0].shape == (1, None, None, 3)
        assert engine.outputs[0].shape == (1, None, None, 1)


def test_free_size_without_a_picture_is_refused(tmp_path: Path) -> None:
    ends = [value("x", TensorProto.FLOAT, [1, 8])], [value("y", TensorProto.FLOAT, [1, 8])]
    path = save(tmp_path / "flat.onnx", [helper.make_node("Relu", ["x"], ["y"])], *ends)
    with pytest.raises(InputError, match="no picture input"):
        open_engine("onnxruntime", path, free_size=True)


def test_free_size_on_a_network_that_is_not_free_says_so(tmp_path: Path) -> None:
    ends = [value("x", TensorProto.FLOAT, [1, 3, 8, 8])], [value("y", TensorProto.FLOAT, [1, 192])]
    shape = helper.make_tensor("shape", TensorProto.INT64, [2], [1, 192])
    path = save(tmp_path / "fixed.onnx", [helper.make_node("Reshape", ["x", "shape"], ["y"])], *ends, [shape])
    with open_engine("onnxruntime", path, free_size=True) as engine:
        assert engine.run({"x": picture(8, 8)})["y"].shape == (1, 192)
        with pytest.raises(InferenceFailed, match="Run it at its declared size"):
            engine.run({"x": picture(8, 12)})


def test_without_onnxruntime_the_extra_is_named(tiny_onnx: Path) -> None:
    code = (
        "import sys; sys.modules['onnxruntime'] = None\n"
        "from stylebridge.engines import open_engine\n"
        "from stylebridge.errors import MissingExtra\n"
        f"try: open_engine('onnxruntime', {str(tiny_onnx)!r})\n"
        "except MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert "'onnxruntime' is not installed" in done.stdout, done.stderr
    assert "stylebridge[onnx]" in done.stdout
