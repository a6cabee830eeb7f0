"""The emulated engines: what a Unity release would compute with a model, worked out by the operator check's rules."""

from __future__ import annotations

from pathlib import Path

import onnxruntime
from onnx import helper

from stylebridge.engines.base import (
    Array,
    Engine,
    EngineOptions,
    InferenceFailed,
    ModelRejected,
    TensorInfo,
    existing_file,
)
from stylebridge.opcheck.finding import Finding, Verdict
from stylebridge.opcheck.graph import MAX_BYTES, Graph, load_model, shape_of
from stylebridge.opcheck.study import Study, study
from stylebridge.targets import find_target

_QUIET = 4
_KEPT = 4  # input sizes whose emulation is kept ready

Shapes = tuple[tuple[str, tuple[int, ...]], ...]


class EmulatedEngine(Engine):
    """Refuses what the real importer refuses, fails where the real one throws, and else runs what it computes."""

    finite_inputs = False

    def __init__(self, name: str, path: str | Path, options: EngineOptions) -> None:
        self.target = find_target(name)
        file = existing_file(path, max_bytes=MAX_BYTES, limit="save the weights as external data beside the file")
        self._model = load_model(file)
        self._sessions: dict[Shapes, onnxruntime.InferenceSession] = {}
        found = study(self._model, self.target, folder=file.parent)
        if found.verdict == Verdict.REJECTED:
            raise _refusal(found, file)
        super().__init__(
            self.target.name,
            file,
            device="cpu",
            threads=options.threads,
            inputs=_infos(found.graph),
            outputs=_infos(found.graph, outputs=True),
            metadata={entry.key: entry.value for entry in self._model.metadata_props},
        )

    def _run(self, arrays: dict[str, Array]) -> dict[str, Array]:
        shapes = tuple(sorted((name, tuple(array.shape)) for name, array in arrays.items()))
        session = self._sessions.get(shapes) or self._open(shapes)
        given = {
            i.name: arrays[i.name].astype(_NUMPY[i.type], copy=False) for i in session.get_inputs() if i.name in arrays
        }
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, given), strict=True))

    def _open(self, shapes: Shapes) -> onnxruntime.InferenceSession:
        found = study(self._model, self.target, dict(shapes), Path(self.path).parent)
        if found.verdict == Verdict.REJECTED:
            raise _refusal(found, Path(self.path))
        if found.verdict == Verdict.THROWS:
            worst = _worst(found)
            raise InferenceFailed(
                f"{self.name} imports it, and fails when it runs: {_said(worst)}", do=worst.remedy, where=self.path
            )
        settings = onnxruntime.SessionOptions()
        settings.log_severity_level = _QUIET
        settings.intra_op_num_threads = self.threads or 0
        settings.add_session_config_entry("session.force_spinning_stop", "1")
        model = found.emulation().SerializeToString()
        session = onnxruntime.InferenceSession(model, settings, ["CPUExecutionProvider"])
        while len(self._sessions) >= _KEPT:
            del self._sessions[next(iter(self._sessions))]
        self._sessions[shapes] = session
        return session

    def _release(self) -> None:
        self._sessions.clear()


_NUMPY = {"tensor(float)": "float32", "tensor(int32)": "int32"}


def _infos(graph: Graph, *, outputs: bool = False) -> tuple[TensorInfo, ...]:
    """Inputs and outputs as the file declares them."""
    found = []
    for value in graph.outputs if outputs else graph.inputs:
        kind = value.type.tensor_type
        dtype = helper.tensor_dtype_to_np_dtype(kind.elem_type).name if kind.elem_type else "float32"
        found.append(TensorInfo(value.name, shape_of(value), dtype, any_shape=not kind.HasField("shape")))
    return tuple(found)


def _worst(found: Study) -> Finding:
    return max(found.findings, key=lambda finding: finding.verdict)


def _said(finding: Finding) -> str:
    return f"{finding.op} {finding.node}: {finding.reason}".strip()


def _refusal(found: Study, file: Path) -> ModelRejected:
    worst = _worst(found)
    return ModelRejected(f"{found.target.name} refuses it: {_said(worst)}", do=worst.remedy, where=file)
