"""Report: verdict, lines and table, what `check` takes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper, parser
from stylebridge.errors import InputError
from stylebridge.opcheck import Finding, Report, Verdict, check
from stylebridge.targets import find_target

HEADER = '<ir_version: 8, opset_import: ["" : 13]>\n'
RELU = "agraph (float[1,3,H,W] x) => (float[1,3,H,W] y) { y = Relu(x) }"
CELU = "agraph (float[1,3,8,8] x) => (float[1,3,8,8] y) { a = Celu(x) y = Celu(a) }"
TARGET = find_target("barracuda-3.0.1")


def model(graph: str) -> onnx.ModelProto:
    return parser.parse_model(HEADER + graph)


def finding(verdict: Verdict, node: str, *, warned: bool = False, reason: str = "because", remedy: str = "") -> Finding:
    return Finding(verdict, warned, node, "Conv", reason, remedy)


def report(*findings: Finding) -> Report:
    return Report("m.onnx", TARGET, findings)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_verdict_is_the_worst_findings(verdict: Verdict) -> None:
    assert report(finding(verdict, "a"), finding(Verdict.OK, "b")).verdict == verdict.word


def test_without_findings_all_is_well() -> None:
    assert (report().verdict, report().warned, report().table()) == ("ok", False, "m.onnx on barracuda-3.0.1: ok")


def test_equal_findings_share_a_line_and_stay_apart_as_data() -> None:
    many = report(*(finding(Verdict.THROWS, f"n{i}") for i in range(12)))
    assert [str(line) for line in many.lines()] == ["throws    12 Conv nodes (n0, n1, n2, n3, … 8 more): because."]
    assert len(many.to_dict()["findings"]) == 12  # type: ignore[arg-type]


def test_findings_that_differ_in_anything_keep_their_lines() -> None:
    kept = report(
        finding(Verdict.ALTERED, "a"),
        finding(Verdict.ALTERED, "b", warned=True),
        finding(Verdict.ALTERED, "c", reason="for another reason"),
        finding(Verdict.ALTERED, "d", remedy="do this"),
        finding(Verdict.THROWS, "e"),
    )
    assert len(kept.lines()) == 5


def test_a_line_tells_the_warning_and_the_remedy() -> None:
    (line,) = report(finding(Verdict.ALTERED, "up", warned=True, remedy="use sizes")).lines()
    assert str(line) == "altered   Conv up: because (the engine warns). Use sizes."


@pytest.mark.parametrize(("warned", "word"), [(True, "warned"), (False, "note")])
def test_what_does_no_harm_is_no_verdict(warned: bool, word: str) -> None:
    (line,) = report(finding(Verdict.OK, "a", warned=warned)).lines()
    assert line.word == word


def test_names_from_the_file_stay_on_their_line_and_short() -> None:
    (line,) = report(finding(Verdict.THROWS, "a\n\x1b[31mb" + "c" * 500)).lines()
    assert str(line).isprintable()
    assert len(str(line)) < 150


def test_a_model_is_taken_from_memory_bytes_and_files(tmp_path: Path) -> None:
    made = model(CELU)
    onnx.save(made, str(tmp_path / "m.onnx"))
    given = [made, made.SerializeToString(), tmp_path / "m.onnx", str(tmp_path / "m.onnx")]
    reports = [check(each, "barracuda") for each in given]
    assert [each.verdict for each in reports] == ["rejected"] * 4
    assert [each.model for each in reports] == ["agraph", "agraph", str(tmp_path / "m.onnx"), str(tmp_path / "m.onnx")]
    assert check(made, TARGET, name="mine").model == "mine"


def test_checking_changes_nothing_in_the_model() -> None:
    made = model(CELU)
    before = made.SerializeToString(deterministic=True)
    for target in ("barracuda-1.0.4", "barracuda", "sentis-1.2", "inference-engine+gpupixel", "onnxruntime"):
        check(made, target)
    assert made.SerializeToString(deterministic=True) == before


def test_the_data_has_the_keys_that_programs_read() -> None:
    found = check(model(CELU), "barracuda-3.0.1").to_dict()
    assert list(found) == ["model", "target", "verdict", "findings"]
    assert list(found["findings"][0]) == ["verdict", "warned", "node", "op", "reason", "remedy"]  # type: ignore[index]


def test_unmeasured_targets_say_so() -> None:
    tables = {name: check(model(RELU), name).table() for name in ("barracuda-1.1.2", "sentis+gpupixel", "barracuda")}
    assert [name for name, table in tables.items() if "not run" in table] == ["barracuda-1.1.2", "sentis+gpupixel"]


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        ("agraph (float[1] x) => (float[1] y) { a = Add(x, b) b = Relu(a) y = Relu(b) }", "wait for each other"),
        ("agraph (float[1] x) => (float[1] y) { y = Add(x, y) }", "wait for each other"),
    ],
)
def test_a_circle_is_refused(graph: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        check(model(graph), "barracuda")


def test_nodes_in_any_order_are_no_circle() -> None:
    assert check(model("agraph (float[1] x) => (float[1] y) { y = Relu(a) a = Relu(x) }"), "barracuda").verdict == "ok"


def test_unitys_importers_take_a_model_without_an_opset_and_onnx_runtime_does_not() -> None:
    made = model(RELU)
    del made.opset_import[:]
    assert [check(made, target).verdict for target in ("barracuda", "sentis")] == ["ok", "ok"]
    assert check(made, "onnxruntime").verdict == "rejected"


@pytest.mark.parametrize("data", [b"", b"\x08\x08", b"no model at all", b"\xff" * 100])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        check(data, "barracuda")


def test_every_truncation_of_a_model_is_refused_or_read(tmp_path: Path) -> None:
    whole = model(CELU).SerializeToString()
    for end in range(len(whole)):
        look(whole[:end])


def test_damaged_models_are_refused_or_read() -> None:
    made = model(
        """agraph (float[1,3,9,9] x) => (float[1,4,H,W] y) <float[4,3,1,1] w = {1,2,3,4,5,6,7,8,9,10,11,12}> {
        s = Constant <value = float[4] {1.0, 1.0, 2.0, 2.0}> ()
        a = Conv <pads = [0,0,0,0], strides = [1,1]> (x, w)
        b = Resize <mode = "linear"> (a, , s)
        c = Softmax <axis = 1> (b)
        y = Clip(c)
    }"""
    )
    whole, rng = made.SerializeToString(), np.random.default_rng(3)
    verdicts = set()
    for _ in range(250):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(damaged), rng.integers(1, 4)):
            damaged[place] = rng.integers(0, 256)
        verdicts.add(look(bytes(damaged)))
    assert {"refused", "rejected"} <= verdicts


def look(data: bytes) -> str:
    """The verdict, or "refused"; anything but a refusal in one line is an error of the test."""
    try:
        return check(data, "barracuda-3.0.1").verdict
    except InputError as error:
        assert "\n" not in str(error)
        return "refused"


@pytest.mark.parametrize(
    ("node", "numbers"),
    [
        ("ConstantOfShape(n)", [1 << 20, 1 << 21]),
        ("Expand(x, n)", [1 << 20, 1 << 21]),
        ("Tile(x, n)", [1 << 20, 1 << 21]),
        ("Pad(x, n)", [0, 0, 0, 1 << 40]),
        ("Resize(x, , , n)", [1, 1 << 40]),
        ("Conv <pads = [0, 99999999999]> (x, n)", [1]),
    ],
)
@pytest.mark.parametrize("target", ["barracuda", "inference-engine", "onnxruntime"])
def test_a_few_bytes_that_ask_for_terabytes_are_refused(node: str, numbers: list[int], target: str) -> None:
    made = model(f"agraph (float[1,1] x) => (float[A,B] y) {{ y = {node} }}")
    made.graph.initializer.append(numpy_helper.from_array(np.array(numbers, np.int64), "n"))
    with pytest.raises(InputError, match=r"agraph: .* beyond measure"):
        check(made, target)


def test_a_huge_input_is_refused() -> None:
    with pytest.raises(InputError, match="beyond measure"):
        check(model("agraph (float[1,999999999999] x) => (float[1,N] y) { y = Relu(x) }"), "barracuda")


def test_large_pictures_are_no_trouble() -> None:
    graph = """agraph (float[1,8,2160,3840] x) => (float[1,8,H,W] y) <float[4] s = {1.0, 1.0, 2.0, 2.0}>
        { y = Resize <coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, , s) }"""
    assert check(model(graph), "inference-engine").verdict == "ok"


def test_what_fails_at_a_usual_size_is_found_where_sizes_are_left_open() -> None:
    slopes = """agraph (float[N,3,H,W] x) => (float[N,3,H,W] y) <float[3,1,1] s = {1, 2, 3}> { y = PRelu(x, s) }"""
    assert check(model(slopes), "barracuda-1.0.4").verdict == "throws"
    shrunk = """agraph (float[1,1,H,W] x) => (float[1,1,P,Q] y)
        <int64[8] p = {0, 0, 1, 1, 0, 0, 1, 1}, float[1,1,3,3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9}> {
        a = Pad<mode = "reflect">(x, p) b = Conv(a, w) y = Add(b, x) }"""
    assert check(model(shrunk), "barracuda-1.3.3").verdict == "throws"


def test_a_model_that_fits_together_at_another_size_is_not_blamed_for_the_usual_one() -> None:
    fixed = "agraph (float[1,3,H,W] x) => (float[1,3,H,W] y) <float[2,2] c = {1, 2, 3, 4}> { y = Mul(x, c) }"
    assert check(model(fixed), "barracuda-3.0.1").verdict == "ok"
