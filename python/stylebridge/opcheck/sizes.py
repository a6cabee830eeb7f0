"""Sizes: what a person says about the dimensions that a model leaves open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import onnx

from stylebridge.errors import InputError

MAX_RANK = 16
MAX_SIZE = 1 << 20
Shape = tuple[int, ...]


def size_from_text(text: str) -> tuple[str, Shape]:
    """The input's name, empty where none is given, and its dimensions: input=1x3x540x720, or 1x3x540x720."""
    name, _, dims = text.rpartition("=")
    numbers = dims.lower().replace("×", "x").split("x")
    if not all(n.isascii() and n.isdigit() and len(n) < 8 and 0 < int(n) <= MAX_SIZE for n in numbers):
        raise InputError(f"--size {text}", expected=f"NAME=1x3x540x720, each from 1 to {MAX_SIZE}")
    if len(numbers) > MAX_RANK:
        raise InputError(f"--size with {len(numbers)} dimensions", expected=f"at most {MAX_RANK}")
    return name, tuple(map(int, numbers))


def sizes_for(model: onnx.ModelProto, given: Sequence[tuple[str, Shape]], where: object = "") -> dict[str, Shape]:
    """Input name -> dimensions; a size without a name is for the only input that has as many of them."""
    stored = {initializer.name for initializer in model.graph.initializer}
    ranks = {value.name: _rank(value) for value in model.graph.input if value.name not in stored}
    found: dict[str, Shape] = {}
    for name, dims in given:
        fitting = [each for each, rank in ranks.items() if rank in (None, len(dims)) and name in ("", each)]
        if len(fitting) != 1:
            known = ", ".join(f"{each} (rank {'unknown' if rank is None else rank})" for each, rank in ranks.items())
            said = f"{name}={_by(dims)}" if name else _by(dims)
            fits = "several inputs, name one" if fitting else "no input"
            raise InputError(f"--size {said} fits {fits}", expected=f"a size for: {known or 'none'}", where=where)
        found[fitting[0]] = dims
    return found


def _rank(value: onnx.ValueInfoProto) -> int | None:
    kind = value.type.tensor_type
    return len(kind.shape.dim) if kind.HasField("shape") else None


def _by(dims: Iterable[int]) -> str:
    return "x".join(map(str, dims))
