"""`stylebridge fix`: the file and the card it writes, its report, exit codes and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from .outcome import Refused, Run, contents

pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")

from onnx import numpy_helper, parser  # noqa: E402
from stylebridge import card, contract  # noqa: E402
from stylebridge.card import ModelCard  # noqa: E402
from stylebridge.contract import PixelContract  # noqa: E402

FINE = "g (float[1,3,8,8] input) => (float[1,3,8,8] output) { output = Relu(input) }"
DOOMED = """g (float[1,3,8,8] input) => (float[1,3,8,8] output) {
    a = Celu(input)
    b = HardSwish(a)
    output = Celu(b)
}"""
OPEN = """g (float[1,3,H,W] input) => (float[1,3,I,J] output) {
    output = Resize <mode = "linear", coordinate_transformation_mode = "align_corners"> (input, , s)
}"""
HOPELESS = "g (float[1,3,8,8] input) => (float[1,3] output) { output = Det(input) }"


def write(path: Path, graph: str, opset: int = 14) -> Path:
    made = parser.parse_model(f'<ir_version: 8, opset_import: ["" : {opset}]>\n{graph}')
    if ", s)" in graph:
        made.graph.initializer.append(numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "s"))
    onnx.save(made, str(path))
    return path


@pytest.fixture
def doomed(tmp_path: Path) -> Path:
    return write(tmp_path / "doomed.onnx", DOOMED)


def test_a_fixed_model_is_written_and_told_in_few_lines(stylebridge: Run, doomed: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out.onnx"
    done = stylebridge("fix", doomed, "-o", out, "--target", "barracuda")
    lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert lines[0] == f"{doomed} on barracuda-3.0.1: rejected -> ok"
    assert sum("Celu a, output: " in line for line in lines) == 1
    assert lines[-1] == f"written: {out}"
    assert stylebridge("check", out, "--target", "barracuda").code == 0
    assert sorted(contents(out.parent)) == ["out.onnx"]


def test_a_model_that_is_ok_is_copied_byte_for_byte(stylebridge: Run, tmp_path: Path) -> None:
    fine, out = write(tmp_path / "fine.onnx", FINE), tmp_path / "out.onnx"
    text = stylebridge("fix", fine, "-o", out, "--target", "inference-engine").text()
    assert "nothing had to be done" in text
    assert out.read_bytes() == fine.read_bytes()


def test_json_is_one_object(stylebridge: Run, doomed: Path, tmp_path: Path) -> None:
    told = stylebridge("fix", doomed, "-o", tmp_path / "out.onnx", "--target", "barracuda", "--json").json()
    assert (told["target"], told["before"], told["after"]) == ("barracuda-3.0.1", "rejected", "ok")
    assert {entry["op"] for entry in told["fixed"]} == {"Celu", "HardSwish"}
    assert all(entry["max_abs_difference"] < 1e-4 for entry in told["fixed"])
    assert (told["left"], told["out"]) == ([], str(tmp_path / "out.onnx"))


def test_what_is_left_is_told_with_the_reason_and_ends_in_1(stylebridge: Run, tmp_path: Path) -> None:
    model, out = write(tmp_path / "model.onnx", HOPELESS), tmp_path / "out.onnx"
    done = stylebridge("fix", model, "-o", out, "--target", "barracuda")
    assert done.code == 1
    assert "left     rejected  Det output: the importer does not know Det. Not rewritten: no rewrite of Det" in done.out
    assert out.read_bytes() == model.read_bytes()
    (left,) = json.loads(stylebridge("fix", model, "-o", out, "--target", "barracuda", "--force", "--json").out)["left"]
    assert (left["op"], left["why"]) == ("Det", "no rewrite of Det is known")


def test_a_size_makes_more_possible_and_stays_in_the_file(stylebridge: Run, tmp_path: Path) -> None:
    model, out = write(tmp_path / "open.onnx", OPEN), tmp_path / "out.onnx"
    done = stylebridge("fix", model, "-o", out, "--target", "barracuda")
    assert (done.code, "--size" in done.out) == (1, True)
    assert stylebridge("fix", model, "-o", out, "--target", "barracuda", "--size", "1x3x6x8", "--force").code == 0
    shapes = [
        v.type.tensor_type.shape.dim for v in (*onnx.load(str(out)).graph.input, *onnx.load(str(out)).graph.output)
    ]
    assert [[d.dim_value for d in shape] for shape in shapes] == [[1, 3, 6, 8], [1, 3, 12, 16]]


def test_the_card_goes_along(stylebridge: Run, doomed: Path, tmp_path: Path) -> None:
    out, pixels = tmp_path / "out.onnx", PixelContract.of("byte")
    former = ModelCard(name="doomed", contract=pixels, family="own", opset=14, figures={"psnr": 30.0}, origin="here")
    made = onnx.load(str(doomed))
    made.metadata_props.add(key=contract.METADATA_KEY, value=pixels.to_json())
    made.metadata_props.add(key=card.METADATA_KEY, value=former.to_json())
    card.write_model(doomed, made.SerializeToString(), former)
    assert stylebridge("fix", doomed, "-o", out, "--target", "barracuda").code == 0
    found = card.read_card(out)
    assert found is not None
    assert (found.name, found.target, found.contract) == ("out", "barracuda-3.0.1", pixels)
    assert (found.figures, found.origin) == ({"psnr": 30.0}, "here; fixed for barracuda-3.0.1")
    assert stylebridge("contract", "show", out).text() == str(pixels)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["{doomed}", "-o", "{tmp}/out.txt", "--target", "barracuda"], "ends in .onnx"),
        (["{doomed}", "-o", "{doomed}", "--target", "barracuda", "--force"], "would replace the model itself"),
        (["{doomed}", "-o", "{tmp}/taken.onnx", "--target", "barracuda"], "already exists. Pass --force"),
        (["{doomed}", "-o", "{tmp}/out.onnx", "--target", "unreal"], "unknown target 'unreal'"),
        (["{tmp}/none.onnx", "-o", "{tmp}/out.onnx", "--target", "barracuda"], "no such file"),
        (["{tmp}/taken.onnx", "-o", "{tmp}/out.onnx", "--target", "barracuda"], "not a whole ONNX file"),
        (["{doomed}", "-o", "{tmp}/out.onnx", "--target", "barracuda", "--size", "big"], "--size big"),
        (["{doomed}", "-o", "{tmp}/out.onnx", "--target", "barracuda", "--size", "1x3x9x9"], "as in the model"),
    ],
)
def test_bad_input_is_refused_and_nothing_written(
    words: list[str], found: str, refused: Refused, doomed: Path, tmp_path: Path
) -> None:
    (tmp_path / "taken.onnx").write_bytes(b"mine")
    before = contents(tmp_path)
    assert found in refused("fix", *(word.format(doomed=doomed, tmp=tmp_path) for word in words))
    assert contents(tmp_path) == before
