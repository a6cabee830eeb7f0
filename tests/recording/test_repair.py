from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.recording import Details, Recording, Writer, repair, verify

from .play import moments, record
from .same import is_same, small_frame

COUNT = 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return record(tmp_path / "play.mcap", moments(COUNT))


def places(path: Path) -> list[int]:
    """Where each frame begins, and where the last one ends."""
    with Recording(path) as recording:
        rows = recording.rows
        return [*(int(offset) for offset in rows["offset"]), int(rows["offset"][-1] + rows["length"][-1])]


def check_frames(path: Path, numbers: list[int]) -> None:
    assert verify(path).problems == []
    wanted = [frame for frame in moments(COUNT) if frame.clock.frame_id in numbers]
    with Recording(path) as recording:
        assert len(recording) == len(wanted)
        assert all(is_same(one, other) for one, other in zip(recording, wanted, strict=True))
        assert recording.details.source == "test:ball"


def test_a_sound_recording_is_not_touched(path: Path) -> None:
    before = path.read_bytes()
    report = repair(path)
    assert (report.ok, report.how, report.frames) == (True, "sound", COUNT)
    assert path.read_bytes() == before


def test_a_recording_cut_off_anywhere_keeps_every_whole_frame(path: Path) -> None:
    data, begins = path.read_bytes(), places(path)
    for cut in sorted(at + more for at in begins for more in (-1, 0, 1, 60)):
        path.write_bytes(data[:cut])
        whole = sum(end <= cut for end in begins[1:])
        if not whole:
            with pytest.raises(StylebridgeError, match="no whole frame is in it"):
                repair(path)
            assert path.read_bytes() == data[:cut]
            continue
        with pytest.raises(InputError, match=r"the recording has no end.*recording repair"):
            Recording(path)
        report = repair(path)
        assert (report.how, report.frames) == ("completed", whole)
        assert report.dropped_bytes == (cut - begins[whole] if whole < COUNT else 0) or cut == begins[-1] + 1
        assert path.read_bytes()[: begins[whole]] == data[: begins[whole]]
        check_frames(path, list(range(whole)))
        assert repair(path).how == "sound"


def test_a_recording_cut_off_within_its_index_keeps_everything(path: Path) -> None:
    data, end = path.read_bytes(), places(path)[-1]
    for cut in range(end, len(data), 97):
        path.write_bytes(data[:cut])
        assert repair(path).frames == COUNT
        assert path.read_bytes() == data


@pytest.mark.parametrize("place", ["head", "header", "pixels"])
def test_damage_in_the_middle_costs_that_frame_alone_and_the_damaged_file_is_kept(path: Path, place: str) -> None:
    data, begins = bytearray(path.read_bytes()), places(path)
    data[begins[3] + {"head": 3, "header": 150, "pixels": 2000}[place]] ^= 0xFF
    path.write_bytes(data)
    assert not verify(path).ok
    report = repair(path)
    assert (report.how, report.frames) == ("rewritten", COUNT - 1)
    assert report.original is not None
    assert report.original.name == "play.broken.mcap"
    assert report.original.read_bytes() == data
    check_frames(path, [0, 1, 2, 4, 5, 6, 7])


def test_a_damaged_channel_is_made_again_from_the_frames(path: Path) -> None:
    data = bytearray(path.read_bytes())
    at = data.index(b"/ball/main")
    data[at - 20 : at + 60] = bytes(80)
    path.write_bytes(data)
    assert repair(path).frames == COUNT
    check_frames(path, list(range(COUNT)))


def test_a_damaged_index_is_written_again(path: Path) -> None:
    data = bytearray(path.read_bytes())
    good = bytes(data)
    data[places(path)[-1] + 200] ^= 1
    path.write_bytes(data)
    assert not verify(path).ok
    assert repair(path).how == "completed"
    assert path.read_bytes() == good


def test_a_last_frame_that_is_whole_but_wrong_is_cut_off_and_kept_aside(path: Path) -> None:
    data, begins = bytearray(path.read_bytes()), places(path)
    data[begins[-2] + 500] ^= 1
    data = data[: begins[-1]]
    path.write_bytes(data)
    report = repair(path)
    assert (report.how, report.frames) == ("completed", COUNT - 1)
    assert report.original == path.with_name("play.broken.bin")
    assert report.original.read_bytes() == data[begins[-2] :]
    check_frames(path, list(range(COUNT - 1)))


def test_with_a_place_for_the_result_the_file_itself_stays(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()[: places(path)[4] + 30]
    path.write_bytes(data)
    out = tmp_path / "mended.mcap"
    assert repair(path, out).frames == 4
    assert path.read_bytes() == data
    check_frames(out, [0, 1, 2, 3])
    with pytest.raises(InputError, match="already exists"):
        repair(path, out)


def test_a_recording_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "live.mcap"
    with Writer(path, Details("test")) as writer:
        writer.write(small_frame(0))
        writer.flush()
        with pytest.raises(InputError, match="is being written by another process"):
            repair(path)
        with pytest.raises(InputError, match="it is still being written, or was cut off"):
            Recording(path)
        writer.write(small_frame(1))
    assert verify(path).frames == 2


def test_progress_is_told_in_bytes(path: Path) -> None:
    told: list[tuple[int, int]] = []
    size = path.stat().st_size
    verify(path, lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert {total for _, total in told} == {size}
    assert len(told) == COUNT
    path.write_bytes(path.read_bytes()[:-20])
    repair(path, progress=lambda done, total: told.append((done, total)))
    assert len(told) > COUNT


def test_what_a_tool_did_not_finish_is_resumable_too(path: Path) -> None:
    begins = places(path)
    path.write_bytes(path.read_bytes()[: begins[5] + 100])
    with Writer(path, Details("again"), resume=True, floats="f32") as writer:
        assert writer.frame_count == writer.resumed_count == 5
        assert writer.cut_bytes == 100
        for frame in moments(COUNT):
            if frame.clock.frame_id >= 5:
                assert writer.write(frame, game="ball") == frame.clock.frame_id
    check_frames(path, list(range(COUNT)))
    with Recording(path) as recording:
        assert [details.source for details in recording.runs] == ["test:ball", "again"]
        assert np.array_equal(recording.rows["run"], [0] * 5 + [1] * 3)
        assert len(recording.streams) == 1
        assert len(recording.pairs()) == COUNT - 1  # the session goes on


@pytest.mark.parametrize(
    ("at", "damage"), [(0, bytes(8)), (9, b"\xff"), (9, b"\xff" * 8), (21, b"S"), (8, bytes(200)), (0, bytes(2000))]
)
def test_damage_at_the_very_beginning_costs_no_frame(path: Path, at: int, damage: bytes) -> None:
    data = bytearray(path.read_bytes())
    data[at : at + len(damage)] = damage
    path.write_bytes(data)
    report = repair(path)
    assert (report.how, report.frames) == ("rewritten", COUNT)
    assert report.original is not None
    assert report.original.read_bytes() == data
    assert verify(path).problems == []
    with Recording(path) as recording:
        assert all(is_same(one, other) for one, other in zip(recording, moments(COUNT), strict=True))
        assert recording.details.source == ("test:ball" if len(damage) < 100 else "")


def test_damage_that_looks_like_the_index_does_not_cut_off_the_frames_behind_it(path: Path) -> None:
    data, begins = path.read_bytes(), places(path)
    for op in (9, 15):
        path.write_bytes(data[: begins[3]] + bytes([op]) + data[begins[3] + 1 :])
        assert f"{COUNT - 4} whole frames lie behind the damaged place at {begins[3]}" in verify(path).problems
        assert repair(path).frames == COUNT - 1
        check_frames(path, [0, 1, 2, 4, 5, 6, 7])
