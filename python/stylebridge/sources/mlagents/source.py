"""Agents: what the agents of a Unity game see, one decision step at a time."""

from __future__ import annotations

import atexit
import contextlib
import logging
import time
import uuid
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from stylebridge.errors import InputError
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.sources.address import Options
from stylebridge.sources.base import Source
from stylebridge.sources.mlagents import faults
from stylebridge.sources.mlagents.decisions import Actions, Seats
from stylebridge.sources.mlagents.library import load
from stylebridge.sources.mlagents.pictures import MAX_PIXELS, depth_from, picture_from
from stylebridge.sources.mlagents.player import Player, interrupt_held
from stylebridge.sources.mlagents.settings import Engine, Settings, read_settings
from stylebridge.sources.mlagents.view import View, choose_view, nothing_to_see
from stylebridge.wire.controls import check_arguments
from stylebridge.wire.fault import LinkFault
from stylebridge.wire.messages import Answer

if TYPE_CHECKING:
    from stylebridge.sources.mlagents.connection import Connection
    from stylebridge.sources.mlagents.game import Game

STEP_S = 0.1  # of game time: five physics steps of 20 ms, as a Decision Requester and a Unity project start out with
PATIENCE_STEPS = 20  # for a behaviour that comes later than others
MAX_EMPTY_STEPS = 10_000  # without a picture
MAX_STEP_PIXELS = 4 * MAX_PIXELS  # in the pictures of one step: PNGs that are nearly empty unfold to far more


class Agents(Source):
    """Frames of a game that waits for each of them; it ends when the game does.

    Each visual sensor is a camera of its name, or NAME@SEAT with every agent taken. A new episode is a new session.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.name)
        self.fps = settings.fps
        self._settings = settings
        self._seats = Seats()
        self._pending: deque[Frame] = deque()
        self._run = uuid.uuid4().hex[:24]
        self._steps = self._given = 0
        self._reset_asked = False
        self._ends = contextlib.ExitStack()
        atexit.register(self.close)  # for a script that ends without closing
        try:
            self._connection, self._game = self._start()
            self._view = self._first_view()
            self._look()
        except BaseException:
            self.close()
            raise
        self.size = self._view.size
        self.interleaves = len(self._view.cameras) > 1 or settings.agent is None
        self.problems.extend(self._view.notes)

    def read(self) -> Frame | None:
        """The next picture; the game goes on by one step when all of the last step are given."""
        for _ in range(MAX_EMPTY_STEPS):
            if self._pending:
                frame = self._pending.popleft()
                self._given += 1
                return frame
            if not self._advance():
                return None
            self._look()
        found = f"no picture of {self._view.behavior!r} in {MAX_EMPTY_STEPS} steps"
        do = "check that its agent still requests decisions, or choose another with ?agent= or ?behavior="
        raise LinkFault(found, step=faults.STEP, do=do, where=self.name)

    def control(self, name: str, /, **args: Any) -> Future[Answer]:
        """Ask the game for something; it hears of it with the next step and answers with that or a later one.

        Every game of ML-Agents understands `time_scale`, `resolution` and `reset`; the others need stylebridge's side
        channel in the game. Without a next frame there is no next step: the game waits by itself.
        """
        if name not in ("time_scale", "resolution", "reset"):
            return self._game.controls.ask(name, args)
        known = check_arguments(name, args)
        if name == "reset":
            if known["seed"]:
                do = "give it in the address, as ?seed=N: ML-Agents sets it once, at the start"
                raise InputError(f"reset with seed={known['seed']}", do=do, where=self.name)
            self._reset_asked = True
        elif name == "time_scale":
            self._game.configure(Engine(time_scale=known["scale"]))
        else:
            self._game.configure(Engine(width=known["width"], height=known["height"]))
        done = Future[Answer]()
        done.set_result(Answer(answer=0, ok=True))
        return done

    def interrupt(self) -> None:
        """Let a read that waits end soon."""
        self._connection.interrupted.set()

    def close(self) -> None:
        """Tell the game to quit, end the player, and stop listening; takes a few seconds at most."""
        super().close()
        self._pending.clear()
        self._ends.close()
        atexit.unregister(self.close)

    def _start(self) -> tuple[Connection, Game]:
        """Listen, start the player or wait for the editor, and shake hands."""
        load()
        from stylebridge.sources.mlagents.connection import Connection  # these import mlagents-envs
        from stylebridge.sources.mlagents.game import Game

        settings = self._settings
        editor = settings.player is None
        connection = Connection(settings.port, settings.wait_s, settings.timeout_s, self.name, editor=editor)
        with contextlib.ExitStack() as unlock:
            unlock.callback(connection.close)
            if settings.player is not None:
                words = ["--mlagents-port", str(connection.port), *(["-batchmode"] if settings.batch else [])]
                with interrupt_held():
                    player = Player(settings.player, words, self.name)
                    self._ends.callback(lambda: player.stop(told=connection.told_to_quit))
                connection.check_player = player.check
            self._ends.callback(unlock.pop_all().close)  # comes first, so that the player can quit by itself
        if editor:
            _say(f"waiting on port {connection.port} for {settings.wait_s:g} s: press Play in the Unity editor")
        game = Game(connection, Actions(settings.actions, settings.seed), settings.seed, settings.engine)
        self._ends.callback(self._note_end, connection, game)
        return connection, game

    def _first_view(self) -> View:
        """Look until there is something to see."""
        if not self._game.reset():
            raise faults.went_away(self._connection.step, self.name)
        for _ in range(PATIENCE_STEPS):
            view = choose_view(self._game.infos, self._settings)
            if view is not None:
                return view
            if not self._game.step():
                break
        raise nothing_to_see(self._game.infos, self._settings)

    def _advance(self) -> bool:
        """Let the game go on by one step; false when it has ended."""
        if self._connection.interrupted.is_set():
            return False
        good = self._game.reset() if self._reset_asked else self._game.step()
        self._steps += 1
        if not good and not self._connection.interrupted.is_set():
            self.problems.append(f"{self.name} quit after {self._given} frames")
        return good

    def _look(self) -> None:
        """Take the pictures of a step: the last ones of episodes that ended, then those that wait for a decision."""
        infos = self._game.infos.get(self._view.behavior, ())
        told = self._game.controls.counters.get("simulation_s")
        default_s = self._steps / self.fps if self.fps else self._steps * STEP_S
        time_s = default_s if told is None else float(told)
        if self._reset_asked:
            self._reset_asked = False
            self._seats.keep({info.id for info in infos})
        shown = []
        for info in sorted(infos, key=lambda info: not info.done):
            seat, episode = self._seats.leave(info.id) if info.done else self._seats.take(info.id)
            if self._settings.agent in (None, seat):
                shown.append((info, seat, episode))
        self._check_room(len(shown))
        for info, seat, episode in shown:
            self._take(info, seat, episode, time_s)

    def _check_room(self, agents: int) -> None:
        """Before any picture of a step is unpacked."""
        pixels = agents * sum(camera.width * camera.height for camera in self._view.cameras)
        if pixels > MAX_STEP_PIXELS:
            found = f"{pixels:,} pixels in the pictures of one step"
            do = "choose with ?agent= and ?camera="
            raise InputError(found, expected=f"at most {MAX_STEP_PIXELS:,}", do=do, where=self.name)

    def _take(self, info: Any, seat: int, episode: int, time_s: float) -> None:
        view, settings = self._view, self._settings
        if len(info.observations) <= max(sensor.index for sensor in (*view.cameras, view.depth) if sensor):
            found = f"an agent of {view.behavior!r} with {len(info.observations)} observations"
            raise InputError(found, expected="those of the first agent", where=self.name)
        depth = None
        if view.depth is not None and settings.depth_m is not None:
            depth = depth_from(info.observations[view.depth.index], view.depth, settings.depth_m, self.name)
        for camera in view.cameras:
            name = camera.name if settings.agent is not None else f"{camera.name}@{seat}"
            frame = Frame(
                color=picture_from(info.observations[camera.index], camera, self.name),
                depth=depth,
                camera=Camera(name),
                clock=Clock(self._given + len(self._pending), time_s, time.time_ns()),
                session=f"{self._run}{episode:08x}",
            )
            self._pending.append(frame)

    def _note_end(self, connection: Connection, game: Game) -> None:
        game.close()
        game.controls.give_up(self.name)
        if connection.strangers:
            self.problems.append(f"{connection.strangers} calls of other games on port {connection.port} were refused")
        if game.controls.ignored:
            ignored, last = game.controls.ignored, game.controls.last_fault
            self.problems.append(f"{ignored} messages of the side channel were ignored, the last: {last}")


def open_mlagents(where: str, options: Options) -> Source:
    """Start a player build, or wait for the editor."""
    return Agents(read_settings(where, options))


def _say(line: str) -> None:
    """A wait of which nobody knows would look like a hang; goes to standard error unless logging is set up."""
    logging.getLogger("stylebridge").warning(line)
