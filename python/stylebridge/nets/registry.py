"""The families of networks by name: what options each takes, and which pixel contract its numbers follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from torch import nn

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.nets.arbitrary import ArbitraryStyleNet, frozen_style_net
from stylebridge.nets.fewshot import FILTERS, FewShotGenerator
from stylebridge.nets.norms import Norm
from stylebridge.nets.reconet import ReCoNet
from stylebridge.nets.transformer import TransformerNet, Variant

# A spec may come from a stranger's file, so what it asks for is bounded.
Width = Annotated[int, msgspec.Meta(ge=1, le=2048)]
Blocks = Annotated[int, msgspec.Meta(ge=0, le=64)]


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class TransformerOptions(_Options, frozen=True):
    """Options of `transformer`."""

    widths: tuple[Width, Width, Width] = (32, 64, 128)
    blocks: Blocks = 5
    variant: Variant = "plain"


class FewShotOptions(_Options, frozen=True):
    """Options of `fewshot`."""

    blocks: Blocks = 7
    filters: tuple[Width, Width, Width, Width, Width, Width] = FILTERS
    input_channels: Annotated[int, msgspec.Meta(ge=3, le=64)] = 3
    smoothers: bool = True


class ReCoNetOptions(_Options, frozen=True):
    """Options of `reconet`."""

    widths: tuple[Width, Width, Width] = (48, 96, 192)
    blocks: Blocks = 4
    norm: Norm = "instance"


class ArbitraryOptions(_Options, frozen=True):
    """Options of `arbitrary` and of `frozen`, one style of it."""

    light: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of network."""

    options: type[_Options]
    make: Callable[..., nn.Module]
    contract: PixelContract


# All of them halve the size twice, so a picture's sides must be multiples of 4. The projects around Johnson's network
# cut its numbers to bytes without rounding.
_BYTE = PixelContract.of("byte", multiple=4, rounding="floor")
_SIGNED, _UNIT = PixelContract.of("signed", multiple=4), PixelContract.of("unit", multiple=4)
FAMILIES: Mapping[str, Family] = {
    "transformer": Family(TransformerOptions, TransformerNet, _BYTE),
    "fewshot": Family(FewShotOptions, FewShotGenerator, _SIGNED),
    "reconet": Family(ReCoNetOptions, ReCoNet, _SIGNED),
    "arbitrary": Family(ArbitraryOptions, ArbitraryStyleNet, _UNIT),
    "frozen": Family(ArbitraryOptions, frozen_style_net, _UNIT),
}


class NetSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything needed to build a network but its weights; options left out take the family's defaults."""

    family: str
    options: dict[str, Any] = {}

    def to_json(self) -> str:
        """One line of JSON."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> NetSpec:
        """The spec that `to_json` wrote."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            raise InputError(f"network spec {text[:80]!r}: {error}", expected='{"family":…,"options":{…}}') from error


def families() -> tuple[str, ...]:
    """The names that `build` knows."""
    return tuple(FAMILIES)


def family_of(spec: NetSpec) -> Family:
    """The family a spec names."""
    if spec.family not in FAMILIES:
        raise InputError(f"network family {spec.family!r}", expected=f"one of {', '.join(FAMILIES)}")
    return FAMILIES[spec.family]


def full_options(spec: NetSpec) -> dict[str, Any]:
    """The spec's options, checked, with the family's defaults filled in."""
    family = family_of(spec)
    try:
        return msgspec.structs.asdict(msgspec.convert(spec.options, family.options))
    except msgspec.ValidationError as error:
        known = ", ".join(family.options.__struct_fields__)
        raise InputError(f"{spec.family} options: {error}", expected=f"options among {known}") from error


def build(spec: NetSpec) -> nn.Module:
    """A freshly initialised network."""
    return family_of(spec).make(**full_options(spec))


def family_contract(spec: NetSpec) -> PixelContract | None:
    """The contract that published networks of this family follow, or None where the input is more than a picture."""
    if full_options(spec).get("input_channels", 3) != 3:
        return None
    return family_of(spec).contract


def parameter_count(module: nn.Module) -> int:
    """How many numbers training may change."""
    return sum(parameter.numel() for parameter in module.parameters())
