"""Teachers: any model whose pictures another one learns to make, through its own contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from stylebridge.contract import PixelContract
from stylebridge.engines.stylizer import open_stylizer
from stylebridge.engines.torch import is_torchscript
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.nets.arbitrary import ArbitraryStyleNet
from stylebridge.nets.checkpoint import load_network
from stylebridge.nets.registry import full_options
from stylebridge.train.sight import style_picture

EXPECTED = "a checkpoint (.pt, .pth, .model) or an .onnx file"


@dataclass(frozen=True)
class Teacher:
    """Makes a picture of a picture; what the model's numbers, sizes and layout are is its own affair."""

    path: Path
    stylize: Callable[[Frame], Frame]
    any_size: bool = True

    def picture(self, color: ColorPlane) -> ColorPlane:
        """The stylised picture, [H,W,3]; a model that fails or gives no numbers is named."""
        try:
            return self.stylize(Frame(color=color)).rgb
        except InputError as error:
            if error.where:
                raise
            raise InputError(error.found, expected=error.expected, do=error.do, where=self.path) from error


@dataclass(frozen=True)
class _Network:
    """A network of ours as a stylizer, on the device that training runs on."""

    module: nn.Module
    contract: PixelContract
    device: torch.device

    @torch.inference_mode()
    def __call__(self, frame: Frame) -> Frame:
        given = torch.from_numpy(self.contract.to_tensor(frame)).to(self.device)
        return self.contract.to_frame(self.module(given).float().cpu().numpy(), frame)


def open_teacher(
    path: str, *, size: int, device: torch.device, contract: str = "", style: Sequence[str] = (), style_size: int = 512
) -> Teacher:
    """The model of that file, to be shown crops of this size; an arbitrary-style one is held at the style picture."""
    if not path:
        raise InputError("no teacher", do=f"pass --set teacher=MODEL: {EXPECTED}")
    place = Path(path)
    if place.suffix.lower() == ".onnx" or (place.is_file() and is_torchscript(place)) or contract:
        return _through_engine(place, contract, size)
    network = load_network(place)
    module, arbitrary = network.module, isinstance(network.module, ArbitraryStyleNet)
    if style and not arbitrary:
        raise InputError(f"a style for a {network.spec.family} teacher, which has its own", do="leave out --style")
    if isinstance(module, ArbitraryStyleNet):
        if len(style) != 1:
            found = f"an arbitrary-style teacher and {len(style)} style pictures"
            raise InputError(found, expected="the one style to be learnt", do="pass --style PICTURE", where=place)
        with torch.inference_mode():
            module = module.freeze(module.predict(style_picture(Path(style[0]), style_size)))
    if network.contract is None:
        channels = full_options(network.spec).get("input_channels", 3)
        raise InputError(f"a teacher that takes {channels} channels", expected="one that takes a picture", where=place)
    return Teacher(place, _Network(module.to(device).eval(), network.contract, device))


def _through_engine(place: Path, contract: str, size: int) -> Teacher:
    """An ONNX file of one size is freed from it, unless the crops have that size."""
    stylizer = open_stylizer(place, contract=contract)
    shape, nchw = stylizer.engine.inputs[0].shape, stylizer.contract.input.layout == "nchw"
    sides = shape[2:] if nchw else shape[1:3]
    if place.suffix.lower() != ".onnx" or all(side is None for side in sides):
        return Teacher(place, stylizer)
    if sides == (size, size):
        return Teacher(place, stylizer, any_size=False)
    stylizer.engine.close()
    try:
        freed = open_stylizer(place, contract=contract, free_size=True)
        freed(Frame(color=np.zeros((size, size, 3), np.uint8)))
    except StylebridgeError as error:
        do = f"pass --set size={sides[0]}" if sides[0] == sides[1] else "export it with --size dynamic"
        found = f"a teacher that only works at {sides[0]}x{sides[1]} (height first)"
        raise InputError(found, expected=f"{size}x{size} as the crops", do=do, where=place) from error
    return Teacher(place, freed)
