"""Bisect: the first layer in which two engines part, found under whatever names the layers go."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from causenets import few_shot, picture
from stylebridge.compare.diagnosis.bisect import bisect
from stylebridge.errors import InputError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx import numpy_helper, parser  # noqa: E402
from stylebridge.compare.diagnosis.matching import path_of_node  # noqa: E402
from stylebridge.compare.diagnosis.tapped import TappedGraph  # noqa: E402
from stylebridge.contract import PixelContract  # noqa: E402
from stylebridge.engines.layers import OnnxLayers  # noqa: E402
from stylebridge.export import contract_of, export  # noqa: E402
from stylebridge.nets.checkpoint import load_network  # noqa: E402
from stylebridge.targets import find_target  # noqa: E402
from trapgraphs import with_smooth_resize, with_unequal_strides  # noqa: E402

REPO = Path(__file__).resolve().parent.parent.parent
STROKES = REPO / "models" / "strokes.onnx"
FRAME = picture(size=(48, 64))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network whose batch norms the export folds into its convolutions."""
    folder = tmp_path_factory.mktemp("bisect")
    network = load_network(few_shot(folder / "net.pt"))
    export(network, contract_of(network, folder), folder / "net.onnx", find_target("barracuda"))
    return folder / "net.onnx"


def tensors(model: Path) -> dict[str, np.ndarray]:
    """Everything that the network makes of the frame."""
    contract = PixelContract.of("signed", multiple=4)
    tapped = TappedGraph("onnxruntime", model, "onnxruntime", contract, FRAME)
    return tapped.fetch([point.name for point in tapped.points])


def changed_weight(model: Path, out: Path, at: int) -> str:
    """The file with the weights of one convolution changed; the name of what that convolution makes."""
    loaded = onnx.load(str(model))
    node = [node for node in loaded.graph.node if node.op_type == "Conv"][at]
    stored = next(tensor for tensor in loaded.graph.initializer if tensor.name == node.input[1])
    stored.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(stored) * np.float32(1.3), stored.name))
    onnx.save(loaded, str(out))
    return str(node.output[0])


@pytest.mark.parametrize("engines", [("onnxruntime", "barracuda-3.0.1"), ("torch", "onnxruntime")], ids=" ".join)
def test_engines_that_agree_part_nowhere(model: Path, engines: tuple[str, str]) -> None:
    found = bisect(model, engines, FRAME)
    assert found.first is None and "agree in all" in found.words
    assert len(found.steps) >= 8


def test_torch_and_a_file_with_folded_norms_are_matched_behind_the_norm(model: Path) -> None:
    found = bisect(model, ["torch", "onnxruntime"], FRAME)
    assert ("enter.1", "Conv") in [(step.name, "Conv" if "Conv" in step.other else "") for step in found.steps]


@pytest.mark.parametrize("at", [0, 3, -1])
@pytest.mark.parametrize("first", ["onnxruntime", "torch"])
def test_changed_weights_are_found_in_their_layer(model: Path, tmp_path: Path, first: str, at: int) -> None:
    name = changed_weight(model, tmp_path / "other.onnx", at)
    found = bisect(model, [first, f"onnxruntime={tmp_path}/other.onnx"], FRAME)
    assert found.first is not None
    assert (found.first.other, found.first.status) == (name, "parts")
    assert all(step.status == "equal" for step in found.steps[: found.index])
    if first == "onnxruntime":
        assert "other weights" in found.words


def test_a_change_behind_the_last_common_layer_shows_in_the_picture(tmp_path: Path) -> None:
    torch_and_file = ["torch", f"onnxruntime={tmp_path}/other.onnx"]
    changed_weight(STROKES, tmp_path / "other.onnx", -1)  # the contract that is baked into the file
    found = bisect(STROKES, torch_and_file, FRAME)
    assert found.first is not None and found.first.name == "the picture"
    assert "part behind the last" in found.words
    assert bisect(STROKES, ["torch", "onnxruntime"], FRAME).words.endswith(", and in the picture")


@pytest.mark.parametrize("first", ["onnxruntime", "torch"])
@pytest.mark.parametrize("at", [0, 1, -2, -1])
def test_a_contract_that_is_baked_into_a_file_is_no_layer_of_the_network(tmp_path: Path, first: str, at: int) -> None:
    name = changed_weight(STROKES, tmp_path / "other.onnx", at)
    for engines in ([first, f"onnxruntime={tmp_path}/other.onnx"], [f"onnxruntime={tmp_path}/other.onnx", first]):
        found = bisect(STROKES, engines, FRAME)
        assert found.first is not None and name in (found.first.name, found.first.other)
        assert ("its contract" in found.words) == (first == "torch" and at == 0)
        assert "Conv" in found.words


def test_unequal_strides_are_found_with_the_checks_reason(tmp_path: Path) -> None:
    path = with_unequal_strides(STROKES, tmp_path / "net.onnx")
    found = bisect(path, ["onnxruntime", "barracuda-3.0.1"], FRAME, contract="unit/4")
    assert (found.first.op, found.first.status) == ("Conv", "other shape")
    assert found.finding.node == "/network/conv2/conv2d/Conv"
    assert "opposite order of axes" in found.words


def test_another_grid_is_found_with_the_checks_reason(tmp_path: Path) -> None:
    path = with_smooth_resize(STROKES, tmp_path / "net.onnx", "align_corners")
    found = bisect(path, ["onnxruntime", "barracuda-3.0.1"], FRAME, contract="unit/4")
    assert (found.first.op, found.first.status, found.first.name) == ("Resize", "parts", "/network/Upsample_output_0")
    assert "align_corners is computed as half_pixel" in found.words
    assert bisect(path, ["onnxruntime", "sentis-2.1.3"], FRAME, contract="unit/4").first is None


@pytest.mark.parametrize("first", ["onnxruntime", "torch"])
def test_a_dump_with_channels_last_is_compared_by_name(model: Path, tmp_path: Path, first: str) -> None:
    made = tensors(model)
    dump = {name: array.transpose(0, 2, 3, 1) if array.ndim == 4 else array for name, array in made.items()}
    np.savez(tmp_path / "same.npz", **dump)
    assert bisect(model, [first, str(tmp_path / "same.npz")], FRAME).first is None
    convolutions = [each.name for each in OnnxLayers(model).layers if each.op == "Conv" and each.name in dump]
    wrong = convolutions[2]
    np.savez(tmp_path / "wrong.npz", **(dump | {wrong: dump[wrong] * 1.1}))
    found = bisect(model, [first, str(tmp_path / "wrong.npz")], FRAME)
    assert found.first is not None and found.first.other == wrong
    assert any("agree again" in note for note in found.notes)


def test_channels_last_are_seen_where_all_sides_are_equal(tmp_path: Path) -> None:
    graph = '<ir_version: 8, opset_import: ["" : 13]>\nagraph (float[1,3,H,W] input) => (float[1,3,H,W] output)'
    body = "{ a = Concat<axis = 1>(input, input) b = Relu(a) output = Slice(b, s, e, x) }"
    body = body.replace(
        "{ a", "{ s = Constant<value_ints = [0]>() e = Constant<value_ints = [3]>() x = Constant<value_ints = [1]>() a"
    )
    onnx.save(parser.parse_model(graph + body), str(tmp_path / "net.onnx"))
    frame = picture(size=(6, 6))
    made = TappedGraph("o", tmp_path / "net.onnx", "onnxruntime", PixelContract.of("signed"), frame).fetch(["a", "b"])
    assert made["b"].shape == (1, 6, 6, 6)
    np.savez(tmp_path / "last.npz", **{name: array.transpose(0, 2, 3, 1) for name, array in made.items()})
    found = bisect(tmp_path / "net.onnx", ["onnxruntime", f"{tmp_path}/last.npz"], frame, contract="signed")
    assert found.first is None and {step.words for step in found.steps} == {"channels last"}
    np.savez(tmp_path / "turned.npz", b=made["b"].transpose(0, 1, 3, 2))
    assert bisect(tmp_path / "net.onnx", ["onnxruntime", f"{tmp_path}/turned.npz"], frame, contract="signed").first


def test_nan_in_one_engine_is_where_they_part(model: Path, tmp_path: Path) -> None:
    made = tensors(model)
    names = list(made)
    made[names[4]] = made[names[4]].copy()
    made[names[4]].flat[3] = np.nan
    np.savez(tmp_path / "nan.npz", **made)
    found = bisect(model, ["onnxruntime", str(tmp_path / "nan.npz")], FRAME)
    assert (found.first.name, found.first.status) == (names[4], "not finite")
    assert "0 and 1 NaN" in found.words


def test_files_without_a_name_in_common_are_matched_by_order(model: Path, tmp_path: Path) -> None:
    loaded = onnx.load(str(model))
    for node in loaded.graph.node:
        node.name = ""
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                if name not in ("input", "output"):
                    names[index] = f"t_{name}"
    for tensor in loaded.graph.initializer:
        tensor.name = f"t_{tensor.name}"
    del loaded.graph.value_info[:]
    onnx.save(loaded, str(tmp_path / "renamed.onnx"))
    found = bisect(model, ["onnxruntime", f"onnxruntime={tmp_path}/renamed.onnx"], FRAME)
    assert found.first is None and len(found.steps) > 15
    changed_weight(tmp_path / "renamed.onnx", tmp_path / "other.onnx", 3)
    assert bisect(model, ["onnxruntime", f"onnxruntime={tmp_path}/other.onnx"], FRAME).first.op == "Conv"


def test_a_fault_in_the_contract_is_told_from_one_in_the_network(model: Path, tmp_path: Path) -> None:
    from stylebridge.onnxfile import relabel

    relabel(model, PixelContract.of("unit", multiple=4), tmp_path / "wrong.onnx")
    found = bisect(model, ["onnxruntime", f"onnxruntime={tmp_path}/wrong.onnx"], FRAME)
    assert found.index == 0 and "fed other numbers" in found.words


@pytest.mark.parametrize(
    ("engines", "said"),
    [
        (["torch"], "1 engines to bisect"),
        (["torch", "tortch"], "unknown engine"),
        (["torch", "recording:x.mcap"], "no such file"),
        (["torch", "missing.npz"], "no such file"),
    ],
    ids=str,
)
def test_what_cant_be_bisected_is_refused(model: Path, engines: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        bisect(model, engines, FRAME)


def test_a_dump_of_nothing_in_common_is_refused(model: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", something=np.zeros(3, np.float32))
    with pytest.raises(InputError, match="no layer in common"):
        bisect(model, ["onnxruntime", f"{tmp_path}/other.npz"], FRAME)


def test_a_release_that_refuses_the_model_says_why(tmp_path: Path) -> None:
    graph = '<ir_version: 8, opset_import: ["" : 14]>\nagraph (float[1,3,H,W] input) => (float[1,3,H,W] output)'
    onnx.save(parser.parse_model(graph + "{ output = HardSwish(input) }"), str(tmp_path / "net.onnx"))
    with pytest.raises(InputError, match="HardSwish"):
        bisect(tmp_path / "net.onnx", ["onnxruntime", "barracuda-3.0.1"], FRAME, contract="unit")


def test_everything_becomes_plain_json(model: Path) -> None:
    told = json.loads(json.dumps(bisect(model, ["onnxruntime", "barracuda"], FRAME).as_json(), allow_nan=False))
    assert told["parts_at"] is None and told["layers"][0]["status"] == "equal"


@pytest.mark.parametrize(
    ("node", "path"),
    [("/net/blocks/blocks.0/conv/Conv", "net.blocks.0.conv"), ("/enter/enter.0/Conv", "enter.0"), ("Conv_3", "")],
)
def test_a_nodes_name_tells_its_module(node: str, path: str) -> None:
    assert path_of_node(node) == path
