"""Several cameras in turn are followed each by itself, and what they show comes out in the order it came in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from moving import clip, inverted
from stylebridge.compare.temporal import streams
from stylebridge.compare.temporal.causal import Causal
from stylebridge.compare.temporal.reproject import Reprojected
from stylebridge.compare.temporal.streams import Owned, PerCamera, open_moving
from stylebridge.compare.temporal.stylizing import Applied, stylised
from stylebridge.errors import InputError
from stylebridge.frame import Camera, Frame
from stylebridge.sources import Source

Shown = list[tuple[str, int]]


def of(camera: str, frames: list[Frame]) -> list[Frame]:
    return [replace(frame, camera=Camera(camera)) for frame in frames]


def in_turn(*streams: list[Frame]) -> list[Frame]:
    return list(chain.from_iterable(zip(*streams, strict=True)))


def names(frames: list[Frame]) -> Shown:
    return [(frame.camera.name, frame.clock.frame_id) for frame in frames]


def reprojected(every: int = 4) -> PerCamera:
    return PerCamera(lambda: Reprojected(Applied("inverted", inverted), every))


def test_cameras_in_turn_look_as_each_does_alone() -> None:
    left, right = of("left", clip(10)), of("right", clip(10, scroll=(2, 1), speed=(0, 1)))
    frames = in_turn(left, right)
    together = list(stylised(reprojected(), frames))
    assert names(together) == names(frames)
    for own in (left, right):
        alone = list(stylised(Reprojected(Applied("inverted", inverted), 4), own))
        mine = [frame for frame in together if frame.camera.name == own[0].camera.name]
        for a, b in zip(alone, mine, strict=True):
            np.testing.assert_array_equal(a.color, b.color)
    mixed = list(stylised(Reprojected(Applied("inverted", inverted), 4), frames))
    assert names(mixed) == names(frames)  # without it they are cuts, each frame a key


def test_a_camera_that_fell_silent_holds_the_others_up_for_a_moment_only() -> None:
    style = reprojected(4)
    frames = [*of("short", clip(3)), *of("long", clip(40))]
    shown: list[Frame] = []
    most = 0
    for count, frame in enumerate(frames, start=1):
        shown += style.feed(frame)
        most = max(most, count - len(shown))
    assert most <= 21
    shown += style.finish()
    assert names(shown) == names(frames)


def test_old_cameras_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_CAMERAS", 3)
    style = reprojected(2)
    frames = [frame for n in range(8) for frame in of(f"{n}", clip(2))]
    shown = [result for frame in frames for result in style.feed(frame)]
    assert len(style._own) <= 3
    assert len(style._done) <= 4
    assert names([*shown, *style.finish()]) == names(frames)


def test_a_failure_of_one_camera_does_not_block_the_others() -> None:
    def style(picture: np.ndarray) -> np.ndarray:
        if picture.max() == 1:
            raise InputError("NaN")
        return inverted(picture)

    wrapped = PerCamera(lambda: Reprojected(Applied("failing", style), 3))
    bad = [replace(f, color=np.ones_like(f.color)) if n == 3 else f for n, f in enumerate(of("bad", clip(8)))]
    shown: list[Frame] = []
    for frame in in_turn(of("good", clip(8)), bad):
        try:
            shown += wrapped.feed(frame)
        except InputError:
            assert (frame.camera.name, frame.clock.frame_id) == ("bad", 3)
    shown += wrapped.finish()
    assert [n for camera, n in names(shown) if camera == "good"] == list(range(8))
    assert [n for camera, n in names(shown) if camera == "bad"] == [0, 4, 5, 6, 7]


def test_without_latency_each_is_shown_at_once() -> None:
    style = PerCamera(lambda: Causal(Applied("inverted", inverted)))
    assert style.latency_frames == 0
    for frame in in_turn(of("left", clip(3)), of("right", clip(3))):
        assert names(list(style.feed(frame))) == names([frame])
        assert style(frame).camera.name == frame.camera.name


class Reusing(Source):
    """A source that writes each frame into the memory of the last one, as a ring of shared memory does."""

    def __init__(self, frames: list[Frame]) -> None:
        super().__init__("reusing")
        self._frames: Iterator[Frame] = iter(frames)
        self._color = np.empty_like(frames[0].color)

    def read(self) -> Frame | None:
        frame = next(self._frames, None)
        self.label = "name.png"
        if frame is None:
            return None
        self._color[:] = frame.color
        return replace(frame, color=self._color)


def test_frames_of_a_game_are_kept_in_memory_of_their_own() -> None:
    frames = clip(3)
    assert [np.array_equal(a.color, b.color) for a, b in zip(list(Reusing(frames)), frames, strict=True)] != [True] * 3
    source = Owned(Reusing(frames))
    for kept, frame in zip(list(source), frames, strict=True):
        np.testing.assert_array_equal(kept.color, frame.color)
        np.testing.assert_array_equal(kept.motion, frame.motion)
    assert source.label == "name.png"


@pytest.mark.parametrize(
    ("name", "opened"),
    [
        ("zmq://127.0.0.1:0", "zmq://127.0.0.1:0?planes=color+depth+motion+occlusion"),
        ("zmq://127.0.0.1:0?game=Plaza", "zmq://127.0.0.1:0?game=Plaza&planes=color+depth+motion+occlusion"),
        ("zmq://127.0.0.1:0?planes=color+motion", "zmq://127.0.0.1:0?planes=color+motion"),
        ("play.mcap", "play.mcap"),
    ],
)
def test_a_game_is_asked_for_its_motion(name: str, opened: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def open_it(text: str) -> Source:
        asked.append(text)
        source = Reusing(clip(1))
        source.listens_at = "somewhere" if text.startswith("zmq") else ""
        return source

    monkeypatch.setattr(streams, "open_source", open_it)
    assert isinstance(open_moving(name), Owned) == name.startswith("zmq")
    assert asked == [opened]
