from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.imaging import opencv
from stylebridge.sources import open_source

from .conformance import SourceConformance, frames_of
from .conftest import LEVEL_STEP, MakeVideo


class TestMp4(SourceConformance):
    @pytest.fixture
    def address(self, make_video: MakeVideo) -> str:
        return f"video:{make_video('clip.mp4')}"

    @pytest.fixture
    def count(self) -> int:
        return 8


class TestAvi(TestMp4):
    @pytest.fixture
    def address(self, make_video: MakeVideo) -> str:
        return f"video:{make_video('clip.avi')}"


def test_frames_come_in_order_upright_and_in_rgb(make_video: MakeVideo) -> None:
    frames = frames_of(str(make_video(fps=20)))
    assert [round(float(frame.color.mean()) / LEVEL_STEP) for frame in frames] == list(range(8))
    assert [frame.clock.simulation_s for frame in frames] == pytest.approx([i / 20 for i in range(8)])


def test_the_channel_order_is_rgb(tmp_path: Path) -> None:
    cv2, path = opencv(), tmp_path / "red.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (32, 32))
    writer.write(np.full((32, 32, 3), (0, 0, 255), np.uint8))  # BGR
    writer.release()
    (frame,) = frames_of(str(path))
    assert np.abs(frame.color.astype(int) - (255, 0, 0)).max() < 10


def test_a_part_of_a_video_keeps_the_time_of_the_whole(make_video: MakeVideo) -> None:
    with open_source(f"{make_video(fps=10)}?start=4&every=2") as source:
        assert (source.fps, source.frame_count) == (5, 2)
        assert [frame.clock.simulation_s for frame in source] == pytest.approx([0.4, 0.6])
        assert source.problems == []


def test_rotation_metadata_is_honoured(make_video: MakeVideo) -> None:
    path = make_video("turned.mp4", size=(64, 48))
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 4 + 20 + 8 + 8  # version 0: flags, times and ids, reserved, layer … volume
    assert data[matrix : matrix + 4] == b"\0\1\0\0"
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)  # a quarter turn
    path.write_bytes(data)
    with open_source(path) as source:
        assert source.size == (48, 64)
        assert next(source).color.shape == (64, 48, 3)


def test_a_truncated_video_gives_what_is_readable_and_says_so(make_video: MakeVideo) -> None:
    path = make_video("half.avi", count=20, noisy=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with open_source(path) as source:
        assert source.frame_count == 20
        frames = list(source)
        assert 5 < len(frames) < 15
        (problem,) = source.problems
    assert f"half.avi: the file announces 20 frames, {len(frames)} could be read" in problem
    with open_source(f"{path}?every=2") as source:
        assert list(source)
        assert len(source.problems) == 1


@pytest.mark.parametrize("announced", [0, 3, 0x7FFFFFFF])
def test_a_lying_frame_count_does_not_shorten_the_video(make_video: MakeVideo, announced: int) -> None:
    path = make_video("lies.avi")
    data = bytearray(path.read_bytes())
    for place in (data.index(b"avih") + 8 + 16, data.index(b"strh") + 8 + 32):  # total frames; stream length
        assert struct.unpack_from("<I", data, place) == (8,)
        struct.pack_into("<I", data, place, announced)
    path.write_bytes(data)
    assert len(frames_of(str(path))) == 8


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "the file is empty; expected a video"), (b"hello" * 99, "not a readable video")]
)
@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.mkv"])
def test_what_is_no_video_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        open_source(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_an_mp4_cut_off_before_its_index_is_refused(make_video: MakeVideo) -> None:
    path = make_video()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=r"clip\.mp4: not a readable video; expected a whole file in a codec"):
        open_source(path)


def test_an_unknown_codec_is_refused(make_video: MakeVideo) -> None:
    path = make_video("codec.avi")
    path.write_bytes(path.read_bytes().replace(b"MJPG", b"QQQQ"))
    with pytest.raises(InputError, match="not a readable video"):
        open_source(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.mp4: no such file; expected a video"):
        open_source(tmp_path / "gone.mp4")
    with pytest.raises(InputError, match=r"is a folder; expected a video file\. For pictures, use images:"):
        open_source(f"video:{tmp_path}")
