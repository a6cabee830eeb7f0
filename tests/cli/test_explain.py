"""`stylebridge explain`: what is known about operators."""

from __future__ import annotations

import pytest

from .outcome import Refused, Run

pytest.importorskip("onnx")


def test_an_operator_is_told_on_both_lines(stylebridge: Run) -> None:
    text = stylebridge("explain", "GridSample").text()
    assert "Barracuda: no release knows it" in text
    assert "known to sentis-1.6.0 and later" in text
    assert "Measured: " in text


def test_names_are_found_whatever_their_case(stylebridge: Run) -> None:
    assert stylebridge("explain", "instancenormalization").text().startswith("InstanceNormalization")


def test_a_target_narrows_it_to_one_release(stylebridge: Run) -> None:
    new = stylebridge("explain", "ConvTranspose", "--target", "inference-engine-2.4.0").text()
    old = stylebridge("explain", "ConvTranspose", "--target", "sentis-1.2.0").text()
    assert "Barracuda:" not in new + old
    assert "inference-engine-2.4.0 knows it" in new
    assert "rejected" in old
    assert "rejected" not in new


def test_documented_data_types_are_marked_as_not_measured(stylebridge: Run) -> None:
    text = stylebridge("explain", "TopK", "--target", "inference-engine").text()
    assert "Documented, not measured: CPU: float, int; GPUCompute: float, int; GPUPixel: not supported" in text


def test_a_release_that_was_only_read_says_so(stylebridge: Run) -> None:
    assert "read, not run" in stylebridge("explain", "TopK", "--target", "barracuda-1.1.2").text()
    assert "does not know it" in stylebridge("explain", "TopK", "--target", "barracuda-1.0.4").text()


def test_json_holds_spans_of_releases(stylebridge: Run) -> None:
    found = stylebridge("explain", "Split", "--json").json()
    barracuda = found["lines"]["barracuda"]
    assert list(found) == ["operator", "summary", "lines"]
    assert (found["operator"], list(found["lines"])) == ("Split", ["barracuda", "sentis"])
    assert barracuda["registered"] == {"since": "1.2.1", "until": None}
    assert set(barracuda) == {"registered", "rule", "documented", "cases", "measured"}
    assert {"since", "until", "behaviour"} == set(barracuda["measured"][0]["found"][0])
    assert sum(barracuda["cases"][-1]["counts"].values()) > 0


def test_an_onnx_operator_that_nobody_knows_is_told_as_such(stylebridge: Run) -> None:
    assert stylebridge("explain", "DeformConv").text().count("no release knows it") == 2


def test_onnxruntime_is_the_standard(stylebridge: Run) -> None:
    assert "as ONNX says" in stylebridge("explain", "Conv", "--target", "onnxruntime").text()


def test_without_an_operator_everything_is_listed(stylebridge: Run) -> None:
    text = stylebridge("explain").text()
    assert "GridSample - sentis-1.6.0 and later" in text
    assert "inference-engine 2.2.2 2.3.0 2.4.0" in text
    listed = stylebridge("explain", "--json").json()
    assert listed["operators"]["Abs"] == {"barracuda": "1.0.4", "sentis": "1.2.0"}
    assert "barracuda-3.0.1" in listed["targets"]


def test_a_release_lists_only_what_it_knows(stylebridge: Run) -> None:
    old, new = (stylebridge("explain", "--target", f"barracuda-{v}", "--json").json() for v in ("1.0.4", "3.0.1"))
    assert (len(old["operators"]), len(new["operators"])) == (79, 108)


@pytest.mark.parametrize(("name", "near"), [("Convv", "Conv"), ("InstanceNorm", "InstanceNormalization")])
def test_an_unknown_operator_is_refused_with_the_nearest(refused: Refused, name: str, near: str) -> None:
    assert f"did you mean {near}" in refused("explain", name)


def test_an_unknown_target_is_refused(refused: Refused) -> None:
    assert "did you mean barracuda" in refused("explain", "Conv", "--target", "barracud")
