"""Pictures that the game's own engine sends: found by clock, waited for, and told when they don't come."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Clock, Frame
from stylebridge.watch.choice import Choice, Opener, check_word, label_of, opener_for
from stylebridge.watch.commands import Play
from stylebridge.watch.partner import AHEAD, AbsentError, Inbox, Pairing, SkippedError, claimed_by
from stylebridge.watch.plan import Plan
from stylebridge.watch.studio import Studio
from wire.patience import until

from .plans import Clip, Stream, inverted, moment, opener, plan

pytest.importorskip("zmq")
from stylebridge.sources import open_source
from stylebridge.wire import Sender


def shown_of(number: int, camera: str = "styled") -> Frame:
    """What the engine makes of frame `number`, later."""
    return replace(inverted(moment(number, camera)), motion=None, occlusion=None)


def test_a_picture_goes_on_if_somebody_looks_at_its_frame() -> None:
    pairing = Pairing()
    assert pairing.given(moment(1).clock, looked_at=True) == []
    assert pairing.given(moment(2).clock, looked_at=False) == []
    assert [pairing.came("a", shown_of(number)) for number in (1, 2)] == [True, False]
    assert not pairing.came("a", shown_of(3))  # before its frame
    assert [(name, frame.clock.frame_id) for name, frame in pairing.given(moment(3).clock, looked_at=True)] == [
        ("a", 3)
    ]
    assert pairing.stale() == []


def test_pictures_of_unknown_frames_go_on_as_strangers() -> None:
    pairing = Pairing()
    for number in range(AHEAD + 2):
        assert not pairing.came("a", shown_of(number))
    assert [frame.clock.frame_id for _, frame in pairing.stale()] == [0, 1]
    same_id = replace(shown_of(7), clock=Clock(7, 1234.5))
    pairing.given(moment(7).clock, looked_at=True)
    assert not pairing.came("a", same_id)  # another game's frame 7


def test_an_inbox_gives_the_picture_of_the_frame_or_says_why_there_is_none() -> None:
    inbox = Inbox("styled")
    with pytest.raises(AbsentError, match="called 'styled'"):
        inbox.take(moment(0).clock)
    inbox.put(shown_of(4))
    assert inbox.take(moment(4).clock)[0, 0, 0] == 255 - 14
    with pytest.raises(SkippedError):
        inbox.take(moment(3).clock)  # a later one is here already
    for number in (8, 9):
        inbox.put(shown_of(number), strange=True)
    with pytest.raises(AbsentError, match="other clocks"):
        inbox.take(moment(10).clock)


def test_a_picture_that_comes_late_is_waited_for() -> None:
    inbox, found = Inbox("styled"), []
    inbox.put(shown_of(0))
    waiting = threading.Thread(target=lambda: found.append(inbox.take(moment(1).clock)))
    waiting.start()
    inbox.put(shown_of(1))
    waiting.join(10)
    assert found[0][0, 0, 0] == 255 - 11


@pytest.mark.parametrize(
    ("game", "camera", "names", "claimed"),
    [
        ("toy", "styled", ("styled",), "styled"),
        ("toy", "main", ("styled",), ""),
        ("unity", "main", ("unity",), "unity"),
        ("toy", "main", ("unity/main", "toy/main"), "toy/main"),
        ("", "", ("",), ""),
    ],
)
def test_streams_are_claimed_by_camera_by_game_or_by_both(
    game: str, camera: str, names: tuple[str, ...], claimed: str
) -> None:
    assert claimed_by(game, camera, names) == claimed


@pytest.mark.parametrize("word", ["zmq://127.0.0.1:5571", "live:", "camera:0"])
def test_a_column_never_waits_for_another_game(word: str) -> None:
    with pytest.raises(InputError, match="live:"):
        check_word(word)


def test_a_live_column_beside_a_recording_is_refused(studio: Callable[[Plan], Studio]) -> None:
    with pytest.raises(InputError, match=r"recording:FILE\?camera=NAME"):
        studio(replace(plan(Clip), partners={"styled": Inbox("styled")}))


def with_partner(of: Plan, name: str) -> Plan:
    check_word(f"live:{name}")
    inbox = Inbox(name)
    column = (f"live:{name}", label_of(f"live:{name}"), partner_opener(inbox))
    return replace(of, columns=[*of.columns, column], partners={name: inbox})


def partner_opener(inbox: Inbox) -> Opener:
    return opener_for(f"live:{inbox.name}", (Path("a.onnx"),), inbox=inbox)


def test_a_second_camera_fills_its_column_and_never_the_games(studio: Callable[[Plan], Studio]) -> None:
    stream, numbers = Stream(), itertools.count()
    running = studio(with_partner(plan(lambda: stream, a=opener(inverted)), "styled"))
    column = running.columns["live:styled"]

    def feed() -> None:
        before, after = next(numbers), next(numbers)
        stream.give(shown_of(before), moment(before), moment(after), shown_of(after))  # whichever comes first

    until(lambda: feed() or column.state()["flicker"] is not None)
    shown = until(lambda: feed() or (len(found := running.aligned()) == 3 and found))
    assert (shown["live:styled"].picture.rgb == shown["a"].picture.rgb).all()
    assert shown["live:styled"].captured_ns == shown["game"].captured_ns  # the age is that of the game's frame
    assert running.state()["player"]["streams"] == ["main"]
    running.obey(Play(False))
    last = next(numbers)
    stream.give(moment(last), shown_of(last))
    until(lambda: stream.asked == 2 * last + 3)
    assert column.at(last + 1) is None


class Engine:
    """A game, and an engine that shows each of its frames two frames later, over real sockets of their own."""

    def __init__(self, to: str) -> None:
        self._to, self._leaving = to, threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        self._leaving.set()
        self._thread.join(10)

    def _play(self) -> None:
        with (
            Sender(self._to, name="toy", flow="live", planes=("color", "motion", "occlusion")) as game,
            Sender(self._to, name="sentis", flow="live") as engine,
        ):
            number = 0
            while not self._leaving.wait(0.01):
                game.pump()
                engine.pump()
                game.send(moment(number))
                if number > 1:
                    engine.send(shown_of(number - 2))
                number += 1


@pytest.fixture
def engine() -> Iterator[Callable[..., Engine]]:
    running: list[Engine] = []

    def start(to: str) -> Engine:
        running.append(Engine(to))
        return running[-1]

    yield start
    for each in running:
        each.leave()


def test_pictures_are_paired_over_the_wire_and_their_leaving_is_told(
    studio: Callable[[Plan], Studio], engine: Callable[..., Engine]
) -> None:
    name = "sentis"
    of = with_partner(plan(lambda: open_source("zmq://127.0.0.1:0"), a=opener(inverted)), name)
    running = studio(replace(of, apart="zmq://127.0.0.1:0?planes=color+motion+occlusion"))
    address, column = running.player.state()["listens_at"], running.columns[f"live:{name}"]
    assert "waiting for a game" in running.player.state()["note"]
    first = engine(address)
    for _ in range(3):
        before = column.latest.serial if column.latest else 0
        until(lambda before=before: column.latest and column.latest.serial > before)
        pair = until(lambda: (found := running.aligned({"game", f"live:{name}"})) and len(found) == 2 and found)
        game, shown = pair["game"].picture.rgb, pair[f"live:{name}"].picture.rgb
        assert (shown == 255 - game).all() and len(np.unique(game)) == 1
    first.leave()
    until(lambda: "waiting for the next" in running.player.state()["note"])
    before = column.latest.serial if column.latest else 0
    engine(address)
    until(lambda: column.latest and column.latest.serial > before, says=column.error)


def test_an_engine_that_leaves_alone_is_told_in_its_column(
    studio: Callable[[Plan], Studio], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylebridge.watch.partner.SILENT_S", 0.05)
    stream = Stream()
    running = studio(with_partner(plan(lambda: stream), "styled"))
    column = running.columns["live:styled"]
    numbers = itertools.count()

    def play(*, engine: bool) -> None:
        number = next(numbers)
        stream.give(moment(number), *([shown_of(number)] if engine else []))

    play(engine=False)
    until(lambda: column.status == "absent" and "called 'styled'" in column.error)
    until(lambda: play(engine=True) or column.status == "running")
    until(lambda: play(engine=False) or "has left" in column.error)
    until(lambda: play(engine=True) or column.status == "running")
    assert column.failures == 0


def test_partners_are_opened_without_a_model() -> None:
    opened = partner_opener(Inbox("x"))(Choice(mode="causal"))
    assert not opened.remembers
