"""The torch engine: checkpoints and TorchScript archives, on the devices and in the precisions that torch has."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylebridge.contract import METADATA_KEY
from stylebridge.engines.base import Array, Engine, EngineOptions, ModelRejected, TensorInfo, existing_file, first_line
from stylebridge.errors import InputError
from stylebridge.nets.checkpoint import load_network

MAX_BYTES = 4 << 30
MAX_METADATA_BYTES = 4 << 20
MAX_TRACES = 8
DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
# What a TorchScript program could do besides arithmetic: write a file, or map one into a tensor.
_FILE_CALL = re.compile(rb"\b(save|from_file)\b")
_CONVOLUTIONS = ("aten::_convolution", "aten::conv2d", "aten::convolution")


@dataclass(frozen=True, slots=True)
class _Network:
    module: nn.Module
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    metadata: dict[str, str]
    scripted: bool


class TorchEngine(Engine):
    """Runs a network in torch: float32 in and out, whatever precision it works in.

    torch knows one thread count for the whole process; a run sets it and puts the former one back.
    """

    size_advice = "resize the picture, or pad it as the model's pixel contract says"
    failure_advice = "check the input's sides: most of these networks want multiples of 4"

    def __init__(self, name: str, path: str | Path, options: EngineOptions) -> None:
        file = existing_file(path, max_bytes=MAX_BYTES, limit="this is no network for a game")
        self._device = _device_from_name(options.device)
        self._dtype = _checked_dtype(options.precision, self._device)
        network = _load_torchscript(file, options, self._device) if is_torchscript(file) else _load_checkpoint(file)
        self._format = torch.channels_last if options.channels_last else torch.contiguous_format
        module = network.module.to(device=self._device, dtype=self._dtype)
        if options.channels_last:
            module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._forward = _forward_of(module, network, options, self._device)
        super().__init__(
            name,
            file,
            device=str(self._device),
            threads=options.threads,
            inputs=network.inputs,
            outputs=network.outputs,
            metadata=network.metadata,
        )

    def _run(self, arrays: dict[str, Array]) -> dict[str, Array]:
        with _thread_count(self.threads), _exact_cuda(self._device), torch.inference_mode():
            # A copy: a network may work in place, and the caller's array may be read-only.
            given = [self._placed(torch.tensor(array)) for array in arrays.values()]
            result = self._forward(*given)
            results = result if isinstance(result, tuple) else (result,)
            return {
                info.name: value.to("cpu", torch.float32).contiguous().numpy()
                for info, value in zip(self.outputs, results, strict=True)
            }

    def _placed(self, tensor: Tensor) -> Tensor:
        placed = tensor.to(self._device, self._dtype)
        return placed.contiguous(memory_format=self._format) if placed.ndim == 4 else placed

    def _release(self) -> None:
        del self._forward
        if self._device.type == "cuda":
            torch.cuda.empty_cache()


class _Traced:
    """A network traced and frozen once for each set of input shapes, so that no size is baked into another's trace."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._traces: dict[tuple[torch.Size, ...], Callable[..., Any]] = {}

    def __call__(self, *given: Tensor) -> Any:
        key = tuple(tensor.shape for tensor in given)
        if key not in self._traces:
            if len(self._traces) >= MAX_TRACES:
                self._traces.clear()
            with _quiet():
                traced = torch.jit.trace(self._module, given, check_trace=False)  # type: ignore[no-untyped-call]
                self._traces[key] = torch.jit.freeze(traced)
        return self._traces[key](*given)


def is_torchscript(path: Path) -> bool:
    """Whether a file is an archive of TorchScript code rather than of tensors."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return any(n.endswith("/constants.pkl") for n in names) and any("/code/" in n for n in names)


def _load_checkpoint(path: Path) -> _Network:
    loaded = load_network(path)
    channels = int(dict(loaded.spec.options).get("input_channels", 3))
    first, *others = inspect.signature(loaded.module.forward).parameters
    del first  # it is called "input" whatever the code calls it, as in exported files
    inputs = [TensorInfo("input", (None, channels, None, None), "float32")]
    inputs += [TensorInfo(name, (), "float32", any_shape=True) for name in others]
    outputs = (TensorInfo("output", (None, 3, None, None), "float32"),)
    metadata = loaded.raw_meta | {"stylebridge.spec": loaded.spec.to_json()}
    if loaded.contract:
        metadata[METADATA_KEY] = loaded.contract.to_json()
    return _Network(loaded.module.eval(), tuple(inputs), outputs, metadata, scripted=False)


def _load_torchscript(path: Path, options: EngineOptions, device: torch.device) -> _Network:
    metadata = _inspect_archive(path)
    try:
        with _quiet():
            module = torch.jit.load(str(path), map_location=device).eval()  # type: ignore[no-untyped-call]
        schema = module.forward.schema
    except Exception as error:  # a damaged archive can raise nearly anything
        raise ModelRejected(
            f"torch can't open this TorchScript archive: {first_line(error)}",
            do="copy it again, or save it with the torch that is installed here",
            where=path,
        ) from error
    if options.precision != "fp32" and not any(True for _ in module.parameters()):
        raise InputError(
            f"precision {options.precision} on a frozen TorchScript archive, whose weights are constants",
            expected="fp32, or an archive that isn't frozen",
            where=path,
        )
    wanted = [argument for argument in schema.arguments[1:] if not argument.has_default_value()]
    kinds = [str(argument.type) for argument in wanted]
    returned = schema.returns[0].type
    given = [str(t) for t in returned.elements()] if returned.kind() == "TupleType" else [str(returned)]
    if not wanted or {*kinds, *given} != {"Tensor"}:
        raise ModelRejected(
            f"its forward maps ({', '.join(kinds)}) to {returned}",
            expected="tensors to a tensor, or to a tuple of tensors",
            where=path,
        )
    inputs = [_picture_info("input", module)]
    inputs += [TensorInfo(argument.name, (), "float32", any_shape=True) for argument in wanted[1:]]
    names = ["output", *(f"output_{index}" for index in range(1, len(given)))]
    outputs = tuple(TensorInfo(name, (), "float32", any_shape=True) for name in names)
    return _Network(module, tuple(inputs), outputs, metadata, scripted=True)


def _inspect_archive(path: Path) -> dict[str, str]:
    """The archive's extra files, after refusing one that unpacks to too much or whose code touches files."""
    found: dict[str, str] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise ModelRejected("it unpacks to too much", expected=f"at most {MAX_BYTES >> 30} GiB", where=path)
            for entry in archive.infolist():
                inside = entry.filename.partition("/")[2]
                if inside.startswith("code/") and inside.endswith(".py"):
                    _refuse_file_calls(archive.read(entry), path)
                elif inside.startswith("extra/") and entry.file_size <= MAX_METADATA_BYTES:
                    found[inside.removeprefix("extra/")] = archive.read(entry).decode("utf-8", "replace")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ModelRejected(f"a damaged archive: {first_line(error)}", do="copy it again", where=path) from error
    return found


def _refuse_file_calls(code: bytes, path: Path) -> None:
    if call := _FILE_CALL.search(code):
        raise ModelRejected(
            f"its code calls {call[1].decode()}, which reads or writes files; it was not loaded",
            expected="arithmetic only",
            do="don't use this file, and ask whoever made it for a plain state dict",
            where=path,
        )


def _picture_info(name: str, module: nn.Module) -> TensorInfo:
    """The archive doesn't say what it takes; a first weight of four dimensions says that it takes pictures."""
    weight = next((p for p in module.parameters() if p.ndim > 1), None)
    if weight is None:  # a frozen archive holds its weights as constants
        graph: Any = module.inlined_graph
        first = next((node for node in graph.nodes() if node.kind() in _CONVOLUTIONS), None)
        weight = None if first is None else list(first.inputs())[1].toIValue()
    if not isinstance(weight, Tensor) or weight.ndim != 4:
        return TensorInfo(name, (), "float32", any_shape=True)
    # One channel may as well be a depthwise convolution of any number of channels.
    channels = 3 if weight.shape[1] == 3 else None
    return TensorInfo(name, (None, channels, None, None), "float32")


def _forward_of(
    module: nn.Module, network: _Network, options: EngineOptions, device: torch.device
) -> Callable[..., Any]:
    if options.mode == "eager":
        return module
    if options.mode == "torchscript":
        with _quiet():
            return torch.jit.freeze(module) if network.scripted else _Traced(module)
    if network.scripted:
        raise InputError("mode 'compile' on a TorchScript archive", expected="eager or torchscript")
    _require_compiler(device)
    compiled: Callable[..., Any] = torch.compile(module)
    return compiled


def _require_compiler(device: torch.device) -> None:
    names = [os.environ.get("CXX", ""), "c++", "g++", "clang++", "cl"]
    if device.type == "cpu" and not any(shutil.which(name) for name in names if name):
        raise InputError(
            "mode 'compile' finds no C++ compiler",
            expected="c++, g++, clang++ or cl on the path, or $CXX",
            do="install one, or use mode torchscript",
        )


def _device_from_name(name: str) -> torch.device:
    present = ["cpu"] + [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    present += ["mps"] if torch.backends.mps.is_available() else []
    if name == "auto":
        return torch.device(present[1] if len(present) > 1 else "cpu")
    wanted = "cuda:0" if name == "cuda" else name
    if wanted not in present:
        raise InputError(f"device {name!r} isn't here", expected=f"one of {', '.join(present)}")
    return torch.device(wanted)


def _checked_dtype(precision: str, device: torch.device) -> torch.dtype:
    dtype = DTYPES[precision]
    if dtype != torch.float32 and not _computes(device, dtype):
        able = [name for name, other in DTYPES.items() if _computes(device, other)]
        raise InputError(f"precision {precision} on {device}", expected=f"one of {', '.join(able)} on this device")
    return dtype


def _computes(device: torch.device, dtype: torch.dtype) -> bool:
    """Ask the device itself: the layers of a style network on a few pixels."""
    try:
        with torch.inference_mode():
            x = torch.ones(1, 2, 4, 4, device=device, dtype=dtype)
            x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), x.expand(2, 2, 4, 4)[:, :, :3, :3])
            x = F.interpolate(F.relu(F.instance_norm(x)), scale_factor=2.0)
            return bool(torch.isfinite(x.float()).all())
    except (RuntimeError, TypeError, NotImplementedError):
        return False


@contextmanager
def _thread_count(threads: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    if threads is None or threads == before:
        yield
        return
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _exact_cuda(device: torch.device) -> Iterator[None]:
    """fp32 means fp32: cuDNN would otherwise round convolutions to TF32, and pick algorithms by their speed."""
    if device.type != "cuda":
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch announces TorchScript's retirement on every use
        yield
