"""The studio: recordings that stop, step and seek; games that are never held up; capture, differences, settings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.recording import Recording
from stylebridge.watch.choice import Choice
from stylebridge.watch.commands import Capture, Play, Seek, Step, Style, Together, parse
from stylebridge.watch.commands import Stream as ChooseStream
from stylebridge.watch.differences import measure, palette
from stylebridge.watch.live import Live
from stylebridge.watch.plan import Plan
from stylebridge.watch.studio import Studio
from wire.patience import until

from .plans import Clip, Stream, inverted, moment, opener, plan, reddish

Run = Callable[[Plan], Studio]


def number(studio: Studio, name: str = "game") -> int:
    latest = studio.columns[name].latest
    return -1 if latest is None else latest.picture.number


def test_a_recording_goes_round_and_is_read_once(studio: Run) -> None:
    clips: list[Clip] = []

    def opened() -> Clip:
        clips.append(Clip(4))
        return clips[-1]

    running = studio(plan(opened, a=opener(inverted)))
    rounds = []
    running.subscribe(lambda: rounds.append(number(running)))
    until(lambda: rounds.count(0) > 8)
    assert set(rounds) <= {-1, 0, 1, 2, 3}
    assert sum(clip.reads for clip in clips) == 4


def test_pause_step_and_seek(studio: Run) -> None:
    running = studio(plan(lambda: Clip(10), a=opener(inverted)))
    running.obey(Play(False))
    running.obey(Seek(7))
    until(lambda: number(running, "a") == 7)
    for count, wanted in ((1, 8), (2, 0), (-3, 7)):
        running.obey(Step(count))
        until(lambda wanted=wanted: number(running, "a") == number(running) == wanted)
    running.obey(Seek(1 << 30))
    until(lambda: number(running) == 9)
    assert running.state()["player"] | {"rate": 0} == {
        "live": False,
        "playing": False,
        "position": 9,
        "count": 10,
        "rate": 0,
        "error": "",
        "problems": [],
    }


def test_together_waits_for_the_slowest_and_free_running_does_not(studio: Run) -> None:
    go = threading.Event()

    def slow(frame: Frame) -> Frame:
        assert go.wait(10)
        return frame

    running = studio(plan(lambda: Clip(50), a=opener(slow)))
    until(lambda: number(running) == 0)
    assert not go.wait(0.2)  # a dozen frames at its own pace
    assert number(running) == 0
    running.obey(Together(False))
    until(lambda: number(running) > 3)
    go.set()


def test_aligned_columns_show_one_moment(studio: Run) -> None:
    running = studio(plan(lambda: Clip(5), a=opener(inverted), b=opener(reddish)))
    until(lambda: set(running.aligned()) == {"game", "a", "b"})
    seen = set()
    for _ in range(300):
        if moments := running.aligned():
            numbers = {shown.picture.number for shown in moments.values()}
            assert len(numbers) == 1
            seen |= numbers
    assert seen


def test_one_engine_failing_midway_leaves_the_others_alone(studio: Run) -> None:
    def failing(frame: Frame) -> Frame:
        if frame.clock.frame_id >= 2:
            raise MemoryError("no room for activations")
        return frame

    running = studio(plan(lambda: Clip(200), a=opener(failing), b=opener(inverted)))
    until(lambda: number(running, "b") > 5)
    a, b = running.state()["columns"][1:]
    assert (a["status"], a["error"]) == ("failing", "MemoryError: no room for activations")
    assert (b["status"], b["error"]) == ("running", "")
    assert set(running.aligned()) == {"game", "b"}


def test_a_damaged_frame_does_not_end_a_recording(studio: Run) -> None:
    running = studio(plan(lambda: Clip(6, broken=2), a=opener(inverted)))
    until(lambda: running.columns["game"].failures >= 1 and number(running) >= 4)
    assert running.state()["player"]["error"] == ""


def test_pictures_and_videos_go_round_as_recordings_do(studio: Run) -> None:
    class Video(Clip):
        repeatable = False
        motion_spans_skips = False

        def read(self) -> Frame | None:
            return super().read() if self._at < 4 else None  # it announced six

    rounds = []
    running = studio(plan(Video, a=opener(inverted)))
    running.subscribe(lambda: rounds.append(number(running)))
    until(lambda: rounds.count(0) > 8)
    assert not running.player.is_live
    assert (running.state()["player"]["count"], max(rounds)) == (4, 3)


@pytest.mark.parametrize("is_live", [False, True])
def test_engines_rest_while_nobody_looks(studio: Run, is_live: bool) -> None:
    seen, stream = [], Stream()

    def noted(frame: Frame) -> Frame:
        seen.append(frame.clock.frame_id)
        return inverted(frame)

    def is_done(count: int) -> bool:
        if is_live:
            stream.give(moment(count))
        return number(running) > count

    of = plan((lambda: stream) if is_live else (lambda: Clip(500)), a=opener(noted))
    running = studio(replace(of, rests=True))
    stream.give(moment(0))
    until(lambda: number(running, "a") >= 0)  # once, to see that it works
    until(lambda: is_done(20))
    until(lambda: running.columns["a"].idle)  # type: ignore[attr-defined]
    before = len(seen)
    until(lambda: is_done(40))
    assert len(seen) == before
    running.enter()
    until(lambda: is_done(60) and len(seen) > before)
    running.leave()


def test_closing_does_not_wait_for_an_engine_amid_a_picture(studio: Run) -> None:
    go, at_work = threading.Event(), threading.Event()

    def stuck(frame: Frame) -> Frame:
        at_work.set()
        assert go.wait(20)
        return frame

    running = studio(plan(Clip, a=opener(stuck), b=opener(inverted)))
    assert at_work.wait(10)
    assert not running.close(0.0)
    go.set()
    assert running.close(10.0)


def test_another_model_is_shown_although_the_recording_is_paused(studio: Run) -> None:
    opened: list[Choice] = []
    running = studio(plan(lambda: Clip(5), a=opener(inverted, opened)))
    running.obey(Play(False))
    running.obey(Style(model=1))
    until(lambda: [choice.model for choice in opened][-1:] == [1] and number(running, "a") >= 0)
    running.obey(Style(mode="causal", every=8))
    until(lambda: opened[-1] == Choice(1, "causal", 8))
    with pytest.raises(InputError, match="model 2"):
        running.obey(Style(model=2))


def test_a_game_is_read_on_whatever_the_engines_do(studio: Run) -> None:
    go, stream = threading.Event(), Stream()

    def stuck(frame: Frame) -> Frame:
        assert go.wait(20)
        return frame

    running = studio(plan(lambda: stream, a=opener(stuck)))
    stream.give(*(moment(n) for n in range(100)))
    until(lambda: stream.asked == 101)  # all were taken while the engine worked on one
    assert number(running) == 100
    go.set()
    until(lambda: number(running, "a") == 100)
    assert running.columns["a"].passed_over >= 90


def test_engines_of_a_live_game_work_on_the_same_moments(studio: Run) -> None:
    stream, slow, quick = Stream(), threading.Semaphore(0), []

    def waiting(frame: Frame) -> Frame:
        assert slow.acquire(timeout=20)
        return frame

    def noted(frame: Frame) -> Frame:
        quick.append(frame.clock.frame_id)
        return frame

    running = studio(plan(lambda: stream, a=opener(waiting), b=opener(noted)))
    stream.give(moment(0))
    until(lambda: quick == [0])
    stream.give(*(moment(n) for n in range(1, 6)))
    until(lambda: stream.asked == 7)
    assert quick == [0]  # it could have gone on
    slow.release()
    until(lambda: quick == [0, 5])
    stream.give(*(moment(5) for _ in range(40)))  # what is worked on stays at hand
    until(lambda: stream.asked == 47)
    slow.release()
    until(lambda: {shown.picture.number for shown in running.aligned().values()} == {6})
    slow.release()
    until(lambda: quick == [0, 5, 5])
    running.obey(Together(False))
    stream.give(moment(6))
    until(lambda: quick[3:] == [6])
    stream.give(moment(7))
    until(lambda: quick[3:] == [6, 7])
    slow.release(2)


def test_frames_are_copied_before_their_game_wants_them_back(studio: Run) -> None:
    stream = Stream()
    running = studio(plan(lambda: stream))
    frame = moment(5)
    stream.give(frame)
    until(lambda: stream.asked == 2)
    frame.color[:] = 0
    latest = running.columns["game"].latest
    assert latest is not None and latest.picture.rgb.min() == 15


def test_a_paused_game_is_still_read_but_not_shown(studio: Run) -> None:
    stream = Stream()
    running = studio(plan(lambda: stream, a=opener(inverted)))
    stream.give(moment(0))
    until(lambda: number(running) == 1)
    running.obey(Play(False))
    stream.give(*(moment(n) for n in range(1, 9)))
    until(lambda: stream.asked == 10)
    assert number(running) == 1
    running.obey(Step(1))
    stream.give(moment(9))
    until(lambda: number(running) == 10)
    running.obey(Play(True))
    stream.give(moment(10))
    until(lambda: number(running) == 11)


def test_what_moves_only_when_it_is_read_stands_still_in_a_pause(studio: Run) -> None:
    stream = Stream("mlagents:player")
    running = studio(plan(lambda: stream, a=opener(inverted)))
    stream.give(*(moment(n) for n in range(500)))
    until(lambda: number(running) > 1)
    running.obey(Play(False))
    at = number(running)
    running.obey(Step(3))
    player = running.player
    assert isinstance(player, Live)
    until(lambda: player._steps == 0 and number(running) >= at + 3 and number(running) == stream.asked)
    at = number(running)
    threading.Event().wait(0.1)
    assert (stream.asked, number(running)) == (at, at)
    running.obey(Play(True))
    until(lambda: number(running) > at + 3)


def test_a_second_camera_can_be_chosen(studio: Run) -> None:
    stream = Stream()
    running = studio(plan(lambda: stream))
    stream.give(moment(0, "near"), moment(50, "far"))
    until(lambda: running.state()["player"]["streams"] == ["near", "far"])
    running.obey(ChooseStream("far"))
    stream.give(moment(1, "near"), moment(51, "far"))
    until(lambda: stream.asked == 5)
    latest = running.columns["game"].latest
    assert latest is not None and latest.picture.rgb.min() == 61


def test_capture_writes_what_comes_from_now_on(studio: Run, tmp_path: Path) -> None:
    pytest.importorskip("zstandard")
    stream = Stream()
    running = studio(plan(lambda: stream, tmp_path))
    stream.give(moment(0))
    until(lambda: stream.asked == 2)
    for first in (1, 6):
        running.obey(Capture(True))
        stream.give(*(moment(n) for n in range(first, first + 3)))
        until(lambda: running.tape.frames == 3)
        running.obey(Capture(False))
    files = sorted(tmp_path.glob("*.mcap"))
    assert len(files) == 2  # the second didn't replace the first
    starts = set()
    for file in files:
        with Recording(file) as recording:
            assert len(recording) == 3 and recording[1].motion is not None
            starts.add(recording[0].clock.frame_id)
    assert starts == {1, 6}


def test_a_recording_is_not_captured(studio: Run, tmp_path: Path) -> None:
    running = studio(plan(Clip, tmp_path))
    with pytest.raises(InputError, match="recorded already"):
        running.obey(Capture(True))


def test_differences_are_made_for_who_looks_and_no_longer(studio: Run) -> None:
    running = studio(plan(lambda: Clip(3), a=opener(inverted), b=opener(inverted), c=opener(reddish)))
    same, other = ("a", "b"), ("a", "c")
    running.differences.want(same)
    running.differences.want(other)
    until(lambda: running.differences.latest(same) and running.differences.latest(other))
    heat, apart = running.differences.latest(same), running.differences.latest(other)
    assert heat is not None and (heat.measured.most, heat.measured.psnr_db) == (0, None)
    assert apart is not None and apart.measured.most > 100
    running.differences.want(None, same)
    assert running.differences.latest(same) is None
    until(lambda: running.differences.latest(other))


def test_pictures_of_different_sizes_are_not_compared(studio: Run) -> None:
    def smaller(frame: Frame) -> Frame:
        return frame.with_color(frame.rgb[:20])

    running = studio(plan(lambda: Clip(3), a=opener(smaller)))
    running.differences.want(("game", "a"))
    until(lambda: running.differences.error(("game", "a")))
    assert "64x36 and 64x20" in running.differences.error(("game", "a"))


def test_heat_tells_one_level_and_where() -> None:
    one = np.full((8, 8, 3), 100, np.uint8)
    other = one.copy()
    other[2, 3, 1] += 1
    measured = measure(one, other)
    assert (measured.most, measured.mean) == (1, round(1 / 192, 4))
    assert measured.psnr_db == pytest.approx(70.96, abs=0.01)
    assert (np.diff(palette().astype(int).sum(axis=1)) >= 0).all()
    assert palette()[1].sum() > palette()[0].sum() + 50  # one level can be seen


def test_cameras_in_turn_are_refused_for_recordings(studio: Run) -> None:
    class Two(Clip):
        turns = 2

    with pytest.raises(InputError, match="several cameras"):
        studio(plan(Two))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"type":"rm"}',
        '{"type":"step","count":1e99}',
        '{"type":"seek","number":-1}',
        '{"type":"style","every":17}',
        '{"type":"play","on":true,"more":1}',
        '{"type":"look","columns":' + "[" * 2000,
        '{"type":"play","on":true}' + " " * 5000,
    ],
)
def test_messages_that_are_not_known_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse(text)


def test_columns_are_named_once() -> None:
    with pytest.raises(InputError, match="named twice"):
        Studio(replace(plan(Clip), columns=[("a", "A", opener(inverted))] * 2))
