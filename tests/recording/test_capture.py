"""Capturing from sources made of given frames: what is kept, left out, confirmed, noted, and taken up again."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Clock, Frame
from stylebridge.recording import Details, Recording, Writer
from stylebridge.recording.capture import MAX_PICTURES, Capture, Feed, Wish
from stylebridge.sources import Source
from stylebridge.sources.base import Receipt
from wire.patience import until

from .play import SESSION, moment, moments

PATIENCE_S = 20


class Wire(Source):
    """Frames as a game would send them: numbered, and safe when their receipts are called."""

    def __init__(self, frames: Sequence[Frame], game: str = "ball", *, endless: bool = False) -> None:
        super().__init__(f"wire:{game}")
        self.safe: list[int] = []
        self.received: dict[str, int] | None = None
        self.planes: tuple[str, ...] = ()
        self.threads: set[int] = set()
        self.closed = False
        self._frames, self._game, self._at = list(frames), game, 0
        self._endless, self._interrupted = endless, threading.Event()

    def read(self) -> Frame | None:
        self.threads.add(threading.get_ident())
        if self._at >= len(self._frames):
            if self._endless:
                self._interrupted.wait(PATIENCE_S)
            return None
        self._at += 1
        return self._frames[self._at - 1]

    def keep(self, received: Any, planes: Sequence[str] = ()) -> None:
        self.received, self.planes = dict(received), tuple(planes)
        self._at = self.received.get(SESSION, 0)

    def receipt(self) -> Receipt:
        at = self._at
        return Receipt(at, self._game, lambda: self.safe.append(at))

    def interrupt(self) -> None:
        self._interrupted.set()

    def close(self) -> None:
        super().close()
        self.closed = True


class Film(Source):
    """The same frames every time it is opened, like a video."""

    repeatable = True

    def __init__(self, frames: Sequence[Frame], fails_at: int | None = None) -> None:
        super().__init__("film:")
        self.frame_count = len(frames)
        self.skipped = 0
        self._frames, self._at, self._fails_at = [replace(frame, session="") for frame in frames], 0, fails_at

    def read(self) -> Frame | None:
        if self._at == self._fails_at:
            raise InputError("the film is torn", where=self.name)
        if self._at >= len(self._frames):
            return None
        self._at += 1
        return self._frames[self._at - 1]

    def skip(self, count: int) -> None:
        self.skipped += count
        self._at += count


def feeds_of(*sources: Source) -> list[Feed]:
    return [Feed(lambda source=source: source, f"g{n}", f"{n:032x}", "f" * 32) for n, source in enumerate(sources)]


def run(out: Path, *sources: Source, resume: bool = False, **wish: Any) -> Capture:
    capture = Capture(feeds_of(*sources), Wish(**wish))
    capture.open()
    capture.start(Writer(out, Details("test:"), floats="f32", resume=resume))
    until(lambda: capture.wait(0.01), PATIENCE_S)
    capture.finish()
    return capture


def levels(recording: Recording) -> list[int]:
    return [recording[number].clock.frame_id for number in range(len(recording))]


def test_every_frame_is_recorded_and_confirmed(tmp_path: Path) -> None:
    source, frames = Wire(list(moments(7))), list(moments(7))
    capture = run(tmp_path / "a.mcap", source)
    assert (capture.frames, capture.duplicates, capture.problems) == (7, 0, [])
    assert source.safe == [1, 2, 3, 4, 5, 6, 7]
    assert source.closed
    assert len(source.threads) == 1
    assert threading.get_ident() not in source.threads
    with Recording(tmp_path / "a.mcap") as recording:
        for found, wanted in zip(recording, frames, strict=True):
            assert np.array_equal(found.color, wanted.color)
            assert found.motion is not None
            assert np.array_equal(found.motion, wanted.motion)
        assert recording.rows["sequence"].tolist() == [1, 2, 3, 4, 5, 6, 7]
        assert recording.streams[0].label == "ball/main"


def test_several_games_and_cameras_share_a_file(tmp_path: Path) -> None:
    two_cameras = [moment(n // 2, camera=("left", "right")[n % 2]) for n in range(8)]
    run(tmp_path / "a.mcap", Wire(list(moments(5)), "first"), Wire(two_cameras, "second"), Film(list(moments(3))))
    with Recording(tmp_path / "a.mcap") as recording:
        found = {stream.label: stream.frames for stream in recording.streams}
        assert found == {"first/main": 5, "second/left": 4, "second/right": 4, "g2/main": 3}
        assert len(recording.pairs()) == 4 + 3 + 3 + 2


def test_it_stops_at_the_number_of_frames_and_confirms_no_more(tmp_path: Path) -> None:
    source = Wire(list(moments(9)))
    assert run(tmp_path / "a.mcap", source, frames=4).frames == 4
    assert source.safe == [1, 2, 3, 4]


def test_it_stops_after_so_many_seconds(tmp_path: Path) -> None:
    capture = run(tmp_path / "a.mcap", Wire(list(moments(3)), endless=True), seconds=0.05)
    assert capture.frames == 3


def test_stopping_ends_a_source_that_waits(tmp_path: Path) -> None:
    source = Wire(list(moments(3)), endless=True)
    capture = Capture(feeds_of(source), Wish())
    capture.open()
    capture.start(Writer(tmp_path / "a.mcap", Details("test:")))
    until(lambda: source.safe == [1, 2, 3], PATIENCE_S)
    capture.stop()
    until(lambda: capture.wait(0.01), PATIENCE_S)
    capture.finish()
    with Recording(tmp_path / "a.mcap") as recording:
        assert len(recording) == 3


def test_a_game_is_told_what_is_safe_and_sends_the_rest(tmp_path: Path) -> None:
    run(tmp_path / "a.mcap", Wire(list(moments(9))), frames=4)
    source = Wire(list(moments(9)))
    capture = run(tmp_path / "a.mcap", source, resume=True)
    assert source.received == {SESSION: 4}
    assert capture.frames == 5
    with Recording(tmp_path / "a.mcap") as recording:
        assert recording.rows["sequence"].tolist() == list(range(1, 10))
        assert len(recording.pairs()) == 8


def test_what_can_be_opened_again_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    run(tmp_path / "a.mcap", Film(list(moments(9))), frames=4)
    film = Film(list(moments(9)))
    run(tmp_path / "a.mcap", film, resume=True)
    assert film.skipped == 3  # the fourth is read, for the sake of what compares frames
    with Recording(tmp_path / "a.mcap") as recording:
        assert levels(recording) == list(range(9))
        assert len(recording.pairs()) == 8
    assert run(tmp_path / "a.mcap", Film(list(moments(9))), resume=True).frames == 0


def test_enough_frames_from_before_are_enough(tmp_path: Path) -> None:
    run(tmp_path / "a.mcap", Film(list(moments(9))), frames=4)
    assert run(tmp_path / "a.mcap", Film(list(moments(9))), frames=4, resume=True).frames == 0


def test_only_the_wanted_planes_are_kept_and_asked_for(tmp_path: Path) -> None:
    source = Wire(list(moments(3)))
    run(tmp_path / "a.mcap", source, planes=("depth",))
    assert source.planes == ("depth",)
    with Recording(tmp_path / "a.mcap") as recording:
        assert recording.streams[0].planes == ("color", "depth")


def test_a_plane_that_is_missing_is_told_once_with_what_there_is(tmp_path: Path) -> None:
    frames = [replace(frame, depth=None) for frame in moments(3)]
    capture = run(tmp_path / "a.mcap", Wire(frames), planes=("color", "depth"))
    (problem,) = capture.problems
    assert "depth was asked for and isn't there; the source gives color, motion, normals, ids, occlusion" in problem


class TestDuplicates:
    @staticmethod
    def stuttering(motion: float = 0) -> list[Frame]:
        """Each frame twice, the second time standing still."""
        frames = []
        for number, frame in enumerate(moments(4)):
            still = replace(frame, motion=np.full_like(frame.motion, motion))
            frames += [replace(f, clock=Clock(2 * number + n, number + n / 2)) for n, f in enumerate((frame, still))]
        return frames

    def test_frames_that_look_as_before_are_left_out_confirmed_and_counted(self, tmp_path: Path) -> None:
        source = Wire(self.stuttering())
        capture = run(tmp_path / "a.mcap", source, dedupe=True)
        assert (capture.frames, capture.duplicates) == (4, 4)
        assert sorted(source.safe) == list(range(1, 9))
        with Recording(tmp_path / "a.mcap") as recording:
            assert levels(recording) == [0, 2, 4, 6]
            assert recording.streams[0].planes[2] == "motion"
            assert len(recording.pairs()) == 3

    def test_pictures_of_a_few_cameras_are_kept_in_mind_however_many_there_are(self, tmp_path: Path) -> None:
        frames = [moment(0, (4, 4), camera=f"camera {number}") for number in range(MAX_PICTURES + 40)]
        capture = run(tmp_path / "a.mcap", Wire(frames), dedupe=True)
        assert capture.frames == len(frames)
        assert len(capture._colors) == MAX_PICTURES

    def test_without_the_wish_they_stay(self, tmp_path: Path) -> None:
        assert run(tmp_path / "a.mcap", Wire(self.stuttering())).frames == 8

    def test_motion_that_goes_back_to_a_moving_one_that_was_left_out_is_dropped(self, tmp_path: Path) -> None:
        run(tmp_path / "a.mcap", Wire(self.stuttering(motion=1)), dedupe=True)
        with Recording(tmp_path / "a.mcap") as recording:
            assert ["motion" in recording.planes_of(number) for number in range(4)] == [True, False, False, False]

    def test_they_are_known_after_taking_up_again_too(self, tmp_path: Path) -> None:
        run(tmp_path / "a.mcap", Film(self.stuttering()), dedupe=True, frames=2)
        capture = run(tmp_path / "a.mcap", Film(self.stuttering()), dedupe=True, resume=True)
        assert capture.frames == 2
        with Recording(tmp_path / "a.mcap") as recording:
            assert levels(recording) == [0, 2, 4, 6]

    @pytest.mark.parametrize("cut_bytes", [0, 5000])
    def test_so_are_those_of_a_game_whose_recorder_was_away(self, tmp_path: Path, cut_bytes: int) -> None:
        out = tmp_path / "a.mcap"
        run(out, Wire(self.stuttering()), dedupe=True, frames=2)
        with Recording(out) as recording:
            last = recording.rows[-1]
        if cut_bytes:  # killed while it wrote the next one
            os.truncate(out, int(last["offset"] + last["length"]))
        game = Wire(self.stuttering())
        capture = run(out, game, dedupe=True, resume=True)
        assert (capture.frames, capture.duplicates) == (2, 3)
        assert sorted(game.safe) == [4, 5, 6, 7, 8]
        with Recording(out) as recording:
            assert levels(recording) == [0, 2, 4, 6]


def test_a_clock_that_goes_back_is_noted_not_fatal(tmp_path: Path) -> None:
    frames = [replace(frame, clock=replace(frame.clock, simulation_s=5 - n)) for n, frame in enumerate(moments(6))]
    capture = run(tmp_path / "a.mcap", Wire(frames))
    assert capture.frames == 6
    assert "ball/main: the clock goes back from 5.000 s to 4.000 s at frame 1" in capture.problems[0]
    assert capture.problems[-1] == "2 more clocks that go back"
    assert len(capture.problems) == 4


def test_a_change_of_size_is_noted_and_begins_a_stream(tmp_path: Path) -> None:
    frames = [moment(0), moment(1), moment(2, size=(36, 64)), moment(3, size=(36, 64))]
    capture = run(tmp_path / "a.mcap", Wire(frames))
    (problem,) = capture.problems
    assert "128x72 becomes 64x36 at frame 2; a new stream begins" in problem
    with Recording(tmp_path / "a.mcap") as recording:
        assert [stream.size for stream in recording.streams] == [(128, 72), (64, 36)]


def test_a_source_that_fails_keeps_what_came_before(tmp_path: Path) -> None:
    capture = Capture(feeds_of(Film(list(moments(9)), fails_at=5)), Wish())
    capture.open()
    capture.start(Writer(tmp_path / "a.mcap", Details("test:")))
    until(lambda: capture.wait(0.01), PATIENCE_S)
    with pytest.raises(InputError, match="the film is torn"):
        capture.finish()
    with Recording(tmp_path / "a.mcap") as recording:
        assert levels(recording) == list(range(5))


def test_a_source_that_cannot_be_opened_ends_it_and_closes_the_others(tmp_path: Path) -> None:
    def torn() -> Source:
        raise InputError("no such film")

    source = Wire(list(moments(3)))
    capture = Capture([*feeds_of(source), Feed(torn, "torn", "0" * 32, "f" * 32)], Wish())
    with pytest.raises(InputError, match="no such film"):
        capture.open()
    with pytest.raises(InputError, match="no such film"):
        capture.finish()
    assert source.closed
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_ends_it_with_the_writers_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Wire(list(moments(40)))
    capture = Capture(feeds_of(source), Wish())
    capture.open()
    writer = Writer(tmp_path / "a.mcap", Details("test:"))
    append: Callable[..., None] = writer._file.append
    count = 0

    def full(*words: Any) -> None:
        nonlocal count
        count += 1
        if count > 5:
            raise StylebridgeError("recording stopped: no space left on device")
        append(*words)

    monkeypatch.setattr(writer._file, "append", full)
    capture.start(writer)
    until(lambda: capture.wait(0.01), PATIENCE_S)
    with pytest.raises(StylebridgeError, match="no space left"):
        capture.finish()
    assert source.safe == [1, 2, 3, 4, 5]
    with Recording(tmp_path / "a.mcap") as recording:
        assert len(recording) == 5


def test_sessions_of_a_source_stay_apart_and_are_taken_up_again(tmp_path: Path) -> None:
    class Old(Film):
        """Frames of two games, recorded long ago."""

        def read(self) -> Frame | None:
            frame = super().read()
            return None if frame is None else replace(frame, session="ab" if self._at % 2 else "cd")

    frames = [moment(n // 2) for n in range(8)]
    run(tmp_path / "a.mcap", Old(frames), frames=5)
    film = Old(frames)
    assert run(tmp_path / "a.mcap", film, resume=True).frames == 3
    assert film.skipped == 4
    with Recording(tmp_path / "a.mcap") as recording:
        assert [stream.frames for stream in recording.streams] == [4, 4]
        assert len(recording.pairs()) == 6


def test_a_source_that_is_still_being_opened_is_closed_too(tmp_path: Path) -> None:
    source, opening, may_open = Wire(list(moments(3))), threading.Event(), threading.Event()

    def slow() -> Source:
        opening.set()
        may_open.wait(PATIENCE_S)
        return source

    def torn() -> Source:
        opening.wait(PATIENCE_S)
        raise InputError("no such film")

    capture = Capture([Feed(torn, "torn", "0" * 32, "f" * 32), Feed(slow, "slow", "1" * 32, "f" * 32)], Wish())
    with pytest.raises(InputError, match="no such film"):
        capture.open()
    threading.Timer(0.1, may_open.set).start()
    with pytest.raises(InputError, match="no such film"):
        capture.finish()
    assert source.closed


def test_a_frame_that_cannot_be_kept_is_left_out_and_the_others_go_on(tmp_path: Path) -> None:
    frames = list(moments(6))
    frames[2] = replace(frames[2], clock=replace(frames[2].clock, frame_id=(1 << 64) - 1))
    source = Wire(frames)
    capture = run(tmp_path / "a.mcap", source)
    assert capture.problems == [
        "ball/main: a frame can't be kept and is left out: frame id 18446744073709551615;"
        " expected 0 to 9223372036854775807"
    ]
    assert sorted(source.safe) == [1, 2, 3, 4, 5, 6]  # else its game would send it for ever
    with Recording(tmp_path / "a.mcap") as recording:
        assert levels(recording) == [0, 1, 3, 4, 5]
        assert recording[2].motion is None
        assert recording.pairs() == [(0, 1), (2, 3), (3, 4)]
