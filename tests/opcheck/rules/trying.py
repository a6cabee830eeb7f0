"""Small models for the tests of rules: built, checked and run in an emulated engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from stylebridge.engines import open_engine
from stylebridge.opcheck import Report, check

Array = NDArray[np.float32]
NEWEST = "inference-engine-2.4.0"


def numbers(*shape: int, seed: int = 0) -> Array:
    """Random numbers of a shape."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def one_node(
    op: str,
    fed: Mapping[str, Sequence[int | str]],
    stored: Mapping[str, Array] | None = None,
    *,
    outputs: Sequence[str] = ("y",),
    opset: int = 13,
    order: Sequence[str] = (),
    **attributes: Any,
) -> onnx.ModelProto:
    """A model of one node: what is fed first, then what is stored, unless an order is given."""
    held = dict(stored or {})
    names = list(order) or [*fed, *held]
    graph = helper.make_graph(
        [helper.make_node(op, names, list(outputs), **attributes)],
        "trial",
        [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, list(s)) for n, s in fed.items()],
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in held.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def said(model: onnx.ModelProto, target: str) -> str:
    """The verdict, and whether the engine speaks."""
    report: Report = check(model, target)
    return report.verdict + ("-warned" if report.warned and report.verdict in ("ok", "altered") else "")


def emulated(model: onnx.ModelProto, target: str, folder: Path, **fed: Array) -> dict[str, Array]:
    """What the emulated engine gives."""
    path = folder / "trial.onnx"
    onnx.save(model, str(path))
    with open_engine(target, path) as engine:
        return dict(engine.run(fed))
