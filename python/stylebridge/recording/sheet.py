"""A contact sheet: one picture that shows what is in a recording, plane by plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane
from stylebridge.imaging import MAX_PIXELS, opencv, resize_image
from stylebridge.recording.export import planes_in
from stylebridge.recording.exporters.pictures import Scales, picture_from_plane
from stylebridge.recording.exporters.video import evenly, recording_scales

if TYPE_CHECKING:
    from stylebridge.recording import Recording

GAP, HEAD, LABEL = 6, 44, 118  # pixels: between tiles, above the columns, left of the rows
GROUND, TILE, INK, FAINT = (22, 24, 29), (38, 41, 48), (232, 232, 228), (150, 154, 162)
MAX_TILES, MAX_STREAMS = 600, 12


def contact_sheet(
    recording: Recording,
    numbers: Sequence[int],
    *,
    columns: int = 6,
    tile_width: int = 240,
    planes: Sequence[str] = (),
) -> ColorPlane:
    """Rows are planes, columns are frames spread evenly over `numbers`; streams lie below each other. [H,W,3]."""
    planes_in(recording, numbers, planes)
    streams: dict[int, list[int]] = {}
    for number in numbers:
        streams.setdefault(recording.stream_of(number).channel, []).append(number)
    shown = [(own, _planes_of(recording, own, planes)) for own in streams.values()]
    shown = [(own, there) for own, there in shown if there]
    parts = [_stream_sheet(recording, own, columns, tile_width, there) for own, there in shown[:MAX_STREAMS]]
    if len(shown) > MAX_STREAMS:
        parts.append(_line(f"{len(shown) - MAX_STREAMS} more streams aren't shown: choose one with --stream"))
    size = sum(part.shape[0] for part in parts), max(part.shape[1] for part in parts)
    _check_size(*size)
    whole: ColorPlane = np.full((*size, 3), GROUND, np.uint8)
    top = 0
    for part in parts:
        whole[top : top + part.shape[0], : part.shape[1]] = part
        top += part.shape[0]
    return whole


def _planes_of(recording: Recording, numbers: Sequence[int], planes: Sequence[str]) -> list[str]:
    return [plane for plane in planes_in(recording, numbers) if not planes or plane in planes]


def _line(words: str) -> ColorPlane:
    """A strip with a sentence in it."""
    strip = _Sheet(0, 0, (1, 1), width=9 * len(words))
    strip.write((GAP, 22), words, INK)
    return strip.pixels


def _stream_sheet(
    recording: Recording, numbers: Sequence[int], columns: int, tile_width: int, planes: Sequence[str]
) -> ColorPlane:
    chosen = evenly(numbers, max(1, min(columns, MAX_TILES // len(planes))))
    scales = recording_scales(recording, numbers, planes)
    first, stream = recording.read(chosen[0], planes), recording.stream_of(chosen[0])
    tile = tile_width, max(1, round(tile_width * first.height / first.width))
    sheet = _Sheet(len(planes), len(chosen), tile)
    rate = f", {stream.fps:g} frames/s" if stream.fps else ""
    size = f"{first.width}x{first.height}"
    sheet.write((GAP, 15), f"{recording.path.name} {stream.label}: {len(numbers)} frames, {size}{rate}", INK)
    for row, plane in enumerate(planes):
        sheet.label(row, plane, _scale_of(plane, scales))
    for column, number in enumerate(chosen):
        frame = recording.read(number, planes)
        sheet.head(column, f"#{number}", f"{frame.clock.simulation_s:.2f} s")
        for row, plane in enumerate(planes):
            sheet.put(row, column, picture_from_plane(frame, plane, scales))
    return sheet.pixels


def _check_size(height: int, width: int) -> None:
    if height * width > MAX_PIXELS:
        do = "pass a smaller --width, or fewer --columns"
        raise InputError(f"a sheet of {width}x{height}", expected=f"at most {MAX_PIXELS >> 20} megapixels", do=do)


def _scale_of(plane: str, scales: Scales) -> str:
    if plane == "depth":
        return f"{scales.near_m:.2g} to {scales.far_m:.3g} m"
    if plane == "motion":
        return f"full at {scales.motion_px:.2g} px"
    return ""


class _Sheet:
    """The picture while it is filled."""

    def __init__(self, rows: int, columns: int, tile: tuple[int, int], width: int = 0) -> None:
        self._cv2 = opencv()
        self._tile = tile
        size = HEAD + rows * (tile[1] + GAP), max(width, LABEL + columns * (tile[0] + GAP))
        _check_size(*size)
        self.pixels: ColorPlane = np.full((*size, 3), GROUND, np.uint8)

    def put(self, row: int, column: int, picture: ColorPlane | None) -> None:
        """Show a plane; None is an empty place."""
        x, y = self._corner(row, column)
        width, height = self._tile
        place = self.pixels[y : y + height, x : x + width]
        if picture is None:
            place[:] = TILE
            self.write((x + width // 2 - 18, y + height // 2), "none", FAINT)
            return
        place[:] = resize_image(picture, self._tile)

    def label(self, row: int, name: str, scale: str) -> None:
        """Name a row."""
        _, y = self._corner(row, 0)
        self.write((GAP, y + 16), name, INK)
        self.write((GAP, y + 34), scale, FAINT, 0.36)

    def head(self, column: int, number: str, time: str) -> None:
        """Name a column."""
        x, _ = self._corner(0, column)
        self.write((x, HEAD - 9), number, INK)
        self.write((x + self._tile[0] // 2, HEAD - 9), time, FAINT)

    def write(self, at: tuple[int, int], text: str, color: tuple[int, int, int], scale: float = 0.42) -> None:
        """Text with its lower left corner there."""
        self._cv2.putText(self.pixels, text, at, self._cv2.FONT_HERSHEY_SIMPLEX, scale, color, 1, self._cv2.LINE_AA)

    def _corner(self, row: int, column: int) -> tuple[int, int]:
        width, height = self._tile
        return LABEL + column * (width + GAP), HEAD + row * (height + GAP)
