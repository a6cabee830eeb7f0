"""Where: the condition's shape and rank."""

from __future__ import annotations

import pytest
from onnx import parser

from .trying import NEWEST, said


def _model(condition: str, stored: str) -> str:
    return (
        f'<ir_version: 8, opset_import: ["" : 13]> g (bool[{condition}] m, float[1,4,6,8] x) => (float[1,4,6,8] y) '
        f"<{stored}> {{ y = Where(m, x, c) }}"
    )


@pytest.mark.parametrize(
    ("condition", "stored", "verdicts"),
    [
        ("1,4,6,8", "float c = {1.0}", ("ok", "ok")),
        ("1,4,6,8", "float[4,1,1] c = {1.0, 2.0, 3.0, 4.0}", ("ok", "ok")),
        ("1,4,1,1", "float c = {1.0}", ("altered", "ok")),
        ("8", "float[4,1,1] c = {1.0, 2.0, 3.0, 4.0}", ("rejected", "rejected")),
    ],
)
def test_the_condition_is_the_measure(condition: str, stored: str, verdicts: tuple[str, str]) -> None:
    model = parser.parse_model(_model(condition, stored))
    assert (said(model, "barracuda-2.1.0"), said(model, "barracuda-3.0.1")) == verdicts
    assert said(model, NEWEST) == "ok"
