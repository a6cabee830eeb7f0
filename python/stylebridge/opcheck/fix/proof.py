"""Proof that a rewrite changes nothing: both are run, on numbers such as the model gets, and compared."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
from onnx import helper

from stylebridge.contract import METADATA_KEY, PixelContract
from stylebridge.errors import StylebridgeError
from stylebridge.opcheck.graph import Array, Graph, shape_of, tensor_array
from stylebridge.opcheck.numbers import TOLERANCE, run_model

Feeds = dict[str, Array]
_SIDES = (32, 48, 64, 80, 96, 128, 224, 256)  # what open sizes of pictures are tried with
_SHORT = (4, 6, 8, 16)  # and open sizes of other tensors
_MAX_ELEMENTS = 1 << 26  # of one input
_TYPES = {kind for kind in onnx.TensorProto.DataType.values() if kind}
_PAIRS = ((0, 1), (2, 3), (5, 4))
IR_VERSION = 10


@dataclass(frozen=True)
class Difference:
    """How far two runs are apart, and what would still count as equal."""

    worst: float
    bound: float
    reason: str = ""

    @property
    def equal(self) -> bool:
        """Whether the numbers count as the same."""
        return not self.reason and self.worst <= self.bound


def difference(found: Mapping[str, Array] | None, wanted: Mapping[str, Array], slack: float = 0.0) -> Difference:
    """Compare all outputs; `slack` is what a quantisation step or half precision allows on top."""
    if found is None:
        return Difference(float("inf"), 0.0, "it does not run")
    worst = Difference(0.0, 0.0)
    for name, array in wanted.items():
        if name not in found:
            return Difference(float("inf"), 0.0, f"output {name} is missing")
        one = _difference(np.asarray(found[name]), np.asarray(array), slack)
        if one.reason:
            return Difference(one.worst, one.bound, f"output {name}: {one.reason}")
        if one.worst - one.bound >= worst.worst - worst.bound or worst.bound == 0:
            worst = one
    return worst


def _difference(found: Array, wanted: Array, slack: float) -> Difference:
    if found.shape != wanted.shape:
        return Difference(float("inf"), 0.0, f"its shape is {list(found.shape)} for {list(wanted.shape)}")
    if not wanted.size:
        return Difference(0.0, 0.0)
    if wanted.dtype.kind not in "fiub" or found.dtype.kind not in "fiub":
        same = bool(np.array_equal(found, wanted))
        return Difference(0.0, 0.0, "" if same else "it differs")
    a, b = found.astype(np.float64), wanted.astype(np.float64)
    plain = np.isfinite(a) & np.isfinite(b)
    if not np.array_equal(a[~plain], b[~plain], equal_nan=True):
        return Difference(float("inf"), 0.0, "infinities or NaN stand elsewhere")
    bound = TOLERANCE[0] + TOLERANCE[1] * float(np.max(np.abs(b[plain]), initial=0.0)) + slack
    return Difference(float(np.max(np.abs(a[plain] - b[plain]), initial=0.0)), bound)


def with_outputs(model: onnx.ModelProto, names: Iterable[str]) -> onnx.ModelProto:
    """The model with other tensors as its outputs."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    del made.graph.output[:]
    made.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    return made


def run_part(
    nodes: Sequence[onnx.NodeProto], given: Feeds, outputs: Sequence[str], opsets: Sequence[onnx.OperatorSetIdProto]
) -> dict[str, Array] | None:
    """Run a few nodes by themselves."""
    values = [
        helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for n, a in given.items()
    ]
    wanted = [onnx.ValueInfoProto(name=name) for name in outputs if name]
    graph = helper.make_graph(list(nodes), "part", values, wanted)
    return run_model(helper.make_model(graph, opset_imports=list(opsets), ir_version=IR_VERSION), given)


def run_plainly(model: onnx.ModelProto, feeds: Feeds) -> dict[str, Array] | None:
    """Run node after node as they stand, nothing fused."""
    names = [output.name for output in model.graph.output]
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    settings.log_severity_level = 4
    settings.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), settings, ["CPUExecutionProvider"])
        return dict(zip(names, session.run(names, feeds), strict=True))
    except Exception:
        return None


class Evidence:
    """Inputs to try a model with, and what it gave for them at first."""

    def __init__(self, model: onnx.ModelProto, like: Evidence | None = None) -> None:
        self.feeds: list[Feeds] = [] if like is None else like.feeds
        self.wanted: list[dict[str, Array]] = [] if like is None else like.wanted
        if like is None:
            self._collect(model)

    def _collect(self, model: onnx.ModelProto) -> None:
        graph = Graph(model)
        for number, trial in enumerate(_trials(graph)):
            feeds = _feeds(model, graph, trial, number)
            if feeds is None or (number > 1 and self._known(feeds)):
                continue
            given = run_model(model, feeds)
            if given is None or not all(isinstance(array, np.ndarray) for array in given.values()):
                continue
            self.feeds.append(feeds)
            self.wanted.append(given)
            if len(self.feeds) == 2:
                break

    def _known(self, feeds: Feeds) -> bool:
        """Whether the same shapes were tried before."""
        shapes = {name: array.shape for name, array in feeds.items()}
        return any(shapes == {name: array.shape for name, array in known.items()} for known in self.feeds)

    def __bool__(self) -> bool:
        return bool(self.feeds)

    def judge(self, model: onnx.ModelProto, slack: float = 0.0) -> Difference:
        """How far the model is from the original on all inputs."""
        worst = Difference(0.0, 0.0)
        for feeds, wanted in zip(self.feeds, self.wanted, strict=True):
            found = difference(run_model(model, _typed(feeds, model)), wanted, slack)
            if not found.equal:
                return found
            worst = max(worst, found, key=lambda d: d.worst)
        return worst

    def judge_plainly(self, original: onnx.ModelProto, model: onnx.ModelProto, slack: float) -> Difference:
        """The same for quantised graphs, which ONNX Runtime must not fuse: it rounds elsewhere then."""
        worst = Difference(0.0, 0.0)
        for feeds in self.feeds:
            wanted = run_plainly(original, _typed(feeds, original))
            if wanted is None:
                return Difference(float("inf"), 0.0, "the original does not run")
            found = difference(run_plainly(model, _typed(feeds, model)), wanted, slack)
            if not found.equal:
                return found
            worst = max(worst, found, key=lambda d: d.worst)
        return worst

    def renew(self, model: onnx.ModelProto) -> None:
        """Take what this model gives for the measure from now on."""
        self.wanted = [run_model(model, _typed(feeds, model)) or {} for feeds in self.feeds]

    def first(self, model: onnx.ModelProto) -> Feeds:
        """The first inputs, in the types that the model declares."""
        return _typed(self.feeds[0], model)

    @property
    def shapes(self) -> str:
        """The shapes of the inputs with which it was tried."""
        shown = ["x".join(map(str, next(iter(f.values())).shape)) for f in self.feeds if f]
        return " and ".join(dict.fromkeys(shown)) or "no input"

    def values(self, model: onnx.ModelProto, names: Sequence[str]) -> dict[str, Array]:
        """What tensors inside the model hold for the first inputs."""
        if not self.feeds or not names:
            return {}
        found = run_model(with_outputs(model, names), _typed(self.feeds[0], model))
        return found or {}


def largest(outputs: Sequence[Mapping[str, Array]]) -> float:
    """The largest finite number among the outputs."""
    found = 0.0
    for given in outputs:
        for array in given.values():
            if array.dtype.kind in "fiu":
                numbers = array[np.isfinite(array)]
                found = max(found, float(np.max(np.abs(numbers.astype(np.float64)), initial=0.0)))
    return found


def _typed(feeds: Feeds, model: onnx.ModelProto) -> Feeds:
    """The inputs in the types that the model declares."""
    types = {value.name: value.type.tensor_type.elem_type for value in model.graph.input}
    return {
        name: array.astype(helper.tensor_dtype_to_np_dtype(types[name]))
        for name, array in feeds.items()
        if types.get(name)
    }


def _trials(graph: Graph) -> Iterable[dict[str, int]]:
    """Sizes for open dimensions: two kinds of picture first, then larger ones until the model runs."""
    if not any(None in shape_of(value) for value in graph.inputs):
        yield from ({}, {})
        return
    pairs = [(_SIDES[a], _SIDES[b]) for a, b in _PAIRS] + [(s, s) for s in _SIDES[4:]]
    order = [(0, 1), (1, 2), (1, 1), (0, 2), *itertools.product(range(2, len(pairs)), (1, 2))]
    for number, batch in order:
        high, wide = pairs[number]
        yield {"batch": batch, "high": high, "wide": wide, "short": _SHORT[number % len(_SHORT)]}
    for side in _SHORT:
        yield {"batch": 1, "high": side, "wide": side, "short": side}


def _filled(value: onnx.ValueInfoProto, trial: Mapping[str, int]) -> list[int]:
    shape = shape_of(value)
    rank, made = len(shape), []
    for index, size in enumerate(shape):
        if size is not None:
            made.append(size)
        elif index == 0:
            made.append(trial["batch"])
        elif index == 1 and rank >= 3:
            made.append(3)
        elif rank >= 4:
            made.append(trial["wide"] if index == rank - 1 else trial["high"])
        else:
            made.append(trial["short"])
    return made


def _feeds(model: onnx.ModelProto, graph: Graph, trial: Mapping[str, int], number: int) -> Feeds | None:
    rng = np.random.default_rng(20 + number)
    feeds: Feeds = {}
    for value in graph.inputs:
        kind = value.type.tensor_type
        shape = _filled(value, trial)
        known = kind.elem_type in _TYPES and kind.elem_type != onnx.TensorProto.STRING
        if not known or int(np.prod(shape, dtype=np.float64)) > _MAX_ELEMENTS:
            return None
        dtype = helper.tensor_dtype_to_np_dtype(kind.elem_type)
        low, high = quantised_range(graph, value.name) or value_range(model)
        if dtype.kind == "b":
            feeds[value.name] = rng.random(shape) < 0.5
        elif dtype.kind in "iu":
            feeds[value.name] = rng.integers(0, 3, shape).astype(dtype)
        elif number % 2 and (low, high) == (0.0, 1.0):
            feeds[value.name] = rng.normal(0.0, 1.5, shape).astype(dtype)
        else:
            feeds[value.name] = rng.uniform(low, high, shape).astype(dtype)
    return feeds


def quantised_range(graph: Graph, name: str) -> tuple[float, float] | None:
    """The range of an input that is quantised at once, which is what it was calibrated on."""
    for node in graph.users.get(name, ()):
        scale, zero = (graph.initializers.get(node.input(index)) for index in (1, 2))
        if node.op == "QuantizeLinear" and scale is not None and zero is not None and scale.dims in ([], [1]):
            step, middle = (tensor_array(tensor).reshape(-1)[0] for tensor in (scale, zero))
            if np.issubdtype(middle.dtype, np.integer):
                limits = np.iinfo(middle.dtype)
                return (limits.min - int(middle)) * float(step), (limits.max - int(middle)) * float(step)
    return None


def value_range(model: onnx.ModelProto) -> tuple[float, float]:
    """The range of the model's inputs by its contract; [0,1] where it carries none."""
    text = next((entry.value for entry in model.metadata_props if entry.key == METADATA_KEY), "")
    try:
        table = PixelContract.from_json(text).encode_table
    except StylebridgeError:  # no contract, or one of another version
        return 0.0, 1.0
    return float(table.min()), float(table.max())
