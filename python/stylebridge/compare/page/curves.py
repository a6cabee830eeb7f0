"""A chart of several curves over the frames, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane
from stylebridge.imaging import opencv

Points = Sequence[float | None]

SIZE = (1200, 520)
LEFT, RIGHT, TOP, BOTTOM, LINE = 70, 24, 66, 46, 24
GROUND, INK, FAINT, GRID = (255, 255, 255), (32, 34, 40), (110, 114, 122), (226, 228, 232)
# Distinct to colour-blind eyes too; after the last, the first again with a thinner line.
COLORS = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233), (230, 159, 0), (90, 90, 90))


def chart(curves: Mapping[str, Points], title: str, unit: str) -> ColorPlane:
    """The curves over the frame number, from zero up; None leaves a gap. [H,W,3]."""
    values = [value for points in curves.values() for value in points if value is not None]
    if not values:
        raise InputError("nothing to draw", expected="a curve with a point")
    return _Chart(max(map(len, curves.values())), max(values), len(curves)).drawn(curves, title, unit)


class _Chart:
    def __init__(self, length: int, high: float, curves: int) -> None:
        self._cv2 = opencv()
        rows = (curves + 3) // 4  # of the legend
        self._top = TOP + LINE * rows
        width, height = SIZE[0], SIZE[1] + LINE * rows
        self._pixels: ColorPlane = np.full((height, width, 3), GROUND, np.uint8)
        self._length = max(length - 1, 1)
        self._step = _round_step(high / 5)
        self._high = self._step * max(1, int(np.ceil(high / self._step)))

    def drawn(self, curves: Mapping[str, Points], title: str, unit: str) -> ColorPlane:
        """Axes, legend and curves."""
        self._text(title, (LEFT, 28), 0.62, INK)
        self._text(unit, (LEFT, 50), 0.44, FAINT)
        self._axes()
        for number, (name, points) in enumerate(curves.items()):
            color, width = COLORS[number % len(COLORS)], 2 if number < len(COLORS) else 1
            x, y = LEFT + (number % 4) * 280, TOP + LINE * (number // 4) + 8
            self._cv2.line(self._pixels, (x, y - 5), (x + 22, y - 5), color, width, self._cv2.LINE_AA)
            self._text(name if len(name) <= 30 else f"{name[:27]}...", (x + 30, y), 0.44, INK)
            self._curve(points, color, width)
        return self._pixels

    def _axes(self) -> None:
        for number in range(round(self._high / self._step) + 1):
            value = number * self._step
            y = self._place(0, value)[1]
            self._cv2.line(self._pixels, (LEFT, y), (SIZE[0] - RIGHT, y), GRID, 1)
            self._text(f"{value:g}", (14, y + 5), 0.44, FAINT)
        step = max(1, round(_round_step(self._length / 10)))
        for frame in range(0, self._length + 1, step):
            x, y = self._place(frame, 0)
            self._text(str(frame), (x - 5, y + 22), 0.44, FAINT)

    def _curve(self, points: Points, color: tuple[int, int, int], width: int) -> None:
        run: list[tuple[int, int]] = []
        for frame, value in enumerate([*points, None]):
            if value is not None:
                run.append(self._place(frame, value))
            elif run:
                places = np.array(run, dtype=np.int32)
                self._cv2.polylines(self._pixels, [places], False, color, width, self._cv2.LINE_AA)
                if len(run) == 1:
                    self._cv2.circle(self._pixels, run[0], 2, color, -1, self._cv2.LINE_AA)
                run = []

    def _place(self, frame: int, value: float) -> tuple[int, int]:
        height = self._pixels.shape[0]
        x = LEFT + frame / self._length * (SIZE[0] - LEFT - RIGHT)
        return round(x), round(height - BOTTOM - value / self._high * (height - BOTTOM - self._top))

    def _text(self, text: str, at: tuple[int, int], scale: float, color: tuple[int, int, int]) -> None:
        plain = text.encode("ascii", "replace").decode()  # OpenCV's letters are ASCII
        self._cv2.putText(self._pixels, plain, at, self._cv2.FONT_HERSHEY_SIMPLEX, scale, color, 1, self._cv2.LINE_AA)


def _round_step(step: float) -> float:
    """The next larger of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(max(step, 1e-6)))
    return float(next(power * size for size in (1, 2, 5, 10) if power * size >= step * (1 - 1e-9)))
