from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from stylebridge.cli.run import command, read_arrays, write_arrays
from stylebridge.errors import InputError
from typer.testing import CliRunner

helper = pytest.importorskip("onnx.helper")
pytest.importorskip("onnxruntime")

app = typer.Typer()
app.command()(command)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """y = 2x, file = log x; one output has the name of a parameter of numpy.savez."""
    info = [helper.make_tensor_value_info(name, 1, [1, 3, "h", "w"]) for name in ("x", "y", "file")]
    nodes = [helper.make_node("Add", ["x", "x"], ["y"]), helper.make_node("Log", ["x"], ["file"])]
    graph = helper.make_graph(nodes, "double", info[:1], info[1:])
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (tmp_path / "double.onnx").write_bytes(proto.SerializeToString())
    return tmp_path / "double.onnx"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    np.savez(tmp_path / "in.npz", x=np.arange(1, 13, dtype=np.float32).reshape(1, 3, 2, 2))
    return tmp_path / "in.npz"


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_tensors_go_through_and_a_table_says_what(model: Path, given: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    done = run(model, "--inputs", given, "--outputs", out)
    assert done.exit_code == 0, done.output
    for word in ("1x3x2x2", "float32", "24", " ms (one run", str(out.name)):
        assert word in done.output.replace("\n", "")
    with np.load(out) as made:
        np.testing.assert_array_equal(made["y"], np.load(given)["x"] * 2)
        assert sorted(made.files) == ["file", "y"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["double.onnx", "in.npz", "out.npz"]


def test_json_is_one_object_with_the_timing(model: Path, given: Path, tmp_path: Path) -> None:
    words = ["-e", "onnxruntime", "--threads", 1, "--repeat", 3, "--json"]
    done = run(model, "--inputs", given, "--outputs", tmp_path / "o.npz", *words)
    report = json.loads(done.stdout)
    assert report["engine"] == "onnxruntime"
    assert report["threads"] == 1
    assert report["time"]["runs"] == 3
    assert report["outputs"][0] == {
        "name": "y",
        "shape": [1, 3, 2, 2],
        "dtype": "float32",
        "min": 2,
        "max": 24,
        "non_finite": 0,
    }


def test_outputs_that_are_not_finite_are_counted(model: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "in.npz", x=np.array([0, -1, 1], np.float32).reshape(1, 3, 1, 1))
    words = (model, "--inputs", tmp_path / "in.npz", "--outputs", tmp_path / "o.npz")
    assert json.loads(run(*words, "--json").stdout)["outputs"][1]["non_finite"] == 2
    assert "warning: output 'file' holds 2 NaN" in run(*words, "--force").output


def test_an_existing_output_is_kept_unless_forced(model: Path, given: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    out.write_bytes(b"mine")
    with pytest.raises(InputError, match="already exists"):
        raise run(model, "--inputs", given, "--outputs", out).exception
    assert out.read_bytes() == b"mine"
    assert run(model, "--inputs", given, "--outputs", out, "--force").exit_code == 0
    with pytest.raises(InputError, match="also the file of the inputs"):
        raise run(model, "--inputs", given, "--outputs", given, "--force").exception


def test_a_failed_run_leaves_nothing(model: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "in.npz", x=np.full((1, 3, 2, 2), np.nan, np.float32))
    error = run(model, "--inputs", tmp_path / "in.npz", "--outputs", tmp_path / "out.npz").exception
    assert isinstance(error, InputError)
    assert "NaN" in str(error)
    assert not (tmp_path / "out.npz").exists()


@pytest.mark.parametrize("name", ["out.npy", "out", "in.npz/out.npz", "in.npz/new/out.npz"])
def test_an_impossible_output_is_refused_first(model: Path, given: Path, tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.iterdir())
    error = run(model, "--inputs", given, "--outputs", tmp_path / name, "--force").exception
    assert isinstance(error, InputError)
    assert str(error).startswith(f"{tmp_path / name}: ")
    assert sorted(tmp_path.iterdir()) == before


def test_missing_folders_are_made(model: Path, given: Path, tmp_path: Path) -> None:
    assert run(model, "--inputs", given, "--outputs", tmp_path / "new" / "er" / "out.npz").exit_code == 0
    assert [path.name for path in (tmp_path / "new" / "er").iterdir()] == ["out.npz"]


def test_options_of_another_engine_are_refused(model: Path, given: Path, tmp_path: Path) -> None:
    error = run(model, "--inputs", given, "--outputs", tmp_path / "o.npz", "--precision", "fp16").exception
    assert "engine 'onnxruntime' takes no option 'precision'" in str(error)


class Evil:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("evil"),))


@pytest.mark.parametrize("kind", ["missing", "folder", "noise", "npy", "pickle", "half", "text"])
def test_what_holds_no_plain_arrays_is_refused(tmp_path: Path, given: Path, kind: str) -> None:
    path = tmp_path / "bad.npz"
    if kind == "folder":
        path.mkdir()
    elif kind == "npy":
        with path.open("wb") as file:
            np.save(file, np.zeros(3))
    elif kind == "text":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x", "no array")
    elif kind == "pickle":
        np.savez(path, x=np.array([Evil()], dtype=object))
    elif kind != "missing":
        path.write_bytes(b"noise" if kind == "noise" else given.read_bytes()[:-40])
    with pytest.raises(InputError) as caught:
        read_arrays(path)
    assert str(path) in str(caught.value)
    assert not Path("evil").exists()


def test_a_bare_pickle_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(InputError, match=r"not a readable \.npz"):
        read_arrays(tmp_path / "bad.npz")


def test_any_output_name_survives_the_file(tmp_path: Path) -> None:
    arrays = {name: np.ones(2, np.float32) for name in ("file", "allow_pickle", "Identity:0", "a/b", "140")}
    write_arrays(tmp_path / "o.npz", arrays)
    assert list(read_arrays(tmp_path / "o.npz")) == list(arrays)
