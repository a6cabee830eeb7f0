"""Engines run networks. This module knows them by name and imports one only when it is opened."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from stylebridge.engines.base import Engine, EngineOptions, InferenceFailed, ModelRejected, TensorInfo
from stylebridge.errors import InputError, MissingExtra
from stylebridge.targets import find_target

__all__ = [
    "Engine",
    "EngineOptions",
    "InferenceFailed",
    "ModelRejected",
    "TensorInfo",
    "engine_for",
    "engine_names",
    "open_engine",
    "register_engine",
]


@dataclass(frozen=True, slots=True)
class _Entry:
    target: str  # "module:callable", called with (name, path, options)
    options: tuple[str, ...]
    extra: str


_ENTRIES: dict[str, _Entry] = {
    "torch": _Entry(
        "stylebridge.engines.torch:TorchEngine",
        ("threads", "device", "precision", "mode", "channels_last"),
        "torch",
    ),
    "onnxruntime": _Entry(
        "stylebridge.engines.onnxruntime:OnnxRuntimeEngine",
        ("threads", "device", "provider", "free_size"),
        "onnx",
    ),
}


_EMULATED = _Entry("stylebridge.engines.emulated:EmulatedEngine", ("threads",), "onnx")


def register_engine(name: str, target: str, *, options: Sequence[str] = (), extra: str = "all") -> None:
    """Add an engine: `target` is "module:callable", imported when the engine is first opened."""
    if name in _ENTRIES:
        raise InputError(f"engine {name!r} is registered already", expected="a new name")
    _ENTRIES[name] = _Entry(target, tuple(options), extra)


def engine_names() -> tuple[str, ...]:
    """The engines that `open_engine` knows; their packages may still be missing."""
    return tuple(_ENTRIES)


def engine_for(path: str | Path) -> str:
    """The engine that a file is made for, judged by its name."""
    return "onnxruntime" if Path(path).suffix.lower() == ".onnx" else "torch"


def _emulation(name: str) -> _Entry | None:
    """A release of an engine that isn't here is emulated."""
    try:
        find_target(name)
    except InputError:
        return None
    return _EMULATED


def open_engine(name: str, path: str | Path, **options: Any) -> Engine:
    """Open a model with an engine; the options are the fields of `EngineOptions` that it takes."""
    entry = _ENTRIES.get(name) or _emulation(name)
    if entry is None:
        guess = difflib.get_close_matches(name, _ENTRIES, 1)
        raise InputError(
            f"unknown engine {name!r}",
            expected=f"one of {', '.join(_ENTRIES)}, or a release of an engine such as barracuda-3.0.1",
            do=f"did you mean {guess[0]!r}?" if guess else "",
        )
    chosen = EngineOptions.of(name, entry.options, options)
    module, _, factory = entry.target.partition(":")
    try:
        opener = getattr(importlib.import_module(module), factory)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "stylebridge"):
            raise
        raise MissingExtra(missing, entry.extra) from error
    return cast("Engine", opener(name, path, chosen))
