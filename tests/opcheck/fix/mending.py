"""Models written as text, and what must hold of every model that was fixed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper, parser
from stylebridge.opcheck import check
from stylebridge.opcheck.fix import Outcome, fix
from stylebridge.opcheck.numbers import close

Arrays = Mapping[str, np.ndarray]  # type: ignore[type-arg]
PICTURE = (1, 4, 6, 8)


def model(graph: str, opset: int = 13, weights: Arrays | None = None) -> onnx.ModelProto:
    """A model in ONNX's own text, with these initializers."""
    made = parser.parse_model(f'<ir_version: 8, opset_import: ["" : {opset}]>\n{graph}')
    made.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in (weights or {}).items())
    return made


def picture(body: str, opset: int = 13, weights: Arrays | None = None, *, rank: int = 4) -> onnx.ModelProto:
    """A model of one picture x in, one tensor y out."""
    shape = ",".join(map(str, PICTURE[:rank]))
    made = model(f"g (float[{shape}] x) => (float[{','.join('ABCDEF'[:rank])}] y) {{ {body} }}", opset, weights)
    declared = made.graph.output[0].type.tensor_type
    declared.ClearField("shape")
    shape = ran(made, {"x": random(*PICTURE[:rank])})[0].shape
    declared.shape.SetInParent()
    for size in shape:
        declared.shape.dim.add().dim_value = size
    return made


def open_picture(body: str, opset: int = 13, weights: Arrays | None = None) -> onnx.ModelProto:
    """The same with height and width left open."""
    return model(f"g (float[1,4,H,W] x) => (float[A,B,C,D] y) {{ {body} }}", opset, weights)


def ran(made: onnx.ModelProto, feeds: Arrays) -> list[np.ndarray]:  # type: ignore[type-arg]
    """What ONNX Runtime makes of it."""
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 4
    session = onnxruntime.InferenceSession(made.SerializeToString(), settings, ["CPUExecutionProvider"])
    return list(session.run(None, dict(feeds)))


def random(*shape: int, seed: int = 3) -> np.ndarray:  # type: ignore[type-arg]
    """Ordinary numbers, the same each time."""
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


def mended(made: onnx.ModelProto, target: str = "barracuda-3.0.1", *sizes: tuple[int, ...]) -> Outcome:
    """Fix a model that isn't ok, and see for ourselves that the result is ok, valid, and gives the same numbers."""
    before = made.SerializeToString(deterministic=True)
    assert check(made, target).verdict != "ok"
    outcome = fix(made, target)
    assert made.SerializeToString(deterministic=True) == before, "the model that was given was changed"
    assert (outcome.after.verdict, outcome.left) == ("ok", []), outcome.lines()
    assert check(outcome.model, target).verdict == "ok"
    onnx.checker.check_model(outcome.model)
    assert [v.name for v in outcome.model.graph.input] == [v.name for v in made.graph.input]
    assert [v.name for v in outcome.model.graph.output] == [v.name for v in made.graph.output]
    for shape in sizes or (PICTURE,):
        feeds = {"x": random(*shape)}
        for found, wanted in zip(ran(outcome.model, feeds), ran(made, feeds), strict=True):
            assert close(found, wanted), outcome.lines()
    return outcome


def operators(outcome: Outcome) -> set[str]:
    """The operators of the result."""
    return {node.op_type for node in outcome.model.graph.node}
