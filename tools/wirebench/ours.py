"""Our own two ends of the wire."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from stylebridge.frame import Clock, Frame
from stylebridge.wire import Collector, Delivery, Sender
from stylebridge.wire.messages import FlowName

from wirebench.pictures import Picture
from wirebench.ways import Place

PATIENCE_S = 30.0


class OurOutlet:
    """A Sender."""

    def __init__(self, place: Place, *, flow: FlowName, shared: bool) -> None:
        self._lane = "ring" if shared else "inline"
        self._sender = Sender(f"tcp://127.0.0.1:{place.port}", flow=flow, shared_memory=shared)
        self._sender.connect(PATIENCE_S)

    def send(self, number: int, wall_ns: int, picture: Picture) -> None:
        self._sender.send(Frame(color=picture, clock=Clock(number, 0.0, wall_ns)))

    def end(self, number: int, picture: Picture) -> None:
        lane = self._sender.lane
        if lane != self._lane and picture.nbytes >= 1 << 16:
            raise RuntimeError(f"frames went {lane}, not {self._lane}: {self._sender.counters()}")
        self._sender.send(Frame(color=picture, clock=Clock(number)))
        self._sender.flush(PATIENCE_S)

    def counts(self) -> dict[str, Any]:
        return self._sender.counters()

    def close(self) -> None:
        self._sender.close(PATIENCE_S)


class OurInlet:
    """A Collector; a frame is done when the next one is asked for."""

    def __init__(self, place: Place, *, shared: bool) -> None:
        self._collector = Collector(f"tcp://127.0.0.1:{place.port}", shared_memory=shared)
        self._last: Delivery | None = None

    def receive(self) -> tuple[int, int, Picture]:
        delivery = self._last = self._collector.receive(PATIENCE_S)
        if delivery is None:
            raise RuntimeError(f"no frame in {PATIENCE_S:g} s: {self.counts()}")
        clock = delivery.frame.clock
        return clock.frame_id, clock.wall_ns, delivery.frame.color

    def counts(self) -> dict[str, Any]:
        peers = self._collector.peers()
        return {**(peers[0].as_dict() if peers else {}), **self._collector.counts()}

    def close(self) -> None:
        if self._last is not None:
            self._last.done()
        until = time.monotonic() + PATIENCE_S
        while any(peer.connected for peer in self._collector.peers()) and time.monotonic() < until:
            time.sleep(0.01)  # until the game has said goodbye
        self._collector.close()


lossless_shared_outlet = partial(OurOutlet, flow="lossless", shared=True)
lossless_tcp_outlet = partial(OurOutlet, flow="lossless", shared=False)
live_shared_outlet = partial(OurOutlet, flow="live", shared=True)
live_tcp_outlet = partial(OurOutlet, flow="live", shared=False)
shared_inlet = partial(OurInlet, shared=True)
tcp_inlet = partial(OurInlet, shared=False)
