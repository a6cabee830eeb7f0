"""The patch discriminator: tells for each part of a picture whether it was painted or made."""

from __future__ import annotations

from torch import Tensor, nn

from stylebridge.errors import InputError

WIDEST = 8  # times the first layer's channels, at most


class PatchDiscriminator(nn.Module):
    """Convolutions that halve the size `layers` times and give one number for each patch, high where it looks painted.

    It has no part in playing, so nothing of it must suit an engine. Instance norms, because a picture mustn't be judged
    by what else is in its batch; `layers=3` looks at 70x70 pixels at a time, `layers=2` at 34x34.
    """

    def __init__(self, in_channels: int = 3, width: int = 64, layers: int = 3) -> None:
        super().__init__()
        if in_channels < 1 or width < 1 or layers < 1:
            found = f"a discriminator of {in_channels} channels, width {width} and {layers} layers"
            raise InputError(found, expected="1 or more of each")
        widths = [width * min(2**index, WIDEST) for index in range(layers + 1)]
        stages: list[nn.Module] = [nn.Conv2d(in_channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for index in range(1, layers + 1):
            stride = 2 if index < layers else 1
            stages += [nn.Conv2d(widths[index - 1], widths[index], 4, stride, 1)]
            stages += [nn.InstanceNorm2d(widths[index]), nn.LeakyReLU(0.2)]
        self.stages = nn.Sequential(*stages, nn.Conv2d(widths[-1], 1, 4, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Map [N,C,H,W] to one number per patch, [N,1,h,w]."""
        out: Tensor = self.stages(x)
        return out
