"""The columns as one video, side by side, each with its name burnt in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stylebridge.compare.columns import Column
from stylebridge.compare.moments import Moment
from stylebridge.frame import ColorPlane, Frame
from stylebridge.imaging import opencv, resize_image
from stylebridge.sinks import Sink, open_sink

MAX_WIDTH = 1920
DEFAULT_FPS = 12.0
_BAR = 0.075  # of a cell's height
_MARGIN = 0.3  # of the bar


class SideBySide:
    """Watches the moments and writes them to a video; a context, so that nothing half-written stays."""

    def __init__(self, path: Path, columns: Sequence[Column], fps: float | None, *, force: bool) -> None:
        self.sink: Sink = open_sink(f"video:{path}", fps=fps or DEFAULT_FPS, force=force)
        self._columns = columns
        self._cell: tuple[int, int] | None = None

    def look(self, moment: Moment) -> None:
        """Write this moment."""
        cells = [("Game", moment.frame.rgb)]
        cells += [(column.title, picture) for column, picture in zip(self._columns, moment.pictures, strict=True)]  # type: ignore[misc]
        self._cell = self._cell or cell_size(moment.frame, len(cells))
        troubles = ["", *(column.trouble for column in self._columns)]
        self.sink.write(Frame(color=sheet(cells, troubles, self._cell)))

    def __enter__(self) -> SideBySide:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        self.sink.__exit__(kind, error, None)


def grid_of(count: int) -> tuple[int, int]:
    """Columns and rows for so many cells, wider than high."""
    across = 1 if count == 1 else 2 if count <= 4 else 3 if count <= 9 else 4
    return across, math.ceil(count / across)


def cell_size(frame: Frame, count: int) -> tuple[int, int]:
    """Even width and height of a cell, so that all of them fit the widest video; never larger than the frame."""
    scale = min(1.0, MAX_WIDTH / grid_of(count)[0] / frame.width)
    return max(2, int(frame.width * scale) // 2 * 2), max(2, int(frame.height * scale) // 2 * 2)


def sheet(cells: Sequence[tuple[str, ColorPlane | None]], troubles: Sequence[str], size: tuple[int, int]) -> ColorPlane:
    """One picture of all cells; where there is none, it says why."""
    width, height = size
    bar = max(16, round(height * _BAR) // 2 * 2)
    across, down = grid_of(len(cells))
    out = np.full((down * (height + bar), across * width, 3), 16, np.uint8)
    for place, ((title, picture), trouble) in enumerate(zip(cells, troubles, strict=True)):
        row, column = divmod(place, across)
        top, left = row * (height + bar), column * width
        part = out[top : top + bar + height, left : left + width]
        part[:bar] = 30
        _write(part[:bar], title, (240, 240, 240))
        if picture is None:
            _write(part[bar : 2 * bar], trouble or "nothing shown", (240, 160, 120))
        else:
            part[bar:] = resize_image(picture, size)
    return out


def _write(strip: ColorPlane, text: str, color: tuple[int, int, int]) -> None:
    """A line of text in a strip, cut where the strip ends. OpenCV's letters are ASCII."""
    cv2 = opencv()
    plain = text.replace("·", "-").replace("–", "-").encode("ascii", "replace").decode()
    scale, margin = strip.shape[0] / 40, round(strip.shape[0] * _MARGIN)
    while (
        len(plain) > 1
        and cv2.getTextSize(plain, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)[0][0] > strip.shape[1] - 2 * margin
    ):
        plain = plain[:-2].rstrip(".") + "."
    drawn = np.ascontiguousarray(strip)
    cv2.putText(drawn, plain, (margin, strip.shape[0] - margin), cv2.FONT_HERSHEY_SIMPLEX, scale, color, 1, cv2.LINE_AA)
    strip[:] = drawn
