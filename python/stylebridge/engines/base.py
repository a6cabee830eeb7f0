"""Engine: something that runs a network. The checks of its inputs and the form of its errors are the same for all."""

from __future__ import annotations

import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, get_args

import numpy as np

from stylebridge.engines.tensors import Array, TensorInfo, checked_inputs
from stylebridge.errors import InputError, StylebridgeError

__all__ = ["Array", "Engine", "EngineOptions", "InferenceFailed", "ModelRejected", "TensorInfo"]

Precision = Literal["fp32", "fp16", "bf16"]
Mode = Literal["eager", "torchscript", "compile"]
MAX_THREADS = 1024


class ModelRejected(InputError):
    """The engine refuses to open this file."""


class InferenceFailed(StylebridgeError):
    """The engine opened the model, then failed while running it."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How to run a network; an option left at its default asks for nothing, so any engine accepts it."""

    threads: int | None = None  # None: the backend decides
    device: str = "auto"
    precision: Precision = "fp32"
    mode: Mode = "eager"
    channels_last: bool = False
    provider: str | None = None
    free_size: bool = False

    def __post_init__(self) -> None:
        if self.threads is not None and not (type(self.threads) is int and 1 <= self.threads <= MAX_THREADS):
            raise InputError(f"threads {self.threads!r}", expected=f"a whole number from 1 to {MAX_THREADS}")
        _check_choice("precision", self.precision, get_args(Precision))
        _check_choice("mode", self.mode, get_args(Mode))
        if not isinstance(self.device, str) or not re.fullmatch(r"auto|cpu|mps|cuda(:\d{1,3})?", self.device):
            raise InputError(f"device {self.device!r}", expected="auto, cpu, cuda, cuda:N or mps")
        for name in ("channels_last", "free_size"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"{name} {getattr(self, name)!r}", expected="true or false")

    @classmethod
    def of(cls, engine: str, takes: Collection[str], given: Mapping[str, Any]) -> EngineOptions:
        """The given options, refused where this engine doesn't take them."""
        expected = f"options among {', '.join(takes)}" if takes else "no options"
        defaults = {field.name: field.default for field in fields(cls)}
        for name, value in given.items():
            if name not in defaults:
                guess = difflib.get_close_matches(name, takes, 1)
                hint = f"did you mean {guess[0]!r}?" if guess else ""
                raise InputError(f"engine {engine!r} knows no option {name!r}", expected=expected, do=hint)
            if name not in takes and value != defaults[name]:
                raise InputError(f"engine {engine!r} takes no option {name!r} (given {value!r})", expected=expected)
        return cls(**given)


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} {value!r}", expected=", ".join(choices))


class Engine(ABC):
    """An opened network: named arrays in, named arrays out."""

    size_advice = ""  # what to do when an input's size isn't the declared one
    finite_inputs = True  # NaN in an input is a mistake, unless the engine is there to show what comes of it
    failure_advice = ""  # what to do when the backend fails in the middle of a run

    def __init__(
        self,
        name: str,
        path: str | Path,
        *,
        device: str,
        threads: int | None,
        inputs: tuple[TensorInfo, ...],
        outputs: tuple[TensorInfo, ...],
        metadata: Mapping[str, str],
    ) -> None:
        self.name = name
        self.path = path
        self.device = device
        self.threads = threads
        self.inputs = inputs
        self.outputs = outputs
        self.metadata = dict(metadata)
        self._closed = False

    def run(self, inputs: Mapping[str, object]) -> dict[str, Array]:
        """Run the network once; float inputs are converted to its own float type, anything else must match."""
        if self._closed:
            raise InputError(f"engine {self.name!r} is closed", do="open it again", where=self.path)
        arrays = checked_inputs(
            self.inputs, inputs, where=self.path, advice=self.size_advice, finite=self.finite_inputs
        )
        try:
            outputs = self._run(arrays)
        except StylebridgeError:
            raise
        except Exception as error:
            sizes = ", ".join(f"{name} {list(array.shape)}" for name, array in arrays.items())
            raise InferenceFailed(
                f"engine {self.name!r} failed on {sizes}: {first_line(error)}",
                do=self.failure_advice,
                where=self.path,
            ) from error
        return {name: np.asarray(array, order="C") for name, array in outputs.items()}

    def warm_up(self, inputs: Mapping[str, object], runs: int = 1) -> None:
        """Run without looking at the result, so that caches, compilers and memory pools are ready."""
        for _ in range(runs):
            self.run(inputs)

    def close(self) -> None:
        """Give back what the engine holds; closing twice is fine."""
        if not self._closed:
            self._closed = True
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def _run(self, arrays: dict[str, Array]) -> dict[str, Array]:
        """Run on checked arrays; it may raise anything, and must not write into them."""

    def _release(self) -> None:  # noqa: B027 - many engines hold nothing
        """Drop sessions, sockets and device memory."""


def existing_file(path: str | Path, *, max_bytes: int, limit: str) -> Path:
    """The path of a readable, non-empty file that is not too large for the engine."""
    file = Path(path)
    try:
        if not file.is_file():
            found = "is a directory" if file.is_dir() else "no such file"
            raise InputError(found, expected="a model file", where=file)
        size = file.stat().st_size
        with file.open("rb"):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"can't be read: {reason}", expected="a model file", where=file) from error
    if size == 0:
        raise ModelRejected("the file is empty", expected="a model file", do="copy or download it again", where=file)
    if size > max_bytes:
        raise ModelRejected(f"the file has {size} bytes", expected=f"at most {max_bytes}", do=limit, where=file)
    return file


def first_line(error: BaseException) -> str:
    """A backend's complaint in one bounded line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else ""
    # TorchScript puts its own frame on top and the reason at the bottom.
    if text.startswith("The following operation failed in the TorchScript interpreter"):
        text = lines[-1]
    return (text or type(error).__name__)[:300]
