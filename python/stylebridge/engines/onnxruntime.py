"""The ONNX Runtime engine: .onnx files on the execution providers that the installed package brings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import onnx
import onnxruntime

from stylebridge.engines.base import Array, Engine, EngineOptions, ModelRejected, TensorInfo, existing_file, first_line
from stylebridge.errors import InputError

MAX_BYTES = (2 << 30) - 1  # protobuf's own limit
_QUIET = 4  # errors come back as exceptions; the log would only print them twice

# our name -> (ONNX Runtime's name, the package that brings it)
PROVIDERS = {
    "cpu": ("CPUExecutionProvider", "onnxruntime"),
    "cuda": ("CUDAExecutionProvider", "onnxruntime-gpu"),
    "tensorrt": ("TensorrtExecutionProvider", "onnxruntime-gpu"),
    "directml": ("DmlExecutionProvider", "onnxruntime-directml"),
}
# Best first. TensorRT isn't among them: it builds for minutes before the first frame, so it must be asked for.
_AUTOMATIC = ("cuda", "directml", "cpu")

_DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(bool)": "bool",
    **{f"tensor({sign}int{bits})": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}


class OnnxRuntimeEngine(Engine):
    """Runs an .onnx file in ONNX Runtime, in the number types that the file declares."""

    def __init__(self, name: str, path: str | Path, options: EngineOptions) -> None:
        file = existing_file(path, max_bytes=MAX_BYTES, limit="save the weights as external data beside the file")
        provider, index = _choose_provider(options)
        self.size_advice = "resize the picture" + (
            "" if options.free_size else ", or use free size (--free-size) if the network is fully convolutional"
        )
        self.failure_advice = "run it at its declared size, without free size" if options.free_size else ""
        model: str | bytes = _freed_bytes(file) if options.free_size else str(file)
        self._session = _open_session(model, file, provider, index, options.threads)
        super().__init__(
            name,
            file,
            device=_actual_provider(self._session, provider, asked=bool(options.provider)),
            threads=options.threads,
            inputs=_infos(self._session.get_inputs(), file),
            outputs=_infos(self._session.get_outputs(), file),
            metadata=self._session.get_modelmeta().custom_metadata_map,
        )

    def _run(self, arrays: dict[str, Array]) -> dict[str, Array]:
        names = [info.name for info in self.outputs]
        try:
            results = self._session.run(names, arrays)
        except Exception as error:
            raise RuntimeError(_reason(error)) from error
        return dict(zip(names, results, strict=True))

    def _release(self) -> None:
        del self._session


def present_providers() -> list[str]:
    """Our names of the providers in the installed package."""
    available = onnxruntime.get_available_providers()
    return [name for name, (theirs, _) in PROVIDERS.items() if theirs in available]


def _choose_provider(options: EngineOptions) -> tuple[str, int]:
    """The provider's name and the device's number, from `provider` or, where that is left open, from `device`."""
    kind, _, number = options.device.partition(":")
    wanted = options.provider or kind
    if kind != "auto" and wanted != kind and not (kind == "cuda" and wanted == "tensorrt"):
        raise InputError(f"provider {wanted!r} on device {options.device!r}", expected="one of the two, or both alike")
    present = present_providers()
    if wanted == "auto":
        return next(name for name in _AUTOMATIC if name in present), 0
    if wanted not in PROVIDERS:
        raise InputError(f"provider {wanted!r}", expected=f"auto, {', '.join(PROVIDERS)}")
    if wanted not in present:
        raise InputError(
            f"provider {wanted!r} isn't in the installed ONNX Runtime",
            expected=f"one of {', '.join(present)}",
            do=f"run: pip install {PROVIDERS[wanted][1]} (in place of the present onnxruntime package)",
        )
    return wanted, int(number or 0)


def _open_session(
    model: str | bytes, file: Path, provider: str, index: int, threads: int | None
) -> onnxruntime.InferenceSession:
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = _QUIET
    settings.intra_op_num_threads = threads or 0  # 0: one per core
    # Waiting threads would otherwise keep spinning after a run and slow down whatever runs next.
    settings.add_session_config_entry("session.force_spinning_stop", "1")
    settings.enable_mem_pattern = provider != "directml"  # DirectML doesn't support it
    # The CPU takes what the provider can't; TF32 would make fp32 mean something else.
    extra: dict[str, Any] = {"cuda": {"device_id": index, "use_tf32": 0}, "tensorrt": {"device_id": index}}.get(
        provider, {}
    )
    chain: list[Any] = [(PROVIDERS[provider][0], extra)]
    chain += [] if provider == "cpu" else [PROVIDERS["cpu"][0]]
    try:
        return onnxruntime.InferenceSession(model, settings, providers=chain)
    except Exception as error:
        raise _rejection(error, file) from error


def _rejection(error: Exception, file: Path) -> ModelRejected:
    reason = _reason(error)
    if re.search("protobuf parsing|no graph was found", reason, re.IGNORECASE):
        return ModelRejected(
            "not a whole ONNX file", expected="an .onnx model", do="copy, download or export it again", where=file
        )
    if "escapes model directory" in reason:
        return ModelRejected(
            "its external weights lie outside its folder; it was not loaded",
            expected="weights beside the model",
            do="don't use this file",
            where=file,
        )
    return ModelRejected(f"ONNX Runtime refuses it: {reason}", where=file)


def _reason(error: Exception) -> str:
    """ONNX Runtime's message without its error code, its own source files, and the path, which stands elsewhere."""
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", str(error).strip())
    text = re.sub(r"Status Message: (/\S+:\d+ .*?\) )?", "", text.partition("\n")[0])
    return re.sub(r"^Load model from .*? failed: ?", "", text)[:300]


def _actual_provider(session: onnxruntime.InferenceSession, wanted: str, *, asked: bool) -> str:
    """ONNX Runtime falls back to the CPU without an error when a provider's libraries are missing."""
    theirs = session.get_providers()[0]
    actual = next((name for name, (other, _) in PROVIDERS.items() if other == theirs), theirs)
    if asked and actual != wanted:
        raise InputError(
            f"provider {wanted!r} is installed but didn't start; ONNX Runtime fell back to {actual!r}",
            do="check its drivers and libraries",
        )
    return actual


def _infos(nodes: Iterable[Any], file: Path) -> tuple[TensorInfo, ...]:
    return tuple(_info(node, file) for node in nodes)


def _info(node: Any, file: Path) -> TensorInfo:
    dtype = _DTYPES.get(node.type)
    if dtype is None:
        raise ModelRejected(f"{node.name!r} is {node.type}", expected="numeric tensors only", where=file)
    shape = tuple(size if isinstance(size, int) and size > 0 else None for size in node.shape)
    return TensorInfo(node.name, shape, dtype, any_shape=not shape)


def _freed_bytes(file: Path) -> bytes:
    """The model with the height and width of its pictures left open; every size in between is inferred anew."""
    try:
        model = onnx.load(str(file))
    except Exception as error:
        reason = first_line(error)
        broken = "parsing" in reason.lower() or type(error).__name__ == "DecodeError"
        found = "not a whole ONNX file" if broken else f"can't be loaded: {reason}"
        raise ModelRejected(found, expected="an .onnx model", do="export it again", where=file) from error
    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}  # old files list them among the inputs
    pictures = [value for value in graph.input if value.name not in weights and _is_picture(value)]
    if not pictures:
        raise InputError("free size: the model has no picture input", expected="one with 4 dimensions", where=file)
    for value in [*pictures, *filter(_is_picture, graph.output)]:
        for axis in _size_axes(value):
            value.type.tensor_type.shape.dim[axis].Clear()
    del graph.value_info[:]
    try:
        return bytes(model.SerializeToString())
    except Exception as error:
        raise ModelRejected("free size: the model is over 2 GiB with its weights", where=file) from error


def _is_picture(value: onnx.ValueInfoProto) -> bool:
    return len(value.type.tensor_type.shape.dim) == 4


def _size_axes(value: onnx.ValueInfoProto) -> tuple[int, int]:
    """Where height and width stand: before the channels only when the last axis alone looks like channels."""
    sizes = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    return (1, 2) if sizes[3] in (1, 3, 4) and sizes[1] not in (1, 3, 4) else (2, 3)
