"""Any style from one picture: a predictor turns the style image into the scales and biases of a small style network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylebridge.errors import InputError
from stylebridge.nets.layers import ReflectConv, double_size
from stylebridge.nets.norms import instance_norm

# (index of a styled norm, its input) -> its output
Restyle = Callable[[int, Tensor], Tensor]

BLOCKS = 5
BOTTLENECK = 100


@dataclass(frozen=True, slots=True)
class Layout:
    """The widths of one style network; the last entry of `encoder` is also the width of the residual blocks."""

    encoder: tuple[int, ...]
    strides: tuple[int, ...]
    decoder: tuple[int, ...]
    outer_kernel: int

    @property
    def styled(self) -> tuple[int, ...]:
        """Channels of each styled norm, in the order they run."""
        return (self.encoder[-1],) * (2 * BLOCKS) + (*self.decoder, 3)

    @property
    def style_size(self) -> int:
        """How many floats describe a style: a scale and a bias per styled channel."""
        return 2 * sum(self.styled)


# Where the widths come from: Unity's sample saves each style as lists of scale, bias, scale, bias ... in running order.
# The reference net's lists are 10 pairs of 48, then 32, 16 and 3: 2 * (10*48 + 32 + 16 + 3) = 1062 floats. The light
# net's are 10 pairs of 32, then 16 and 3: 2 * (10*32 + 16 + 3) = 678. Ten equal pairs are five residual blocks; no pair
# precedes them, so the encoder isn't styled. The decoder mirrors the encoder: 16-32-48, and 16-32 in the light net,
# whose per-layer timings show both of its convolutions at a stride of 2. Kernel sizes leave no trace there: 9 at the
# reference net's ends follows the published architecture, 3 at the light one's fits its timings.
REFERENCE = Layout(encoder=(16, 32, 48), strides=(1, 2, 2), decoder=(32, 16), outer_kernel=9)
LIGHT = Layout(encoder=(16, 32), strides=(2, 2), decoder=(16,), outer_kernel=3)


class Trunk(nn.Module):
    """The convolutions, shared by the dynamic and the frozen form, which differ only in how they restyle."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        widths = (3, *layout.encoder)
        kernels = (layout.outer_kernel,) + (3,) * (len(layout.encoder) - 1)
        self.encoder = nn.Sequential(
            *(
                nn.Sequential(ReflectConv(a, b, kernel, stride), instance_norm(b), nn.ReLU())
                for a, b, kernel, stride in zip(widths, widths[1:], kernels, layout.strides, strict=False)
            )
        )
        wide = layout.encoder[-1]
        self.residual = nn.ModuleList(ReflectConv(wide, wide, 3) for _ in range(2 * BLOCKS))
        self.decoder = nn.ModuleList(
            ReflectConv(a, b, 3) for a, b in zip((wide, *layout.decoder), layout.decoder, strict=False)
        )
        self.leave = ReflectConv(layout.decoder[-1], 3, layout.outer_kernel)
        # The light net halves the size in its first layer too, so its last one starts with a doubling.
        self.double_last = layout.strides[0] == 2

    def forward(self, x: Tensor, restyle: Restyle) -> Tensor:
        """Map [N,3,H,W] to [N,3,H,W] in [0,1]."""
        x = self.encoder(x)
        for first in range(0, len(self.residual), 2):
            out = F.relu(restyle(first, self.residual[first](x)))
            x = x + restyle(first + 1, self.residual[first + 1](out))
        index = len(self.residual)
        for conv in self.decoder:
            x = F.relu(restyle(index, conv(double_size(x))))
            index += 1
        x = double_size(x) if self.double_last else x
        return torch.sigmoid(restyle(index, self.leave(x)))


class StylePredictor(nn.Module):
    """Maps a style image of any size to the style parameters; it runs once per style, so its cost doesn't matter."""

    def __init__(self, layout: Layout, widths: tuple[int, ...] = (32, 64, 128, 256)) -> None:
        super().__init__()
        # No instance norm here: it would erase the very statistics that tell styles apart.
        steps = zip((3, *widths), widths, strict=False)
        self.features = nn.Sequential(*(nn.Sequential(ReflectConv(a, b, 3, 2), nn.ReLU()) for a, b in steps))
        self.bottleneck = nn.Linear(widths[-1], BOTTLENECK)
        self.head = nn.Linear(BOTTLENECK, layout.style_size)
        with torch.no_grad():
            start = [value for c in layout.styled for value in (1.0, 0.0) for _ in range(c)]
            self.head.bias.copy_(torch.tensor(start))  # an untrained predictor leaves the norms alone

    def forward(self, style_image: Tensor) -> Tensor:
        """Map [N,3,H,W] in [0,1] to [N,P]."""
        pooled = self.features(style_image).mean(dim=(2, 3))  # [N,C,H,W] -> [N,C]
        params: Tensor = self.head(self.bottleneck(pooled))
        return params


class ArbitraryStyleNet(nn.Module):
    """A style network whose style is an input: P floats, scale then bias for each styled norm in running order.

    RGB [0,1] in and out; sides must be multiples of 4. `light` is the 32-channel net.
    """

    def __init__(self, light: bool = False) -> None:
        super().__init__()
        self.layout = LIGHT if light else REFERENCE
        self.trunk = Trunk(self.layout)
        self.predictor = StylePredictor(self.layout)

    def predict(self, style_image: Tensor) -> Tensor:
        """The style parameters [N,P] of pictures [N,3,H,W] in [0,1]."""
        params: Tensor = self.predictor(style_image)
        return params

    def forward(self, content: Tensor, style_params: Tensor) -> Tensor:
        """Stylise [N,3,H,W] with parameters [N,P] or [1,P]."""
        pairs = [
            (style_params[:, a:b, None, None], style_params[:, b:c, None, None])  # [N,P] -> [N,C,1,1] twice
            for a, b, c in _spans(self.layout)
        ]

        def restyle(index: int, x: Tensor) -> Tensor:
            scale, bias = pairs[index]
            # The norm itself has no affine part: engines refuse one whose scale is not a constant.
            return F.instance_norm(x) * scale + bias

        out: Tensor = self.trunk(content, restyle)
        return out

    def forward_style(self, content: Tensor, style_image: Tensor) -> Tensor:
        """Stylise [N,3,H,W] in the manner of the style image."""
        out: Tensor = self(content, self.predict(style_image))
        return out

    def freeze(self, params: Tensor) -> FrozenStyleNet:
        """A network of this one style, its parameters [1,P] or [P] held as constants."""
        flat = params.detach().reshape(-1)  # [1,P] -> [P]
        if flat.numel() != self.layout.style_size:
            raise InputError(f"{flat.numel()} style parameters", expected=f"{self.layout.style_size} of one style")
        frozen = FrozenStyleNet(self.layout)
        frozen.trunk.load_state_dict(self.trunk.state_dict())
        affine: dict[str, Tensor] = {}
        for index, (a, b, c) in enumerate(_spans(self.layout)):
            affine |= {f"{index}.weight": flat[a:b], f"{index}.bias": flat[b:c]}
        frozen.norms.load_state_dict(affine)
        return frozen.to(flat.device).eval().requires_grad_(False)


class FrozenStyleNet(nn.Module):
    """One style of an arbitrary-style network, made of what every engine accepts."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.trunk = Trunk(layout)
        self.norms = nn.ModuleList(instance_norm(channels) for channels in layout.styled)

    def forward(self, content: Tensor) -> Tensor:
        """Stylise [N,3,H,W]."""

        def restyle(index: int, x: Tensor) -> Tensor:
            out: Tensor = self.norms[index](x)
            return out

        out: Tensor = self.trunk(content, restyle)
        return out


def frozen_style_net(light: bool = False) -> FrozenStyleNet:
    """An untrained network of one style, as `freeze` makes them."""
    return FrozenStyleNet(LIGHT if light else REFERENCE)


def _spans(layout: Layout) -> list[tuple[int, int, int]]:
    """Where each styled norm's scale starts, its bias starts, and its bias ends."""
    starts = (0, *accumulate(2 * channels for channels in layout.styled))
    return [
        (start, start + channels, start + 2 * channels) for start, channels in zip(starts, layout.styled, strict=False)
    ]
