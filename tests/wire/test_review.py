"""Faults that a review found: closing from odd places, Ctrl-C at odd moments, and what is left behind."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stylebridge.errors import InputError
from stylebridge.wire import Collector, LinkFault, Sender, WireFault, hub, link, peer
from stylebridge.wire.layout import Kind
from stylebridge.wire.messages import Answer
from stylebridge.wire.questions import Questions

from .conftest import MakeCollector, MakeRaw, MakeSender
from .goodgame import report_of, stream
from .patience import until
from .pictures import IN_RING, picture
from .raw import json_part

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
    make_sender(collector).connect(5)


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


def test_a_number_beyond_float64_is_its_senders_fault_alone(
    make_collector: MakeCollector, make_sender: MakeSender, make_raw: MakeRaw
) -> None:
    collector = make_collector()
    game = make_raw(collector)
    game.hello()
    game.send(json_part(Kind.STATS, b'{"counters": {"frames": -1' + b"0" * 400 + b"}}"))
    error = game.hear(Kind.ERROR)
    assert (error["code"], error["fatal"]) == ("bad_json", False)
    make_sender(collector).connect(5)


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_game_that_left_takes_its_rings_with_it(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    def rings() -> list[str]:
        lines = Path("/proc/self/maps").read_text().splitlines()
        return [line for line in lines if f"stylebridge-{os.getpid()}-" in line]

    gc.collect()
    before = rings()
    collector = make_collector()
    sender = make_sender(collector, replies=True)
    sender.connect(5)
    failures: list[BaseException] = []
    thread = stream(sender, 10, IN_RING, failures)
    for _ in range(10):
        delivery = collector.receive(5)
        assert delivery is not None
        delivery.reply(delivery.frame)
    del delivery
    while thread.is_alive():
        collector.receive(0.01)
    assert len(rings()) > len(before)
    sender.close(5)
    until(lambda: not report_of(collector, sender.session).connected)
    gc.collect()
    assert rings() == before
    assert failures == []


def test_a_ring_that_no_game_took_is_gone_with_the_collector(make_collector: MakeCollector, make_raw: MakeRaw) -> None:
    collector = make_collector()
    game = make_raw(collector, lanes=("ring", "inline"))
    game.hello(replies=True)
    game.frame(1)
    delivery = collector.receive(5)
    assert delivery is not None
    assert delivery.reply(picture(1, IN_RING))
    path = Path(game.hear(Kind.LANE)["path"])
    assert path.exists()
    collector.close()
    assert not path.exists()
    assert not delivery.reply(picture(1, IN_RING)), "nobody is there"


def test_a_frame_taken_by_hand_is_let_go_when_its_taker_lets_go(
    make_collector: MakeCollector, make_sender: MakeSender
) -> None:
    collector = make_collector(acknowledge="by hand")
    make_sender(collector).send(picture(1), 5)
    delivery = collector.receive(5)
    assert delivery is not None
    color = weakref.ref(delivery.frame.color)
    del delivery
    gc.collect()
    assert color() is None


def test_a_session_resumed_with_frames_behind_it_lets_the_collector_sleep(
    make_collector: MakeCollector, make_raw: MakeRaw
) -> None:
    collector = make_collector()
    game = make_raw(collector)
    asleep = collector._reception.patience_ms()
    game.hello(resume=True, acknowledged=50)
    assert collector._reception.patience_ms() == asleep


def test_an_answer_that_comes_just_as_nobody_waits_any_more_harms_nobody() -> None:
    questions = Questions()
    question, future = questions.ask("5" * 32, "pause", {})

    class Session(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            questions.forget(future)
            return True

        __hash__ = str.__hash__

    questions.settle(Session("5" * 32), Answer(answer=question.id, ok=True))
    assert not future.done()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"heartbeat_s": 0}, "heartbeat_s 0; expected 0.001 to 600"),
        ({"timeout_s": 3601}, "timeout_s 3601; expected 0.001 to 3600"),
        ({"timeout_s": float("nan")}, "timeout_s nan"),
        ({"max_peers": 0}, "max_peers 0"),
        ({"max_frame_bytes": 1 << 40}, "max_frame_bytes"),
        ({"name": "n" * 257}, "a name of 257 characters; expected at most 256"),
        ({"acknowledge": "hand"}, "acknowledge 'hand'; expected 'next' or 'by hand'"),
    ],
)
def test_what_every_game_would_refuse_is_refused_at_once(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        Collector("127.0.0.1:*", **options)


def test_a_flow_that_there_isnt_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="flow 'looseless'; expected lockstep or lossless or live"):
        Sender("127.0.0.1:1", flow="looseless")  # type: ignore[arg-type]


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
