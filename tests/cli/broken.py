"""Files that no command may take, and small ONNX networks of unwanted shapes."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Touch:
    """An object whose unpickling makes a file."""

    path: Path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def _half(good: Path, bad: Path) -> None:
    bad.write_bytes(good.read_bytes()[: good.stat().st_size // 2])


def _pickle_with_code(good: Path, bad: Path) -> None:
    bad.write_bytes(pickle.dumps({"weight": Touch(bad.with_name("code-ran"))}, protocol=2))


def _checkpoint_with_code(good: Path, bad: Path) -> None:
    import torch

    torch.save({"weight": Touch(bad.with_name("code-ran"))}, bad)


def _nan_checkpoint(good: Path, bad: Path) -> None:
    import torch

    content = torch.load(good, weights_only=True)
    content["state_dict"]["conv1.conv2d.weight"][0, 0, 0, 0] = float("nan")
    torch.save(content, bad)


def _other_zip(good: Path, bad: Path) -> None:
    np.savez(bad.with_suffix(".npz"), weight=np.zeros(3))
    bad.with_suffix(".npz").replace(bad)


Spoil = Callable[[Path, Path], object]
_ANY: dict[str, tuple[Spoil, str]] = {
    "missing": (lambda good, bad: None, "no such file"),
    "folder": (lambda good, bad: bad.mkdir(), "is a directory"),
    "empty": (lambda good, bad: bad.touch(), "the file is empty"),
}
# kind -> what makes it of a good file, and what the refusal says
CHECKPOINTS: dict[str, tuple[Spoil, str]] = _ANY | {
    "truncated": (_half, "truncated or damaged"),
    "noise": (lambda good, bad: bad.write_bytes(b"noise" * 99), "not a torch file"),
    "pickle with code": (_pickle_with_code, "contains code"),
    "checkpoint with code": (_checkpoint_with_code, "contains code"),
    "another zip": (_other_zip, "truncated or damaged"),
    "NaN weights": (_nan_checkpoint, "(conv1.conv2d.weight): holds NaN"),
}
ONNX_FILES: dict[str, tuple[Spoil, str]] = _ANY | {
    "truncated": (_half, "not a whole ONNX file"),
    "noise": (lambda good, bad: bad.write_bytes(b"noise" * 99), "not a whole ONNX file"),
    "pickle with code": (_pickle_with_code, "not a whole ONNX file"),
}


def conv_onnx(
    path: Path, taken: int, given: int, size: tuple[object, object] = ("h", "w"), *, weight: float | None = None
) -> Path:
    """An ONNX file of one 1x1 convolution that averages its input channels; it carries no contract."""
    from onnx import helper, save

    pictures = [
        helper.make_tensor_value_info(name, 1, [1, channels, *size])
        for name, channels in (("input", taken), ("output", given))
    ]
    numbers = np.full(taken * given, 1 / taken if weight is None else weight, np.float32)
    kernel = helper.make_tensor("kernel", 1, [given, taken, 1, 1], numbers)
    node = helper.make_node("Conv", ["input", "kernel"], ["output"])
    graph = helper.make_graph([node], "average", pictures[:1], pictures[1:], [kernel])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], ir_version=6), str(path))
    return path
