"""Games as a source, and the way back to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Clock, Frame
from stylebridge.sinks import open_sink
from stylebridge.sources import open_source

pytest.importorskip("zmq")
from stylebridge.sources.zmq import Games
from stylebridge.wire import LinkFault, Sender

PATIENCE_S = 20


def picture(number: int) -> Frame:
    color = np.full((8, 12, 3), number, np.uint8)
    depth = np.full((8, 12), number, np.float32)
    return Frame(color=color, depth=depth, clock=Clock(number, number / 30, 1))


def address_of(source: object) -> str:
    """Where a source listens, also one of which only a part is wanted."""
    games = getattr(source, "_inner", source)
    assert isinstance(games, Games)
    return games.collector.address


@pytest.fixture
def play() -> Iterator[Callable[..., threading.Thread]]:
    """A game in another thread: sends pictures, and says goodbye."""
    threads: list[threading.Thread] = []

    def start(source: object, count: int, name: str = "game") -> threading.Thread:
        address = address_of(source)

        def run() -> None:
            with Sender(address, name=name, planes=("color", "depth")) as sender:
                for number in range(count):
                    sender.send(picture(number), PATIENCE_S)

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.join()


def test_frames_of_a_game_come_until_it_says_goodbye(play: Callable[..., threading.Thread]) -> None:
    with open_source("zmq://127.0.0.1:*") as source:
        play(source, 5)
        assert [int(frame.color[0, 0, 0]) for frame in source] == list(range(5))
        assert source.problems == []


def test_several_games_come_in_turn_and_one_can_be_chosen(play: Callable[..., threading.Thread]) -> None:
    with open_source("zmq://127.0.0.1:*?game=second") as source:
        play(source, 3, "first")
        play(source, 4, "second")
        assert [frame.clock.frame_id for frame in source] == [0, 1, 2, 3]


def test_asked_for_planes_come_along(play: Callable[..., threading.Thread]) -> None:
    with open_source("zmq://127.0.0.1:*?planes=color+depth") as source:
        play(source, 1)
        frame = next(source)
        assert frame.depth is not None
        assert next(source, None) is None


def test_other_planes_stay_at_home(play: Callable[..., threading.Thread]) -> None:
    with open_source("zmq://127.0.0.1:*") as source:
        play(source, 1)
        assert [frame.depth for frame in source] == [None]


def test_shared_options_work_too(play: Callable[..., threading.Thread]) -> None:
    with open_source("zmq://127.0.0.1:*?every=2&size=6x4") as source:
        play(source, 5)
        assert [frame.color.shape for frame in source] == [(4, 6, 3)] * 3


def test_a_game_that_never_comes_is_a_failure_that_says_so() -> None:
    with (
        open_source("zmq://127.0.0.1:*?wait=0.1") as source,
        pytest.raises(LinkFault, match=r"no game came in 0.1 s \(step: connect\)"),
    ):
        next(source)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("zmq://127.0.0.1:*?planes=colour", "plane 'colour'"),
        ("zmq://127.0.0.1:*?wait=0", "a number above 0"),
        ("zmq://127.0.0.1:*?flow=live", "unknown option 'flow'"),
        ("zmq://0.0.0.0:*", "there are no keys"),
    ],
)
def test_what_cannot_work_is_refused(address: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        open_source(address)


def test_a_reply_reaches_the_game_through_the_sink() -> None:
    answers: list[Frame] = []
    with open_source("zmq://127.0.0.1:*?size=6x4") as source:
        address = address_of(source)

        def run() -> None:
            with Sender(address, flow="lockstep", replies=True) as sender:
                answers.extend(sender.exchange(picture(number), PATIENCE_S) for number in range(3))

        game = threading.Thread(target=run)
        game.start()
        with open_sink("reply:", reply=source.reply) as sink:
            for frame in source:
                sink.write(frame.with_color(frame.color + 100))
        game.join()
        assert sink.problems == []
    assert [int(answer.color[0, 0, 0]) for answer in answers] == [100, 101, 102]
    assert answers[0].color.shape == (4, 6, 3)


def test_replies_that_nobody_wants_are_counted(play: Callable[..., threading.Thread]) -> None:
    with open_source("zmq://127.0.0.1:*") as source, open_sink("reply:", reply=source.reply) as sink:
        play(source, 2)
        for frame in source:
            sink.write(frame)
        sink.close()
        assert sink.problems == ["2 frames didn't get back to the game: it wants none, or fell behind"]


def test_reply_needs_a_game(tmp_path: object) -> None:
    with pytest.raises(InputError, match="nobody to reply to"):
        open_sink("reply:")
