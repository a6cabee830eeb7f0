"""VGG features cut from whole, narrow, half-precision and incomplete state dicts; Gram matrices."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from stylebridge.errors import InputError
from stylebridge.nets.perceptual import VggFeatures, features_from_state_dict, gram
from torch import Tensor
from torch.nn import functional as F

NARROW = "vgg/vgg19_distilled16x_features_to_relu5_1_fp32.pth"
SHORT = "vgg/vgg19norm_features_to_relu3_1_{}.pth"


def tensors(path: Path) -> dict[str, Tensor]:
    state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def random_state(widths: tuple[int, ...], indices: tuple[int, ...]) -> dict[str, Tensor]:
    state, channels = {}, 3
    for width, index in zip(widths, indices, strict=True):
        state[f"features.{index}.weight"] = torch.randn(width, channels, 3, 3) * 0.1
        state[f"features.{index}.bias"] = torch.randn(width) * 0.1
        channels = width
    return state


def test_features_follow_the_layers_written_out_by_hand() -> None:
    torch.manual_seed(2)
    state = random_state((4, 5, 6), (0, 2, 5))
    net = features_from_state_dict(state, ("relu1_1", "relu2_1"))
    x = torch.rand(2, 3, 8, 8)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    first = F.relu(F.conv2d((x - mean) / std, state["features.0.weight"], state["features.0.bias"], padding=1))
    second = F.relu(F.conv2d(first, state["features.2.weight"], state["features.2.bias"], padding=1))
    pooled = F.max_pool2d(second, 2)
    third = F.relu(F.conv2d(pooled, state["features.5.weight"], state["features.5.bias"], padding=1))
    found = net(x)
    assert list(found) == ["relu1_1", "relu2_1"]
    torch.testing.assert_close(found["relu1_1"], first)
    torch.testing.assert_close(found["relu2_1"], third)
    raw = features_from_state_dict(state, ("relu1_1",), normalize=False)
    torch.testing.assert_close(raw((x - mean) / std)["relu1_1"], first)


def test_depths_differ_after_relu3_3() -> None:
    shapes = {
        depth: [
            i
            for i, layer in enumerate(VggFeatures(depth, ("relu4_1",), (2,) * 16).features)
            if hasattr(layer, "weight")
        ]
        for depth in (16, 19)
    }
    assert shapes == {16: [0, 2, 5, 7, 10, 12, 14, 17], 19: [0, 2, 5, 7, 10, 12, 14, 16, 19]}


def test_the_narrow_vgg_loads_to_relu5_1(data_dir: Path) -> None:
    net = features_from_state_dict(tensors(data_dir / NARROW), ("relu1_2", "relu4_3", "relu5_1"))
    found = net(torch.rand(1, 3, 32, 48))
    assert {tap: tuple(x.shape) for tap, x in found.items()} == {
        "relu1_2": (1, 16, 32, 48),
        "relu4_3": (1, 128, 4, 6),
        "relu5_1": (1, 128, 2, 3),
    }
    assert all(float(x.max()) > 0 for x in found.values())


def test_half_precision_weights_give_nearly_the_same_features(data_dir: Path) -> None:
    x = torch.rand(1, 3, 32, 32)
    half = features_from_state_dict(tensors(data_dir / SHORT.format("fp16")), ("relu3_1",))(x)["relu3_1"]
    full = features_from_state_dict(tensors(data_dir / SHORT.format("fp32")), ("relu3_1",))(x)["relu3_1"]
    assert half.dtype == torch.float32
    assert not torch.equal(half, full)
    assert float((half - full).abs().max()) < 0.01 * float(full.max())


def test_a_layer_that_is_not_there_is_named_with_the_taps_that_are(data_dir: Path) -> None:
    with pytest.raises(InputError, match=r"features\.12 .*relu3_2.*relu2_2, relu3_1$"):
        features_from_state_dict(tensors(data_dir / SHORT.format("fp16")), ("relu1_2", "relu4_1"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"taps": ("relu9_1",)}, "relu9_1"),
        ({"taps": ()}, "no VGG taps"),
        ({"depth": 11}, "16 or 19"),
        ({"taps": ("relu2_2",)}, r"features\.7"),
    ],
)
def test_bad_requests_are_refused(change: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {"taps": ("relu1_1",)} | change
    with pytest.raises(InputError, match=message):
        features_from_state_dict(random_state((4, 5, 6), (0, 2, 5)), **arguments)  # type: ignore[arg-type]


def test_a_batch_normalised_vgg_is_refused() -> None:
    state = random_state((4,), (0,)) | {"features.1.weight": torch.ones(4)}
    with pytest.raises(InputError, match="batch normalisation"):
        features_from_state_dict(state, ("relu1_1",))


def test_layers_that_do_not_fit_each_other_are_refused() -> None:
    state = random_state((4, 5), (0, 2))
    state["features.2.weight"] = torch.zeros(5, 9, 3, 3)
    with pytest.raises(InputError, match=r"features\.2 .*\[C,4,3,3\]"):
        features_from_state_dict(state, ("relu1_2",))


def test_features_stay_frozen_in_eval_but_pass_gradients() -> None:
    net = VggFeatures(16, ("relu1_1",), (4,))
    net.train()
    assert not net.training
    assert not any(p.requires_grad for p in net.parameters())
    x = torch.rand(1, 3, 8, 8, requires_grad=True)
    net(x)["relu1_1"].sum().backward()
    assert x.grad is not None
    assert float(x.grad.abs().sum()) > 0


def test_gram_is_the_channel_products_over_chw() -> None:
    x = torch.tensor([[[[1.0, 2.0]], [[3.0, -1.0]]], [[[0.0, 1.0]], [[2.0, 2.0]]]])  # [2,2,1,2]
    wanted = torch.tensor([[[5.0, 1.0], [1.0, 10.0]], [[1.0, 2.0], [2.0, 8.0]]]) / 4
    assert torch.equal(gram(x), wanted)
