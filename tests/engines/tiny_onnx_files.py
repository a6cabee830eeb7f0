"""Writes small networks as ONNX files, with the picture's size open or fixed."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")


def export_onnx(network: Any, path: Path, *, free: bool, size: tuple[int, int] = (16, 16)) -> None:
    axes = {name: {2: "height", 3: "width"} for name in ("input", "output")} if free else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.rand(1, 3, *size),),
            str(path),
            dynamo=False,
            opset_version=9,
            input_names=["input"],
            output_names=["output"],
            dynamic_axes=axes,
        )
