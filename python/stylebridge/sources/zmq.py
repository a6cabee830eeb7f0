"""Games as a source: listens, takes them in as they call, and ends when they have left."""

from __future__ import annotations

import re
import time
from pathlib import Path

from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame
from stylebridge.sources.address import Options
from stylebridge.sources.base import Source
from stylebridge.wire import Collector, Delivery, LinkFault

WAIT_S = 60.0  # for the first game, and for one that fell silent
LOOK_S = 0.2


class Games(Source):
    """Frames of every game that calls, in turn; each is acknowledged when the next one is asked for."""

    def __init__(self, name: str, collector: Collector, wait_s: float, game: str) -> None:
        super().__init__(name)
        self.collector = collector
        self._wait_s = wait_s
        self._game = game
        self._last: Delivery | None = None
        self._passed_over = 0  # frames of other games
        self._alive = time.monotonic()

    def read(self) -> Frame | None:
        """Wait for the next frame; None when every game has said goodbye."""
        while True:
            delivery = self._last = self.collector.receive(LOOK_S)
            if delivery is not None and self._game in ("", delivery.game):
                self._alive = time.monotonic()
                return delivery.frame
            if delivery is not None:
                self._passed_over += 1
            elif self._is_over():
                return None

    def reply(self, frame: Frame) -> bool:
        """Send a frame back for the last one."""
        if self._last is None:
            raise InputError("a reply before the first frame", where=self.name)
        return self._last.reply(frame)

    def close(self) -> None:
        """Stop listening."""
        super().close()
        self.collector.close()
        if self._passed_over:
            self.problems.append(f"{self._passed_over} frames of other games than {self._game} were passed over")
            self._passed_over = 0

    def _is_over(self) -> bool:
        games = [peer for peer in self.collector.peers() if self._game in ("", peer.name)]
        if games and all(peer.left for peer in games):
            return True
        if any(peer.connected for peer in games):
            self._alive = time.monotonic()
        elif time.monotonic() - self._alive > self._wait_s:
            if not games:
                found = f"no game came in {self._wait_s:g} s"
                raise LinkFault(
                    found, step="connect", do="start the game, or wait longer with ?wait=S", where=self.name
                )
            self.problems.append(f"{games[0].name} fell silent after {games[0].frames} frames and didn't come back")
            return True
        return False


def open_games(where: str, options: Options) -> Source:
    """Listen at an address such as //127.0.0.1:5570."""
    values = options.values
    planes = tuple(values.get("planes", "color").split("+"))
    for plane in planes:
        if plane not in PLANES:
            raise InputError(f"plane {plane!r}", expected="+ between: " + ", ".join(PLANES), where=options.where)
    key, allow = (Path(values[name]) if name in values else None for name in ("key", "allow"))
    collector = Collector(re.sub("^//", "", where), key=key, allow=allow, planes=planes)
    return Games(f"zmq:{where}", collector, options.number("wait") or WAIT_S, values.get("game", ""))
