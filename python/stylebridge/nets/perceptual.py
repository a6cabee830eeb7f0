"""VGG features for perceptual losses, cut from a torchvision-named state dict of any width."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from stylebridge.errors import InputError

# depth -> convolutions in each of the five stages; a stage ends with a 2x2 max pool
STAGES: Mapping[int, tuple[int, ...]] = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
STYLE_TAPS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class VggFeatures(nn.Module):
    """The frozen front of a VGG: RGB [0,1] in, one feature map per tap out.

    `widths` gives the output channels of each convolution in order; torchvision's by default. With `normalize=False`
    the input is taken as ImageNet-normalised already.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        depth: int = 16,
        taps: Iterable[str] = STYLE_TAPS,
        widths: Iterable[int] | None = None,
        normalize: bool = True,
    ) -> None:
        super().__init__()
        wanted = tap_convs(depth, taps)
        channels = tuple(widths) if widths is not None else _full_widths(depth)
        self.taps = tuple(wanted)
        self.normalize = normalize
        self.features = _build_features(depth, max(wanted.values()), channels)
        # The relu stands right behind its convolution.
        self._names = {index + 1: name for name, index in wanted.items()}
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> VggFeatures:
        """Stay in eval mode: the features are a yardstick."""
        super().train(False)
        return self

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map [N,3,H,W] to {tap: [N,C,H/s,W/s]}."""
        out: dict[str, Tensor] = {}
        if self.normalize:
            x = (x - self.mean) / self.std
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in self._names:
                out[self._names[index]] = x
        return out


def features_from_state_dict(
    state: Mapping[str, Tensor], taps: Iterable[str] = STYLE_TAPS, depth: int | None = None, normalize: bool = True
) -> VggFeatures:
    """Cut the features that `taps` need out of a VGG state dict, which may be narrow, half precision or incomplete."""
    if "features.1.weight" in state or "features.1.running_mean" in state:
        raise InputError("a VGG with batch normalisation", expected="a VGG16 or VGG19 without it")
    depth = depth if depth is not None else _depth_of(state)
    wanted = tap_convs(depth, taps)
    _refuse_missing(state, depth, wanted)
    needed = [index for index in conv_indices(depth).values() if index <= max(wanted.values())]
    widths = _widths_of(state, needed)
    net = VggFeatures(depth, tuple(wanted), widths, normalize)
    names = [f"features.{index}.{kind}" for index in needed for kind in ("weight", "bias")]
    net.load_state_dict({name: state[name].float() for name in names})
    return net


def conv_indices(depth: int) -> dict[str, int]:
    """Every tap of a VGG, as relu name -> index of its convolution in torchvision's `features`."""
    if depth not in STAGES:
        raise InputError(f"VGG depth {depth}", expected="16 or 19")
    indices: dict[str, int] = {}
    index = 0
    for stage, count in enumerate(STAGES[depth], start=1):
        for conv in range(1, count + 1):
            indices[f"relu{stage}_{conv}"] = index
            index += 2  # convolution, relu
        index += 1  # pool
    return indices


def tap_convs(depth: int, taps: Iterable[str]) -> dict[str, int]:
    """The requested taps with the index of their convolution, or a refusal of unknown ones."""
    known = conv_indices(depth)
    wanted = tuple(taps)
    if not wanted:
        raise InputError("no VGG taps", expected="at least one, for example relu3_3")
    for tap in wanted:
        if tap not in known:
            raise InputError(f"VGG{depth} tap {tap!r}", expected=f"one of {', '.join(known)}")
    return {tap: known[tap] for tap in wanted}


def gram(x: Tensor) -> Tensor:
    """Channel correlations F Fᵀ / (C·H·W), one [C,C] matrix per image."""
    n, c, h, w = x.shape
    flat = x.reshape(n, c, h * w)  # [N,C,H,W] -> [N,C,H*W]
    return flat @ flat.transpose(1, 2) / (c * h * w)  # [N,C,C]


def _build_features(depth: int, last_conv: int, widths: tuple[int, ...]) -> nn.Sequential:
    convs = set(conv_indices(depth).values())
    if len(widths) < sum(index <= last_conv for index in convs) or min(widths) < 1:
        raise InputError(f"VGG widths {widths}", expected="a positive channel count for every convolution")
    layers: list[nn.Module] = []
    channels, order = 3, iter(widths)
    for index in range(last_conv + 2):
        if index in convs:
            width = next(order)
            layers.append(nn.Conv2d(channels, width, 3, padding=1))
            channels = width
        else:
            layers.append(nn.ReLU() if index - 1 in convs else nn.MaxPool2d(2, 2))
    return nn.Sequential(*layers)


def _full_widths(depth: int) -> tuple[int, ...]:
    conv_indices(depth)
    return tuple(
        width for width, count in zip((64, 128, 256, 512, 512), STAGES[depth], strict=True) for _ in range(count)
    )


def _depth_of(state: Mapping[str, Tensor]) -> int:
    # Up to relu3_3 the two are laid out alike; there VGG19 goes on with features.16, VGG16 with a pool.
    return 16 if "features.17.weight" in state else 19


def _refuse_missing(state: Mapping[str, Tensor], depth: int, wanted: Mapping[str, int]) -> None:
    available: list[str] = []
    for tap, index in conv_indices(depth).items():
        if f"features.{index}.weight" not in state or f"features.{index}.bias" not in state:
            if index > max(wanted.values()):
                return
            raise InputError(
                f"the state dict has no features.{index} (VGG{depth} {tap})",
                expected=f"every layer up to {max(wanted, key=lambda name: wanted[name])}",
                do=f"choose taps among {', '.join(available)}"
                if available
                else "give a torchvision-named VGG state dict",
            )
        available.append(tap)


def _widths_of(state: Mapping[str, Tensor], indices: Iterable[int]) -> tuple[int, ...]:
    widths: list[int] = []
    channels = 3
    for index in indices:
        weight, bias = state[f"features.{index}.weight"], state[f"features.{index}.bias"]
        if weight.ndim != 4 or weight.shape[1:] != (channels, 3, 3) or bias.shape != weight.shape[:1]:
            raise InputError(
                f"features.{index} has weight {list(weight.shape)} and bias {list(bias.shape)}",
                expected=f"weight [C,{channels},3,3] and bias [C]",
            )
        channels = int(weight.shape[0])
        widths.append(channels)
    return tuple(widths)
