"""Links that break and collectors that die: sessions go on, and nothing is lost or taken twice."""

from __future__ import annotations

import itertools
import os
import time

import pytest

from .conftest import MakeCollector, MakeSender
from .goodgame import stream
from .patience import until
from .pictures import IN_RING, SMALL, picture
from .proxy import Proxy
from .reader import Reader
from .test_memory import own_rings


@pytest.mark.parametrize("flow", ["lossless", "lockstep"])
@pytest.mark.parametrize("size", [SMALL, IN_RING])
def test_a_collector_that_is_replaced_on_its_port_goes_on_with_the_session(
    make_collector: MakeCollector, make_sender: MakeSender, flow: str, size: tuple[int, int]
) -> None:
    first = make_collector()
    sender = make_sender(first, flow=flow)
    failures: list[BaseException] = []
    thread = stream(sender, 60, size, failures)
    with Reader(first) as before:
        before.wait_for(sender.session, 20)
    held = first.receive(0.2)
    first.close()
    done = before.of(sender.session)[-1]
    second = make_collector(first.address, received={sender.session: done})
    with Reader(second) as after:
        thread.join(20)
    assert failures == []
    assert before.of(sender.session) + after.of(sender.session) == list(range(1, 61))
    assert held is None or held.sequence == done + 1, "handed out, never done, and so handed out again"
    assert before.wrong == after.wrong == []
    (report,) = second.peers()
    assert (report.lost, report.dropped_by_game, report.faults) == (0, 0, {})


@pytest.mark.parametrize("size", [SMALL, IN_RING])
@pytest.mark.parametrize("flow", ["lossless", "lockstep"])
def test_a_link_that_is_cut_amid_frames_loses_nothing(
    make_collector: MakeCollector, make_sender: MakeSender, size: tuple[int, int], flow: str
) -> None:
    collector = make_collector()
    failures: list[BaseException] = []
    with Proxy(collector.address) as proxy, Reader(collector, lambda _: time.sleep(0.001)) as reader:
        sender = make_sender(proxy.address, flow=flow)
        thread = stream(sender, 200, size, failures)
        for at in (20, 60, 100, 150):
            reader.wait_for(sender.session, at)
            proxy.cut()
        thread.join(20)
        assert proxy.cuts >= 3
    assert failures == []
    assert reader.of(sender.session) == list(range(1, 201))
    assert reader.wrong == []
    (report,) = collector.peers()
    assert (report.lost, report.faults) == (0, {})
    assert report.links == sender.counters()["links"] >= 4
    assert own_rings() == []


def test_a_live_link_that_is_cut_goes_on_with_every_drop_counted(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector()
    with Proxy(collector.address) as proxy, Reader(collector) as reader:
        sender = make_sender(proxy.address, flow="live")
        sender.connect(5)
        numbers = itertools.count(1)
        for cut_at in (30, 60, 90):
            while (number := next(numbers)) < cut_at:
                sender.send(picture(number, IN_RING))
            proxy.cut()
            sender.send(picture(number, IN_RING))
            until(lambda: sender.flush(5) is None)
        number = next(numbers)
        sender.send(picture(number, IN_RING))
        sender.flush(5)
        reader.wait_for(sender.session, number)
    (report,) = collector.peers()
    assert reader.wrong == []
    assert sender.counters()["offered"] == number
    assert number == report.handed_out + report.dropped_by_game + report.dropped_here + report.lost
    assert sender.counters().get("dropped", 0) == report.dropped_by_game


def test_frames_that_came_before_the_cut_are_not_handed_out_twice(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector(acknowledge="by hand")
    with Proxy(collector.address) as proxy:
        sender = make_sender(proxy.address)
        for number in range(1, 6):
            sender.send(picture(number), 5)
        first = collector.receive(5)
        until(lambda: collector.peers()[0].frames == 5)
        proxy.cut()
        until(lambda: sender.pump() or sender.counters()["links"] == 2)
        until(lambda: sender.pump() or collector.peers()[0].duplicates == 5)
        assert sender.unacknowledged == 5, "nothing is safe yet"
        rest = [collector.receive(5) for _ in range(4)]
        assert [delivery and delivery.sequence for delivery in (first, *rest)] == [1, 2, 3, 4, 5]
        assert collector.receive(0.05) is None
        for delivery in (first, *rest):
            assert delivery is not None
            delivery.done()
        sender.flush(5)
    (report,) = collector.peers()
    assert (report.resent, report.frames, report.handed_out) == (0, 5, 5)


def test_what_is_sent_again_is_marked(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    first = make_collector(acknowledge="by hand")
    sender = make_sender(first)
    for number in (1, 2, 3):
        sender.send(picture(number), 5)
    until(lambda: first.peers()[0].frames == 3)
    first.close()
    second = make_collector(first.address)
    sender.send(picture(4), 5)
    until(lambda: sender.pump() or any(report.frames == 4 for report in second.peers()))
    taken = [second.receive(5) for _ in range(4)]
    assert [(d.sequence, d.resent) for d in taken if d] == [(1, True), (2, True), (3, True), (4, False)]
    assert sender.counters()["resent"] == 3


def test_the_ring_is_given_up_with_the_link_and_offered_anew(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector()
    with Proxy(collector.address) as proxy, Reader(collector) as reader:
        sender = make_sender(proxy.address)
        sender.connect(5)
        by_ring = []
        for number in range(1, 41):
            sender.send(picture(number, IN_RING), 5)
            if number == 20:
                by_ring.append(sender.counters()["sent_by_ring"])
                proxy.cut()
                until(lambda: sender.pump() or sender.counters()["links"] == 2)
                assert sender.lane == "inline"
        by_ring.append(sender.counters()["sent_by_ring"])
        sender.flush(5)
        reader.wait_for(sender.session, 40)
    assert by_ring[0] > 10
    assert by_ring[1] > by_ring[0] + 10
    assert sender.lane == "ring"
    assert reader.of(sender.session) == list(range(1, 41))
    assert own_rings() == []


def test_frames_waiting_in_a_ring_survive_the_links_end(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector(window=8)
    with Proxy(collector.address) as proxy:
        sender = make_sender(proxy.address)
        sender.send(picture(1, IN_RING), 5)
        until(lambda: sender.pump() or sender.lane == "ring")
        for number in range(2, 8):
            sender.send(picture(number, IN_RING), 5)
        until(lambda: collector.peers()[0].frames == 7)
        proxy.cut()
        until(lambda: sender.pump() or sender.counters()["links"] == 2)
        with Reader(collector) as reader:
            sender.flush(5)
    assert reader.of(sender.session) == list(range(1, 8))
    assert reader.wrong == []
    assert collector.peers()[0].lost == 0


def test_a_collector_that_falls_silent_is_called_again(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector(heartbeat_s=0.05, timeout_s=0.3)
    with Proxy(collector.address) as proxy, Reader(collector) as reader:
        sender = make_sender(proxy.address)
        sender.send(picture(1), 5)
        sender.flush(5)
        proxy.frozen = True
        until(lambda: sender.pump() or sender.counters().get("links_lost") == 1)
        assert sender.counters()["last_fault"] == "the collector fell silent"
        until(lambda: collector.peers()[0].losses == 1)
        assert not collector.peers()[0].connected
        proxy.frozen = False
        sender.send(picture(2), 5)
        sender.flush(5)
    assert reader.of(sender.session) == [1, 2]


def test_a_game_that_pauses_longer_than_the_timeout_is_taken_back(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector(heartbeat_s=0.05, timeout_s=0.15)
    sender = make_sender(collector)
    with Reader(collector) as reader:
        sender.send(picture(1), 5)
        until(lambda: not collector.peers()[0].connected)
        sender.send(picture(2), 5)
        sender.flush(5)
    assert reader.of(sender.session) == [1, 2]
    assert collector.peers()[0].links >= 2


def test_this_process_left_no_rings() -> None:
    assert own_rings() == [], f"of process {os.getpid()}"
