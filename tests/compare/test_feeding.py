"""A live game as the source of a comparison, over real sockets: its frames, and what its own engine made of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from acting import Noting
from stylebridge.compare.feeding import open_feed, with_planes
from stylebridge.compare.plans import Plan
from stylebridge.frame import Camera, Clock, ColorPlane, Frame

pytest.importorskip("zmq")
from stylebridge.compare.columns import open_columns
from stylebridge.compare.running import run_columns
from stylebridge.wire import Sender

PLACE = "zmq://127.0.0.1:0"
SIZE = (24, 32)
COUNT = 12


def level(number: int) -> ColorPlane:
    return np.full((*SIZE, 3), 10 + number, np.uint8)


@contextmanager
def game(address: str, cameras: dict[str, Callable[[int], Frame]]) -> Iterator[None]:
    """Plays in a thread: every moment from all cameras."""

    def play() -> None:
        with Sender(address, name="unity", planes=("color", "motion")) as sender:
            for number in range(COUNT):
                for make in cameras.values():
                    sender.send(make(number))

    thread = threading.Thread(target=play, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(30)
        assert not thread.is_alive()


def seen(number: int) -> Frame:
    motion = np.full((*SIZE, 2), number, np.float32)
    return Frame(level(number), motion=motion, camera=Camera("main"), clock=Clock(100 + number))


def styled(number: int) -> Frame:
    return Frame(255 - level(number), camera=Camera("main/styled"), clock=Clock(100 + number))


def test_frames_that_are_kept_stay_as_they_were_when_the_game_goes_on() -> None:
    """The game takes back the memory of a frame as soon as the next one is read."""
    with open_feed(PLACE, [], COUNT) as feed, game(feed.listens_at, {"main": seen}):
        kept = list(feed.frames)
    assert [int(frame.color[0, 0, 0]) for frame in kept] == [10 + number for number in range(COUNT)]
    assert all(frame.motion is not None for frame in kept)
    assert [float(frame.motion[0, 0, 0]) for frame in kept if frame.motion is not None] == list(range(COUNT))


def test_a_game_that_also_sends_what_its_engine_made_has_a_column(tmp_path: Path) -> None:
    plan = Plan("the engine", tmp_path / "net.onnx", PLACE, tmp_path / "net.onnx", shows=PLACE)
    noting = Noting()
    with (
        open_feed(PLACE, [plan], COUNT) as feed,
        open_columns([plan], frames=PLACE, shown=feed.shown) as columns,
        game(feed.listens_at, {"main": seen, "styled": styled}),
    ):
        result = run_columns(feed.frames, columns, [noting], COUNT)
    assert (result.frames, columns[0].trouble) == (COUNT, "")
    for moment in noting.moments:
        (picture,) = moment.pictures
        assert picture is not None
        assert np.array_equal(picture, 255 - moment.frame.rgb)


def test_a_game_is_asked_for_motion_unless_its_address_says_what_to_ask_for() -> None:
    assert with_planes(PLACE) == f"{PLACE}?planes=color+depth+motion+occlusion"
    assert with_planes(f"{PLACE}?wait=5") == f"{PLACE}?wait=5&planes=color+depth+motion+occlusion"
    for name in (f"{PLACE}?planes=color", "play.mcap", "images:folder"):
        assert with_planes(name) == name
