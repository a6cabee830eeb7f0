"""Controls in both directions: what is asked, what is answered, and what happens when nobody answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.wire import Collector, LinkFault, Sender, WireFault
from stylebridge.wire.controls import CONTROLS, answer_control, check_arguments
from stylebridge.wire.layout import MAX_JSON_BYTES, Error, Kind
from stylebridge.wire.messages import Question, encode_message

from .conftest import MakeCollector, MakeRaw, MakeSender
from .pictures import full_frame, picture
from .raw import json_part

Handler = Callable[[dict[str, Any]], Any]


def refuse(_: dict[str, Any]) -> None:
    raise StylebridgeError("the game is in its menu")


def crash(_: dict[str, Any]) -> None:
    raise ZeroDivisionError("oh \ud800")


HANDLERS: dict[str, tuple[Handler, str, str]] = {
    "refuses": (refuse, "control_failed", "the game is in its menu"),
    "crashes": (crash, "control_failed", "ZeroDivisionError: oh ?"),
    "gives what JSON can't say": (lambda _: {"it": object()}, "control_failed", "TypeError"),
    "gives no mapping": (lambda _: 5, "control_failed", "TypeError"),
    "gives half a character": (lambda _: {"it": "\ud800"}, "control_failed", "UnicodeEncodeError"),
    "gives too much": (lambda _: {"it": "x" * MAX_JSON_BYTES}, "control_failed", "too many bytes"),
}


@contextmanager
def pumping(sender: Sender) -> Iterator[None]:
    """Play a game that does nothing but pump."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0.002):
            sender.pump()

    sender.connect(5)
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)


@pytest.fixture
def collector(make_collector: MakeCollector) -> Collector:
    return make_collector()


@pytest.fixture
def sender(collector: Collector, make_sender: MakeSender) -> Sender:
    return make_sender(collector)


GOOD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("pause", {}, {}),
    ("resume", {}, {}),
    ("step", {}, {"count": 1}),
    ("step", {"count": 5}, {"count": 5}),
    ("reset", {"seed": (1 << 63) - 1}, {"seed": (1 << 63) - 1}),
    ("resolution", {"width": 1, "height": 16384}, {"width": 1, "height": 16384}),
    ("time_scale", {"scale": 0}, {"scale": 0.0}),
    ("camera", {"name": "left"}, {"name": "left"}),
    ("model", {"name": "strokes"}, {"name": "strokes"}),
    ("planes", {"names": ["color"]}, {"names": ("color",)}),
    ("of their own", {"any": [1, {"thing": None}]}, {"any": [1, {"thing": None}]}),
]
BAD: list[tuple[str, dict[str, Any]]] = [
    ("pause", {"now": True}),
    ("step", {"count": 0}),
    ("step", {"count": 1.5}),
    ("reset", {"seed": -1}),
    ("reset", {"seed": 1 << 63}),
    ("resolution", {"width": 0, "height": 1}),
    ("resolution", {"width": 16385, "height": 1}),
    ("resolution", {"width": 5}),
    ("time_scale", {"scale": -0.5}),
    ("time_scale", {"scale": float("nan")}),
    ("camera", {"name": "n" * 257}),
    ("camera", {}),
    ("planes", {"names": []}),
]


def test_every_known_control_has_a_good_and_a_bad_case() -> None:
    assert {name for name, _, _ in GOOD} - {"of their own"} == set(CONTROLS)
    assert {name for name, _ in BAD} | {"resume", "model"} == set(CONTROLS)


@pytest.mark.parametrize(("name", "args", "heard"), GOOD)
def test_a_control_reaches_its_handler_in_either_direction(
    collector: Collector, sender: Sender, name: str, args: dict[str, Any], heard: dict[str, Any]
) -> None:
    calls: list[dict[str, Any]] = []

    def obey(given: dict[str, Any]) -> dict[str, Any]:
        calls.append(given)
        return {"heard": len(calls)}

    collector.on_control(name, obey)
    sender.on_control(name, obey)
    with pumping(sender):
        assert collector.control(sender.session, name, 5, **args) == {"heard": 1}
    assert sender.ask(name, 5, **args) == {"heard": 2}
    assert calls == [heard, heard]


@pytest.mark.parametrize(("name", "args"), BAD)
def test_unfit_arguments_are_refused_before_they_are_sent(name: str, args: dict[str, Any]) -> None:
    with pytest.raises(WireFault, match=f"control '{name}'") as caught:
        check_arguments(name, args)
    assert caught.value.code == Error.BAD_CONTROL


@pytest.mark.parametrize(("name", "args"), BAD)
def test_unfit_arguments_that_come_all_the_same_never_reach_the_handler(name: str, args: dict[str, Any]) -> None:
    calls: list[Any] = []
    answer = answer_control(Question(id=3, name=name, args=args), {name: calls.append})
    assert (answer.answer, answer.ok, answer.code) == (3, False, "bad_control")
    assert calls == []


@pytest.mark.parametrize("name", HANDLERS)
def test_whatever_a_handler_does_there_is_an_answer_that_can_be_sent(name: str) -> None:
    handler, code, says = HANDLERS[name]
    answer = answer_control(Question(id=1, name="x"), {"x": handler})
    assert (answer.ok, answer.code) == (False, code)
    assert says in answer.says
    assert len(encode_message(answer)) < MAX_JSON_BYTES


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_that_fails_takes_neither_side_down(collector: Collector, sender: Sender, name: str) -> None:
    handler, _, says = HANDLERS[name]
    collector.on_control("reset", handler)
    sender.on_control("reset", handler)
    with pumping(sender), pytest.raises(WireFault) as caught:
        collector.control(sender.session, "reset", 5)
    assert says in str(caught.value)
    with pytest.raises(WireFault) as caught:
        sender.ask("reset", 5)
    assert caught.value.code == Error.CONTROL_FAILED
    sender.send(picture(1), 5)
    assert collector.receive(5) is not None


def test_an_unknown_control_is_answered_with_the_known_ones(collector: Collector, sender: Sender) -> None:
    collector.on_control("pause", lambda _: None)
    collector.on_control("step", lambda _: None)
    with pytest.raises(WireFault, match="control 'reset'; expected one of: pause, step") as caught:
        sender.ask("reset", 5)
    assert caught.value.code == Error.UNKNOWN_CONTROL
    with pumping(sender), pytest.raises(WireFault, match="control 'dance'; expected one of: planes"):
        collector.control(sender.session, "dance", 5)


def test_what_each_side_obeys_is_said_at_hello(collector: Collector, sender: Sender) -> None:
    collector.on_control("model", lambda _: None)
    sender.on_control("pause", lambda _: None)
    sender.connect(5)
    assert sender._talk.welcome is not None
    assert sender._talk.welcome.controls == ("model",)
    assert sorted(collector._reception.sessions.peers[sender.session].hello.controls) == ["pause", "planes"]


def test_a_game_that_doesnt_pump_is_not_waited_for_forever(collector: Collector, sender: Sender) -> None:
    sender.connect(5)
    with pytest.raises(WireFault, match=r"no answer to 'pause' in 0\.05 s") as caught:
        collector.control(sender.session, "pause", 0.05)
    assert caught.value.code == Error.TIMEOUT
    sender.on_control("pause", lambda _: {"late": True})
    sender.pump()
    with pumping(sender):
        assert collector.control(sender.session, "pause", 5) == {"late": True}


def test_a_collector_whose_handler_hangs_is_not_waited_for_forever(collector: Collector, sender: Sender) -> None:
    release = threading.Event()
    collector.on_control("model", lambda _: {"waited": release.wait(5)})
    sender.connect(5)
    try:
        with pytest.raises(LinkFault, match=r"no answer to 'model' in 0\.05 s \(step: stream\)"):
            sender.ask("model", 0.05, name="x")
    finally:
        release.set()


def test_a_question_to_a_game_that_leaves_ends_at_once(collector: Collector, make_raw: MakeRaw) -> None:
    game = make_raw(collector)
    game.hello()
    found: list[BaseException] = []

    def ask() -> None:
        try:
            collector.control(game.session, "pause", 20)
        except WireFault as fault:
            found.append(fault)

    thread = threading.Thread(target=ask)
    thread.start()
    assert game.hear(Kind.CONTROL)["name"] == "pause"
    game.send(json_part(Kind.BYE, {"why": "no time"}))
    thread.join(5)
    assert "the game's link broke" in str(found[0])
    with pytest.raises(WireFault, match="the game is not connected"):
        collector.control(game.session, "pause", 5)


def test_a_session_that_never_was_is_refused(collector: Collector) -> None:
    with pytest.raises(InputError, match=f"session '{'0' * 32}'; expected one that is connected"):
        collector.control("0" * 32, "pause")


def test_planes_can_be_asked_for_while_the_game_runs(make_collector: MakeCollector, make_sender: MakeSender) -> None:
    collector = make_collector()
    sender = make_sender(collector, planes=("color", "depth", "motion"))
    with pumping(sender):
        assert collector.control(sender.session, "planes", 5, names=["depth"]) == {"names": ["depth"]}
        with pytest.raises(WireFault, match="planes ids; expected of this game's: color, depth, motion"):
            collector.control(sender.session, "planes", 5, names=["depth", "ids"])
    sender.send(full_frame(), 5)
    delivery = collector.receive(5)
    assert delivery is not None
    assert delivery.frame.depth is not None
    assert delivery.frame.motion is None
