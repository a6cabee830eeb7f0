"""Collector: the Python end of the bridge. Games connect to it, frames come out of it, styled ones can go back."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame
from stylebridge.wire.address import check_open, parse_address
from stylebridge.wire.controls import Handler, check_arguments
from stylebridge.wire.counters import PeerReport, Tally
from stylebridge.wire.fault import WireFault
from stylebridge.wire.hub import Hub, broken
from stylebridge.wire.keys import Gate, read_allowed, read_key
from stylebridge.wire.layout import (
    DEFAULT_PORT,
    MAX_FRAME_BYTES,
    MAX_JSON_BYTES,
    MAX_TEXT,
    MAX_WINDOW,
    Error,
    FrameFields,
    FrameFlag,
)
from stylebridge.wire.peer import Arrival, Peer
from stylebridge.wire.reception import Reception
from stylebridge.wire.replies import send_reply
from stylebridge.wire.sessions import Policy

FLOWS = ("lockstep", "lossless", "live")
MAX_WAIT_S = 0.1  # at a time, for Ctrl-C and for a collector that is closed by another thread


@dataclass(slots=True, eq=False)
class Delivery:
    """A frame that was handed out.

    It counts as safe when `done` is called, or else when the next one is asked for; a lockstep game waits for that.
    """

    frame: Frame
    sequence: int
    session: str
    game: str
    resent: bool
    _peer: Peer
    _fields: FrameFields
    _reception: Reception
    _open: bool = True

    def done(self) -> None:
        """Say that the frame is safe: recorded, shown, used. Harmless twice."""
        if self._open:
            peer = self._peer
            with self._reception.lock:
                peer.finish(self.sequence)
            if peer.flow != "live":
                self._reception.owe(peer, now=peer.received - peer.told_done >= peer.window // 2)
            self._open = False  # last, so that it can be said again after Ctrl-C

    def reply(self, frame: Frame) -> bool:
        """Send a styled frame back for this one; false when it was dropped, because the game is gone or too slow.

        That also says that the frame is done. The picture may not change afterwards: it isn't copied before it leaves.
        """
        sent = send_reply(self._reception, self._peer, self._fields, frame)
        self.done()
        return sent


class Collector:
    """Listens at `bind`; iterate over it for deliveries from all games in turn."""

    def __init__(
        self,
        bind: str = f"tcp://127.0.0.1:{DEFAULT_PORT}",
        *,
        key: Path | None = None,
        allow: Path | None = None,
        name: str = "collector",
        flows: Sequence[str] = FLOWS,
        planes: Sequence[str] = ("color",),
        window: int = 8,
        live_window: int = 2,
        shared_memory: bool = True,
        max_peers: int = 16,
        max_frame_bytes: int = MAX_FRAME_BYTES,
        heartbeat_s: float = 1.0,
        timeout_s: float = 10.0,
        received: Mapping[str, int] | None = None,
        acknowledge: Literal["next", "by hand"] = "next",
        begins: bool = True,
    ) -> None:
        address = parse_address(bind)
        check_open(address, keys=key is not None and allow is not None)
        _check_choices(flows, planes, window, live_window)
        _check_numbers(name, max_peers, max_frame_bytes, heartbeat_s, timeout_s)
        if acknowledge not in ("next", "by hand"):
            raise InputError(f"acknowledge {acknowledge!r}", expected="'next' or 'by hand'")
        pair = read_key(key) if key is not None else None
        gate = Gate(read_allowed(allow)) if allow is not None else None
        if (pair is None) != (gate is None):
            raise InputError("half of what encryption needs", expected="both a key and the keys that may call")
        self._reception = Reception(
            Policy(
                name=name,
                flows=tuple(flows),
                window=window,
                live_window=live_window,
                planes=tuple(planes),
                shared_memory=shared_memory,
                max_peers=max_peers,
                max_frame_bytes=max_frame_bytes,
                heartbeat_s=heartbeat_s,
                timeout_s=timeout_s,
            ),
            received or {},
            lambda identity, parts: self._hub.send(identity, parts),
            lambda: self._hub.wake(),
        )
        reception = self._reception
        most = max(max_frame_bytes, MAX_JSON_BYTES + 4096)
        self._hub = Hub(
            address,
            pair,
            gate,
            most,
            on_message=reception.on_message,
            on_tick=reception.on_tick,
            patience_ms=reception.patience_ms,
            before_send=reception.due,
            on_lost_track=reception.lose_track,
            on_close=reception.farewell,
            is_busy=lambda: reception.saying_farewell,
        )
        self._by_hand = acknowledge == "by hand"
        self._last: Delivery | None = None
        self._closed = False
        self._begun = False
        if begins:
            self.begin()

    @property
    def address(self) -> str:
        """Where it listens, with the port that the system chose."""
        return self._hub.endpoint

    def begin(
        self,
        *,
        planes: Sequence[str] = (),
        received: Mapping[str, int] | None = None,
        acknowledge: Literal["next", "by hand"] | None = None,
    ) -> None:
        """Answer calls from now on: with `begins=False` they wait until it is known what to offer them."""
        if planes or received is not None:
            sessions = self._reception.sessions
            sessions.offer(tuple(planes) or sessions.policy.planes, received or {})
        if acknowledge is not None:
            self._by_hand = acknowledge == "by hand"
        self._begun = True
        self._hub.start()

    def receive(self, timeout_s: float | None = None) -> Delivery | None:
        """The next frame of any game, in turn; None when none came in time, or the collector was closed.

        For one thread: the frame that was handed out before counts as done now, unless that is said by hand.
        """
        if self._last is not None:
            self._last.done()
            self._last = None
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        reception, looked = self._reception, False
        if reception.hurry and not self._closed:
            self._hub.help(0)
        while not self._closed:
            while reception.line:
                delivery = self._next()
                if delivery is not None:
                    return delivery
            if self._hub.failure is not None:
                raise broken(self._hub.failure)
            left = MAX_WAIT_S if deadline is None else deadline - time.monotonic()
            if looked and left <= 0:
                return None
            self._hub.help(min(MAX_WAIT_S, max(0.0, left)))
            looked = True
        self._hub.close()  # waits for its end, should it have been closed within a handler
        return None

    def __iter__(self) -> Iterator[Delivery]:
        while (delivery := self.receive()) is not None:
            yield delivery

    def peers(self) -> list[PeerReport]:
        """What every game known here has done so far, the connected ones first."""
        with self._reception.lock:
            reports = [peer.report() for peer in self._reception.sessions.peers.values()]
        return sorted(reports, key=lambda report: not report.connected)

    def counts(self) -> dict[str, int]:
        """What belongs to no game: links, failed handshakes, strangers, faults."""
        return Tally({**self._reception.counts, **self._hub.counts}).as_dict()  # their names differ

    def control(self, session: str, name: str, /, timeout_s: float = 10.0, **args: Any) -> dict[str, Any]:
        """Ask a game for something and wait for its answer; a refusal is an error that says why."""
        peer = self._reception.sessions.peers.get(session)
        if peer is None:
            raise InputError(f"session {session!r}", expected="one that is connected")
        if self._hub.is_mine():
            raise InputError("a control asked for within the handler of another", do="ask from a thread of your own")
        future = self._reception.ask(peer, name, check_arguments(name, args))
        try:
            answer = future.result(timeout_s)
        except TimeoutError as error:
            self._reception.forget(future)
            found = f"no answer to {name!r} in {timeout_s:g} s"
            raise WireFault(Error.TIMEOUT, found, do="look whether the game is stuck", where=peer.hello.name) from error
        if not answer.ok:
            code = Error.__members__.get(answer.code.upper(), Error.CONTROL_FAILED)
            raise WireFault(code, answer.says or f"{name!r} was refused", where=peer.hello.name)
        return answer.result

    def on_control(self, name: str, handler: Handler) -> None:
        """Obey a control that games ask for. The handler runs in the collector's thread or the reader's: be quick."""
        self._reception.handlers[name] = handler

    def close(self) -> None:
        """Stop listening. Frames not done stay with their games, which wait for the next collector.

        From any thread, and from the handlers of controls and signals. Harmless twice.
        """
        self._closed = True
        if not self._begun:
            self.begin()  # only its thread can close what it holds
        self._hub.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _next(self) -> Delivery | None:
        """Hand out the frame whose turn it is, if it can be had."""
        reception = self._reception
        try:
            with reception.lock:
                if not reception.line:
                    return None
                peer = reception.line.popleft()
                arrival = peer.next_arrival()
                peer.listed = peer.ready
                if peer.ready:
                    reception.line.append(peer)
            delivery = self._open(peer, arrival)
        except BaseException:  # Ctrl-C: the frame is in nobody's hands
            reception.lose_track()
            raise
        if delivery is not None:
            peer.handed_out = delivery.sequence
            self._last = None if self._by_hand else delivery
        return delivery

    def _open(self, peer: Peer, arrival: Arrival) -> Delivery | None:
        """The frame of an arrival; one that can't be had counts as lost, and the game is told."""
        header = arrival.header
        try:
            frame = peer.open_frame(arrival, lambda: self._reception.owe(peer, now=False))
        except WireFault as fault:
            self._reception.lose(peer, header.fields.sequence, fault)
            return None
        peer.note_age(header)
        fields = header.fields
        resent = bool(header.flags & FrameFlag.RESENT)
        return Delivery(
            frame, fields.sequence, peer.hello.session, peer.hello.name, resent, peer, fields, self._reception
        )


def _check_choices(flows: Sequence[str], planes: Sequence[str], window: int, live_window: int) -> None:
    for words, known, what in ((flows, FLOWS, "flow"), (planes, tuple(PLANES), "plane")):
        for word in words:
            if word not in known:
                raise InputError(f"{what} {word!r}", expected=", ".join(known))
    for size in (window, live_window):
        if not 1 <= size <= MAX_WINDOW:
            raise InputError(f"a window of {size} frames", expected=f"1 to {MAX_WINDOW}")


def _check_numbers(name: str, max_peers: int, max_frame_bytes: int, heartbeat_s: float, timeout_s: float) -> None:
    """Refuse here what every game would refuse in the WELCOME."""
    if len(name) > MAX_TEXT:
        raise InputError(f"a name of {len(name)} characters", expected=f"at most {MAX_TEXT}")
    for what, number, least, most in (
        ("max_peers", max_peers, 1, math.inf),
        ("max_frame_bytes", max_frame_bytes, 1, MAX_FRAME_BYTES),
        ("heartbeat_s", heartbeat_s, 0.001, 600),
        ("timeout_s", timeout_s, 0.001, 3600),
    ):
        if not least <= number <= most:
            raise InputError(f"{what} {number}", expected=f"{least} to {most}")
