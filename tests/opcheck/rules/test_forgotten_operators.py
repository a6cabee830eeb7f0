"""ImageScaler, LSTM and the spectral operators."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from .trying import NEWEST, emulated, numbers, one_node, said


@pytest.mark.parametrize("target", [NEWEST, "barracuda-3.0.1"])
def test_image_scaler_still_runs(target: str, tmp_path: Path) -> None:
    x = numbers(1, 3, 4, 4)
    model = one_node("ImageScaler", {"x": x.shape}, opset=8, scale=2.0, bias=[1.0, 2.0, 3.0])
    assert said(model, target) == "ok"
    expected = x * 2 + np.array([1, 2, 3], np.float32)[:, None, None]
    assert np.allclose(emulated(model, target, tmp_path, x=x)["y"], expected)


@pytest.mark.parametrize(
    ("attributes", "verdict"),
    [({}, "ok"), ({"direction": "reverse"}, "altered-warned"), ({"clip": 0.1}, "altered-warned")],
)
def test_barracuda_runs_an_lstm_forward(attributes: dict[str, object], verdict: str) -> None:
    stored = {"w": numbers(1, 12, 4), "r": numbers(1, 12, 3, seed=1)}
    model = one_node("LSTM", {"x": (5, 1, 4)}, stored, hidden_size=3, **attributes)
    assert said(model, "barracuda-3.0.1") == verdict
    assert said(model, "barracuda-1.0.4") == "rejected"
    assert said(model, NEWEST) == "ok"


@pytest.mark.parametrize(("axis", "verdict"), [(None, "ok"), (2, "ok"), (1, "altered")])
def test_the_axis_of_an_older_dft_is_not_read(axis: int | None, verdict: str) -> None:
    shape = (2, 4, 8, 1) if axis else (2, 8, 1)
    model = one_node("DFT", {"x": shape}, opset=17, **({"axis": axis} if axis else {}))
    assert said(model, NEWEST) == verdict
