"""The contact sheet: where its tiles lie and what they show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.recording import Recording
from stylebridge.recording.sheet import GAP, HEAD, LABEL, MAX_STREAMS, TILE, contact_sheet

from .play import moment, moments, record

WIDTH, HEIGHT = 64, 36


def sheet_of(path: Path, **options: object) -> ColorPlane:
    with Recording(path) as recording:
        return contact_sheet(recording, recording.index(), tile_width=WIDTH, **options)  # type: ignore[arg-type]


def tile(sheet: ColorPlane, row: int, column: int) -> ColorPlane:
    x, y = LABEL + column * (WIDTH + GAP), HEAD + row * (HEIGHT + GAP)
    return sheet[y : y + HEIGHT, x : x + WIDTH]


def test_rows_are_planes_and_columns_are_frames(tmp_path: Path) -> None:
    sheet = sheet_of(record(tmp_path / "a.mcap", moments(9)), columns=4)
    assert sheet.shape == (HEAD + 6 * (HEIGHT + GAP), LABEL + 4 * (WIDTH + GAP), 3)
    first, last = moment(0).color, moment(8).color
    for column, color in ((0, first), (3, last)):
        wanted = color.reshape(HEIGHT, 2, WIDTH, 2, 3).mean(axis=(1, 3))
        assert np.abs(tile(sheet, 0, column) - wanted).max() <= 1
    assert np.abs(tile(sheet, 0, 0).astype(int) - tile(sheet, 0, 3)).mean() > 5
    occlusion = tile(sheet, 5, 1)
    assert set(np.unique(occlusion)) <= set(range(256))
    assert 0 < occlusion.mean() < 60


def test_labels_are_written_beside_the_tiles(tmp_path: Path) -> None:
    sheet = sheet_of(record(tmp_path / "a.mcap", moments(3)))
    assert (sheet[:HEAD].max(axis=2) > 200).sum() > 100
    assert (sheet[HEAD : HEAD + 20, :LABEL].max(axis=2) > 200).sum() > 20


def test_a_plane_that_a_frame_lacks_is_an_empty_tile(tmp_path: Path) -> None:
    frames = [moment(0), replace(moment(1), depth=None)]
    sheet = sheet_of(record(tmp_path / "a.mcap", frames), planes=("color", "depth"))
    assert sheet.shape[0] == HEAD + 2 * (HEIGHT + GAP)
    assert tuple(tile(sheet, 1, 1)[2, 2]) == TILE
    assert tuple(tile(sheet, 1, 0)[2, 2]) != TILE


def test_streams_lie_below_each_other_each_with_its_own_planes(tmp_path: Path) -> None:
    tall = [Frame(color=np.full((80, 40, 3), 200, np.uint8), clock=moment(n).clock) for n in range(2)]
    sheet = sheet_of(record(tmp_path / "a.mcap", [*moments(4), *tall]), columns=4)
    first = HEAD + 6 * (HEIGHT + GAP)
    assert sheet.shape == (first + HEAD + 128 + GAP, LABEL + 4 * (WIDTH + GAP), 3)
    top, left = first + HEAD, LABEL + WIDTH + GAP
    assert (sheet[top : top + 128, left : left + WIDTH] == 200).all()
    assert (sheet[top : top + 128, left + WIDTH :] == sheet[0, -1]).all()


def test_streams_beyond_those_that_are_shown_are_counted_in_the_picture(tmp_path: Path) -> None:
    heights = {}
    for count in (MAX_STREAMS, MAX_STREAMS + 1, MAX_STREAMS + 5):
        frames = [moment(0, (4, 8), camera=f"camera {number}") for number in range(count)]
        sheet = sheet_of(record(tmp_path / f"{count}.mcap", frames), planes=("color",))
        heights[count] = sheet.shape[0]
        told = (sheet[MAX_STREAMS * (HEAD + WIDTH // 2 + GAP) :].max(axis=2) > 200).sum()
        assert bool(told > 100) == (count > MAX_STREAMS)
    assert heights[MAX_STREAMS + 1] == heights[MAX_STREAMS + 5] > heights[MAX_STREAMS]


def test_a_plane_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mcap", [Frame(color=moment(0).color)])
    with pytest.raises(InputError, match="no frame has motion; expected color"):
        sheet_of(path, planes=("motion",))


def test_a_stream_without_any_of_the_wanted_planes_is_left_out(tmp_path: Path) -> None:
    flat = [Frame(color=np.full((80, 40, 3), 200, np.uint8), clock=moment(n).clock) for n in range(2)]
    sheet = sheet_of(record(tmp_path / "a.mcap", [*moments(4), *flat]), columns=4, planes=("depth",))
    assert sheet.shape[0] == HEAD + HEIGHT + GAP


def test_a_sheet_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mcap", [Frame(color=np.zeros((1000, 1, 3), np.uint8))])
    with (
        Recording(path) as recording,
        pytest.raises(InputError, match=r"at most 128 megapixels\. Pass a smaller --width"),
    ):
        contact_sheet(recording, [0], tile_width=2048)
