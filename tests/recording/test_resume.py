from __future__ import annotations

from pathlib import Path

import pytest
from stylebridge.errors import InputError
from stylebridge.recording import Details, Recording, Writer, verify

from .play import moments, record
from .same import is_same, small_frame


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "play.mcap"


def test_a_finished_recording_is_gone_on_with_and_its_frames_stay_bit_for_bit(path: Path) -> None:
    record(path, moments(3))
    before = path.read_bytes()
    with Recording(path) as recording:
        end = int(recording.rows["offset"][-1] + recording.rows["length"][-1])
    for run in (1, 2):
        with Writer(path, Details(f"run {run}"), resume=True) as writer:
            assert writer.frame_count == writer.safe_count == 2 + run
            assert writer.write(small_frame(run)) == 2 + run
    assert path.read_bytes()[:end] == before[:end]
    assert verify(path).ok
    assert "taken up again 2 times" in verify(path).notes


def test_resuming_without_a_frame_changes_nothing(path: Path) -> None:
    record(path, moments(3))
    before = path.read_bytes()
    Writer(path, Details("again"), resume=True).close()
    assert path.read_bytes() == before


def test_resuming_an_unfinished_recording_without_a_frame_finishes_it(path: Path) -> None:
    record(path, moments(3))
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    Writer(path, Details("again"), resume=True).close()
    assert path.read_bytes() == whole


def test_resuming_what_is_not_there_begins_it(path: Path) -> None:
    with Writer(path, Details("test"), resume=True) as writer:
        assert writer.write(small_frame(0)) == 0
    assert verify(path).frames == 1


def test_the_last_sequence_of_every_session_is_known_again(path: Path) -> None:
    one, two = "01" * 16, "02" * 16
    with Writer(path, Details("test")) as writer:
        for number in range(1, 6):
            writer.write(small_frame(number, session=one), sequence=number)
        writer.write(small_frame(1, session=two), sequence=7)
    path.write_bytes(path.read_bytes()[:-4])
    with Writer(path, Details("test"), resume=True) as writer:
        assert writer.received == {one: 5, two: 7}
        writer.write(small_frame(6, session=one), sequence=6)
        writer.flush()
        assert writer.received == {one: 6, two: 7}


def test_pairs_do_not_cross_a_new_run_without_a_session(path: Path) -> None:
    for start in (0, 2):
        with Writer(path, Details("test"), resume=True) as writer:
            for number in (start, start + 1):
                writer.write(small_frame(number))
    with Recording(path) as recording:
        assert recording.pairs() == [(0, 1), (2, 3)]


@pytest.mark.parametrize("length", [1, 7, 8, 12, 40])
def test_a_recording_stopped_within_its_first_bytes_is_begun_again(path: Path, length: int) -> None:
    record(path, moments(1))
    path.write_bytes(path.read_bytes()[:length])
    with Writer(path, Details("test"), resume=True) as writer:
        writer.write(small_frame(0))
    assert verify(path).ok
    with Recording(path) as recording:
        assert is_same(recording[0], small_frame(0))


def test_a_recording_with_damage_before_whole_frames_is_not_cut_off(path: Path) -> None:
    record(path, moments(6))
    with Recording(path) as recording:
        middle = int(recording.rows["offset"][2])
    data = bytearray(path.read_bytes())
    data[middle + 2000] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"damaged in the middle.*recording repair"):
        Writer(path, Details("test"), resume=True)
    assert path.read_bytes() == data


def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path) -> None:
    for place, message in ((tmp_path, "is a folder"), (tmp_path / ("n" * 300), "File name too long")):
        with pytest.raises(InputError, match=message):
            Writer(place, Details("test"), resume=True)


def test_what_is_no_recording_is_not_resumed(path: Path) -> None:
    path.write_bytes(b"a letter to my aunt, and long enough")
    with pytest.raises(InputError, match="not an MCAP file"):
        Writer(path, Details("test"), resume=True)
    assert path.read_bytes().startswith(b"a letter")


def test_a_recording_with_damage_at_its_beginning_is_not_begun_again(path: Path) -> None:
    record(path, moments(3))
    whole = path.read_bytes()
    for damage in (b"\xff", b"\xff" * 8):
        path.write_bytes(whole[:9] + damage + whole[9 + len(damage) :])
        before = path.read_bytes()
        with pytest.raises(InputError, match=r"damaged.*recording repair"):
            Writer(path, Details("test"), resume=True)
        assert path.read_bytes() == before


def test_frames_behind_what_looks_like_the_index_are_not_cut_off(path: Path) -> None:
    record(path, moments(4))
    with Recording(path) as recording:
        second = int(recording.rows["offset"][1])
    data = bytearray(path.read_bytes())
    data[second] = 15
    path.write_bytes(data)
    with pytest.raises(
        InputError, match=r"damaged in the middle: an index at \d+ before more frames.*recording repair"
    ):
        Writer(path, Details("test"), resume=True)
    assert path.read_bytes() == data
