"""One session as the collector keeps it: what may come, what has come, what is done. No sockets in here."""

from __future__ import annotations

import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.frame import Frame
from stylebridge.wire.address import is_loopback
from stylebridge.wire.codec import FrameHeader, encode_ack
from stylebridge.wire.counters import Ages, Pace, PeerReport, Tally
from stylebridge.wire.fault import WireFault
from stylebridge.wire.lanes import InLane, OutLane, copied_slot, slot_in_place
from stylebridge.wire.layout import MAX_CAMERAS, AckFields, Error, FrameFields, FrameFlag, Lane, PongFields
from stylebridge.wire.messages import Hello
from stylebridge.wire.planes import frame_from_wire
from stylebridge.wire.ring import RingReader

IN_PLACE = 2  # frames handed out that may stay in the ring; further ones are copied so that the game has slots


@dataclass(slots=True)
class Arrival:
    """A frame that has come and waits to be handed out."""

    header: FrameHeader
    parts: list[Any]  # inline planes; empty on the ring lane
    ring: RingReader | None = None  # where its slot is; kept though the game may close it meanwhile


class Peer:
    """A game's session. Calls from several threads are the collector's to order."""

    def __init__(self, hello: Hello, window: int, lane: InLane, replies: OutLane, received: int) -> None:
        self.hello = hello
        self.flow = hello.flow
        self.window = window
        self.lane = lane
        self.reply_lane = replies
        self.reply_sequences: deque[int] = deque()  # sent back and not acknowledged
        self.identity: bytes | None = None
        self.left = False  # said BYE
        self.address = ""
        self.heard = self.told = time.monotonic()
        self.clock_offset_ns = 0  # the game's wall clock minus ours
        self.received = self.done = self.handed_out = received
        self.told_done = received  # what the game knows of `done`
        self.owed = False  # an ACK, soon
        self.counts = Tally()
        self.faults = Tally()
        self.ages, self.pace = Ages(), Pace()
        self.game_counters: dict[str, float] = {}
        self.listed = False  # stands in the collector's queue of peers with something to hand out
        self._quickest_ns = 1 << 62  # round trip
        self._finished: set[int] = set()
        self._waiting: deque[Arrival] = deque()
        self._newest: dict[bytes, Arrival] = {}  # live: camera -> the frame to hand out, oldest camera first
        self._cameras: dict[bytes, str] = {}
        self._last: FrameFields | None = None
        self._in_place: dict[object, weakref.ref[Any]] = {}

    def admit(self, header: FrameHeader) -> bool:
        """Whether a frame is new; one that may not come at all is a fault."""
        fields = header.fields
        if header.flags & FrameFlag.REPLY:
            raise WireFault(Error.BAD_FLAGS, "a reply from a game", expected="replies from the collector alone")
        if fields.session.hex() != self.hello.session:
            raise WireFault(Error.BAD_SESSION, "a frame of another session", expected="the one that said HELLO")
        if fields.sequence <= self.received:
            self.counts["duplicates"] += 1
            return False
        if fields.camera not in self._cameras:
            if len(self._cameras) >= MAX_CAMERAS:
                raise WireFault(Error.TOO_MANY_CAMERAS, f"camera {header.camera!r}", expected=f"at most {MAX_CAMERAS}")
            self._cameras[fields.camera] = header.camera
        missing = fields.sequence - self.received - 1
        if self.flow == "live":
            self.counts["dropped_by_game"] += missing
        elif missing:
            found = f"frame {fields.sequence} after {self.received}"
            raise WireFault(Error.GAP, found, expected="every frame, as the flow loses none")
        elif fields.sequence - self.done > self.window:
            raise WireFault(Error.FLOOD, f"{fields.sequence - self.done} frames in flight", expected=f"{self.window}")
        return True

    def take_in(self, arrival: Arrival) -> None:
        """Note an admitted frame and keep it for whoever reads."""
        header = arrival.header
        fields = header.fields
        self.received = fields.sequence
        self.counts["frames"] += 1
        self.counts["bytes"] += fields.payload_bytes
        self.counts["resent"] += bool(header.flags & FrameFlag.RESENT)
        self.pace.tick()
        self._last = fields
        if self.flow != "live":
            self._waiting.append(arrival)
            return
        self.done = fields.sequence
        replaced = self._newest.get(fields.camera)
        self._newest[fields.camera] = arrival
        if replaced is not None:
            self.counts["dropped_here"] += 1
            self.let_go(replaced)

    def skip(self, sequence: int) -> None:
        """Count a frame whose pixels can't be had as lost; the stream goes on after it."""
        self.received = max(self.received, sequence)
        self.handed_out = max(self.handed_out, sequence)
        self.counts["lost"] += 1
        self.finish(sequence)

    @property
    def ready(self) -> bool:
        """Whether there is a frame to hand out."""
        return bool(self._waiting or self._newest)

    def next_arrival(self) -> Arrival:
        """The frame to hand out next."""
        if self._waiting:
            return self._waiting.popleft()
        return self._newest.pop(next(iter(self._newest)))

    def let_go(self, arrival: Arrival) -> None:
        """Give a frame's slot back unread."""
        if arrival.ring is not None:
            self.lane.release(arrival.ring, arrival.header.fields.slot)

    def open_frame(self, arrival: Arrival, released: Callable[[], None]) -> Frame:
        """The frame itself; `released` is called, from any thread, when its ring slot is free again."""
        header = arrival.header
        if header.fields.lane == Lane.INLINE:
            return frame_from_wire(header, [part.buffer for part in arrival.parts])
        in_place = len(self._in_place) < IN_PLACE
        try:
            payload = (slot_in_place if in_place else copied_slot)(arrival.ring, header)
        except WireFault:
            in_place = False
            raise
        finally:
            if not in_place:
                self.let_go(arrival)
                released()
        if in_place:
            self._watch(arrival, payload, released)
        return frame_from_wire(header, _slices(header, payload))

    def finish(self, sequence: int) -> None:
        """The reader is done with a frame: everything up to the first unfinished one is acknowledged."""
        if sequence <= self.done:
            return
        self._finished.add(sequence)
        while self.done + 1 in self._finished:
            self.done += 1
            self._finished.discard(self.done)

    def answered(self, pong: PongFields, now_ns: int) -> None:
        """Learn how far the game's clock is off; the quickest answer knows best. On one host there is one clock."""
        round_trip = now_ns - pong.sent_ns
        if not is_loopback(self.address) and 0 <= round_trip < self._quickest_ns:
            self._quickest_ns = round_trip
            self.clock_offset_ns = pong.answered_ns - (pong.sent_ns + round_trip // 2)

    def note_age(self, header: FrameHeader) -> None:
        """Count a frame that is handed out, and how old it is."""
        self.counts["handed_out"] += 1
        if header.fields.wall_ns:
            self.ages.add((time.time_ns() - header.fields.wall_ns + self.clock_offset_ns) / 1e6)

    def replies_taken(self, ack: AckFields) -> None:
        """The game has taken frames that were sent back."""
        while self.reply_sequences and self.reply_sequences[0] <= ack.sequence:
            self.reply_sequences.popleft()
        self.reply_lane.release(ack.ring, ack.released)

    def acks(self) -> list[bytes]:
        """The ACKs that tell the game how far things are: one, or one per ring with free slots."""
        self.told_done = self.done
        released = self.lane.take_released() or {0: 0}
        return [encode_ack(self.done, bits, ring, self.window) for ring, bits in released.items()]

    def relink(self, hello: Hello) -> None:
        """The same session on a new link."""
        self.unlink()
        self.hello = hello
        self.heard = time.monotonic()

    def unlink(self) -> None:
        """The link is gone, and its rings with it; frames that wait or were handed out keep theirs."""
        self.lane.start_over()
        self.reply_lane.close()
        self.reply_sequences.clear()

    def lose_track(self) -> None:
        """What waits may have a hole: the game is to send again what wasn't handed out."""
        self.owed = False
        if self.flow != "live":
            self._waiting.clear()
            self.received = max(self.done, self.handed_out)

    def report(self) -> PeerReport:
        """What has happened so far."""
        counts, last = self.counts, self._last
        return PeerReport(
            name=self.hello.name,
            engine=self.hello.engine,
            session=self.hello.session,
            address=self.address,
            connected=self.identity is not None,
            left=self.left,
            flow=self.flow,
            lane=Lane(last.lane).name.lower() if last is not None else "",
            size=f"{last.width}x{last.height}" if last is not None else "",
            cameras=list(self._cameras.values()),
            fps=self.pace.per_second,
            silent_ms=round((time.monotonic() - self.heard) * 1000, 1),
            age_p50_ms=self.ages.percentile(50),
            age_p99_ms=self.ages.percentile(99),
            faults=self.faults.as_dict(),
            game=self.game_counters,
            **{name: counts[name] for name in _COUNTED},
        )

    def _watch(self, arrival: Arrival, payload: NDArray[np.uint8], released: Callable[[], None]) -> None:
        """Give the slot back when the last array that looks at it is gone."""
        key, in_place = object(), self._in_place

        def gone(_: object) -> None:
            in_place.pop(key, None)
            self.let_go(arrival)
            released()

        in_place[key] = weakref.ref(payload, gone)


_COUNTED = (
    "frames",
    "handed_out",
    "bytes",
    "dropped_by_game",
    "dropped_here",
    "duplicates",
    "resent",
    "lost",
    "links",
    "losses",
    "replies",
    "replies_dropped",
)


def _slices(header: FrameHeader, payload: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    return [payload[plane.offset : plane.offset + plane.length] for plane in header.planes]
