"""Partners: what an engine elsewhere shows of a live game, found by the clock of the frame that it was made from."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Collection
from typing import TypeAlias

import numpy as np

from stylebridge.errors import StylebridgeError
from stylebridge.frame import Clock, ColorPlane, Frame

SCHEME = "live"
KEPT = 64  # moments that wait for their picture
MAX_WAITING = 16  # pictures that wait for their moment
AHEAD = 4  # pictures that came before the frame which they were made from
SILENT_S = 2.0  # without a picture an engine counts as gone
PATIENCE_S = 1.0  # for the picture of one moment, from an engine that is here
TICK_S = 1e-4  # simulation times that differ by less are one moment

Key: TypeAlias = tuple[int, int]


class AbsentError(StylebridgeError):
    """There are no pictures, and nothing is broken: the engine isn't here, or shows other frames."""


class SkippedError(AbsentError):
    """There is no picture of this one frame, as when it was dropped on its way."""


def key_of(clock: Clock) -> Key:
    """What the frame that went in and the picture that came out have in common."""
    return clock.frame_id, round(clock.simulation_s / TICK_S)


def partner_of(word: str) -> str:
    """The camera or game behind live:NAME; nothing for another word."""
    scheme, mark, name = word.partition(":")
    return name if scheme == SCHEME and mark else ""


def claimed_by(game: str, camera: str, names: Collection[str]) -> str:
    """Which of these names means this stream: by game and camera, else by camera, else by game."""
    return next((name for name in (f"{game}/{camera}", camera, game) if name and name in names), "")


class Pairing:
    """Holds back pictures of frames that nobody looks at. Not for several threads."""

    def __init__(self) -> None:
        self._looked_at: deque[Key] = deque(maxlen=KEPT)
        self._unseen: deque[Key] = deque(maxlen=KEPT)
        self._early: OrderedDict[tuple[str, Key], Frame] = OrderedDict()

    def given(self, clock: Clock, *, looked_at: bool) -> list[tuple[str, Frame]]:
        """A frame of the game has come; gives the pictures that were made of it and came before."""
        key = key_of(clock)
        (self._looked_at if looked_at else self._unseen).append(key)
        early = [which for which in self._early if which[1] == key]
        found = [(which[0], self._early.pop(which)) for which in early]
        return found if looked_at else []

    def came(self, name: str, picture: Frame) -> bool:
        """A picture has come; says whether it goes on. Of a frame not known yet it stays for a while, then goes on.

        Whoever waits for it can then say that it belongs to no frame of the game.
        """
        key = key_of(picture.clock)
        if key in self._looked_at:
            return True
        if key not in self._unseen:
            self._early[name, key] = Frame(np.array(picture.rgb), camera=picture.camera, clock=picture.clock)
        return False

    def stale(self) -> list[tuple[str, Frame]]:
        """Pictures whose frame hasn't come for too long."""
        surplus = max(0, len(self._early) - AHEAD)
        return [(name, picture) for (name, _), picture in (self._early.popitem(last=False) for _ in range(surplus))]


class Inbox:
    """Pictures that wait to be shown beside the moment that they belong to; any thread may put and take."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._wake = threading.Condition()
        self._pictures: OrderedDict[Key, ColorPlane] = OrderedDict()
        self._newest_s = -np.inf  # of the game's time
        self._heard_at = -np.inf
        self._strange = 0  # pictures in a row that belong to no frame
        self.heard = 0

    def put(self, picture: Frame, *, strange: bool = False) -> None:
        """A picture has come; a strange one belongs to no frame that is known."""
        with self._wake:
            self.heard += 1
            self._heard_at = time.monotonic()
            self._strange = self._strange + 1 if strange else 0
            self._newest_s = picture.clock.simulation_s
            self._pictures[key_of(picture.clock)] = picture.rgb
            while len(self._pictures) > MAX_WAITING:
                self._pictures.popitem(last=False)
            self._wake.notify_all()

    def take(self, clock: Clock) -> ColorPlane:
        """The picture made of the frame with this clock; raises why there is none."""
        key = key_of(clock)
        with self._wake:
            self._wake.wait_for(lambda: key in self._pictures or self._is_vain(clock), PATIENCE_S)
            found = self._pictures.get(key)
            if found is not None:
                return found
            raise self._absence()

    def wait_anew(self) -> None:
        """Nobody asked for a while, as in a pause: silence counts from now on."""
        with self._wake:
            if self.heard:
                self._heard_at = time.monotonic()

    def _is_vain(self, clock: Clock) -> bool:
        """Whether the picture won't come any more: the engine is gone, or shows later frames already."""
        gone = time.monotonic() - self._heard_at > SILENT_S
        return gone or self._newest_s > clock.simulation_s or self._strange > 1

    def _absence(self) -> AbsentError:
        if not self.heard:
            return AbsentError(
                f"no picture yet: waiting for a camera or game called {self.name!r}, whose pictures carry the frame id"
                " and the simulation time of the frame that went in"
            )
        if time.monotonic() - self._heard_at > SILENT_S:
            return AbsentError(f"{self.name} has left; waiting for it to come back")
        if self._strange > 1:
            return AbsentError("its pictures carry other clocks than the game's frames: send each with its frame's")
        return SkippedError("no picture came for this frame")


class Partner:
    """Paints with the pictures of an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self.name = f"{SCHEME}:{inbox.name}"
        self._inbox = inbox

    def __call__(self, frame: Frame) -> Frame:
        """What the engine showed of this frame."""
        return frame.with_color(self._inbox.take(frame.clock))
