"""Losses: zero where nothing is wrong, the same for any scale, and alike for a batch and its halves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch")

from stylebridge.train import losses  # noqa: E402
from stylebridge.train.warp import shrunk_mask, shrunk_motion, warped  # noqa: E402

Tensor = torch.Tensor


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def test_relative_errors_are_one_for_an_empty_picture_at_any_scale() -> None:
    for scale in (1e-3, 1.0, 255.0):
        target = random(2, 3, 8, 8) * scale
        assert losses.relative_error(torch.zeros_like(target), target).item() == pytest.approx(1.0)
        assert losses.relative_error(target * 1.1, target).item() == pytest.approx(0.01, rel=1e-4)
        assert losses.relative_error(target, target).item() == 0.0


def test_the_style_loss_ignores_where_things_are_and_sees_what_they_look_like() -> None:
    features = {"relu1_2": random(1, 4, 8, 8)}
    grams = losses.style_grams(features, ("relu1_2",))
    turned = {"relu1_2": features["relu1_2"].flip(3)}
    assert losses.style_loss(turned, grams).item() == pytest.approx(0.0, abs=1e-10)
    assert losses.style_loss({"relu1_2": random(1, 4, 8, 8, seed=1)}, grams).item() > 1e-3


TERMS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "relative": losses.relative_error,
    "style": lambda a, b: losses.style_loss({"t": a}, losses.style_grams({"t": b[:1] * 0 + 0.5}, ("t",))),
    "variation": lambda a, b: losses.total_variation(a),
    "outside": lambda a, b: losses.outside_range(a * 3),
    "output": lambda a, b: losses.output_temporal(a, b, a[:, :1] * 0, (b[:, :1] > 0.3).float()),
    "features": lambda a, b: losses.feature_temporal(a, b, (b[:, :1] > 0.3).float()),
}


@pytest.mark.parametrize("name", TERMS)
def test_a_batch_costs_the_mean_of_its_halves(name: str) -> None:
    one, other = random(4, 3, 8, 8), random(4, 3, 8, 8, seed=1)
    other[2:] *= 5  # the halves differ in scale
    whole = TERMS[name](one, other)
    halves = [TERMS[name](one[part], other[part]) for part in (slice(0, 2), slice(2, 4))]
    assert whole.item() == pytest.approx((halves[0].item() + halves[1].item()) / 2, rel=1e-5)


def test_gram_matrices_are_summed_in_single_precision() -> None:
    features = random(1, 8, 64, 64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(losses.gram_of(features), losses.gram_of(features.float()))
        assert losses.gram_of(features.bfloat16()).dtype == torch.float32


def test_hidden_places_cost_nothing_and_seen_ones_their_square() -> None:
    now, before = torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)
    now[:, :, 0] = 0.5
    nothing = torch.zeros(1, 1, 4, 4)
    assert losses.output_temporal(now, before, nothing, nothing).item() == 0.0
    assert losses.output_temporal(now, before, nothing, nothing + 1).item() == pytest.approx(0.25 / 4)
    assert losses.output_temporal(now, before, now[:, :1], nothing + 1).item() == 0.0  # the game itself grew brighter


@pytest.mark.parametrize("shift", [(0, 0), (2, 1), (-3, 0)])
def test_a_picture_that_moved_is_found_again(shift: tuple[int, int]) -> None:
    x, y = shift
    before = random(1, 3, 16, 16)
    now = before.roll((y, x), dims=(2, 3))
    motion = torch.tensor([-x, -y], dtype=torch.float32)[None, :, None, None].expand(1, 2, 16, 16)
    inner = (slice(None), slice(None), slice(4, 12), slice(4, 12))
    assert torch.allclose(warped(before, motion)[inner], now[inner], atol=1e-5)
    assert shift == (0, 0) or not torch.allclose(before[inner], now[inner], atol=1e-2)


def test_half_a_pixel_is_the_mean_of_two() -> None:
    before = random(1, 1, 4, 4)
    motion = torch.zeros(1, 2, 4, 4)
    motion[:, 0] = 0.5
    assert torch.allclose(warped(before, motion)[..., :3], (before[..., :3] + before[..., 1:]) / 2, atol=1e-6)


def test_motion_and_masks_shrink_with_the_features() -> None:
    motion, seen = torch.full((1, 2, 8, 8), 4.0), torch.ones(1, 1, 8, 8)
    seen[..., 0, 0] = 0
    assert torch.allclose(shrunk_motion(motion, (2, 4)), torch.tensor([2.0, 1.0])[None, :, None, None])
    small = shrunk_mask(seen, (2, 2))
    assert small.tolist() == [[[[0.0, 1.0], [1.0, 1.0]]]]
