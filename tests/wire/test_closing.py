"""Closing from odd places, and what a closed end says."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from stylebridge.wire import LinkFault, Sender, WireFault
from stylebridge.wire.layout import Kind

from .conftest import MakeCollector, MakeRaw, MakeSender
from .goodgame import report_of, stream
from .patience import until
from .pictures import IN_RING, picture

FLOWS = pytest.mark.parametrize("flow", ["lockstep", "lossless"])


def test_a_control_may_close_the_collector_in_its_own_thread(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector()
    collector.on_control("quit", lambda _: collector.close())
    sender = make_sender(collector)
    sender.connect(5)
    assert sender.ask("quit", 5) == {}
    assert collector.receive(5) is None
    assert make_collector(collector.address), "the port is free"


def test_a_control_may_close_the_collector_in_the_readers_thread(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector()
    where: list[threading.Thread] = []

    def leave(_: dict[str, Any]) -> None:
        where.append(threading.current_thread())
        collector.close()

    collector.on_control("quit", leave)
    reader = threading.Thread(target=collector.receive, daemon=True)
    reader.start()
    until(lambda: collector._hub._reader_waits)
    sender = make_sender(collector)
    sender.connect(5)
    assert sender.ask("quit", 5) == {}
    reader.join(10)
    assert not reader.is_alive()
    assert where[0] in (reader, collector._hub._thread)


@pytest.mark.skipif(os.name == "nt", reason="signals of another kind")
def test_a_signal_may_close_the_collector_while_its_reader_waits(make_collector: MakeCollector) -> None:
    collector = make_collector()

    def strike() -> None:
        until(lambda: collector._hub._reader_waits)
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, lambda *_: collector.close())
    try:
        thread = threading.Thread(target=strike)
        thread.start()
        assert collector.receive(20) is None
        thread.join(5)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert not collector._hub._thread.is_alive()


def test_a_closed_collector_hands_nothing_out(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    sender = make_sender(collector)
    sender.send(picture(1), 5)
    until(lambda: collector.peers()[0].frames == 1)
    collector.close()
    assert collector.receive(5) is None
    assert sender.unacknowledged == 1


def test_a_frame_asked_for_within_a_handler_is_refused(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    collector.on_control("next", lambda _: {"got": repr(collector.receive())})
    with pytest.raises(WireFault, match="a frame asked for within the handler of a control"):
        make_sender(collector).ask("next", 5)


def test_a_question_ends_when_the_collector_is_closed(make_collector: MakeCollector, make_raw: MakeRaw) -> None:
    collector = make_collector()
    game = make_raw(collector, flow="live")
    game.hello()
    found: list[BaseException] = []

    def ask() -> None:
        try:
            collector.control(game.session, "pause", 60)
        except WireFault as fault:
            found.append(fault)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    game.hear(Kind.CONTROL)
    collector.close()
    thread.join(10)
    assert "the game's link broke" in str(found[0])


@FLOWS
def test_a_frame_that_is_done_is_acknowledged_though_the_collector_closes_at_once(
    make_collector: MakeCollector, make_sender: MakeSender, flow: str
) -> None:
    collector = make_collector()
    sender = make_sender(collector, flow=flow)
    sender.connect(5)
    failures: list[BaseException] = []
    thread = stream(sender, 1, IN_RING, failures)
    delivery = collector.receive(5)
    assert delivery is not None
    delivery.done()
    collector.close()
    thread.join(10)
    assert failures == []
    assert sender.unacknowledged == 0


def test_a_control_may_close_the_sender(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    sender = make_sender(collector)
    sender.on_control("quit", lambda _: sender.close(5))
    sender.connect(5)
    answers: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: answers.append(collector.control(sender.session, "quit", 10)))
    thread.start()
    with pytest.raises(LinkFault, match=r"the sender was closed \(step: closed\)"):
        until(sender.pump)
    thread.join(10)
    assert answers == [{}]
    until(lambda: report_of(collector, sender.session).left)


@pytest.mark.parametrize("flow", ["lockstep", "lossless", "live"])
@pytest.mark.parametrize(
    "use",
    [Sender.pump, Sender.flush, Sender.take_reply, Sender.connect, lambda s: s.send(picture(1)), lambda s: s.ask("x")],
)
def test_a_closed_sender_says_so(
    make_collector: MakeCollector, make_sender: MakeSender, use: Callable[[Sender], Any], flow: str
) -> None:
    sender = make_sender(make_collector(), flow=flow)
    sender.connect(5)
    sender.close(5)
    sender.close(5)
    with pytest.raises(LinkFault, match=r"the sender was closed \(step: closed\)"):
        use(sender)
