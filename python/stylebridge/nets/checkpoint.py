"""Networks to and from files; the one place here that touches the disk, and it never runs what a file contains."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.files import check_output, replacing
from stylebridge.nets.foreign import known_titles, translate
from stylebridge.nets.pickles import foreign_global, from_python_itself
from stylebridge.nets.registry import NetSpec, build, families, family_contract

FORMAT = "stylebridge-checkpoint"
VERSION = 1
MAX_BYTES = 4 << 30  # far above any network that a game runs
SCAN_BYTES = 64 << 20  # the pickled part of a checkpoint is a few kilobytes
TORCH_STARTS = (b"PK\x03\x04", b"\x80\x02\x8a\x0a")  # a zip; before torch 1.6, the pickle of a magic number


@dataclass(frozen=True, slots=True)
class LoadedNetwork:
    """A network in eval mode, how to build it again, and its pixel contract: its own, or its family's."""

    module: nn.Module
    spec: NetSpec
    contract: PixelContract | None
    raw_meta: dict[str, str] = field(default_factory=dict)


def load_network(path: str | Path) -> LoadedNetwork:
    """Read our own checkpoints and the state dicts of the projects that `foreign` knows."""
    where = Path(path)
    content = _read(where)
    with _naming(where):
        spec, state, meta = _parse(content)
        module = _assemble(spec, state)
        stored = meta.get("contract")
        contract = PixelContract.from_json(stored) if stored else family_contract(spec)
    return LoadedNetwork(module, spec, contract, meta)


def load_state_dict(path: str | Path) -> dict[str, Tensor]:
    """Read tensors by name, whatever network they belong to."""
    content = _read(Path(path))
    with _naming(Path(path)):
        return _tensors(content)


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a dictionary of tensors, numbers and text, such as the state of an interrupted run."""
    content = _read(Path(path))
    if not isinstance(content, dict):
        raise InputError(f"the file holds a {type(content).__name__}", expected="a dictionary", where=path)
    return content


def save_network(
    path: str | Path,
    module: nn.Module,
    spec: NetSpec,
    meta: Mapping[str, str] | None = None,
    *,
    force: bool = False,
) -> None:
    """Write a checkpoint of `module`, which must be what `spec` builds; an existing file is kept unless `force`."""
    target = Path(path)
    check_output(target, force)
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()}
    _refuse_misfit(_blank(spec), state)
    content = {
        "format": FORMAT,
        "version": VERSION,
        "spec": spec.to_json(),
        "state_dict": state,
        "meta": {str(key): str(value) for key, value in (meta or {}).items()},
    }
    packed = io.BytesIO()
    torch.save(content, packed)  # to memory, because on a full disk torch says nothing of the disk
    with replacing(target) as partial:
        partial.write_bytes(packed.getbuffer())
        partial.chmod(0o644)  # whatever the umask: a checkpoint needn't be private


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """The parts that find a fault know the tensor; the person needs the file as well."""
    try:
        yield
    except InputError as error:
        name = f"{path} ({error.where})" if error.where else str(path)
        raise InputError(error.found, expected=error.expected, do=error.do, where=name) from error


def _read(path: Path) -> object:
    if path.is_dir():
        raise InputError("is a directory", expected="a checkpoint file", where=path)
    if not path.is_file():
        raise InputError("no such file", expected="a checkpoint file", where=path)
    size = path.stat().st_size
    if size == 0:
        raise InputError("the file is empty", expected="a checkpoint file", where=path)
    if size > MAX_BYTES or _unpacked_size(path) > MAX_BYTES:
        raise InputError("the file is too large", expected=f"at most {MAX_BYTES >> 30} GiB unpacked", where=path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old formats make torch talk about its own plans
            return torch.load(path, map_location="cpu", weights_only=True)
    except PermissionError as error:
        raise InputError("may not be read", do="check its permissions", where=path) from error
    except Exception as error:  # a broken pickle can raise nearly anything
        raise _load_failure(path, str(error)) from error


def _unpacked_size(path: Path) -> int:
    if not zipfile.is_zipfile(path):
        return 0  # the format before torch 1.6 isn't compressed
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"a damaged archive: {error}", do="copy or download it again", where=path) from error


def _pickle_bytes(path: Path) -> bytes:
    """The pickled part of a checkpoint, or nothing where the archive is too broken to hold one."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            return file.read(SCAN_BYTES)
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith("data.pkl")]
            with archive.open(names[0]) as member:
                return member.read(SCAN_BYTES)
    except (zipfile.BadZipFile, zlib.error, IndexError, OSError, NotImplementedError, RuntimeError):
        return b""


def _load_failure(path: Path, reason: str) -> InputError:
    if "TorchScript" in reason:
        return InputError("a TorchScript archive, which is code", expected="a state dict", where=path)
    if wanted := foreign_global(_pickle_bytes(path)):
        return _code_refusal(path, wanted)
    with path.open("rb") as file:
        start = file.read(4)
    if start in TORCH_STARTS:
        damage = "the file is truncated or damaged"
        return InputError(damage, expected="a torch checkpoint", do="copy or download it again", where=path)
    return InputError("not a torch file", expected="a state dict or a stylebridge checkpoint", where=path)


def _code_refusal(path: Path, name: str) -> InputError:
    if from_python_itself(name):
        return InputError(
            f"the file contains code: loading it would call {name}; it was not loaded",
            expected="tensors only",
            do="don't use this file, and ask whoever made it for a plain state dict",
            where=path,
        )
    return InputError(
        f"the file holds a whole pickled object ({name}), which only its own code can rebuild; it was not loaded",
        expected="a state dict",
        do="where that code is at hand, save network.state_dict() and load that file",
        where=path,
    )


def _parse(content: object) -> tuple[NetSpec, dict[str, Tensor], dict[str, str]]:
    if isinstance(content, dict) and content.get("format") == FORMAT:
        return _parse_own(content)
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]  # what training frameworks wrap around it
    state = _tensors(content)
    found = translate(state)
    if found is None:
        raise _unknown_structure(state)
    return *found, {}


def _parse_own(content: dict[Any, Any]) -> tuple[NetSpec, dict[str, Tensor], dict[str, str]]:
    version = content.get("version")
    if not isinstance(version, int) or version != VERSION:
        raise InputError(f"checkpoint version {version!r}", expected=str(VERSION), do="use the release that wrote it")
    spec, meta = content.get("spec"), content.get("meta", {})
    if not isinstance(spec, str):
        raise InputError("the checkpoint names no network", expected="a JSON spec")
    if not isinstance(meta, dict) or not all(isinstance(part, str) for pair in meta.items() for part in pair):
        raise InputError("the checkpoint's meta is not text", expected="text by name")
    return NetSpec.from_json(spec), _tensors(content.get("state_dict")), dict(meta)


def _tensors(content: object) -> dict[str, Tensor]:
    if not isinstance(content, dict) or not content:
        raise InputError(f"the file holds a {type(content).__name__}", expected="a state dict: tensors by name")
    for key, value in content.items():
        if not isinstance(key, str) or not isinstance(value, Tensor):
            expected = "a state dict: tensors by name"
            raise InputError(f"not only tensors; the first keys are {_first_keys(content)}", expected=expected)
        if value.layout != torch.strided or value.is_quantized or value.is_complex() or value.is_meta:
            raise InputError("not a plain tensor", expected="dense real numbers", where=key)
    # A view can claim more elements than the file holds; copying it would then fill the memory.
    if sum(value.numel() * value.element_size() for value in content.values()) > MAX_BYTES:
        raise InputError("its tensors are too large", expected=f"at most {MAX_BYTES >> 30} GiB")
    return dict(content)


def _unknown_structure(content: Mapping[Any, object]) -> InputError:
    return InputError(
        f"a state dict of unknown structure; its first keys are {_first_keys(content)}",
        expected=f"one of: {'; '.join(known_titles())}; or a stylebridge checkpoint ({', '.join(families())})",
    )


def _first_keys(content: Mapping[Any, object]) -> str:
    return ", ".join(str(key)[:60] for key in list(content)[:4])


def _blank(spec: NetSpec) -> nn.Module:
    """The network without memory behind its tensors: shapes can be compared before anything is allocated."""
    with torch.device("meta"):
        return build(spec)


def _assemble(spec: NetSpec, state: dict[str, Tensor]) -> nn.Module:
    module = _blank(spec)
    _refuse_misfit(module, state)
    clean: dict[str, Tensor] = {}
    for name, tensor in state.items():
        clean[name] = (tensor.float() if tensor.is_floating_point() else tensor).clone()
        if not bool(torch.isfinite(clean[name]).all()):
            raise InputError("holds NaN or infinite weights", expected="finite numbers", where=name)
    module.load_state_dict(clean, assign=True)
    return module.eval()


def _refuse_misfit(module: nn.Module, state: Mapping[str, Tensor]) -> None:
    wanted = module.state_dict()
    if missing := [name for name in wanted if name not in state]:
        raise InputError(f"{len(missing)} tensors are missing, first {missing[0]}", expected=f"{len(wanted)} tensors")
    if surplus := [name for name in state if name not in wanted]:
        raise InputError(f"{len(surplus)} tensors too many, first {surplus[0]}", expected=f"{len(wanted)} tensors")
    for name, tensor in wanted.items():
        if state[name].shape != tensor.shape:
            raise InputError(f"shape {list(state[name].shape)}", expected=str(list(tensor.shape)), where=name)
        if state[name].is_floating_point() != tensor.is_floating_point():
            raise InputError(f"numbers of type {state[name].dtype}", expected=str(tensor.dtype), where=name)
