"""Sender: the game's end of the bridge in Python; Unity plays the same role. No thread: its caller does the work."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, get_args

from stylebridge import __version__
from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame
from stylebridge.wire.address import check_open, parse_address
from stylebridge.wire.controls import Handler, check_arguments
from stylebridge.wire.conversation import Conversation, new_session
from stylebridge.wire.fault import LinkFault, WireFault, timed_out
from stylebridge.wire.keys import read_key, read_public
from stylebridge.wire.layout import MAX_FRAME_BYTES, MAX_JSON_BYTES, Error
from stylebridge.wire.link import Link
from stylebridge.wire.messages import FlowName, Hello
from stylebridge.wire.outgoing import Newest, Outgoing, Retained, check_frame, outgoing_from
from stylebridge.wire.planes import pack

PUMP_S = 0.005  # a game that sends faster than this looks for messages only when its window fills up


class Sender:
    """Sends frames to a collector, and takes controls and styled frames from it.

    A frame's planes may not change once it was given to `send`: they aren't copied before they leave.
    """

    def __init__(
        self,
        to: str,
        *,
        name: str = "game",
        engine: str = f"stylebridge {__version__}",
        flow: FlowName = "lossless",
        planes: Sequence[str] = ("color",),
        replies: bool = False,
        shared_memory: bool = True,
        deflate: bool = False,
        checksum: bool = False,
        key: Path | None = None,
        peer: Path | None = None,
    ) -> None:
        self._address = parse_address(to)
        if (key is None) != (peer is None):
            raise InputError("half of what encryption needs", expected="both an own key and the collector's public one")
        check_open(self._address, keys=key is not None)
        if flow not in get_args(FlowName):
            raise InputError(f"flow {flow!r}", expected=" or ".join(get_args(FlowName)))
        for word in planes:
            if word not in PLANES:
                raise InputError(f"plane {word!r}", expected=", ".join(PLANES))
        pair = read_key(key) if key is not None else None
        public = read_public(peer) if peer is not None else b""
        self._deflate, self._checksum = deflate, checksum
        self._sequence = 0
        self._pump_by = 0.0
        self._retained, self._newest = Retained(), Newest()
        self._asked_planes: tuple[str, ...] = ()
        self._wanted: tuple[str, ...] = ("color",)
        self._talk = Conversation(
            lambda: Link(self._address, pair, public, max(MAX_FRAME_BYTES, MAX_JSON_BYTES + 4096)),
            Hello(
                name=name,
                engine=engine,
                session=new_session(),
                flow=flow,
                lanes=("ring", "inline") if shared_memory else ("inline",),
                planes=tuple(planes),
                replies=replies,
            ),
            {"planes": self._choose_planes},
            self._welcomed,
            self._acknowledged,
        )
        self._flow = flow
        self._session = bytes.fromhex(self._talk.hello.session)
        self._closed = False

    @property
    def session(self) -> str:
        """This game's session, the same over reconnects."""
        return self._talk.hello.session

    @property
    def connected(self) -> bool:
        """Whether a collector has taken this game in."""
        return self._talk.ready

    @property
    def unacknowledged(self) -> int:
        """Frames that are kept because the collector hasn't said that they are safe."""
        return len(self._retained)

    @property
    def wanted_planes(self) -> tuple[str, ...]:
        """The planes that the collector asked for, as far as this game has them."""
        return self._wanted

    @property
    def lane(self) -> str:
        """Where the next frame would go: ring or inline."""
        return "ring" if self._talk.out_lane.active else "inline"

    def counters(self) -> dict[str, Any]:
        """What has happened so far."""
        talk = self._talk
        why = {"inline_because": talk.out_lane.reason} if talk.out_lane.reason else {}
        fault = {"last_fault": talk.last_fault} if talk.last_fault else {}
        return {**talk.counts.as_dict(), "acknowledged": talk.acknowledged, "lane": self.lane, **why, **fault}

    def connect(self, timeout_s: float = 10.0) -> None:
        """Wait until a collector has taken this game in."""
        deadline = time.monotonic() + timeout_s
        self._talk.pump()
        while not self._talk.ready:
            self._check_time(deadline, timeout_s)
            self._talk.wait(deadline)

    def pump(self) -> None:
        """Do what is due without waiting; a game that sends nothing for a while calls this once per frame."""
        self._talk.pump()
        self._push()

    def send(self, frame: Frame, timeout_s: float | None = None) -> bool:
        """Give a frame to the collector.

        live never waits; false means that it didn't leave at once, and may be dropped for a newer one. lossless waits
        for room and lockstep for the acknowledgement, at most `timeout_s`, and raise LinkFault when that was too short.
        """
        if self._flow == "live":
            return self._send_live(frame)
        started = time.monotonic()
        deadline = None if timeout_s is None else started + timeout_s
        talk = self._talk
        if len(self._retained) >= talk.window // 2 or talk.out_lane.waiting or started >= self._pump_by:
            self._pump_by = started + PUMP_S
            self.pump()
        while self._talk.welcome is None or len(self._retained) >= self._talk.window:
            self._check_time(deadline, timeout_s)
            self._talk.wait(deadline)
            self._push()
        outgoing = self._accept(frame)
        self._retained.add(outgoing)
        self._push()
        while self._flow == "lockstep" and len(self._retained):
            self._check_time(deadline, timeout_s)
            self._talk.wait(deadline)
            self._push()
        return True

    def exchange(self, frame: Frame, timeout_s: float | None = 10.0) -> Frame:
        """lockstep: send a frame and wait for the styled one made from it."""
        if self._flow != "lockstep" or not self._talk.hello.replies:
            raise InputError("exchange on this link", expected="flow='lockstep' and replies=True")
        self.send(frame, timeout_s)
        reply, self._talk.reply = self._talk.reply, None
        if reply is None or reply[0] != self._sequence:
            raise LinkFault("the collector took the frame and sent none back", step="reply", where=self._address)
        return reply[1]

    def take_reply(self) -> Frame | None:
        """The newest styled frame that has come since the last call; its clock tells which frame it was made from."""
        self.pump()
        reply, self._talk.reply = self._talk.reply, None
        return reply[1] if reply is not None else None

    def on_control(self, name: str, handler: Handler) -> None:
        """Obey a control that the collector asks for; the handler runs within `send` and `pump`."""
        self._talk.handlers[name] = handler

    def ask(self, name: str, /, timeout_s: float = 10.0, **args: Any) -> dict[str, Any]:
        """Ask the collector for something and wait for its answer."""
        answer = self._talk.ask(name, check_arguments(name, args), timeout_s)
        if not answer.ok:
            code = Error.__members__.get(answer.code.upper(), Error.CONTROL_FAILED)
            raise WireFault(code, answer.says or f"{name!r} was refused", where=self._address)
        return answer.result

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything given to `send` is safe, or in the live flow has left."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        self.pump()
        while len(self._retained) or self._newest.waiting:
            self._check_time(deadline, timeout_s)
            self._talk.wait(deadline)
            self._push()

    def close(self, timeout_s: float = 10.0) -> None:
        """Wait until the collector has everything, say goodbye, and let go; harmless twice.

        live doesn't wait for a collector that isn't there.
        """
        if self._closed:
            return
        self._closed = True
        try:
            if self._talk.refused is None and (self._flow != "live" or self._talk.ready):
                self.flush(timeout_s)
        finally:
            self._talk.close("the game is over")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.close()
        elif not self._closed:
            self._closed = True
            self._talk.close("the game failed")

    def _send_live(self, frame: Frame) -> bool:
        if self._talk.refused is not None:
            raise self._talk.refused
        self._check(frame)
        self._sequence += 1
        self._talk.counts["offered"] += 1
        self._talk.counts["dropped"] += self._newest.put(self._sequence, frame)
        self._talk.pump()
        self._push()
        return self._newest.last_sent == self._sequence

    def _accept(self, frame: Frame) -> Outgoing:
        self._check(frame)
        outgoing = self._outgoing(frame, self._sequence + 1)
        self._sequence += 1
        self._talk.counts["offered"] += 1
        return outgoing

    def _check(self, frame: Frame) -> None:
        welcome = self._talk.welcome
        check_frame(frame, self.wanted_planes, MAX_FRAME_BYTES if welcome is None else welcome.max_frame_bytes)

    def _outgoing(self, frame: Frame, sequence: int) -> Outgoing:
        packed = pack(frame, self.wanted_planes, deflate=self._deflate, checksum=self._checksum)
        return outgoing_from(frame, packed, self._session, sequence)

    def _push(self) -> None:
        """Send what the window has room for."""
        if not self._talk.ready:
            return
        for message in self._talk.out_lane.offer():
            self._talk.say(message)
        if self._flow == "live":
            while (waiting := self._newest.next_to_send(self._talk.window)) is not None:
                sequence, frame = waiting
                if not self._transmit(self._outgoing(frame, sequence)):
                    return
                self._newest.sent(sequence, frame.camera.name)
            return
        talk = self._talk
        while (outgoing := self._retained.next_to_send(talk.acknowledged, talk.window)) is not None:
            if not self._transmit(outgoing):
                return
            self._retained.sent(outgoing.sequence)

    def _transmit(self, outgoing: Outgoing) -> bool:
        talk, size = self._talk, outgoing.packed.payload_bytes
        resent = outgoing.sent_before
        for message in talk.out_lane.prepare(size):
            talk.say(message)
        parts, place = outgoing.message(talk.out_lane)
        if not talk.send(parts):
            if place is not None:
                talk.out_lane.release(place[0], 1 << place[1])
            return False
        outgoing.sent_before = True
        talk.counts["sent"] += 1
        talk.counts["sent_by_ring"] += place is not None
        talk.counts["resent"] += resent
        talk.counts["bytes"] += size
        return True

    def _want(self, names: Sequence[str]) -> None:
        self._wanted = tuple(name for name in self._talk.hello.planes if name in names)

    def _welcomed(self, sequence: int) -> None:
        if self._talk.welcome is not None:
            self._want(self._asked_planes or self._talk.welcome.planes)
        if self._flow == "live":
            self._talk.counts["dropped"] += self._newest.start_over(sequence)
            return
        self._retained.start_over(sequence)

    def _acknowledged(self, sequence: int) -> None:
        self._retained.acknowledge(sequence)
        self._newest.acknowledge(sequence)

    def _choose_planes(self, args: dict[str, Any]) -> dict[str, Any]:
        known = self._talk.hello.planes
        unknown = [name for name in args["names"] if name not in known]
        if unknown:
            found = f"planes {', '.join(unknown)}"
            raise WireFault(Error.BAD_CONTROL, found, expected=f"of this game's: {', '.join(known)}")
        self._asked_planes = tuple(args["names"])
        self._want(self._asked_planes)
        return {"names": list(self.wanted_planes)}

    def _check_time(self, deadline: float | None, timeout_s: float | None) -> None:
        if self._talk.refused is not None:
            raise self._talk.refused
        if deadline is None or time.monotonic() < deadline:
            return
        talk = self._talk
        raise timed_out(talk.step, timeout_s or 0.0, talk.last_fault, self._address)
