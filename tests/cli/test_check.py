"""`stylebridge check`: the lines, the matrix, the JSON, the exit codes and the refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from .outcome import Refused, Run

pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")

from onnx import parser  # noqa: E402

REPO = Path(__file__).resolve().parent.parent.parent
FINE = "agraph (float[1,3,8,8] input) => (float[1,3,8,8] output) { output = Relu(input) }"
OPEN = "agraph (float[1,3,H,W] input) => (float[1,3,H,W] output) { output = Softmax <axis = 1> (input) }"
REFUSED = """agraph (float[1,3,8,8] input) => (float[1,3,8,8] output) {
    a = Celu(input)
    b = Celu(a)
    c = Sigmoid(b)
    output = Mod(c, input)
}"""
KEYS = ["verdict", "warned", "node", "op", "reason", "remedy"]


def write(path: Path, graph: str, opset: int = 13) -> Path:
    header = f'<ir_version: 8, opset_import: ["" : {opset}]>\n'
    onnx.save(parser.parse_model(header + graph), str(path))
    return path


@pytest.fixture
def fine(tmp_path: Path) -> Path:
    return write(tmp_path / "fine.onnx", FINE)


@pytest.fixture
def doomed(tmp_path: Path) -> Path:
    return write(tmp_path / "doomed.onnx", REFUSED)


def test_a_model_without_trouble_is_one_line_and_exit_code_0(stylebridge: Run, fine: Path) -> None:
    done = stylebridge("check", fine, "--target", "barracuda-3.0.1")
    assert (done.code, done.out, done.err) == (0, f"{fine} on barracuda-3.0.1: ok\n", "")


def test_findings_tell_node_reason_and_remedy_and_equal_ones_share_a_line(stylebridge: Run, doomed: Path) -> None:
    done = stylebridge("check", doomed, "--target", "barracuda-3.0.1")
    lines = done.out.splitlines()
    assert (done.code, lines[0]) == (1, f"{doomed} on barracuda-3.0.1: rejected")
    assert re.match(r"  rejected  2 Celu nodes \(a, b\): the importer does not know Celu\. \S.*\.$", lines[1])
    assert lines[2].startswith("  rejected  Mod output: ")
    assert len(lines) == 3


def test_json_holds_one_object_per_model_and_target_and_every_finding(
    stylebridge: Run, fine: Path, doomed: Path
) -> None:
    done = stylebridge("check", fine, doomed, "--target", "barracuda-3.0.1,inference-engine", "--json")
    found = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 1
    assert [(each["model"], each["target"], each["verdict"]) for each in found] == [
        (str(fine), "barracuda-3.0.1", "ok"),
        (str(fine), "inference-engine-2.4.0", "ok"),
        (str(doomed), "barracuda-3.0.1", "rejected"),
        (str(doomed), "inference-engine-2.4.0", found[3]["verdict"]),
    ]
    assert [list(each) for each in found] == [["model", "target", "verdict", "findings"]] * 4
    assert [finding["node"] for finding in found[2]["findings"]] == ["a", "b", "output"]
    assert [list(finding) for finding in found[2]["findings"]] == [KEYS] * 3


def test_several_models_and_targets_make_a_matrix(stylebridge: Run, fine: Path, doomed: Path) -> None:
    done = stylebridge("check", fine, doomed, "--target", "barracuda-3.0.0,barracuda,onnxruntime")
    matrix = [line.split() for line in done.out.splitlines()[-5:]]
    assert done.code == 1
    assert matrix[0] == ["model", "barracuda-3.0.0", "to", "3.0.1", "onnxruntime"]
    assert ["fine.onnx", "ok", "ok"] in matrix
    assert ["doomed.onnx", "rejected", "ok"] in matrix
    assert " ".join(matrix[-1]) == "2 models on 3 targets: 4 ok, 2 rejected"


def test_findings_that_are_the_same_on_several_releases_are_told_once(stylebridge: Run, doomed: Path) -> None:
    done = stylebridge("check", doomed, "--target", "barracuda-2.3.1,barracuda-2.4.0")
    assert done.out.count("does not know Celu") == 1
    assert f"{doomed} on barracuda-2.3.1 to 2.4.0: rejected" in done.out


def test_all_stands_for_every_measured_release(stylebridge: Run, fine: Path) -> None:
    done = stylebridge("check", fine, "--target", "all", "--json")
    targets = [json.loads(line)["target"] for line in done.out.splitlines()]
    assert len(targets) == len(set(targets)) >= 17
    assert {"barracuda-1.0.4", "sentis-1.2.0", "inference-engine-2.4.0"} <= set(targets)
    assert {"barracuda-1.2.1", "sentis-1.5.0", "onnxruntime"} & set(targets) == set()


@pytest.mark.parametrize(
    ("name", "found"),
    [("barracuda", "barracuda-3.0.1"), ("sentis-2.1", "sentis-2.1.3"), ("Sentis+GPUPixel", "sentis-2.1.3+gpupixel")],
)
def test_short_names_resolve(stylebridge: Run, fine: Path, name: str, found: str) -> None:
    assert stylebridge("check", fine, "--target", name, "--json").json()["target"] == found


def test_altered_passes_only_where_it_is_allowed(stylebridge: Run, tmp_path: Path) -> None:
    model = write(
        tmp_path / "strided.onnx",
        """agraph (float[1,1,9,9] input) => (float[1,1,H,W] output)
        <float[1,1,1,1] w = {2}> { output = Conv <strides = [1, 2]> (input, w) }""",
    )
    done = stylebridge("check", model, "--target", "barracuda")
    assert (done.code, "altered" in done.out.splitlines()[0]) == (1, True)
    assert stylebridge("check", model, "--target", "barracuda", "--allow", "altered").code == 0
    assert stylebridge("check", model, "--target", "inference-engine").code == 0


def test_allowing_altered_lets_nothing_worse_pass(stylebridge: Run, doomed: Path) -> None:
    assert stylebridge("check", doomed, "--target", "barracuda", "--allow", "altered").code == 1


@pytest.mark.parametrize("name", ["input=", ""])
@pytest.mark.parametrize(("size", "code"), [("1x3x5x4", 1), ("1X3×1x1", 0)])
def test_sizes_are_given_by_name_or_by_rank(stylebridge: Run, tmp_path: Path, name: str, size: str, code: int) -> None:
    unsized = write(tmp_path / "open.onnx", OPEN, opset=11)  # whose Softmax flattens: alike only where H and W are 1
    assert stylebridge("check", unsized, "--target", "inference-engine", "--size", name + size).code == code


def test_a_release_that_was_not_run_says_so(stylebridge: Run, fine: Path) -> None:
    assert "was not run" in stylebridge("check", fine, "--target", "barracuda-1.2").out
    assert "was not run" in stylebridge("check", fine, "--target", "sentis+gpucompute").out
    assert "was not run" not in stylebridge("check", fine, "--target", "barracuda+burst").out


def test_a_broken_file_does_not_hide_the_others(stylebridge: Run, fine: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(fine.read_bytes()[:-9])
    done = stylebridge("check", broken, fine, tmp_path / "none.onnx", "--target", "barracuda")
    assert (done.code, done.out) == (2, f"{fine} on barracuda-3.0.1: ok\n")
    assert [line.split(": ")[1] for line in done.err.splitlines()] == [str(broken), str(tmp_path / "none.onnx")]


def test_an_empty_file_is_refused(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "empty.onnx").touch()
    assert "empty.onnx" in refused("check", tmp_path / "empty.onnx", "--target", "barracuda")


def test_a_text_file_is_refused(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_text("no model\n")
    assert "not a whole ONNX file" in refused("check", tmp_path / "a.onnx", "--target", "barracuda")


def test_a_folder_is_refused_and_its_models_are_named(refused: Refused, fine: Path) -> None:
    assert str(fine) in refused("check", fine.parent, "--target", "barracuda")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--target", "baracuda"), "did you mean barracuda"),
        (("--target", "barracuda,"), "expected barracuda, sentis"),
        (("--target", "sentis+burst"), "gpucompute, gpupixel"),
        (("--target", "barracuda", "--allow", "rejected"), "--allow altered"),
        (("--target", "barracuda", "--size", "1x3"), "input (rank 4)"),
        (("--target", "barracuda", "--size", "image=1x3x4x4"), "input (rank 4)"),
        (("--target", "barracuda", "--size", "input=1x3x0x4"), "each from 1 to"),
        (("--target", "barracuda", "--size", "input=1x3x-4x4"), "each from 1 to"),
        (("--target", "barracuda", "--size", "input=" + "1x" * 40 + "1"), "at most 16"),
    ],
)
def test_bad_options_are_refused(refused: Refused, fine: Path, options: tuple[str, ...], said: str) -> None:
    assert said in refused("check", fine, *options)


def test_what_a_terminal_would_obey_is_not_printed(stylebridge: Run, tmp_path: Path) -> None:
    model = parser.parse_model('<ir_version: 8, opset_import: ["" : 13]>\n' + REFUSED)
    model.graph.node[0].name = "\x1b[2J\nrejected" + "n" * 500
    onnx.save(model, str(tmp_path / "odd.onnx"))
    done = stylebridge("check", tmp_path / "odd.onnx", "--target", "barracuda")
    assert "\x1b" not in done.out
    assert max(map(len, done.out.splitlines()[1:])) < 300


def test_the_pre_commit_hook_calls_this_command(stylebridge: Run, fine: Path, doomed: Path) -> None:
    hook = (REPO / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    (entry,) = re.findall(r"entry: (.*)", hook)
    (args,) = re.findall(r"args: \[(.*)\]", hook)
    assert [*entry.split(), *args.split(", ")] == ["stylebridge", "check", "--target", "barracuda-3.0.1"]
    command = [*entry.split()[1:], *args.split(", ")]
    assert stylebridge(*command, fine).code == 0
    assert stylebridge(*command, fine, doomed).code == 1
    assert re.search(re.findall(r"files: (.*)", hook)[0], "models/a.onnx")


def test_the_json_line_of_the_docs_has_the_keys_of_a_real_one(stylebridge: Run, doomed: Path) -> None:
    page = (REPO / "docs" / "check.md").read_text(encoding="utf-8")
    (shown,) = [json.loads(line) for line in page.splitlines() if line.startswith('{"model"')]
    real = json.loads(stylebridge("check", doomed, "--target", "barracuda", "--json").out)
    assert list(shown) == list(real)
    assert list(shown["findings"][0]) == list(real["findings"][0])
