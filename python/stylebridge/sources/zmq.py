"""Games as a source: listens, takes them in as they call, and ends when they have left."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame
from stylebridge.sources.address import Options
from stylebridge.sources.base import Receipt, Source
from stylebridge.wire import Collector, Delivery, LinkFault

WAIT_S = 60.0  # for the first game, and for one that fell silent
LOOK_S = 0.2


class Games(Source):
    """Frames of every game that calls, in turn; each is acknowledged when the next one is asked for, or by receipt."""

    interleaves = True

    def __init__(
        self,
        name: str,
        listen: Callable[..., Collector],
        bind: str,
        *,
        wait_s: float = WAIT_S,
        game: str = "",
        planes: Sequence[str] = (),
    ) -> None:
        super().__init__(name)
        self._wait_s = wait_s
        self._game = game
        self._planes = tuple(planes)
        # Games may call at once; they are answered when it is known what to ask them for.
        self._collector = listen(bind, planes=self._planes or ("color",), begins=False)
        self._begun = False
        self.listens_at = self._collector.address
        self._by_hand = False
        self._interrupted = False
        self._last: Delivery | None = None
        self._passed_over = 0  # frames of other games
        self._safe: dict[str, int] = {}  # session -> the sequence up to which a recording has its frames
        self._newest: dict[str, int] = {}  # session -> the sequence that came last
        self._gap: dict[str, int] = {}  # session -> the sequence before which frames are missing
        self._given: dict[tuple[str, str], int] = {}  # camera -> the sequence of its newest frame
        self._gaps = 0
        self._alive = time.monotonic()

    def keep(self, received: Mapping[str, int], planes: Sequence[str] = ()) -> None:
        """Begin anew with what is safe already; frames are acknowledged by their receipts alone."""
        if self._begun:
            raise InputError("frames are to be kept after games were answered", do="keep first", where=self.name)
        self._by_hand = self._begun = True
        self._safe, self._newest = dict(received), dict(received)
        wanted = self._planes or tuple(planes) or tuple(PLANES)
        self._collector.begin(planes=wanted, received=received, acknowledge="by hand")
        self._alive = time.monotonic()

    @property
    def collector(self) -> Collector:
        """What listens; whoever asks for it wants games to be answered."""
        if not self._begun:
            self._begun = True
            self._collector.begin()
        return self._collector

    def read(self) -> Frame | None:
        """Wait for the next frame; None when every game has said goodbye."""
        while not self._interrupted:
            delivery = self._last = self.collector.receive(LOOK_S)
            if delivery is not None and self._game in ("", delivery.game):
                self._alive = time.monotonic()
                return self._with_true_motion(delivery)
            if delivery is not None:
                self._passed_over += 1
                delivery.done()
            elif self._is_over():
                return None
        return None

    def receipt(self) -> Receipt:
        """The receipt of the last frame; it counts only after `keep`."""
        if self._last is None:
            raise InputError("a receipt before the first frame", where=self.name)
        done = self._last.done if self._by_hand else Receipt().done
        return Receipt(self._last.sequence, self._last.game, done)

    @property
    def dropped(self) -> int:
        """Frames that games dropped for newer ones, that were dropped here, or whose pixels were gone."""
        return sum(peer.dropped_by_game + peer.dropped_here + peer.lost for peer in self.collector.peers())

    def reply(self, frame: Frame) -> bool:
        """Send a frame back for the last one."""
        if self._last is None:
            raise InputError("a reply before the first frame", where=self.name)
        return self._last.reply(frame)

    def interrupt(self) -> None:
        """Let a read that waits end within LOOK_S."""
        self._interrupted = True

    def close(self) -> None:
        """Stop listening."""
        super().close()
        self._interrupted = True
        self._collector.close()
        if self._passed_over:
            self.problems.append(f"{self._passed_over} frames of other games than {self._game} were passed over")
            self._passed_over = 0
        if self._gaps:
            self.problems.append(f"{self._gaps} frames lost their motion, because the frame before them was dropped")
            self._gaps = 0

    def _with_true_motion(self, delivery: Delivery) -> Frame:
        """The frame, without its motion if that goes back to a frame that never came: one of its camera may be it."""
        session, sequence, frame = delivery.session, delivery.sequence, delivery.frame
        if sequence != self._newest.get(session, sequence - 1) + 1:
            self._gap[session] = sequence
        self._newest[session] = sequence
        stream = (session, frame.camera.name)
        broken = self._given.get(stream, self._safe.get(session, sequence)) < self._gap.get(session, 0)
        self._given[stream] = sequence
        if not broken or (frame.motion is None and frame.occlusion is None):
            return frame
        self._gaps += 1
        return replace(frame, motion=None, occlusion=None)

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
    planes = tuple(values["planes"].split("+")) if "planes" in values else ()
    for plane in planes:
        if plane not in PLANES:
            raise InputError(f"plane {plane!r}", expected="+ between: " + ", ".join(PLANES), where=options.where)
    key, allow = (Path(values[name]) if name in values else None for name in ("key", "allow"))
    wait_s, game = options.number("wait") or WAIT_S, values.get("game", "")

    def listen(bind: str, **more: Any) -> Collector:
        return Collector(bind, key=key, allow=allow, **more)

    return Games(f"zmq:{where}", listen, re.sub("^//", "", where), wait_s=wait_s, game=game, planes=planes)
