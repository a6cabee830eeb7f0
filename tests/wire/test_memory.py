"""What a reader holds, what a ring holds, and that neither stops a game or spoils a frame."""

from __future__ import annotations

import gc
import os
import queue
import threading
from pathlib import Path

import numpy as np
import pytest
from stylebridge.frame import Frame
from stylebridge.wire import LinkFault
from stylebridge.wire.peer import IN_PLACE
from stylebridge.wire.ring import ring_folders

from .conftest import MakeCollector, MakeSender
from .patience import until
from .pictures import IN_RING, PERIOD, SMALL, picture
from .reader import Reader


def own_rings() -> list[Path]:
    """Files of rings that this process left lying."""
    return [path for folder in ring_folders() for path in folder.glob(f"stylebridge-{os.getpid()}-*.ring")]


@pytest.mark.parametrize("flow", ["lossless", "lockstep", "live"])
@pytest.mark.parametrize("size", [SMALL, IN_RING])
def test_a_reader_that_keeps_every_frame_keeps_them_whole_and_the_game_goes_on(
    make_collector: MakeCollector, make_sender: MakeSender, flow: str, size: tuple[int, int]
) -> None:
    collector = make_collector(window=3, acknowledge="by hand")
    sender = make_sender(collector, flow=flow)
    sender.connect(5)
    if size == IN_RING and flow == "live":  # which doesn't wait for the ring
        sender.send(picture(0, size))
        assert collector.receive(5) is not None
        until(lambda: sender.pump() or sender.lane == "ring")
    hoard: list[Frame] = []
    for number in range(1, 41):
        if flow == "lockstep":
            with pytest.raises(LinkFault, match="step: stream"):
                sender.send(picture(number, size), 0)
        elif flow == "lossless":
            sender.send(picture(number, size), 5)
        else:
            sender.send(picture(number, size))
            sender.flush(5)
        delivery = collector.receive(5)
        assert delivery is not None
        hoard.append(delivery.frame)
        delivery.done()
        until(lambda: sender.pump() or sender.unacknowledged == 0)
    for number, frame in enumerate(hoard, 1):
        assert (frame.color == number).all(), number
    (report,) = collector.peers()
    assert report.lost == 0
    if size == IN_RING:
        in_place = [frame for frame in hoard if not frame.color.flags.writeable]
        assert len(in_place) == IN_PLACE
        assert sender.counters()["sent_by_ring"] > 35, "slots came back although the frames are kept"


def test_frames_in_the_ring_are_read_where_they_lie(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    sender = make_sender(collector)
    frames = []
    sender.send(picture(0, IN_RING), 5)  # which offers the ring
    assert collector.receive(5) is not None
    until(lambda: sender.pump() or sender.lane == "ring")
    for number in (1, 2, 3):
        sender.send(picture(number, IN_RING), 5)
        delivery = collector.receive(5)
        assert delivery is not None
        frames.append(delivery.frame)
    assert collector.peers()[0].lane == "ring"
    shared = [frame.color for frame in frames if not frame.color.flags.writeable]
    assert shared
    assert not np.shares_memory(frames[-1].color, frames[-2].color)


@pytest.mark.parametrize("flow", ["lossless", "live"])
def test_a_larger_picture_takes_a_new_ring_and_spoils_no_frame_that_waits(
    make_collector: MakeCollector, make_sender: MakeSender, flow: str
) -> None:
    collector = make_collector(window=16, live_window=16)
    sender = make_sender(collector, flow=flow)
    sender.connect(5)
    sizes = [IN_RING] * 4 + [(320, 320)] * 2 + [(400, 300)] + [IN_RING]
    sender.send(picture(100, IN_RING, camera="first"))
    assert collector.receive(5) is not None
    until(lambda: sender.pump() or sender.lane == "ring")
    for number, size in enumerate(sizes, 1):
        frame = picture(number, size, camera=f"camera {number}")
        sender.send(frame, *([5] if flow == "lossless" else []))
    until(lambda: sender.pump() or collector.peers()[0].frames == len(sizes) + 1)
    for number, size in enumerate(sizes, 1):
        delivery = collector.receive(5)
        assert delivery is not None
        assert delivery.frame.color.shape[:2] == size
        assert (delivery.frame.color == number).all()
    (report,) = collector.peers()
    assert (report.lost, report.faults) == (0, {})
    assert sender.counters()["sent_by_ring"] >= 4


def test_the_rings_name_is_gone_as_soon_as_it_is_accepted(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector()
    sender = make_sender(collector)
    sender.connect(5)
    sender.send(picture(1, IN_RING), 5)
    until(lambda: sender.pump() or sender.lane == "ring")
    assert own_rings() == []


@pytest.mark.parametrize("side", ["collector", "sender"])
def test_either_side_can_do_without_shared_memory(
    make_collector: MakeCollector, make_sender: MakeSender, side: str
) -> None:
    collector = make_collector(shared_memory=side != "collector")
    sender = make_sender(collector, shared_memory=side != "sender")
    for number in (1, 2, 3):
        sender.send(picture(number, IN_RING), 5)
        assert collector.receive(5) is not None
    assert collector.peers()[0].lane == "inline"
    assert sender.counters()["inline_because"] == "not asked for"
    assert own_rings() == []


def test_a_game_that_ends_leaves_its_last_frames_readable(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow="live")
    sender.connect(5)
    for number in range(1, 6):
        sender.send(picture(number, IN_RING))
        sender.flush(5)
    sender.close()
    until(lambda: not collector.peers()[0].connected)
    delivery = collector.receive(1)
    assert delivery is not None
    assert (delivery.frame.color == 5).all()
    collector.close()
    assert (delivery.frame.color == 5).all(), "a frame outlives the collector"


def test_frames_that_are_let_go_in_other_threads_free_their_slots(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    """Slots come back from whichever thread drops the last array, in the middle of whatever the others do."""
    collector = make_collector()
    sender = make_sender(collector)
    kept: queue.SimpleQueue[tuple[int, Frame] | None] = queue.SimpleQueue()
    spoilt: list[int] = []

    def let_go() -> None:
        while (item := kept.get()) is not None:
            if not (item[1].color == item[0] % PERIOD).all():
                spoilt.append(item[0])
            del item
            gc.collect(0)

    threads = [threading.Thread(target=let_go, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    with Reader(collector, lambda d: kept.put((d.sequence, d.frame))) as reader:
        for number in range(1, 401):
            sender.send(picture(number, IN_RING), 5)
        sender.flush(5)
        reader.wait_for(sender.session, 400)
    for _ in threads:
        kept.put(None)
    for thread in threads:
        thread.join(10)
    assert reader.of(sender.session) == list(range(1, 401))
    assert spoilt == reader.wrong == []
    assert collector.peers()[0].lost == 0
    assert sender.counters()["sent_by_ring"] > 300
