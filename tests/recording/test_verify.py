from __future__ import annotations

import json
from pathlib import Path

import pytest
from stylebridge.frame import Clock
from stylebridge.recording import Details, Recording, Writer, repair, verify
from stylebridge.recording.scan import scan
from stylebridge.recording.tail import encode_tail

from .play import moments, record
from .same import small_frame


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "play.mcap"


def write(path: Path, *numbers: int, session: str = "") -> Path:
    with Writer(path, Details("test"), resume=True) as writer:
        for number in numbers:
            writer.write(small_frame(number, session=session))
    return path


def test_a_sound_recording_has_no_problems(path: Path) -> None:
    report = verify(record(path, moments(5)))
    assert (report.ok, report.how, report.frames, report.problems, report.notes) == (True, "sound", 5, [], [])
    assert [stream.frames for stream in report.streams] == [5]
    json.dumps(report.as_dict())


def test_a_clock_that_goes_back_is_a_problem_with_its_frame(path: Path) -> None:
    report = verify(write(path, 0, 1, 2, 1, 2))
    assert report.problems == [
        f"/main: game time goes back from {2 / 30} to {1 / 30} at frame 3",
        "/main: frame id goes back from 2 to 1 at frame 3",
    ]
    assert not report.ok


def test_a_clock_that_begins_again_in_a_new_run_is_none(path: Path) -> None:
    write(path, 0, 1, 2)
    assert verify(write(path, 0, 1)).problems == []


def test_frames_that_were_left_out_are_noted(path: Path) -> None:
    report = verify(write(path, 0, 1, 2, 5, 6, 9))
    assert report.ok
    assert report.notes == ["/main: 4 frame ids are left out in 2 places"]


def test_a_frame_that_comes_twice_is_a_problem(path: Path) -> None:
    with Writer(path, Details("test")) as writer:
        for number, sequence in enumerate((1, 2, 2, 3)):
            writer.write(small_frame(number, session="ab"), sequence=sequence)
            writer.write(small_frame(number, session=""), sequence=0)
    assert verify(path).problems == ["frame 4: number 2 of session ab is there already"]


def test_every_flipped_bit_in_the_frames_is_found(path: Path) -> None:
    record(path, moments(2))
    data = path.read_bytes()
    with Recording(path) as recording:
        start, end = int(recording.rows["offset"][0]), int(recording.rows["offset"][-1] + recording.rows["length"][-1])
    for at in range(start, end, 997):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        assert not verify(path).ok, at


def test_a_wrong_frame_is_named(path: Path) -> None:
    record(path, moments(4))
    data = bytearray(path.read_bytes())
    with Recording(path) as recording:
        data[int(recording.rows["offset"][2]) + 3000] ^= 1
    path.write_bytes(data)
    (problem,) = verify(path).problems
    assert problem.startswith("frame 2: the checksum of the frame at ")


def test_an_index_that_lies_is_found_and_mended(path: Path) -> None:
    record(path, moments(4))
    before = path.read_bytes()
    with path.open("rb") as file:
        contents = scan(file, path)
    contents.rows["frame_id"][2] = 99
    tail = encode_tail(contents.end, contents.rows, contents.channels, contents.runs)
    path.write_bytes(before[: contents.end] + tail)
    with Recording(path) as recording:
        assert recording.rows["frame_id"][2] == 99
    assert verify(path).problems == ["the index doesn't tell what the file holds"]
    repair(path)
    assert path.read_bytes() == before


def test_an_unfinished_recording_is_reported_with_what_is_there(path: Path) -> None:
    record(path, moments(4))
    path.write_bytes(path.read_bytes()[:-1])
    report = verify(path)
    assert (report.ok, report.frames) == (False, 4)
    assert any("it is still being written, or was cut off" in problem for problem in report.problems)


def test_long_lists_of_problems_are_cut(path: Path) -> None:
    with Writer(path, Details("test")) as writer:
        for number in range(300, 0, -1):
            writer.write(small_frame(0, clock=Clock(number)))
    report = verify(path)
    assert (len(report.problems), report.unlisted) == (100, 199)
