"""What games leave behind, and what is refused before it can do harm."""

from __future__ import annotations

import gc
import os
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
from stylebridge.errors import InputError
from stylebridge.wire import Collector, Sender
from stylebridge.wire.layout import Kind
from stylebridge.wire.messages import Answer
from stylebridge.wire.questions import Questions

from .conftest import MakeCollector, MakeRaw, MakeSender
from .goodgame import report_of, stream
from .patience import until
from .pictures import IN_RING, picture
from .raw import json_part


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
