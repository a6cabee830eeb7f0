from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from stylebridge import __version__
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.recording import Details, Recording, Writer, growing, verify
from wire.patience import until

from .play import moment, moments, record
from .same import halved, is_same, noise_frame, small_frame


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "play.mcap"


@pytest.mark.parametrize("alpha", [False, True])
def test_every_plane_comes_back_bit_for_bit(path: Path, alpha: bool) -> None:
    frames = [noise_frame(seed, alpha=alpha) for seed in range(5)]
    with Writer(path, Details("test"), floats="f32") as writer:
        assert [writer.write(frame) for frame in frames] == list(range(5))
    with Recording(path) as recording:
        assert len(recording) == 5
        for index, frame in enumerate(frames):
            assert is_same(recording[index], frame)
        assert not is_same(recording[0], frames[1])


def test_by_default_floats_become_float16_and_the_rest_stays(path: Path) -> None:
    frame = noise_frame(7)
    with Writer(path, Details("test")) as writer:
        writer.write(frame)
    with Recording(path) as recording:
        assert is_same(recording[0], halved(frame))
        assert not is_same(recording[0], frame)
        assert recording.details.floats == "f16"


def test_a_frame_with_colour_alone_is_enough(path: Path) -> None:
    frame = Frame(color=np.zeros((1, 1, 3), np.uint8), camera=Camera(""))
    with Writer(path, Details("")) as writer:
        writer.write(frame)
    with Recording(path) as recording:
        assert is_same(recording[0], frame)
        assert recording.streams[0].planes == ("color",)


def test_the_details_and_the_versions_are_kept(path: Path) -> None:
    details = Details(
        "zmq://127.0.0.1:5570", "Unity 6", {"layout": "nhwc", "range": [0, 1]}, 7, "bright day", {"who": "me"}
    )
    with Writer(path, details) as writer:
        writer.write(small_frame(0))
    with Recording(path) as recording:
        kept = recording.details
        assert (kept.source, kept.engine, kept.contract, kept.seed, kept.note, kept.extra) == (
            *(details.source, details.engine, details.contract, 7, "bright day"),
            {"who": "me"},
        )
        assert kept.versions["stylebridge"] == __version__
        assert kept.created_ns > 0
        json.dumps(recording.summary())


def test_frames_are_said_to_be_safe_in_order_and_once(path: Path) -> None:
    safe: list[int] = []
    with Writer(path, Details("test"), threads=4) as writer:
        for number in range(40):
            writer.write(small_frame(number), on_safe=lambda number=number: safe.append(number))
        writer.flush()
        assert safe == list(range(40))
        assert writer.frame_count == writer.safe_count == 40
    assert safe == list(range(40))


def test_a_safe_frame_lies_in_the_file_already(path: Path) -> None:
    found: list[int] = []
    with Writer(path, Details("test"), fsync_s=0) as writer:
        for number in range(3):
            writer.write(small_frame(number), on_safe=lambda: found.append(verify(path).frames))
    assert found == [1, 2, 3]


def test_several_threads_may_write(path: Path) -> None:
    cameras = [f"camera {index}" for index in range(3)]
    with Writer(path, Details("test")) as writer:

        def play(camera: str) -> None:
            for number in range(20):
                writer.write(small_frame(number, camera=Camera(camera)), game=camera)

        threads = [threading.Thread(target=play, args=(camera,)) for camera in cameras]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with Recording(path) as recording:
        assert len(recording) == 60
        for stream in recording.streams:
            numbers = [recording.header(index).frame_id for index in recording.index(stream)]
            assert numbers == list(range(20))
    assert verify(path).ok


def test_the_last_safe_sequence_of_every_session_is_known(path: Path) -> None:
    one, two = "01" * 16, "02" * 16
    with Writer(path, Details("test")) as writer:
        for number in range(1, 4):
            writer.write(small_frame(number, session=one), sequence=number)
            writer.write(small_frame(number, session=two), sequence=10 * number)
        writer.write(small_frame(9), sequence=99)
        writer.flush()
        assert writer.received == {one: 3, two: 30}


def test_an_error_of_on_safe_comes_back_and_loses_nothing(path: Path) -> None:
    def fail() -> None:
        raise RuntimeError("the game is gone")

    writer = Writer(path, Details("test"))
    writer.write(small_frame(0), on_safe=fail)
    with pytest.raises(RuntimeError, match="the game is gone"):
        writer.flush()
    writer.write(small_frame(1))
    writer.close()
    assert verify(path).ok
    assert verify(path).frames == 2


def test_nothing_is_written_without_a_frame(path: Path) -> None:
    Writer(path, Details("test")).close()
    Writer(path, Details("test"), resume=True).close()
    assert list(path.parent.iterdir()) == []


def test_an_existing_file_is_kept_unless_forced_and_until_there_is_something_better(path: Path) -> None:
    path.write_bytes(b"dear")
    with pytest.raises(InputError, match=r"already exists\. Pass --force"):
        Writer(path, Details("test"))
    Writer(path, Details("test"), force=True).close()
    assert path.read_bytes() == b"dear"
    with Writer(path, Details("test"), force=True) as writer:
        writer.write(small_frame(0))
    assert verify(path).ok


def test_aborting_keeps_what_is_safe_and_finishes_the_file(path: Path) -> None:
    writer = Writer(path, Details("test"))
    writer.write(small_frame(0))
    writer.flush()
    writer.abort()
    writer.abort()
    writer.close()
    assert verify(path).ok
    with Recording(path) as recording:
        assert len(recording) == 1


def test_an_error_in_the_block_keeps_the_frames_and_stays_the_error(path: Path) -> None:
    with pytest.raises(KeyError), Writer(path, Details("test")) as writer:
        writer.write(small_frame(0))
        raise KeyError
    assert verify(path).frames == 1
    assert verify(path).ok


def test_a_closed_writer_takes_no_frame(path: Path) -> None:
    writer = Writer(path, Details("test"))
    writer.close()
    with pytest.raises(InputError, match="the recording is closed"):
        writer.write(small_frame(0))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (small_frame(0, clock=Clock(-1)), "frame id -1; expected 0 to"),
        (small_frame(0, clock=Clock(0, float("nan"))), "a simulation time of nan"),
        (small_frame(0, clock=Clock(0, 0, 1 << 63)), "wall clock 9223372036854775808"),
        (Frame(np.broadcast_to(np.uint8(0), (16384, 16384, 3))), "a frame of 16384x16384; expected at most 128 mega"),
        (small_frame(0, camera=Camera("\ud800")), "a camera name that is no Unicode"),
        (small_frame(0, camera=Camera("c" * 2000)), "a camera name of 2000 characters"),
        (small_frame(0, camera=Camera(view=np.eye(3, dtype=np.float32))), r"a view matrix of \[3, 3\]"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_the_rest_goes_on(path: Path, frame: Frame, message: str) -> None:
    with Writer(path, Details("test")) as writer:
        with pytest.raises(InputError, match=message):
            writer.write(frame)
        for number in range(8):
            writer.write(small_frame(number))
    assert verify(path).frames == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"floats": "f64"}, "floats 'f64'; expected f16 or f32"),
        ({"level": 20}, "level 20; expected 0 to 19"),
        ({"threads": 0}, "threads 0; expected 1 to 64"),
        ({"fsync_s": -1}, "fsync_s -1; expected 0 to 3600"),
    ],
)
def test_settings_out_of_range_are_refused(path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Writer(path, Details("test"), **options)
    assert not path.exists()


def test_two_writers_of_one_file_are_kept_apart(path: Path) -> None:
    with Writer(path, Details("test")) as writer:
        writer.write(small_frame(0))
        writer.flush()
        for options in ({"resume": True}, {"force": True}):
            with pytest.raises(InputError, match="is being written by another process"):
                Writer(path, Details("test"), **options)
        writer.write(small_frame(1))
    assert verify(path).frames == 2


def test_the_caller_waits_while_the_disk_is_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk_works, inner = threading.Event(), growing.write_all

    def slow(file: BinaryIO, at: int, data: bytes) -> None:
        disk_works.wait()
        inner(file, at, data)

    monkeypatch.setattr(growing, "write_all", slow)
    with Writer(path, Details("test"), threads=2) as writer:
        thread = threading.Thread(target=lambda: [writer.write(small_frame(number)) for number in range(50)])
        thread.start()
        until(lambda: writer.frame_count == 4)  # two being packed, two waiting
        thread.join(0.05)
        assert (thread.is_alive(), writer.frame_count, writer.safe_count) == (True, 4, 0)
        disk_works.set()
        thread.join()
    assert verify(path).frames == 50


def test_the_same_frames_make_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for name, threads in (("a.mcap", 1), ("b.mcap", 4)):
        with Writer(tmp_path / name, Details("test", created_ns=5), threads=threads) as writer:
            for frame in moments(6):
                writer.write(frame)
        files.append((tmp_path / name).read_bytes())
    assert files[0] == files[1]


def test_odd_but_legal_clocks_are_kept(path: Path) -> None:
    clocks = [Clock(0, -3.5, 1), Clock(1, 1e300, 2), Clock(np.int64(2), np.float32(0.5), np.uint64(3))]  # type: ignore[arg-type]
    with Writer(path, Details("test")) as writer:
        for clock in clocks:
            writer.write(small_frame(0, clock=clock, camera=Camera("カメラ")), game="a/b", sequence=np.int64(4))  # type: ignore[arg-type]
    with Recording(path) as recording:
        assert [frame.clock for frame in recording] == clocks
        assert recording[0].camera.name == "カメラ"


def test_a_frame_without_a_wall_clock_is_recorded_at_the_time_of_writing(path: Path) -> None:
    with Writer(path, Details("test")) as writer:
        writer.write(replace(moment(0), clock=Clock(3, 0.5)))
    with Recording(path) as recording:
        assert recording[0].clock == Clock(3, 0.5)
        assert int(recording.rows["log_ns"][0]) > 1_600_000_000_000_000_000


def test_flushing_waits_until_the_last_frame_was_said_to_be_safe(path: Path) -> None:
    may_say, said = threading.Event(), threading.Event()

    def say() -> None:
        may_say.wait()
        said.set()

    with Writer(path, Details("test")) as writer:
        writer.write(small_frame(0), on_safe=say)
        until(lambda: writer.safe_count == 1)
        thread = threading.Thread(target=writer.flush)
        thread.start()
        thread.join(0.1)
        assert (thread.is_alive(), said.is_set()) == (True, False)
        may_say.set()
        thread.join()
        assert said.is_set()


def test_flushing_ends_when_another_thread_aborts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk_works, at_work, inner = threading.Event(), threading.Event(), growing.write_all

    def slow(file: BinaryIO, at: int, data: bytes) -> None:
        at_work.set()
        disk_works.wait()
        inner(file, at, data)

    monkeypatch.setattr(growing, "write_all", slow)
    writer, ended = Writer(path, Details("test")), []
    writer.write(small_frame(0))
    writer.write(small_frame(1))
    at_work.wait()

    def flush() -> None:
        with pytest.raises(InputError, match="closed before its last frames"):
            writer.flush()
        ended.append(True)

    flushing = threading.Thread(target=flush, daemon=True)
    flushing.start()
    until(lambda: bool(writer._progress._waiters))  # type: ignore[attr-defined]
    aborting = threading.Thread(target=writer.abort)
    aborting.start()
    until(lambda: writer._hurry)
    disk_works.set()
    aborting.join()
    flushing.join(10)
    assert ended
    assert verify(path).frames == 1


def test_a_recording_that_is_replaced_stays_when_there_is_no_room_for_the_new_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(path, moments(2))
    before = path.read_bytes()

    def full(file: BinaryIO, at: int, data: bytes) -> None:
        file.write(data[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(growing, "write_all", full)
    writer = Writer(path, Details("test"), force=True)
    writer.write(small_frame(0))
    with pytest.raises(StylebridgeError, match="no space left on device"):
        writer.close()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
