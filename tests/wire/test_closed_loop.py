"""Styled frames on their way back, and all the planes that a frame may have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import PLANES
from stylebridge.wire import LinkFault

from .conftest import MakeCollector, MakeSender
from .patience import until
from .pictures import IN_RING, SMALL, full_frame, is_picture, picture
from .reader import Reader
from .test_flows import LANES, only_peer


@LANES
def test_the_closed_loop_gives_each_frame_its_own_styled_one(
    make_collector: MakeCollector, make_sender: MakeSender, size: tuple[int, int], lane: str
) -> None:
    collector = make_collector(shared_memory=lane == "ring")
    sender = make_sender(collector, flow="lockstep", replies=True)
    with Reader(collector, lambda d: d.reply(d.frame.with_color(255 - d.frame.color)) or None):
        for number in range(1, 31):
            styled = sender.exchange(picture(number, size), 5)
            assert (styled.color == 255 - number).all()
            assert styled.clock.frame_id == number
    report = only_peer(collector)
    assert (report.replies, report.replies_dropped) == (30, 0)
    assert report.lane == lane


def test_a_styled_frame_may_have_another_size(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow="lockstep", replies=True)
    sizes = [SMALL, (200, 200), IN_RING, (300, 200), SMALL]
    with Reader(collector, lambda d: d.reply(picture(d.sequence, sizes[d.sequence - 1])) or None):
        for number, size in enumerate(sizes, 1):
            styled = sender.exchange(picture(number), 5)
            assert styled.color.shape[:2] == size
            assert (styled.color == number).all()


def test_a_live_game_takes_the_newest_styled_frame(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow="live", replies=True)
    sender.connect(5)
    with Reader(collector, lambda d: d.reply(d.frame) or None) as reader:
        for number in range(1, 21):
            sender.send(picture(number, IN_RING))
            sender.flush(5)
            reader.wait_for(sender.session, number)
            styled = until(sender.take_reply)
            assert is_picture(styled, number)
        assert sender.take_reply() is None


def test_replies_that_nobody_takes_are_dropped_and_counted(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow="lossless", replies=True)
    wants_none = make_sender(collector, flow="lossless")
    for number in range(1, 6):
        sender.send(picture(number), 5)
    wants_none.send(picture(1), 5)
    sent = [delivery.reply(delivery.frame) for delivery in (collector.receive(5) for _ in range(6)) if delivery]
    assert sent.count(False) == 1
    reports = {report.session: report for report in collector.peers()}
    assert reports[wants_none.session].replies_dropped == 1
    assert reports[sender.session].replies == 5
    sender.close()
    until(lambda: not all(report.connected for report in collector.peers()))


def test_a_frame_that_gets_no_reply_is_told_as_such(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow="lockstep", replies=True)
    with Reader(collector), pytest.raises(LinkFault, match=r"sent none back \(step: reply\)"):
        sender.exchange(picture(1), 5)
    with pytest.raises(InputError, match="expected flow='lockstep' and replies=True"):
        make_sender(collector).exchange(picture(1))


@pytest.mark.parametrize("size", [SMALL, IN_RING])
def test_every_plane_crosses_the_wire(
    make_collector: MakeCollector, make_sender: MakeSender, size: tuple[int, int]
) -> None:
    collector = make_collector(planes=tuple(PLANES))
    sender = make_sender(collector, planes=tuple(PLANES))
    frame = full_frame(size)
    for count in range(1, 4):  # the first inline, the others through the ring
        sender.send(frame, 5)
        delivery = collector.receive(5)
        assert delivery is not None
        for name in PLANES:
            assert np.array_equal(getattr(delivery.frame, name), getattr(frame, name)), name
        assert np.array_equal(delivery.frame.camera.view, frame.camera.view)
        assert delivery.frame.clock == frame.clock
        assert delivery.sequence == count


@pytest.mark.parametrize(
    ("offers", "wants", "gets"),
    [
        (("color", "depth"), ("color", "depth", "motion"), ["color", "depth"]),
        (("color",), ("color", "depth"), ["color"]),
        (("color", "depth"), ("color",), ["color"]),
    ],
)
def test_only_planes_that_both_sides_name_are_sent(
    make_collector: MakeCollector, make_sender: MakeSender, offers: Any, wants: Any, gets: list[str]
) -> None:
    collector = make_collector(planes=wants)
    make_sender(collector, planes=offers).send(full_frame(), 5)
    delivery = collector.receive(5)
    assert delivery is not None
    assert [name for name in PLANES if getattr(delivery.frame, name) is not None] == gets
