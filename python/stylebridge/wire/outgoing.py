"""What the sender has on its hands: frames not yet acknowledged, or the newest that wait to go."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from stylebridge.frame import Frame
from stylebridge.wire.codec import camera_bytes, encode_frame
from stylebridge.wire.fault import WireFault
from stylebridge.wire.lanes import OutLane, Place
from stylebridge.wire.layout import Error, FrameFields, FrameFlag, Lane
from stylebridge.wire.planes import Packed, matrices
from stylebridge.wire.planetable import aligned


@dataclass(slots=True)
class Outgoing:
    """A frame on its way: what is sent again should the link break."""

    sequence: int
    fields: FrameFields
    packed: Packed
    sent_before: bool = False

    def message(self, lane: OutLane) -> tuple[list[Any], Place | None]:
        """The FRAME, and its place in the ring where there is room for it; else it goes inline."""
        packed, fields = self.packed, self.fields
        flags = FrameFlag.RESENT if self.sent_before else 0
        place = lane.write(packed.planes, packed.buffers, fields.payload_bytes) if lane.active else None
        if place is None:
            return [encode_frame(flags, fields, packed.table), *packed.buffers], None
        ring, slot, stamp = place
        fields = fields._replace(lane=Lane.RING, ring=ring, slot=slot, slot_stamp=stamp)
        return [encode_frame(flags, fields, packed.table)], place


def check_frame(frame: Frame, planes: Sequence[str], limit: int) -> None:
    """Refuse what no collector would take, before the frame gets a sequence: a hole would end a lossless stream."""
    camera_bytes(frame.camera.name)
    clock = frame.clock
    if not isfinite(clock.simulation_s):
        raise WireFault(Error.BAD_NUMBER, f"simulation time {clock.simulation_s}", expected="a finite number")
    for name, count in (("frame id", clock.frame_id), ("wall clock", clock.wall_ns)):
        if not 0 <= count < 1 << 64:
            raise WireFault(Error.BAD_VALUE, f"{name} {count}", expected="0 to 2^64 - 1")
    for name, matrix in (("view", frame.camera.view), ("projection", frame.camera.projection)):
        if matrix is not None and (np.shape(matrix) != (4, 4) or not np.isfinite(matrix).all()):
            raise WireFault(Error.BAD_NUMBER, f"{name} matrix {np.shape(matrix)}", expected="4 x 4 finite numbers")
    size = sum(aligned(plane.nbytes) for name in {"color", *planes} if (plane := getattr(frame, name)) is not None)
    if size > limit:
        raise WireFault(Error.TOO_LARGE, f"a frame of {size} bytes", expected=f"at most {limit}, as the collector says")


def outgoing_from(frame: Frame, packed: Packed, session: bytes, sequence: int) -> Outgoing:
    """A frame with everything that its header says."""
    bits, view, projection = matrices(frame.camera)
    height, width = frame.color.shape[:2]
    fields = FrameFields(
        session=session,
        sequence=sequence,
        frame_id=frame.clock.frame_id,
        simulation_s=frame.clock.simulation_s,
        wall_ns=frame.clock.wall_ns,
        camera=camera_bytes(frame.camera.name),
        width=width,
        height=height,
        plane_count=len(packed.planes),
        lane=Lane.INLINE,
        matrices=bits,
        ring=0,
        slot=0,
        slot_stamp=0,
        payload_bytes=packed.payload_bytes,
        view=view,
        projection=projection,
    )
    return Outgoing(sequence, fields, packed)


class Retained:
    """lockstep and lossless: every frame until it is acknowledged, in order."""

    def __init__(self) -> None:
        self._frames: deque[Outgoing] = deque()
        self._on_link = 0  # the highest sequence that this link has been given

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, outgoing: Outgoing) -> None:
        """Keep a frame until it is acknowledged."""
        self._frames.append(outgoing)

    def next_to_send(self, acknowledged: int, window: int) -> Outgoing | None:
        """The first frame that this link hasn't been given, if the window has room for it."""
        if not self._frames or self._frames[-1].sequence <= self._on_link:
            return None
        for outgoing in self._frames:
            if outgoing.sequence > self._on_link:
                return outgoing if outgoing.sequence - acknowledged <= window else None
        return None

    def sent(self, sequence: int) -> None:
        """This link has been given everything up to here."""
        self._on_link = sequence

    def acknowledge(self, sequence: int) -> None:
        """Forget what is safe."""
        while self._frames and self._frames[0].sequence <= sequence:
            self._frames.popleft()

    def start_over(self, sequence: int) -> None:
        """A new link, whose other end has everything up to here."""
        self.acknowledge(sequence)
        self._on_link = sequence


class Newest:
    """live: the newest frame of each camera that waits to go, and what is in flight."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, tuple[int, Frame]] = OrderedDict()
        self._flying: deque[int] = deque()
        self.last_sent = 0

    @property
    def waiting(self) -> int:
        """Frames that haven't left."""
        return len(self._waiting)

    def put(self, sequence: int, frame: Frame) -> int:
        """Let a frame wait; says how many were dropped for it."""
        dropped = self._waiting.pop(frame.camera.name, None)
        self._waiting[frame.camera.name] = (sequence, frame)
        return int(dropped is not None)

    def next_to_send(self, window: int) -> tuple[int, Frame] | None:
        """The frame that waits longest, if the window has room for it; sequences only grow."""
        if not self._waiting or len(self._flying) >= window:
            return None
        return next(iter(self._waiting.values()))

    def sent(self, sequence: int, camera: str) -> None:
        """A frame has gone."""
        del self._waiting[camera]
        self._flying.append(sequence)
        self.last_sent = sequence

    def acknowledge(self, sequence: int) -> None:
        """Frames up to here have arrived."""
        while self._flying and self._flying[0] <= sequence:
            self._flying.popleft()

    def start_over(self, sequence: int) -> int:
        """A new link; says how many frames the old one lost."""
        self.acknowledge(sequence)
        lost = len(self._flying)
        self._flying.clear()
        return lost
