"""How far one picture is from another: PSNR, SSIM, colour difference, channel by channel, the worst pixel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stylebridge.compare.quality import psnr_from_mean_square
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, MaskPlane
from stylebridge.imaging import opencv

Formula = Literal["2000", "76"]
Plane = NDArray[np.float32]
Lab = NDArray[np.float64]

CHANNELS = ("red", "green", "blue")
_WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_WHITE = np.array((0.95047, 1.0, 1.08883), dtype=np.float64)  # D65, which sRGB is seen under
_XYZ_FROM_RGB = np.array(
    ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
)


@dataclass(frozen=True, slots=True)
class Pixel:
    """The place where two pictures differ most, and what each shows there."""

    x: int
    y: int
    levels: float  # of the channel that differs most
    a: tuple[int, ...]
    b: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"x": self.x, "y": self.y, "levels": self.levels, "a": list(self.a), "b": list(self.b)}


@dataclass(frozen=True, slots=True)
class Channel:
    """One colour of two pictures; `bias_levels` is how much brighter the first is on average."""

    mean_levels: float
    max_levels: float
    bias_levels: float
    psnr_db: float

    def as_json(self) -> dict[str, float | None]:
        """Plain numbers; an infinite PSNR is null."""
        numbers = {"mean_levels": self.mean_levels, "max_levels": self.max_levels, "bias_levels": self.bias_levels}
        return {**{name: round(value, 5) for name, value in numbers.items()}, "psnr_db": finite(self.psnr_db)}


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that is measured of two pictures; levels are on a 0–255 scale."""

    psnr_db: float  # infinite for equal pictures
    ssim: float
    delta_e: float  # mean CIEDE2000; 1 is just visible side by side
    delta_e_max: float
    mean_levels: float
    max_levels: float
    channels: Mapping[str, Channel]
    worst: Pixel

    def as_json(self) -> dict[str, Any]:
        """Plain values; an infinite PSNR is null."""
        numbers = {name: round(getattr(self, name), 5) for name in _NUMBERS}
        channels = {name: channel.as_json() for name, channel in self.channels.items()}
        return {"psnr_db": finite(self.psnr_db), **numbers, "channels": channels, "worst": self.worst.as_json()}


_NUMBERS = ("ssim", "delta_e", "delta_e_max", "mean_levels", "max_levels")


def finite(value: float, digits: int = 3) -> float | None:
    """A rounded number, or None for what JSON can't say."""
    return round(value, digits) if np.isfinite(value) else None


def measure(a: ColorPlane, b: ColorPlane) -> Measures:
    """Every measure of two RGB pictures of one size."""
    a, b = _pair(a, b)
    apart = _apart(a, b)
    colors = delta_e_map(a, b)
    return Measures(
        psnr_db=_psnr(apart),
        ssim=ssim(a, b),
        delta_e=float(colors.mean()),
        delta_e_max=float(colors.max()),
        mean_levels=float(np.abs(apart).mean()),
        max_levels=float(np.abs(apart).max()),
        channels=channels(a, b),
        worst=worst_pixel(a, b),
    )


def psnr_db(a: ColorPlane, b: ColorPlane, where: MaskPlane | None = None) -> float:
    """Peak signal-to-noise ratio, of the pixels in `where` if it is given; infinite for equal pictures."""
    a, b = _pair(a, b)
    apart = _apart(a, b)
    return _psnr(apart if where is None else apart[_fitting(where, a)])


def channels(a: ColorPlane, b: ColorPlane) -> dict[str, Channel]:
    """Each colour on its own."""
    a, b = _pair(a, b)
    apart = _apart(a, b)
    return {name: _channel(apart[:, :, index]) for index, name in enumerate(CHANNELS)}


def worst_pixel(a: ColorPlane, b: ColorPlane) -> Pixel:
    """Where the two differ most in one channel; the first such place, row by row."""
    a, b = _pair(a, b)
    apart = np.abs(_apart(a, b)).max(axis=2)
    y, x = (int(index) for index in np.unravel_index(int(apart.argmax()), apart.shape))
    shown = (tuple(int(value) for value in picture[y, x]) for picture in (a, b))
    return Pixel(x, y, float(apart[y, x]), *shown)


def ssim(a: ColorPlane, b: ColorPlane) -> float:
    """Structural similarity under an 11x11 Gaussian of sigma 1.5, the mean over the places where it fits whole.

    Of pictures that are smaller than the window, the mean over all places, with the edges mirrored.
    """
    similar = ssim_map(a, b)
    edge = _WINDOW // 2
    inside = similar[edge:-edge, edge:-edge] if min(similar.shape[:2]) >= _WINDOW else similar
    return float(inside.mean(dtype=np.float64))


def ssim_map(a: ColorPlane, b: ColorPlane) -> Plane:
    """Structural similarity around each pixel and channel, [H,W,3]; the edges are mirrored."""
    a, b = _pair(a, b)
    x, y = a.astype(np.float64), b.astype(np.float64)
    mean_x, mean_y = _blurred(x), _blurred(y)
    square_x, square_y, product = mean_x * mean_x, mean_y * mean_y, mean_x * mean_y
    spread = (_blurred(x * x) - square_x) + (_blurred(y * y) - square_y)
    together = _blurred(x * y) - product
    luminance = (2 * product + _C1) / (square_x + square_y + _C1)
    return np.asarray(luminance * (2 * together + _C2) / (spread + _C2), dtype=np.float32)


def delta_e(a: ColorPlane, b: ColorPlane, formula: Formula = "2000") -> float:
    """The mean colour difference as an eye sees it; 1 is just visible side by side."""
    return float(delta_e_map(a, b, formula).mean(dtype=np.float64))


def delta_e_map(a: ColorPlane, b: ColorPlane, formula: Formula = "2000") -> Plane:
    """The colour difference of each pixel, [H,W]."""
    a, b = _pair(a, b)
    if formula not in ("2000", "76"):
        raise InputError(f"formula {formula!r}", expected="2000 or 76")
    differ = (a != b).any(axis=2)  # equal pixels need no formula, and compared pictures mostly are equal
    apart = np.zeros(a.shape[:2], dtype=np.float32)
    if differ.any():
        one, two = lab_from_rgb(a[differ]), lab_from_rgb(b[differ])
        distance = np.linalg.norm(one - two, axis=-1) if formula == "76" else ciede2000(one, two)
        apart[differ] = distance
    return apart


def lab_from_rgb(rgb: NDArray[np.uint8]) -> Lab:
    """sRGB bytes [...,3] as CIE L*a*b* under D65."""
    xyz = _linear_levels()[rgb] @ _XYZ_FROM_RGB.T / _WHITE
    small = 6 / 29
    bent = np.where(xyz > small**3, np.cbrt(xyz), xyz / (3 * small**2) + 4 / 29)
    x, y, z = bent[..., 0], bent[..., 1], bent[..., 2]
    return np.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), axis=-1)


def ciede2000(one: Lab, two: Lab) -> NDArray[np.float64]:
    """CIEDE2000 between L*a*b* colours [...,3], all weights 1."""
    chroma = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(two[..., 1], two[..., 2])) / 2
    stretch = 1 + 0.5 * (1 - _towards_one(chroma))
    (c1, h1), (c2, h2) = (_polar(lab, stretch) for lab in (one, two))
    grey = c1 * c2 == 0  # a colour without hue takes the other's
    far = np.abs(h2 - h1) > 180 + 1e-9  # opposite hues stay opposite, however they were rounded
    turn = np.where(grey, 0, h2 - h1 - np.where(far, np.sign(h2 - h1) * 360, 0))
    middle = np.where(grey, h1 + h2, ((h1 + h2) / 2 + np.where(far, 180, 0)) % 360)
    lightness, c = (one[..., 0] + two[..., 0]) / 2 - 50, (c1 + c2) / 2
    weight_l = 1 + 0.015 * lightness**2 / np.sqrt(20 + lightness**2)
    weight_c, weight_h = 1 + 0.045 * c, 1 + 0.015 * c * _hue_weight(middle)
    by_l = (two[..., 0] - one[..., 0]) / weight_l
    by_c = (c2 - c1) / weight_c
    by_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / weight_h
    rotation = -np.sin(np.radians(60 * np.exp(-(((middle - 275) / 25) ** 2)))) * 2 * _towards_one(c)
    return np.asarray(np.sqrt(np.maximum(by_l**2 + by_c**2 + by_h**2 + rotation * by_c * by_h, 0)))


def _polar(lab: Lab, stretch: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chroma and hue in degrees, 0 to 360."""
    a, b = lab[..., 1] * stretch, lab[..., 2]
    return np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _hue_weight(hue: NDArray[np.float64]) -> NDArray[np.float64]:
    waves = ((0.17, 1, 30, -1), (0.24, 2, 0, 1), (0.32, 3, -6, 1), (0.20, 4, 63, -1))
    return np.asarray(1 + sum(sign * size * np.cos(np.radians(n * hue - at)) for size, n, at, sign in waves))


def _towards_one(chroma: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 for grey, near 1 for colours more vivid than 25."""
    power = chroma**7
    return np.asarray(np.sqrt(power / (power + 25.0**7)))


@cache
def _linear_levels() -> NDArray[np.float64]:
    """Light, 0 to 1, for each sRGB byte."""
    level = np.arange(256) / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)


def _blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    cv2 = opencv()
    blurred = cv2.GaussianBlur(values, (_WINDOW, _WINDOW), _SIGMA, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(blurred, dtype=np.float64)


def _channel(apart: Plane) -> Channel:
    size = np.abs(apart)
    return Channel(float(size.mean()), float(size.max()), float(apart.mean()), _psnr(apart))


def _psnr(apart: Plane) -> float:
    return psnr_from_mean_square(float(np.mean(np.square(apart), dtype=np.float64))) if apart.size else float("inf")


def _apart(a: ColorPlane, b: ColorPlane) -> Plane:
    return a.astype(np.float32) - b


def _pair(a: ColorPlane, b: ColorPlane) -> tuple[ColorPlane, ColorPlane]:
    """Both without alpha; refused unless they are byte pictures of one size."""
    for picture in (a, b):
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4) or not picture.size:
            raise InputError(f"{picture.dtype} {list(picture.shape)}", expected="RGB bytes [H,W,3]")
    if a.shape[:2] != b.shape[:2]:
        sizes = [f"{picture.shape[1]}x{picture.shape[0]}" for picture in (a, b)]
        raise InputError(f"pictures of {sizes[0]} and {sizes[1]}", expected="one size")
    return a[:, :, :3], b[:, :, :3]


def _fitting(where: MaskPlane, picture: ColorPlane) -> MaskPlane:
    if where.shape != picture.shape[:2] or where.dtype != np.bool_:
        raise InputError(f"a mask {where.dtype} {list(where.shape)}", expected=f"bool {list(picture.shape[:2])}")
    return where
