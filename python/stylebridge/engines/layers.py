"""What a network computes on its way: each tensor of an ONNX file in ONNX Runtime, or as an engine release makes it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
import onnxruntime
from onnx import helper, numpy_helper

from stylebridge.engines.base import Array, InferenceFailed, existing_file, first_line
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.opcheck.finding import Finding, Verdict
from stylebridge.opcheck.graph import MAX_BYTES, Graph, load_model
from stylebridge.opcheck.study import Study, study
from stylebridge.targets import find_target

_QUIET = 4
_LINEAR_MODES = ("half_pixel", "align_corners", "asymmetric")


@dataclass(frozen=True)
class LayerInfo:
    """One tensor that a network makes: what it is called, by which operator it is made, from which stored weights."""

    name: str
    op: str
    node: str = ""
    weights: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()


class OnnxLayers:
    """The tensors of an ONNX file, in the order in which they are made; fetched a few at a time, to spare memory."""

    def __init__(self, path: Path, target: str = "onnxruntime", threads: int | None = None) -> None:
        self.name = target
        self.path = existing_file(path, max_bytes=MAX_BYTES, limit="save the weights as external data beside the file")
        self._model = load_model(self.path)
        self._target = None if target == "onnxruntime" else find_target(target)
        self._threads = threads
        self._graph = Graph(self._model, self.path.parent)
        self._opened: tuple[object, onnxruntime.InferenceSession] | None = None
        self.findings: tuple[Finding, ...] = ()
        self.inputs = tuple(value.name for value in self._graph.inputs)
        self.outputs = tuple(value.name for value in self._graph.outputs)
        self.layers = tuple(self._listed())

    def fetch(self, inputs: Mapping[str, Array], names: Sequence[str]) -> dict[str, Array]:
        """Run on these inputs; the tensors of these names that this engine makes."""
        session = self._session(inputs)
        made = {output.name for output in session.get_outputs()}
        wanted = [name for name in names if name in made]
        kinds = {value.name: _NUMPY.get(value.type, "float32") for value in session.get_inputs()}
        given = {name: array.astype(kinds[name], copy=False) for name, array in inputs.items() if name in kinds}
        if not wanted:
            return {}
        try:
            return dict(zip(wanted, session.run(wanted, given), strict=True))
        except Exception as error:
            raise InferenceFailed(f"{self.name} failed: {first_line(error)}", where=self.path) from error

    def finding_of(self, nodes: Sequence[str]) -> Finding | None:
        """The worst that the check says of one of these nodes, if it is any trouble."""
        said = [each for each in self.findings if each.node in nodes and each.verdict != Verdict.OK]
        return max(said, key=lambda each: each.verdict, default=None)

    def _listed(self) -> Iterator[LayerInfo]:
        stored = set(self._graph.initializers)
        for node in self._graph.nodes:
            if node.op == "Constant":
                continue
            weights = tuple(name for name in node.inputs if name in stored)
            yield from (LayerInfo(name, node.op, node.label, weights, node.inputs) for name in node.outputs if name)

    def _session(self, inputs: Mapping[str, Array]) -> onnxruntime.InferenceSession:
        key = tuple((name, array.shape) for name, array in inputs.items())
        if self._opened is None or self._opened[0] != key:
            self._opened = (key, self._open({name: array.shape for name, array in inputs.items()}))
        return self._opened[1]

    def _open(self, sizes: dict[str, tuple[int, ...]]) -> onnxruntime.InferenceSession:
        model = onnx.ModelProto()
        if self._target is None:
            model.CopyFrom(self._model)
        else:
            found = study(self._model, self._target, sizes, self.path.parent)
            self.findings = found.findings
            _refuse_doomed(found, self.path)
            model.CopyFrom(found.emulation())
        _show_all(model)
        settings = onnxruntime.SessionOptions()
        settings.log_severity_level = _QUIET
        settings.intra_op_num_threads = self._threads or 0
        settings.add_session_config_entry("session.force_spinning_stop", "1")
        settings.add_session_config_entry("session.model_external_initializers_file_folder_path", str(self.path.parent))
        try:
            return onnxruntime.InferenceSession(model.SerializeToString(), settings, ["CPUExecutionProvider"])
        except Exception as error:
            found_words = f"its tensors can't be looked at: {first_line(error)}"
            raise InputError(found_words, do="check the model with: stylebridge check", where=self.path) from error


_NUMPY = {"tensor(float)": "float32", "tensor(int32)": "int32", "tensor(int64)": "int64", "tensor(float16)": "float16"}


def _refuse_doomed(found: Study, path: Path) -> None:
    if found.verdict >= Verdict.THROWS:
        worst = max(found.findings, key=lambda each: each.verdict)
        does = "refuses it" if worst.verdict == Verdict.REJECTED else "fails when it runs"
        raise StylebridgeError(
            f"{found.target.name} {does}: {worst.op} {worst.node}: {worst.reason}", do=worst.remedy, where=path
        )


def _show_all(model: onnx.ModelProto) -> None:
    """Every tensor becomes an output; ONNX Runtime works out types and shapes that aren't written down."""
    shown = {output.name for output in model.graph.output}
    for name in itertools.chain.from_iterable(node.output for node in model.graph.node):
        if name and name not in shown:
            model.graph.output.append(onnx.ValueInfoProto(name=name))
            shown.add(name)


def altered_by(path: Path, target: str, sizes: Mapping[str, tuple[int, ...]]) -> tuple[Finding, ...]:
    """What a release computes differently in this file, by the operator check; nothing where it won't run at all."""
    found = study(load_model(path), find_target(target), sizes, path.parent)
    if found.verdict != Verdict.ALTERED:
        return ()
    return tuple(each for each in found.findings if each.verdict == Verdict.ALTERED)


def troubles_of(path: Path, target: str, sizes: Mapping[str, tuple[int, ...]]) -> tuple[Finding, ...]:
    """Everything that the check has against this file on this release, the worst first."""
    found = study(load_model(path), find_target(target), sizes, path.parent)
    return tuple(each for each in found.findings if each.verdict != Verdict.OK)


def resampled_otherwise(path: Path) -> Iterator[tuple[str, bytes]]:
    """The same file with its smooth resizes computed on another grid: the grid's name, and the model."""
    for grid in _LINEAR_MODES:
        model = _whole(path)
        changed = [_regrid(node, grid) for node in model.graph.node if node.op_type == "Resize" and _is_smooth(node)]
        if any(changed):
            yield grid, model.SerializeToString()


def strides_swapped(path: Path) -> bytes | None:
    """The same file with unequal strides of convolutions taken in the opposite order; None where all are equal."""
    model = _whole(path)
    changed = False
    for node in model.graph.node:
        strides = next((a for a in node.attribute if a.name == "strides"), None)
        if node.op_type == "Conv" and strides is not None and len(set(strides.ints)) > 1:
            strides.CopyFrom(helper.make_attribute("strides", list(strides.ints)[::-1]))
            changed = True
    return model.SerializeToString() if changed else None


def weights_of(path: Path) -> dict[str, Array]:
    """The stored floating-point weights of an ONNX file by name."""
    model = _whole(path)
    return {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT
    }


def _whole(path: Path) -> onnx.ModelProto:
    """The model with its external weights inside, so that it may lie anywhere."""
    load_model(path)
    return onnx.load(str(path))


def _is_smooth(node: onnx.NodeProto) -> bool:
    return any(a.name == "mode" and a.s in (b"linear", b"cubic") for a in node.attribute)


def _regrid(node: onnx.NodeProto, grid: str) -> bool:
    said = next((a for a in node.attribute if a.name == "coordinate_transformation_mode"), None)
    if said is None:
        node.attribute.append(helper.make_attribute("coordinate_transformation_mode", grid))
        return grid != "half_pixel"
    before, said.s = said.s.decode(), grid.encode()
    return bool(before.replace("pytorch_", "") != grid)
