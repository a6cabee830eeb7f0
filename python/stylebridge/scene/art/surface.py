"""A material from a colour and a height: the albedo, and the normal map that the height casts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.art.noise import Plane
from stylebridge.scene.mesh import Material

Paint = NDArray[np.float32]  # [H,W,3], sRGB from 0 to 1
Rgb = Sequence[float]  # sRGB from 0 to 255, as colour pickers give it


def flat(size: int, rgb: Rgb) -> Paint:
    """One colour everywhere."""
    return np.broadcast_to(_rgb(rgb), (size, size, 3)).astype(np.float32)


def blend(below: Paint, above: Paint | Rgb, share: Plane | float) -> Paint:
    """`above` over `below`, as far as `share` says."""
    over = above if isinstance(above, np.ndarray) else _rgb(above)
    cover = share[..., None] if isinstance(share, np.ndarray) else share
    return np.asarray(below + (over - below) * cover, dtype=np.float32)


def palette(values: Plane, stops: Sequence[Rgb]) -> Paint:
    """Colours along a scale: 0 is the first stop, 1 the last."""
    scale = np.linspace(0.0, 1.0, len(stops))
    channels = [np.interp(values, scale, [stop[k] / 255.0 for stop in stops]) for k in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def shade(paint: Paint, brightness: Plane | float) -> Paint:
    """The paint made darker or brighter."""
    factor = brightness[..., None] if isinstance(brightness, np.ndarray) else brightness
    return np.asarray(paint * factor, dtype=np.float32)


def normals_from_height(height_px: Plane) -> NDArray[np.uint8]:
    """The tangent-space normal map of a height in pixels; the top row is where v is largest."""
    slope_x = (np.roll(height_px, -1, axis=1) - np.roll(height_px, 1, axis=1)) * 0.5
    slope_down = (np.roll(height_px, -1, axis=0) - np.roll(height_px, 1, axis=0)) * 0.5
    normal = np.stack([-slope_x, slope_down, np.ones_like(height_px)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.clip(np.rint(normal * 127.0 + 128.0), 0, 255).astype(np.uint8)


def material(
    name: str,
    paint: Paint,
    height_px: Plane | None = None,
    alpha: Plane | None = None,
    shine: float = 0.0,
    gloss: float = 16.0,
    glow: float = 0.0,
    two_sided: bool = False,
    sway: float = 0.0,
) -> Material:
    """Put a material together; `height_px` is how high each texel stands, in texels."""
    albedo = np.clip(np.rint(paint * 255.0), 0, 255).astype(np.uint8)
    if alpha is not None:
        cut = np.clip(np.rint(alpha * 255.0), 0, 255).astype(np.uint8)
        albedo = np.concatenate([albedo, cut[..., None]], axis=-1)
    normal_map = None if height_px is None else normals_from_height(height_px)
    return Material(name, albedo, normal_map, shine, gloss, glow, two_sided, sway)


def _rgb(rgb: Rgb) -> NDArray[np.float32]:
    return np.asarray(rgb, dtype=np.float32) / np.float32(255.0)
