"""The sender: what it refuses before it is sent, what it counts, what it tells."""

from __future__ import annotations

import time

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.wire import Sender, WireFault
from stylebridge.wire.layout import Error

from .conftest import MakeCollector, MakeSender
from .patience import until
from .pictures import picture
from .reader import Reader

COLOR = np.zeros((4, 6, 3), np.uint8)
NAN = np.full((4, 4), np.nan, np.float32)
UNFIT = {
    "a long camera name": (Frame(COLOR, camera=Camera("x" * 33)), Error.BAD_TEXT),
    "no camera name": (Frame(COLOR, camera=Camera("")), Error.BAD_TEXT),
    "no finite time": (Frame(COLOR, clock=Clock(0, float("inf"))), Error.BAD_NUMBER),
    "a negative frame id": (Frame(COLOR, clock=Clock(-1)), Error.BAD_VALUE),
    "a wall clock beyond 64 bits": (Frame(COLOR, clock=Clock(0, 0.0, 1 << 64)), Error.BAD_VALUE),
    "a matrix of NaN": (Frame(COLOR, camera=Camera("a", NAN)), Error.BAD_NUMBER),
    "a matrix of 3 x 4": (Frame(COLOR, camera=Camera("a", None, NAN[:3])), Error.BAD_NUMBER),
    "more bytes than the collector takes": (picture(1, (100, 100)), Error.TOO_LARGE),
}


@pytest.mark.parametrize("flow", ["lossless", "live", "lockstep"])
@pytest.mark.parametrize("name", UNFIT)
def test_an_unfit_frame_is_refused_at_once_and_the_stream_goes_on(
    make_collector: MakeCollector, make_sender: MakeSender, name: str, flow: str
) -> None:
    frame, code = UNFIT[name]
    collector = make_collector(max_frame_bytes=20_000)
    sender = make_sender(collector, flow=flow)
    sender.connect(5)
    with Reader(collector) as reader:
        sender.send(picture(1))
        sender.flush(5)
        with pytest.raises(WireFault) as caught:
            sender.send(frame)
        assert caught.value.code == code
        sender.send(picture(2))
        sender.flush(5)
        reader.wait_for(sender.session, 2)
    (report,) = collector.peers()
    assert (report.dropped_by_game, report.faults) == (0, {})
    assert sender.counters()["offered"] == 2


def test_a_frame_of_exactly_the_limit_is_taken(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector(max_frame_bytes=64 * 64 * 3)
    sender = make_sender(collector)
    sender.send(picture(1, (64, 64)), 5)
    assert collector.receive(5) is not None


@pytest.mark.parametrize(
    "options",
    [{"planes": ("colour",)}, {"planes": ("color", "dept")}],
)
def test_a_plane_that_doesnt_exist_is_refused(options: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(InputError, match="expected color, depth"):
        Sender("127.0.0.1:1", **options)


def test_what_the_game_counts_is_told_while_frames_flow(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector(heartbeat_s=0.1)
    sender = make_sender(collector, flow="live")
    sender.connect(5)
    deadline = time.monotonic() + 5
    number = 0
    while collector.peers()[0].game.get("offered", 0) < 5 and time.monotonic() < deadline:
        number += 1
        sender.send(picture(number))
    assert collector.peers()[0].game["offered"] >= 5


def test_the_last_counts_are_told_with_the_goodbye(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow="live")
    sender.connect(5)
    for number in range(1, 8):
        sender.send(picture(number))
    sender.close()
    until(lambda: not collector.peers()[0].connected)
    (report,) = collector.peers()
    assert report.game["offered"] == 7
    assert report.game.get("dropped", 0) == report.dropped_by_game


def test_closing_twice_is_harmless_and_a_closed_game_is_gone_there(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector()
    with make_sender(collector) as sender:
        sender.connect(5)
        assert collector.peers()[0].connected
        sender.close()
    until(lambda: not collector.peers()[0].connected)


def test_one_hello_is_one_link(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    sender = make_sender(collector)
    sender.send(picture(1), 5)
    assert collector.receive(5) is not None
    assert collector.peers()[0].links == 1
    assert sender.counters()["links"] == 1
