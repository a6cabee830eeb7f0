"""lockstep, lossless and live through real sockets, inline and through the ring."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest
from stylebridge.wire import Collector, Delivery, LinkFault, PeerReport, WireFault

from .conftest import MakeCollector, MakeSender
from .patience import until
from .pictures import IN_RING, SMALL, picture
from .reader import Reader

LANES = pytest.mark.parametrize(("size", "lane"), [(SMALL, "inline"), (IN_RING, "inline"), (IN_RING, "ring")])


def only_peer(collector: Collector) -> PeerReport:
    (report,) = collector.peers()
    return report


@LANES
@pytest.mark.parametrize("flow", ["lockstep", "lossless"])
def test_every_frame_arrives_once_in_order_and_whole(
    make_collector: MakeCollector, make_sender: MakeSender, flow: str, size: tuple[int, int], lane: str
) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow=flow, shared_memory=lane == "ring")
    sender.connect(5)
    with Reader(collector) as reader:
        for number in range(1, 61):
            assert sender.send(picture(number, size), 5)
        sender.flush(5)
        reader.wait_for(sender.session, 60)
        until(lambda: sender.counters()["acknowledged"] == 60 or sender.pump())
    assert reader.of(sender.session) == list(range(1, 61))
    assert reader.wrong == []
    report = only_peer(collector)
    assert (report.frames, report.handed_out, report.lost, report.duplicates) == (60, 60, 0, 0)
    assert report.lane == lane
    assert sender.unacknowledged == 0


@LANES
def test_live_hands_out_the_newest_and_counts_every_drop(
    make_collector: MakeCollector, make_sender: MakeSender, size: tuple[int, int], lane: str
) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow="live", shared_memory=lane == "ring")
    sender.connect(5)
    with Reader(collector, lambda _: time.sleep(0.003)) as reader:
        for number in range(1, 301):
            sender.send(picture(number, size))
        sender.flush(5)
        reader.wait_for(sender.session, 300)
        sender.close()
        until(lambda: not only_peer(collector).connected)
    taken = reader.of(sender.session)
    report = only_peer(collector)
    assert all(before < after for before, after in pairwise(taken))
    assert reader.wrong == []
    counters = sender.counters()
    assert counters["offered"] == 300 == len(taken) + counters.get("dropped", 0) + report.dropped_here + report.lost
    assert counters.get("dropped", 0) == report.dropped_by_game == report.game.get("dropped", 0)
    assert report.game["offered"] == 300
    assert report.handed_out == len(taken) < 300
    assert report.lost == 0


def test_live_never_waits_for_a_reader_that_is_stuck(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow="live")
    sender.connect(5)
    for number in range(1, 200):
        sender.send(picture(number))
    until(lambda: only_peer(collector).frames and sender.flush(5) is None)
    until(lambda: only_peer(collector).frames + only_peer(collector).dropped_by_game == 199)
    delivery = collector.receive(1)
    assert delivery is not None
    assert delivery.sequence == 199
    assert collector.receive(0) is None
    assert only_peer(collector).dropped_here == only_peer(collector).frames - 1


def test_live_without_a_collector_keeps_only_the_newest_of_each_camera(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    first = make_collector()
    sender = make_sender(first, flow="live")
    first.close()
    for number in range(1, 11):
        assert not sender.send(picture(number, camera="left" if number % 2 else "right"))
    assert sender.counters()["dropped"] == 8
    collector = make_collector(first.address)
    sender.flush(5)
    got = [collector.receive(5), collector.receive(5)]
    assert [delivery and delivery.sequence for delivery in got] == [9, 10]
    assert only_peer(collector).dropped_by_game == 8


def test_lossless_waits_when_the_window_is_full_and_loses_nothing(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector(window=4)
    sender = make_sender(collector)
    for number in range(1, 5):
        sender.send(picture(number), 5)
    with pytest.raises(LinkFault, match=r"no acknowledgement in 0\.05 s \(step: stream\)"):
        sender.send(picture(5), 0.05)
    assert sender.unacknowledged == 4
    assert only_peer(collector).frames <= 4
    with Reader(collector) as reader:
        sender.send(picture(5), 5)
        sender.flush(5)
    assert reader.of(sender.session) == [1, 2, 3, 4, 5]
    assert sender.counters()["offered"] == 5


def test_lockstep_lets_the_game_go_on_when_the_frame_was_worked_on(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow="lockstep")
    worked: list[int] = []

    def work(delivery: Delivery) -> None:
        time.sleep(0.01)
        worked.append(delivery.sequence)
        delivery.done()

    with Reader(collector, work):
        for number in range(1, 6):
            sender.send(picture(number), 5)
            assert worked == list(range(1, number + 1))


def test_a_lockstep_game_that_gave_up_waiting_keeps_its_frame(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow="lockstep")
    with pytest.raises(LinkFault, match="step: stream"):
        sender.send(picture(1), 0.1)
    with Reader(collector) as reader:
        sender.send(picture(2), 5)
    assert reader.of(sender.session) == [1, 2]


def test_frames_taken_by_hand_stay_with_the_game_until_they_are_done(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector(window=3, acknowledge="by hand")
    sender = make_sender(collector)
    for number in range(1, 4):
        sender.send(picture(number), 5)
    deliveries = [collector.receive(5) for _ in range(3)]
    assert sender.unacknowledged == 3
    for delivery, left in zip(reversed(deliveries), (3, 3, 0), strict=True):
        assert delivery is not None
        delivery.done()
        delivery.done()
        deadline = time.monotonic() + (0.05 if left else 5)
        while time.monotonic() < deadline and sender.unacknowledged > left:
            sender.pump()
        assert sender.unacknowledged == left


@pytest.mark.parametrize("flow", ["lossless", "live"])
def test_cameras_come_side_by_side(make_collector: MakeCollector, make_sender: MakeSender, flow: str) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow=flow)
    sender.connect(5)
    seen: dict[str, list[int]] = {"left": [], "right": [], "up": []}
    with Reader(collector, lambda d: seen[d.frame.camera.name].append(d.sequence)) as reader:
        for number in range(1, 31):
            sender.send(picture(number, camera=list(seen)[number % 3]), *([5] if flow == "lossless" else []))
            sender.flush(5)
        reader.wait_for(sender.session, 30)
    for index, camera in enumerate(seen):
        assert seen[camera][-1] >= 28
        assert all(sequence % 3 == index for sequence in seen[camera])
    assert sorted(only_peer(collector).cameras) == sorted(seen)
    if flow == "lossless":
        assert [len(numbers) for numbers in seen.values()] == [10, 10, 10]


def test_games_take_turns(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    senders = [make_sender(collector, name=f"game {number}") for number in range(3)]
    for sender in senders:
        for number in range(1, 5):
            sender.send(picture(number), 5)
    until(lambda: sum(report.frames for report in collector.peers()) == 12)
    games = [delivery.game for delivery in (collector.receive(1) for _ in range(12)) if delivery is not None]
    assert [sorted(games[at : at + 3]) for at in (0, 3, 6, 9)] == [["game 0", "game 1", "game 2"]] * 4


def test_games_of_every_flow_share_a_collector(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    failures: list[BaseException] = []

    def play(flow: str, size: tuple[int, int], count: int, sessions: dict[str, str]) -> None:
        try:
            sender = make_sender(collector, flow=flow)
            sender.connect(5)
            sessions[flow + str(size)] = sender.session
            for number in range(1, count + 1):
                sender.send(picture(number, size), *([10] if flow != "live" else []))
            sender.flush(10)
        except BaseException as error:
            failures.append(error)

    sessions: dict[str, str] = {}
    plays = [(flow, size, 40, sessions) for flow in ("lockstep", "lossless", "live") for size in (SMALL, IN_RING)]
    with Reader(collector) as reader:
        threads = [threading.Thread(target=play, args=args) for args in plays]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        for session in sessions.values():
            reader.wait_for(session, 40)
    assert failures == []
    assert reader.wrong == []
    for key, session in sessions.items():
        if not key.startswith("live"):
            assert reader.of(session) == list(range(1, 41)), key


def test_ages_are_measured_from_the_games_clock(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    sender = make_sender(collector)
    assert sender.connect(5) is None
    assert only_peer(collector).age_p50_ms is None
    sender.send(picture(1), 5)
    assert collector.receive(5) is not None
    age = only_peer(collector).age_p50_ms
    assert age is not None
    assert 0 <= age < 5000


def test_a_flow_that_the_collector_doesnt_serve_is_refused_at_hello(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector(flows=("live", "lossless"))
    with pytest.raises(WireFault, match=r"flow lockstep; expected live or lossless \(step: hello\)"):
        make_sender(collector, flow="lockstep").connect(5)
