"""Bars as a picture: milliseconds by size and engine, and latency budgets stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stylebridge.frame import ColorPlane
from stylebridge.imaging import opencv

Color = tuple[int, int, int]
WIDTH, MARGIN, LABEL, BAR, GAP = 1400, 32, 430, 30, 12
INK, SOFT, LINE, PAPER = (29, 34, 48), (93, 101, 121), (220, 216, 205), (255, 255, 255)
PALETTE: tuple[Color, ...] = (
    *((0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (213, 94, 0), (86, 180, 233), (150, 140, 40)),
    *((110, 110, 110), (120, 80, 200), (60, 60, 60)),
)  # the first ones after Okabe and Ito: told apart by colour-blind people too


@dataclass(frozen=True)
class Bar:
    """A line of the chart: its parts follow each other, each (name, length)."""

    label: str
    parts: Sequence[tuple[str, float]]
    text: str = ""  # at its end


@dataclass(frozen=True)
class Panel:
    """Bars on one scale that begins at 0."""

    title: str
    bars: Sequence[Bar]
    unit: str = "ms"


def draw(panels: Sequence[Panel]) -> ColorPlane:
    """All panels below each other, with a legend for each that has several parts."""
    pictures = [_panel(panel) for panel in panels if panel.bars]
    if not pictures:
        return np.full((MARGIN * 2, WIDTH, 3), PAPER, np.uint8)
    return np.concatenate(pictures)


def _panel(panel: Panel) -> ColorPlane:
    names = list(dict.fromkeys(name for bar in panel.bars for name, _ in bar.parts))
    colors = {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(names)}
    top = MARGIN + 56 + (34 if len(names) > 1 else 0)
    height = top + len(panel.bars) * (BAR + GAP) + MARGIN
    picture = np.full((height, WIDTH, 3), PAPER, np.uint8)
    _text(picture, panel.title, MARGIN, MARGIN + 22, 0.85, INK, 2)
    if len(names) > 1:
        _legend(picture, colors, MARGIN + 62)
    longest = max(sum(length for _, length in bar.parts) for bar in panel.bars) or 1.0
    room = WIDTH - LABEL - MARGIN - 200
    for tick in _ticks(longest):
        at = LABEL + round(tick / longest * room)
        opencv().line(picture, (at, top - 8), (at, height - MARGIN), LINE, 1)
        _text(picture, f"{tick:g}", at + 4, height - MARGIN + 18, 0.45, SOFT)
    for place, bar in enumerate(panel.bars):
        _bar(picture, bar, top + place * (BAR + GAP), room / longest, colors, panel.unit)
    return picture


def _bar(picture: ColorPlane, bar: Bar, y: int, px_per_unit: float, colors: dict[str, Color], unit: str) -> None:
    _text(picture, _cut(bar.label, LABEL - MARGIN - 12), MARGIN, y + 21, 0.55, INK)
    total = 0.0
    for name, length in bar.parts:
        start, end = (LABEL + round(part * px_per_unit) for part in (total, total + length))
        opencv().rectangle(picture, (start, y), (max(start, end - 1), y + BAR), colors[name], -1)
        total += length
    _text(picture, bar.text or f"{total:.1f} {unit}", LABEL + round(total * px_per_unit) + 8, y + 21, 0.55, INK)


def _legend(picture: ColorPlane, colors: dict[str, Color], y: int) -> None:
    x = MARGIN
    for name, color in colors.items():
        opencv().rectangle(picture, (x, y - 12), (x + 14, y + 2), color, -1)
        _text(picture, name, x + 20, y, 0.5, SOFT)
        x += 44 + _width(name, 0.5)


def _ticks(longest: float) -> list[float]:
    """Three to six round numbers from 0 up to the longest bar."""
    step = 10.0 ** np.floor(np.log10(longest))
    step = next(float(step * part) for part in (0.2, 0.5, 1.0, 2.0) if longest / (step * part) <= 6)
    return [step * index for index in range(int(longest / step) + 1)]


def _text(picture: ColorPlane, text: str, x: int, y: int, scale: float, color: Color, thickness: int = 1) -> None:
    cv2 = opencv()
    cv2.putText(picture, _ascii(text), (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, color, thickness, cv2.LINE_AA)


def _cut(text: str, width: int) -> str:
    while len(text) > 1 and _width(text, 0.55) > width:
        text = text[:-2].rstrip(".") + "."
    return text


def _width(text: str, scale: float) -> int:
    cv2 = opencv()
    return int(cv2.getTextSize(_ascii(text), cv2.FONT_HERSHEY_SIMPLEX, scale, 1)[0][0])


def _ascii(text: str) -> str:
    """OpenCV's letters are ASCII."""
    return text.replace("·", "-").replace("–", "-").replace("×", "x").encode("ascii", "replace").decode()
