from __future__ import annotations

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Camera, Clock
from stylebridge.recording import Details, Recording, Writer

from .play import moment, moments, record
from .same import is_same, small_frame

PACKAGE = Path(__file__).resolve().parent.parent.parent / "python"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "play.mcap"


def test_frames_are_read_in_any_order(path: Path) -> None:
    frames = list(moments(9))
    record(path, frames)
    with Recording(path) as recording:
        for index in np.random.default_rng(0).permutation(9):
            assert is_same(recording[int(index)], frames[index])
        assert is_same(recording[-1], frames[8])
        assert [frame.clock.frame_id for frame in recording] == list(range(9))
        for index in (9, -10):
            with pytest.raises(IndexError):
                recording[index]


def test_only_the_wanted_planes_are_read(path: Path) -> None:
    record(path, [moment(0)])
    with Recording(path) as recording:
        frame = recording.read(0, planes=("motion",))
        assert np.array_equal(frame.motion, moment(0).motion)
        assert np.array_equal(frame.color, moment(0).color)
        assert frame.depth is frame.normals is frame.ids is frame.occlusion is None
        with pytest.raises(InputError, match="plane 'flow'; expected color, depth"):
            recording.read(0, planes=("flow",))


def test_reading_one_plane_touches_little_of_the_file(path: Path) -> None:
    record(path, [replace(moment(0, (360, 640)))])
    with Recording(path) as recording:
        entries = {entry.name: entry.length for entry in recording.header(0).planes}
        taken = []
        inner = recording._bytes
        recording._bytes = lambda offset, count: taken.append(count) or inner(offset, count)  # type: ignore[func-returns-value,method-assign]
        recording.read(0, planes=())
        assert taken == [entries["color"]]


def test_several_threads_may_read(path: Path) -> None:
    frames = list(moments(6))
    record(path, frames)
    with Recording(path) as recording, ThreadPoolExecutor(4) as pool:
        order = [index % 6 for index in range(60)]
        assert all(is_same(frame, frames[i]) for i, frame in zip(order, pool.map(recording.read, order), strict=True))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_several_processes_may_read_one_that_was_opened_before(path: Path) -> None:
    """As the workers of a data loader do."""
    frames = list(moments(6))
    record(path, frames)
    code = (
        "import os, sys\n"
        "from stylebridge.recording import Recording\n"
        "recording = Recording(sys.argv[1])\n"
        "children = [os.fork() for _ in range(2)]\n"
        "ids = [recording[i % 6].clock.frame_id for i in range(300)]\n"
        "good = ids == [i % 6 for i in range(300)]\n"
        "if 0 not in children: good &= all(os.waitpid(child, 0)[1] == 0 for child in children)\n"
        "os._exit(0 if good else 1)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
    subprocess.run([sys.executable, "-c", code, str(path)], env=environment, check=True, timeout=60)


def test_a_recording_can_be_sent_to_another_process(path: Path) -> None:
    record(path, moments(2))
    with Recording(path) as recording, pickle.loads(pickle.dumps(recording)) as other:
        assert is_same(other[1], recording[1])


def test_streams_say_what_is_in_the_recording(path: Path) -> None:
    with Writer(path, Details("test")) as writer:
        for number in range(6):
            writer.write(moment(number), game="ball")
            writer.write(replace(moment(number, (20, 30), "top"), motion=None, depth=None), game="ball")
        writer.write(replace(moment(6), estimated=("motion",), normals=None), game="ball")
    with Recording(path) as recording:
        main, top = recording.streams
        assert (main.game, main.camera, main.size, main.frames, main.label) == (
            "ball",
            "main",
            (128, 72),
            7,
            "ball/main",
        )
        assert main.planes == ("color", "depth", "motion", "ids", "occlusion")
        assert (main.some_planes, main.estimated) == (("normals",), ("motion",))
        assert (main.fps, main.duration_s) == (30.0, 0.2)
        assert top.planes == ("color", "normals", "ids", "occlusion")
        assert recording.index(top) == [1, 3, 5, 7, 9, 11]
        assert recording.index() == list(range(13))
        assert recording.stream_of(1) == top
        assert recording.planes_of(12) == ("color", "depth", "motion", "ids", "occlusion")
        assert recording.pairs(top) == [(1, 3), (3, 5), (5, 7), (7, 9), (9, 11)]
        assert recording.pairs(main)[-1] == (10, 12)
        assert len(recording.pairs()) == 11


def pairs_of(path: Path, *frames: object) -> list[tuple[int, int]]:
    with Writer(path, Details("test")) as writer:
        for frame in frames:
            writer.write(frame)  # type: ignore[arg-type]
    with Recording(path) as recording:
        for index, (before, after) in enumerate(recording.pairs()):
            first, second = recording.pair(index, planes=())
            assert first.clock == frames[before].clock  # type: ignore[attr-defined]
            assert second.clock == frames[after].clock  # type: ignore[attr-defined]
        with pytest.raises(IndexError):
            recording.pair(len(recording.pairs()))
        return recording.pairs()


def test_pairs_leave_out_a_gap(path: Path) -> None:
    assert pairs_of(path, *(small_frame(number) for number in (0, 1, 2, 5, 6))) == [(0, 1), (1, 2), (3, 4)]


def test_a_game_may_number_its_frames_in_larger_steps(path: Path) -> None:
    assert pairs_of(path, *(small_frame(number) for number in (0, 2, 4, 8, 10))) == [(0, 1), (1, 2), (3, 4)]


def test_pairs_do_not_cross_a_reset_of_the_clock(path: Path) -> None:
    assert pairs_of(path, *(small_frame(number) for number in (0, 1, 2, 0, 1))) == [(0, 1), (1, 2), (3, 4)]


def test_pairs_do_not_cross_another_size(path: Path) -> None:
    wide = np.zeros((4, 9, 3), np.uint8)
    frames = [small_frame(0), small_frame(1), small_frame(2, color=wide), small_frame(3), small_frame(4)]
    assert pairs_of(path, *frames) == [(0, 1), (3, 4)]


def test_pairs_stay_within_one_session_and_camera(path: Path) -> None:
    frames = [
        *(small_frame(0, session="a"), small_frame(0, session="b"), small_frame(1, session="a")),
        *(small_frame(1, session="a", camera=Camera("top")), small_frame(1, session="b")),
    ]
    assert pairs_of(path, *frames) == [(0, 2), (1, 4)]


def test_frames_without_numbers_follow_each_other(path: Path) -> None:
    assert pairs_of(path, *(small_frame(0, clock=Clock()) for _ in range(3))) == [(0, 1), (1, 2)]


def test_pairs_leave_out_a_frame_whose_motion_was_left_out_because_it_leads_nowhere(path: Path) -> None:
    frames = [
        replace(moment(number), motion=None if number in (0, 3) else moment(number).motion) for number in range(5)
    ]
    assert pairs_of(path, *frames) == [(0, 1), (1, 2), (3, 4)]


def test_a_long_recording_opens_by_its_index_alone(path: Path) -> None:
    with Writer(path, Details("test"), fsync_s=3600) as writer:
        for number in range(3000):
            writer.write(small_frame(number))
    data = bytearray(path.read_bytes())
    with Recording(path) as recording:
        frames_end = int(recording.rows["offset"][-1] + recording.rows["length"][-1])
        second = int(recording.rows["offset"][1])
    data[second:frames_end] = bytes(frames_end - second)
    path.write_bytes(data)
    with Recording(path) as recording:
        assert len(recording) == 3000
        assert recording.streams[0].frames == 3000
        assert recording[0].clock.frame_id == 0
        with pytest.raises(InputError, match="frame 1 is damaged: no chunk of one frame"):
            recording[1]


def test_a_closed_recording_says_so(path: Path) -> None:
    record(path, [moment(0)])
    recording = Recording(path)
    recording.close()
    recording.close()
    with pytest.raises(InputError, match="the recording is closed"):
        recording[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty; expected a recording"),
        (b"hello " * 100, "not an MCAP file; expected a recording"),
        (b"hi", "not an MCAP file"),
        (b"\x89MCAP0", "cut off within its first bytes"),
        (b"\x89MCAP0\r\n\x01\x30\0\0\0\0\0\0\0abc", "cut off within its header"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_line(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        Recording(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file; expected a recording"):
        Recording(tmp_path / "gone.mcap")
    with pytest.raises(InputError, match="is a folder; expected a recording"):
        Recording(tmp_path)
