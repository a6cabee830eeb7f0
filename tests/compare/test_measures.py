"""Measures of two pictures agree with published figures and with slow, plain computations."""

from __future__ import annotations

import json

import numpy as np
import pytest
from stylebridge.compare.measures import (
    ciede2000,
    delta_e,
    delta_e_map,
    lab_from_rgb,
    measure,
    psnr_db,
    ssim,
    worst_pixel,
)
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane

# Pairs of L*a*b* and their CIEDE2000: the test data that Sharma, Wu and Dalal published with their notes.
SHARMA = """
50 2.6772 -79.7751 50 0 -82.7485 2.0425;  50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.02 50 0 -82.7485 3.4412;    50 -1.3802 -84.2814 50 0 -82.7485 1
50 -1.1848 -84.8006 50 0 -82.7485 1;      50 -0.9009 -85.5211 50 0 -82.7485 1
50 0 0 50 -1 2 2.3669;                    50 -1 2 50 0 0 2.3669
50 2.49 -0.001 50 -2.49 0.0009 7.1792;    50 2.49 -0.001 50 -2.49 0.001 7.1792
50 2.49 -0.001 50 -2.49 0.0011 7.2195;    50 2.49 -0.001 50 -2.49 0.0012 7.2195
50 -0.001 2.49 50 0.0009 -2.49 4.8045;    50 -0.001 2.49 50 0.0011 -2.49 4.7461
50 2.5 0 50 0 -2.5 4.3065;                50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977;                50 2.5 0 56 -27 -3 31.903
50 2.5 0 58 24 15 19.4535;                50 2.5 0 50 3.1736 0.5854 1
50 2.5 0 50 3.2972 0 1;                   50 2.5 0 50 1.8634 0.5757 1
50 2.5 0 50 3.2592 0.335 1
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.248 -4.962 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.694 23.0331 14.973 -42.5619 2.0373
36.4612 47.858 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.441 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.135 0.9033 -0.0636 -0.5514 0.9082
"""


def pictures(height: int = 40, width: int = 53, noise: float = 20) -> tuple[ColorPlane, ColorPlane]:
    random = np.random.default_rng(8)
    rows, columns = np.mgrid[0:height, 0:width]
    smooth = np.stack([128 + 90 * np.sin(rows / f + columns / g) for f, g in ((5, 9), (7, 4), (11, 6))], axis=2)
    noisy = smooth + random.normal(0, noise, smooth.shape)
    return smooth.astype(np.uint8), np.clip(noisy, 0, 255).astype(np.uint8)


def plain_ssim(a: ColorPlane, b: ColorPlane) -> float:
    """Window by window, written down from the definition."""
    line = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    weights = np.outer(line, line)[:, :, None] / np.outer(line, line).sum()
    found = []
    for y in range(a.shape[0] - 10):
        for x in range(a.shape[1] - 10):
            p, q = (picture[y : y + 11, x : x + 11].astype(np.float64) for picture in (a, b))
            mp, mq = ((weights * each).sum(axis=(0, 1)) for each in (p, q))
            vp, vq = ((weights * (e - m) ** 2).sum(axis=(0, 1)) for e, m in ((p, mp), (q, mq)))
            together = (weights * (p - mp) * (q - mq)).sum(axis=(0, 1))
            c1, c2 = 2.55**2, 7.65**2
            found.append((2 * mp * mq + c1) * (2 * together + c2) / ((mp**2 + mq**2 + c1) * (vp + vq + c2)))
    return float(np.mean(found))


def test_ciede2000_gives_the_published_figures() -> None:
    rows = np.array([line.split() for line in SHARMA.replace(";", "\n").strip().splitlines()], dtype=np.float64)
    assert len(rows) == 33
    np.testing.assert_allclose(ciede2000(rows[:, :3], rows[:, 3:6]), rows[:, 6], atol=1e-4)
    np.testing.assert_allclose(ciede2000(rows[:, 3:6], rows[:, :3]), rows[:, 6], atol=1e-4)


def test_lab_of_known_colours() -> None:
    rgb = np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 0, 255]], dtype=np.uint8)
    known = [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20], [32.30, 79.19, -107.86]]
    np.testing.assert_allclose(lab_from_rgb(rgb), known, atol=0.02)


@pytest.mark.parametrize("noise", [0.5, 20, 90])
def test_ssim_is_that_of_the_definition(noise: float) -> None:
    a, b = pictures(noise=noise)
    assert ssim(a, b) == pytest.approx(plain_ssim(a, b), abs=1e-6)


def test_ssim_and_psnr_are_those_of_torchmetrics() -> None:
    image = pytest.importorskip("torchmetrics.functional.image")
    torch = pytest.importorskip("torch")
    a, b = pictures()
    tensors = [torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32)) for picture in (a, b)]
    theirs = image.structural_similarity_index_measure(*tensors, data_range=255.0)
    assert ssim(a, b) == pytest.approx(float(theirs), abs=1e-4)
    assert psnr_db(a, b) == pytest.approx(float(image.peak_signal_noise_ratio(*tensors, data_range=255.0)), abs=1e-3)


def test_equal_pictures_are_equal_in_every_measure() -> None:
    a, _ = pictures()
    same = measure(a, a.copy())
    assert (same.psnr_db, same.ssim, same.delta_e, same.max_levels) == (float("inf"), 1.0, 0.0, 0.0)
    assert json.loads(json.dumps(same.as_json(), allow_nan=False))["psnr_db"] is None


def test_psnr_of_a_known_step_and_of_a_part() -> None:
    a = np.full((20, 30, 3), 100, dtype=np.uint8)
    b = a.copy()
    b[:, :15] += 5
    left = np.zeros((20, 30), dtype=np.bool_)
    left[:, :15] = True
    assert psnr_db(a, b, left) == pytest.approx(20 * np.log10(255 / 5))
    assert psnr_db(a, b) == pytest.approx(20 * np.log10(255 / 5) + 10 * np.log10(2))
    assert psnr_db(a, b, ~left) == float("inf")


def test_the_worst_pixel_and_its_channel_are_found() -> None:
    a, _ = pictures()
    b = a.copy()
    b[17, 31, 2] ^= 128
    worst = worst_pixel(a, b)
    assert (worst.x, worst.y, worst.levels) == (31, 17, 128.0)
    assert worst.a == tuple(a[17, 31])
    by_channel = measure(a, b).channels
    assert [by_channel[name].max_levels for name in ("red", "green", "blue")] == [0, 0, 128]
    assert abs(by_channel["blue"].bias_levels) == pytest.approx(128 / a[:, :, 0].size, rel=1e-4)


def test_delta_e_sees_only_what_differs() -> None:
    a, _ = pictures()
    b = a.copy()
    b[3, 4] = 255 - b[3, 4]
    apart = delta_e_map(a, b)
    assert [tuple(place) for place in np.argwhere(apart > 0)] == [(3, 4)]
    assert delta_e(a, b) == pytest.approx(apart.sum() / apart.size)


def test_the_older_formula_makes_more_of_vivid_colours() -> None:
    vivid = np.zeros((4, 4, 3), dtype=np.uint8)
    vivid[:, :, 2] = 200
    more = vivid + np.array([0, 0, 40], dtype=np.uint8)
    assert delta_e(vivid, more, "76") > 1.5 * delta_e(vivid, more) > 1


def test_alpha_is_left_out() -> None:
    a, b = pictures()
    with_alpha = np.dstack((b, np.zeros(b.shape[:2], dtype=np.uint8)))
    assert measure(a, with_alpha) == measure(a, b)


def test_small_pictures_have_an_ssim() -> None:
    a, b = pictures(6, 9)
    assert 0 < ssim(a, b) < 1


@pytest.mark.parametrize(
    ("b", "said"),
    [
        (np.zeros((40, 52, 3), np.uint8), "pictures of 53x40 and 52x40; expected one size"),
        (np.zeros((40, 53, 3), np.float32), r"float32 \[40, 53, 3\]; expected RGB bytes"),
        (np.zeros((40, 53), np.uint8), "expected RGB bytes"),
        (np.zeros((0, 53, 3), np.uint8), "expected RGB bytes"),
    ],
)
def test_what_cannot_be_compared_is_refused(b: ColorPlane, said: str) -> None:
    with pytest.raises(InputError, match=said):
        measure(pictures()[0], b)
