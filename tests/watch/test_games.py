"""The live page over the real wire: a game is watched, held, stepped, and waited for when it has left."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("zmq")
from stylebridge.errors import InputError
from stylebridge.recording import Recording
from stylebridge.sources import open_source
from stylebridge.watch.commands import Capture, Play, Step
from stylebridge.watch.plan import Plan
from stylebridge.watch.remote import Remote
from stylebridge.watch.studio import Studio
from stylebridge.wire import Hold, Sender
from wire.patience import until

from .plans import inverted, moment, opener, plan


class Game:
    """Plays as fast as it may, in a thread, until it is told to leave."""

    def __init__(self, to: str, *, obeys: bool = True) -> None:
        self.frames = 0
        self._obeys, self._leaving = obeys, threading.Event()
        self._to = to
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        self._leaving.set()
        self._thread.join(10)

    def _play(self) -> None:
        with Sender(self._to, name="toy", flow="live", planes=("color", "motion", "occlusion")) as sender:
            hold = Hold(sender) if self._obeys else None
            while not self._leaving.wait(0.003):
                if hold is not None and not hold.may_go():
                    continue
                sender.pump()
                sender.send(moment(self.frames))
                self.frames += 1


@pytest.fixture
def watched(studio: Callable[[Plan], Studio], tmp_path: Path) -> Studio:
    of = plan(lambda: open_source("zmq://127.0.0.1:0"), tmp_path, a=opener(inverted))
    return studio(replace(of, apart="zmq://127.0.0.1:0?planes=color+motion+occlusion"))


@pytest.fixture
def play(watched: Studio) -> Iterator[Callable[..., Game]]:
    games: list[Game] = []

    def start(**options: bool) -> Game:
        games.append(Game(watched.player.state()["listens_at"], **options))
        return games[-1]

    yield start
    for game in games:
        game.leave()


def number(studio: Studio, name: str = "game") -> int:
    latest = studio.columns[name].latest
    return -1 if latest is None else latest.picture.number


def test_a_game_is_held_stepped_and_let_go(watched: Studio, play: Callable[..., Game]) -> None:
    game = play()
    until(lambda: number(watched, "a") > 3)
    watched.obey(Play(False))
    until(lambda: stands(game))
    before = game.frames
    watched.obey(Step(2))
    until(lambda: game.frames == before + 2)
    assert stands(game)
    watched.obey(Play(True))
    until(lambda: game.frames > before + 5)
    at = number(watched)
    until(lambda: number(watched) > at + 3)


def test_a_game_that_cannot_be_held_plays_on_unseen(watched: Studio, play: Callable[..., Game]) -> None:
    game = play(obeys=False)
    until(lambda: number(watched) > 3)
    watched.obey(Play(False))
    until(lambda: "plays on unseen" in watched.player.state()["note"])
    at, before = number(watched), game.frames
    until(lambda: game.frames > before + 10)
    assert number(watched) == at


def test_the_next_game_is_waited_for(watched: Studio, play: Callable[..., Game]) -> None:
    first = play()
    until(lambda: number(watched) > 3)
    first.leave()
    until(lambda: "waiting for the next" in watched.player.state()["note"])
    at = number(watched)
    play()
    until(lambda: number(watched) > at + 3)


def test_frames_come_through_as_they_were_sent(watched: Studio, play: Callable[..., Game]) -> None:
    play()
    until(lambda: number(watched, "a") > 3)
    latest = watched.columns["game"].latest
    assert latest is not None
    level = int(latest.picture.rgb[0, 0, 0])
    assert (latest.picture.rgb == level).all() and level >= 10
    until(lambda: watched.columns["a"].state()["flicker"] is not None)


def test_a_capture_of_a_game_holds_its_planes(watched: Studio, play: Callable[..., Game], tmp_path: Path) -> None:
    pytest.importorskip("zstandard")
    play()
    until(lambda: number(watched) > 0)
    watched.obey(Capture(True))
    until(lambda: watched.state()["capture"]["frames"] > 20)
    watched.obey(Capture(False))
    (file,) = tmp_path.glob("*.mcap")
    with Recording(file) as recording:
        assert len(recording) > 20
        assert any("motion" in recording.planes_of(number) for number in range(len(recording)))


def test_a_reader_that_dies_is_told(watched: Studio) -> None:
    assert isinstance(watched.player, Remote)
    os.kill(watched.player._process.pid or 0, signal.SIGKILL)
    until(lambda: "has ended" in watched.state()["player"]["error"])


def test_an_address_that_is_no_good_is_refused_at_once(studio: Callable[[Plan], Studio]) -> None:
    with pytest.raises(InputError, match="plane 'colour'"):
        studio(replace(plan(lambda: open_source("zmq://127.0.0.1:0")), apart="zmq://127.0.0.1:0?planes=colour"))


def stands(game: Game) -> bool:
    """Whether no frame comes for many times as long as one takes."""
    before = game.frames
    threading.Event().wait(0.1)
    return game.frames == before
