"""Paint a style picture from nothing: layers of curved, bristled strokes along a swirling flow.

python tools/paint_style.py OUT.png --size 768 --seed 3

The shipped picture is

python tools/paint_style.py python/stylebridge/assets/style_strokes.jpg --size 768 --shrink 512 --seed 3 --quality 92
"""

from __future__ import annotations

import argparse
import math
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

Array = np.ndarray
# sRGB 0..1, dark to light along the underpainting's value.
PALETTE = np.array(
    [
        (0.03, 0.04, 0.17),
        (0.05, 0.10, 0.42),
        (0.04, 0.27, 0.55),
        (0.05, 0.46, 0.52),
        (0.42, 0.60, 0.42),
        (0.93, 0.70, 0.16),
        (0.95, 0.50, 0.08),
        (0.98, 0.86, 0.55),
    ],
    np.float32,
)
VERMILION = np.array((0.86, 0.15, 0.06), np.float32)
INK = np.array((0.03, 0.02, 0.09), np.float32)
# (length, width, spacing, colour jitter, relief) in 1/512 of the picture, broad to fine.
LAYERS = ((44, 15.0, 9.0, 0.05, 0.7), (30, 8.5, 5.6, 0.08, 1.0), (23, 6.0, 5.2, 0.09, 1.0), (15, 3.8, 7.5, 0.13, 0.9))


def smooth_noise(rng: np.random.Generator, size: int, cells: int) -> Array:
    """Cubic value noise over the picture with zero mean and unit deviation."""
    grid = cv2.resize(
        rng.normal(size=(cells + 3, cells + 3)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
    )
    return (grid - grid.mean()) / grid.std()


class Motif:
    """What is painted: a value field that picks the palette, and the angle of the brush everywhere."""

    def __init__(self, rng: np.random.Generator, size: int) -> None:
        self.size = size
        y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
        stream = 0.10 * smooth_noise(rng, size, 4) + 0.022 * smooth_noise(rng, size, 10)
        value = 0.36 + 0.17 * smooth_noise(rng, size, 5) + 0.08 * smooth_noise(rng, size, 14)
        self.accent = smooth_noise(rng, size, 9)
        for cx, cy, radius, turn in self.swirls(rng):
            r = np.hypot(x - cx, y - cy) / radius
            stream += turn * radius * 1.5 * np.exp(-(r**2))
            rings = 0.5 + 0.5 * np.cos(r * 9.5 + 1.2 * np.arctan2(y - cy, x - cx))
            value += np.exp(-((r / 0.85) ** 4)) * (0.5 * np.exp(-((r / 0.42) ** 2)) + 0.42 * (rings - 0.45))
        flow_y, flow_x = np.gradient(cv2.GaussianBlur(stream, (0, 0), size / 170))
        self.angle = np.arctan2(-flow_x, flow_y)  # the curl of a stream function has no sources or sinks
        self.value = np.clip(value, 0, 1)

    @staticmethod
    def swirls(rng: np.random.Generator) -> list[tuple[float, float, float, float]]:
        """Centres, radii and turning of up to eleven swirls that hardly overlap."""
        chosen: list[tuple[float, float, float, float]] = []
        for k in range(400):
            radius = float(rng.uniform(0.15, 0.21) if k < 60 else rng.uniform(0.06, 0.13))
            cx, cy = (float(c) for c in rng.uniform(0.04, 0.96, 2))
            if all(math.hypot(cx - a, cy - b) > 0.95 * (radius + c) for a, b, c, _ in chosen) and len(chosen) < 11:
                chosen.append((cx, cy, radius, float(rng.choice([-1, 1]))))
        return chosen

    def at(self, field: Array, x: float, y: float) -> float:
        last = self.size - 1
        return float(field[min(max(int(y), 0), last), min(max(int(x), 0), last)])

    def colour(self, rng: np.random.Generator, x: float, y: float, jitter: float) -> Array:
        place = float(np.clip(self.at(self.value, x, y) + rng.normal(0, jitter), 0, 0.999)) * (len(PALETTE) - 1)
        low = int(place)
        mixed = PALETTE[low] + (PALETTE[low + 1] - PALETTE[low]) * (place - low)
        if self.at(self.accent, x, y) > 1.5 and rng.random() < 0.6:
            mixed = VERMILION + (mixed - VERMILION) * rng.uniform(0, 0.35)
        return np.clip(mixed * rng.uniform(0.86, 1.14) + rng.normal(0, 0.02, 3), 0, 1)


class Canvas:
    """Colour, and the height of the paint that the final light rakes over."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.paint = np.full((size, size, 3), PALETTE[0], np.float32)
        self.height = np.zeros((size, size), np.float32)

    def stroke(self, rng: np.random.Generator, path: Array, width: float, tint: Array, relief: float) -> None:
        """Lay one stroke along path [N,2]: coverage from the distance to it, bristles along it."""
        pad = width + 3
        x0, y0 = np.maximum(np.floor(path.min(0) - pad), 0).astype(int)
        x1, y1 = np.minimum(np.ceil(path.max(0) + pad), self.size).astype(int)
        if x1 - x0 < 2 or y1 - y0 < 2:
            return
        y, x = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        best, along, across = (
            np.full(x.shape, 1e9, np.float32),
            np.zeros(x.shape, np.float32),
            np.zeros(x.shape, np.float32),
        )
        for k, (a, b) in enumerate(pairwise(path)):
            step = b - a
            h = np.clip(((x - a[0]) * step[0] + (y - a[1]) * step[1]) / float(step @ step), 0, 1)
            dx, dy = x - a[0] - h * step[0], y - a[1] - h * step[1]
            gap = dx**2 + dy**2
            nearer = gap < best
            best = np.where(nearer, gap, best)
            along = np.where(nearer, (k + h) / (len(path) - 1), along)
            across = np.where(nearer, np.sign(step[0] * dy - step[1] * dx) * np.sqrt(gap), across)
        hairs = max(int(width * 1.6), 4)
        bristle = cv2.resize(rng.normal(size=(hairs, 5)).astype(np.float32), (32, 64), interpolation=cv2.INTER_LINEAR)
        side = np.clip((across / width * 0.5 + 0.5) * 63, 0, 63).astype(int)
        hair = bristle[side, np.clip(along * 31, 0, 31).astype(int)]
        half = 0.5 * width * np.clip(0.55 + 1.6 * along, 0, 1) * np.clip(1.25 - 0.6 * along, 0.4, 1)
        cover = np.clip(half - np.sqrt(best) + 0.5 + 0.5 * hair, 0, 1)
        cover *= np.clip(1.15 + 0.35 * hair - 0.9 * along**3, 0, 1)  # the brush runs dry
        part = (slice(y0, y1), slice(x0, x1))
        body = tint + (0.045 * hair + 0.03 * (1 - along))[..., None]
        self.paint[part] += (body - self.paint[part]) * cover[..., None]
        ridge = relief * (0.5 + 0.35 * hair + 0.5 * np.clip(np.sqrt(best) / half, 0, 1) ** 3)
        self.height[part] += (0.45 * self.height[part] + ridge - self.height[part]) * cover

    def finish(self, rng: np.random.Generator) -> Array:
        """Raking light from the upper left, a little canvas weave: RGB, 8 bits."""
        weave = 0.05 * smooth_noise(rng, self.size, self.size // 3)
        gy, gx = np.gradient(cv2.GaussianBlur(self.height, (0, 0), self.size / 1100) + weave)
        light = np.clip(1 + 0.30 * (gx + gy), 0.6, 1.5)[..., None]
        shine = np.clip(gx + gy - 0.45, 0, 1)[..., None] * 0.16
        return (np.clip(self.paint * light + shine, 0, 1) * 255 + 0.5).astype(np.uint8)


def trace(motif: Motif, x: float, y: float, length: float, bias: float) -> Array:
    """A path of seven points along the flow, starting at x, y."""
    points = [(x, y)]
    step = length / 6
    for _ in range(6):
        a = motif.at(motif.angle, x, y) + bias
        x, y = x + step * math.cos(a), y + step * math.sin(a)
        points.append((x, y))
    return np.array(points, np.float32)


def paint(size: int, seed: int) -> Array:
    """The picture as [size,size,3] RGB, 8 bits."""
    rng = np.random.default_rng(seed)
    motif, canvas, unit = Motif(rng, size), Canvas(size), size / 512
    edges = cv2.GaussianBlur(motif.value, (0, 0), size / 120)
    steep = np.hypot(*np.gradient(edges))
    for depth, (length, width, spacing, jitter, relief) in enumerate(LAYERS):
        pitch = spacing * unit
        grid = np.mgrid[0 : size + pitch : pitch, 0 : size + pitch : pitch].reshape(2, -1).T  # [2,R,C] -> [RC,2]
        for y, x in rng.permutation(grid + rng.uniform(-0.5, 0.5, grid.shape) * pitch):
            if depth == 3 and motif.at(motif.value, x, y) < 0.3 and rng.random() < 0.6:
                continue
            path = trace(motif, x, y, length * unit * rng.uniform(0.6, 1.3), rng.normal(0, 0.10))
            middle = path[3]
            canvas.stroke(rng, path, width * unit * rng.uniform(0.7, 1.25), motif.colour(rng, *middle, jitter), relief)
        if depth >= 2:
            outline(rng, motif, canvas, steep, unit)
    return canvas.finish(rng)


def outline(rng: np.random.Generator, motif: Motif, canvas: Canvas, steep: Array, unit: float) -> None:
    """Bold dark contours where the underpainting turns from dark to light."""
    down, across = np.gradient(motif.value)
    along = np.abs(np.cos(motif.angle) * across + np.sin(motif.angle) * down) < 0.45 * np.hypot(across, down)
    places = np.argwhere((steep > np.quantile(steep, 0.88)) & along)
    for y, x in rng.permutation(places)[:190]:
        path = trace(motif, x, y, 34 * unit * rng.uniform(0.6, 1.4), rng.normal(0, 0.05))
        canvas.stroke(rng, path, 3.9 * unit * rng.uniform(0.7, 1.4), INK, 0.8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="a .png or .jpg")
    parser.add_argument("--size", type=int, default=768)
    parser.add_argument("--shrink", type=int, metavar="SIZE", help="average the painted picture down to this size")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--quality", type=int, default=92, help="JPEG quality")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    picture = paint(args.size, args.seed)
    if args.shrink:
        picture = cv2.resize(picture, (args.shrink, args.shrink), interpolation=cv2.INTER_AREA)
    part = args.out.with_suffix(f".part{args.out.suffix}")
    options = [] if args.out.suffix == ".png" else [cv2.IMWRITE_JPEG_QUALITY, args.quality]
    if not cv2.imwrite(str(part), picture[:, :, ::-1], options):
        raise OSError(f"{part} can't be written")
    part.replace(args.out)


if __name__ == "__main__":
    main()
