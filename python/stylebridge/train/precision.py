"""How numbers are kept while training: single or half precision, channels last, compiled or not."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch
from torch import Tensor, nn

from stylebridge.errors import InputError

Chosen = Literal["fp32", "bf16", "fp16"]
TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def device_from_name(name: str) -> torch.device:
    """`auto`, or what torch calls a device; one that isn't there is refused."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError(
            f"device {name!r}: {str(error).splitlines()[0]}", expected="auto, cpu, cuda or cuda:0"
        ) from error
    return device


def chosen(wanted: str, device: torch.device) -> Chosen:
    """The precision to compute in; half precision with its small range needs a GPU."""
    if wanted == "auto":
        return "bf16" if computes_bf16(device) else "fp32"
    if wanted == "fp16" and device.type == "cpu":
        raise InputError("precision fp16 on the processor", expected="fp32 or bf16 there; fp16 needs a GPU")
    return wanted  # type: ignore[return-value]


def computes_bf16(device: torch.device) -> bool:
    """Whether bf16 is computed in hardware; elsewhere it is slower than single precision."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def autocast(precision: Chosen, device: torch.device) -> AbstractContextManager[object]:
    """Where forward passes run."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, dtype=TYPES[precision])


def channels_last(module: nn.Module) -> nn.Module:
    """The same network with its weights laid out as convolutions read them fastest."""
    return module.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def to_device(batch: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    """A batch where it is computed on, pictures with their channels last."""
    moved = {name: value.to(device, non_blocking=True) for name, value in batch.items()}
    return {
        name: value.contiguous(memory_format=torch.channels_last) if value.ndim == 4 else value
        for name, value in moved.items()
    }
