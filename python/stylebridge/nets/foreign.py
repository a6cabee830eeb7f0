"""State dicts of other projects: the family they belong to, its options and our names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

from stylebridge.errors import InputError
from stylebridge.nets.registry import NetSpec

State = dict[str, Tensor]
Renames = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one project names the tensors of one family."""

    title: str
    marks: tuple[str, ...]  # keys that together occur in no other dialect
    renames: Renames  # regular expressions, applied in order to every key
    spec: Callable[[Mapping[str, Tensor]], NetSpec]  # reads the renamed state
    drops: str = "(?!)"  # keys that carry nothing the network uses


def translate(state: Mapping[str, Tensor]) -> tuple[NetSpec, State] | None:
    """The spec of a state dict and the same tensors under our names, or None where no family is recognised."""
    prefix = "module."  # left behind by data-parallel training
    if state and all(key.startswith(prefix) for key in state):
        state = {key.removeprefix(prefix): tensor for key, tensor in state.items()}
    for dialect in DIALECTS:
        if all(mark in state for mark in dialect.marks):
            ours = {
                _renamed(key, dialect.renames): tensor
                for key, tensor in state.items()
                if not re.search(dialect.drops, key)
            }
            return dialect.spec(ours), ours
    return None


def known_titles() -> tuple[str, ...]:
    """What `translate` recognises, in words."""
    return tuple(dialect.title for dialect in DIALECTS)


def _renamed(key: str, renames: Renames) -> str:
    for pattern, replacement in renames:
        key = re.sub(pattern, replacement, key)
    return key


def _count(keys: Iterable[str], prefix: str) -> int:
    """How many different numbers follow `prefix`."""
    return len({match[1] for key in keys if (match := re.match(rf"{re.escape(prefix)}\.(\d+)\.", key))})


def _conv(state: Mapping[str, Tensor], name: str) -> Tensor:
    weight = state.get(f"{name}.weight")
    if weight is None or weight.ndim != 4:
        shape = "missing" if weight is None else str(list(weight.shape))
        raise InputError(f"{name}.weight is {shape}", expected="a convolution's four dimensions")
    return weight


def _out(state: Mapping[str, Tensor], *names: str) -> list[int]:
    return [int(_conv(state, name).shape[0]) for name in names]


def _require_channels(state: Mapping[str, Tensor], first: str, last: str, inputs: int = 3) -> None:
    taken, given = int(_conv(state, first).shape[1]), int(_conv(state, last).shape[0])
    if taken < 3 or (inputs == 3 and taken != 3):
        raise InputError(f"the network takes {taken} channels", expected="3 (RGB)", where=first)
    if given != 3:
        raise InputError(f"the network gives {given} channels", expected="3 (RGB)", where=last)


def _transformer_spec(variant: str) -> Callable[[Mapping[str, Tensor]], NetSpec]:
    def read(state: Mapping[str, Tensor]) -> NetSpec:
        _require_channels(state, "conv1.conv2d", "deconv3.conv2d")
        widths = _out(state, "conv1.conv2d", "conv2.conv2d", "conv3.conv2d")
        options = {"widths": widths, "blocks": _count(state, "blocks"), "variant": variant}
        return NetSpec("transformer", options)

    return read


def _fewshot_spec(state: Mapping[str, Tensor]) -> NetSpec:
    _require_channels(state, "enter.0", "leave", inputs=0)
    full, half, quarter, up, tail = _out(state, "enter.0", "down1.0", "down2.0", "up2.0", "merge")
    return NetSpec(
        "fewshot",
        {
            "blocks": _count(state, "blocks"),
            "filters": [full, half, quarter, quarter, up, tail],
            "input_channels": int(_conv(state, "enter.0").shape[1]),
            "smoothers": "smooth.0.weight" in state,
        },
    )


def _reconet_spec(state: Mapping[str, Tensor]) -> NetSpec:
    _require_channels(state, "enter.conv.conv2d", "leave.conv2d")
    widths = _out(state, "enter.conv.conv2d", "down1.conv.conv2d", "down2.conv.conv2d")
    norm = "frn" if "enter.activation.tau" in state else "instance"
    return NetSpec("reconet", {"widths": widths, "blocks": _count(state, "blocks"), "norm": norm})


# Instance norms saved by old torch releases carry statistics that were never used.
_UNUSED_STATISTICS = r"\bin\d\.(running_mean|running_var|num_batches_tracked)$"
_TRANSFORMER_ENDS = ("conv1.conv2d.weight", "conv3.conv2d.weight", "deconv3.conv2d.weight")

DIALECTS = (
    Dialect(
        "fast_neural_style",
        (*_TRANSFORMER_ENDS, "res1.conv1.conv2d.weight"),
        tuple((rf"^res{n}\.", f"blocks.{n - 1}.") for n in range(1, 65)),
        _transformer_spec("plain"),
        _UNUSED_STATISTICS,
    ),
    Dialect(
        "the in-Unity tutorial's fast_neural_style",
        (*_TRANSFORMER_ENDS, "resnets.0.conv1.conv2d.weight"),
        ((r"^resnets\.", "blocks."),),
        _transformer_spec("tutorial"),
        _UNUSED_STATISTICS,
    ),
    Dialect(
        "few-shot patch-based generator",
        ("conv0.conv.weight", "upconv2.1.weight", "conv_12.0.weight"),
        (
            (r"^conv0\.", "enter."),
            (r"^conv(\d)\.", r"down\1."),
            (r"^(enter|down\d)\.conv\.", r"\1.0."),
            (r"^(enter|down\d)\.normalization\.", r"\1.1."),
            (r"^resnets\.(\d+)\.conv_0\.", r"blocks.\1.conv1."),
            (r"^resnets\.(\d+)\.conv_1\.", r"blocks.\1.conv2."),
            (r"^resnets\.(\d+)\.normalization\.", r"blocks.\1.norm."),
            (r"^upconv(\d)\.1\.", r"up\1.0."),
            (r"^upconv(\d)\.2\.", r"up\1.1."),
            (r"^conv_11\.0\.", "merge."),
            (r"^conv_11_a\.", "smooth."),
            (r"^conv_12\.0\.", "leave."),
        ),
        _fewshot_spec,
    ),
    Dialect(
        "ReCoNet",
        ("encoder.layers.0.layers.0.layers.1.weight", "decoder.layers.4.layers.0.layers.1.weight"),
        (
            (r"^encoder\.layers\.0\.", "enter."),
            (r"^encoder\.layers\.([12])\.", r"down\1."),
            *((rf"^encoder\.layers\.{n + 3}\.", f"blocks.{n}.") for n in range(64)),
            (r"^decoder\.layers\.1\.", "up1."),
            (r"^decoder\.layers\.3\.", "up2."),
            (r"^decoder\.layers\.4\.layers\.0\.layers\.1\.", "leave.conv2d."),
            (r"\.branch\.0\.", ".first."),
            (r"\.branch\.1\.", ".second."),
            (r"\.layers\.0\.layers\.1\.", ".conv.conv2d."),
            (r"\.layers\.1\.", ".norm."),
            (r"\.layers\.2\.", ".activation."),
        ),
        _reconet_spec,
    ),
)
