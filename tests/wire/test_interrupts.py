"""Ctrl-C at odd moments: nothing is lost, nothing stalls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from stylebridge.wire import Collector, hub, link, peer

from .conftest import MakeCollector, MakeSender
from .goodgame import report_of, stream
from .pictures import picture

FLOWS = pytest.mark.parametrize("flow", ["lockstep", "lossless"])


class CtrlC:
    """Strikes once, in the main thread alone, after the call that it is put around."""

    def __init__(self, around: Callable[..., Any], unless: Callable[[Any], bool] = lambda _: False) -> None:
        self.struck = False
        self._around, self._unless = around, unless

    def __call__(self, *args: Any, **options: Any) -> Any:
        result = self._around(*args, **options)
        if not self.struck and threading.current_thread() is threading.main_thread() and not self._unless(result):
            self.struck = True
            raise KeyboardInterrupt
        return result


def read_on(collector: Collector, count: int, thread: threading.Thread) -> list[int]:
    """Read like somebody who goes on after Ctrl-C; the sequences of `count` frames."""
    taken: list[int] = []
    while len(taken) < count:
        try:
            delivery = collector.receive(10)
        except KeyboardInterrupt:
            continue
        assert delivery is not None, f"nothing came after {taken}"
        taken.append(delivery.sequence)
    while thread.is_alive():  # its last ACK
        collector.receive(0.01)
    return taken


@FLOWS
def test_a_frame_that_ctrl_c_took_from_the_readers_hands_comes_again(
    make_collector: MakeCollector, make_sender: MakeSender, monkeypatch: pytest.MonkeyPatch, flow: str
) -> None:
    collector = make_collector()
    strike = CtrlC(peer.frame_from_wire)
    monkeypatch.setattr(peer, "frame_from_wire", strike)
    failures: list[BaseException] = []
    thread = stream(make_sender(collector, flow=flow), 20, (4, 6), failures)
    assert read_on(collector, 20, thread) == list(range(1, 21))
    assert strike.struck
    assert failures == []


@FLOWS
@pytest.mark.parametrize("call", ["send_parts", "receive_parts"])
def test_a_message_that_ctrl_c_cut_stalls_no_game(
    make_collector: MakeCollector, make_sender: MakeSender, monkeypatch: pytest.MonkeyPatch, flow: str, call: str
) -> None:
    def half_of_it(socket: Any, *parts: list[Any]) -> Any:
        if parts and not strike.struck and threading.current_thread() is threading.main_thread():
            return socket.send(parts[0][0], flags=hub.zmq.SNDMORE | hub.zmq.NOBLOCK)
        return whole(socket, *parts)

    whole = getattr(hub, call)
    strike = CtrlC(half_of_it)
    collector = make_collector()
    sender = make_sender(collector, flow=flow)
    sender.connect(5)
    monkeypatch.setattr(hub, call, strike)
    failures: list[BaseException] = []
    thread = stream(sender, 20, (4, 6), failures)
    assert read_on(collector, 20, thread) == list(range(1, 21))
    assert strike.struck
    assert failures == []


def test_a_live_game_with_one_frame_in_flight_goes_on_after_ctrl_c(
    make_collector: MakeCollector, make_sender: MakeSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = make_collector(live_window=1)
    sender = make_sender(collector, flow="live")
    sender.connect(5)
    strike = CtrlC(hub.receive_parts)
    monkeypatch.setattr(hub, "receive_parts", strike)
    taken = []
    while len(taken) < 3 or not strike.struck:
        sender.send(picture(len(taken) + 1))
        try:
            delivery = collector.receive(0.01)
        except KeyboardInterrupt:
            taken.clear()
            continue
        taken += [delivery.sequence] if delivery is not None else []
    assert taken == sorted(taken)


def test_ctrl_c_at_the_door_doesnt_lock_it(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    turn = collector._hub._turn

    class Door:
        def __init__(self) -> None:
            self.acquire = CtrlC(turn.acquire, unless=lambda taken: not taken)
            self.release, self.__enter__, self.__exit__ = turn.release, turn.__enter__, turn.__exit__

        def __enter__(self) -> bool:
            return turn.__enter__()

        def __exit__(self, *args: Any) -> None:
            turn.__exit__(*args)

    door = Door()
    collector._hub._turn = door  # type: ignore[assignment]
    while not door.acquire.struck:
        try:
            collector.receive(0)
        except KeyboardInterrupt:
            break
    sender = make_sender(collector)
    sender.connect(5)
    assert sender.connected


def test_done_can_be_said_again_after_ctrl_c(
    make_collector: MakeCollector, make_sender: MakeSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = make_collector(acknowledge="by hand")
    sender = make_sender(collector)
    sender.send(picture(1), 5)
    delivery = collector.receive(5)
    assert delivery is not None
    with monkeypatch.context() as patch:
        patch.setattr(peer.Peer, "finish", CtrlC(lambda *_: None))
        with pytest.raises(KeyboardInterrupt):
            delivery.done()
    delivery.done()
    sender.flush(5)


def test_a_frame_that_ctrl_c_cut_in_the_game_is_sent_again(
    make_collector: MakeCollector, make_sender: MakeSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = make_collector()
    sender = make_sender(collector)
    sender.connect(5)

    def half_of_it(socket: Any, parts: list[Any]) -> None:
        socket.send(parts[0], flags=hub.zmq.SNDMORE | hub.zmq.NOBLOCK)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(link, "send_parts", half_of_it)
        with pytest.raises(KeyboardInterrupt):
            sender.send(picture(1), 5)
    sender.send(picture(2), 5)
    got = [collector.receive(5), collector.receive(5)]
    assert [delivery and delivery.sequence for delivery in got] == [1, 2]
    report = report_of(collector, sender.session)
    assert (report.links, report.faults) == (1, {"bad_parts": 1})
