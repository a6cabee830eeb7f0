"""Ways to move frames from one process to another: what they have in common, and their list."""

from __future__ import annotations

import importlib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from wirebench.pictures import Picture, Shape


class Outlet(Protocol):
    """The game's end."""

    def send(self, number: int, wall_ns: int, picture: Picture) -> None:
        """Send a frame, as the game's thread would."""

    def end(self, number: int, picture: Picture) -> None:
        """Send the frame that says that no more will come, whatever happens to others."""

    def counts(self) -> dict[str, Any]:
        """What it counted."""

    def close(self) -> None:
        """Let go."""


class Inlet(Protocol):
    """The reader's end."""

    def receive(self) -> tuple[int, int, Picture]:
        """The next frame: its number, the wall clock that it bears, its pixels."""

    def counts(self) -> dict[str, Any]:
        """What it counted."""

    def close(self) -> None:
        """Let go."""


@dataclass(frozen=True)
class Place:
    """Where the two ends meet; what isn't a port is the way's own."""

    port: int
    shape: Shape
    own: Any = None


@dataclass(frozen=True)
class Way:
    """A way to move frames; the functions stand in a module that only its own processes import."""

    name: str
    module: str
    outlet: str
    inlet: str
    needs: str = ""  # a package of the peers

    def open_outlet(self, place: Place) -> Outlet:
        """Open the game's end."""
        return self._find(self.outlet)(place)

    def open_inlet(self, place: Place) -> Inlet:
        """Open the reader's end."""
        return self._find(self.inlet)(place)

    def _find(self, name: str) -> Callable[[Place], Any]:
        found: Callable[[Place], Any] = getattr(importlib.import_module(f"wirebench.{self.module}"), name)
        return found


def _ours(name: str, flow: str, lane: str) -> Way:
    return Way(name, "ours", f"{flow}_{lane}_outlet", f"{lane}_inlet")


SHARED, TCP = _ours("shared", "lossless", "shared"), _ours("tcp", "lossless", "tcp")
LIVE_SHARED, LIVE_TCP = _ours("live shared", "live", "shared"), _ours("live tcp", "live", "tcp")
REQ_REP = Way("imagezmq req/rep", "peers", "ReqOutlet", "RepInlet", needs="imagezmq")
PUB_SUB = Way("imagezmq pub/sub", "peers", "PubOutlet", "SubInlet", needs="imagezmq")
NETGEAR = Way("netgear", "peers", "NetGearOutlet", "NetGearInlet", needs="vidgear")
PYZMQ = Way("pyzmq push/pull", "peers", "PushOutlet", "PullInlet")
PYZMQ_2 = Way("pyzmq, high-water mark 2", "peers", "NewestPushOutlet", "NewestPullInlet")
BARE = Way("bare copy", "bare", "BareOutlet", "BareInlet")
BARE_OUT = Way("bare copy, copied out", "bare", "BareOutlet", "BareCopyingInlet")


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
