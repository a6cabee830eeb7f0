"""TopK: ranks, outputs and kinds."""

from __future__ import annotations

import pytest
from onnx import parser

from .trying import NEWEST, said


def _model(shape: str, outputs: str = "y, i", kind: str = "float") -> str:
    declared = f"{kind}[n] y, int64[n] i" if "i" in outputs else f"{kind}[n] y"
    return (
        f'<ir_version: 8, opset_import: ["" : 11]> g ({kind}[{shape}] x) => ({declared}) '
        f"<int64[1] k = {{2}}> {{ {outputs} = TopK<axis=1>(x, k) }}"
    )


@pytest.mark.parametrize(
    ("model", "verdict"),
    [
        (_model("2,3,4,5"), "ok"),
        (_model("2,3,4,5,6"), "throws"),
        (_model("2,3", outputs="y"), "rejected"),
    ],
)
def test_barracuda_sorts_pictures_and_names_both_outputs(model: str, verdict: str) -> None:
    assert said(parser.parse_model(model), "barracuda-3.0.1") == verdict


@pytest.mark.parametrize(("target", "verdict"), [("sentis-2.1.3", "throws"), ("inference-engine-2.2.2", "ok")])
def test_whole_numbers_are_sorted_since_2_2(target: str, verdict: str) -> None:
    assert said(parser.parse_model(_model("2,3", kind="int32")), target) == verdict
    assert said(parser.parse_model(_model("2,3,4,5,6")), NEWEST) == "ok"
