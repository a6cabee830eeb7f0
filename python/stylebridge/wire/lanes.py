"""The shared-memory lane as the two sides of a link see it: who offers a ring, which slots are whose."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import StylebridgeError
from stylebridge.wire.codec import FrameHeader
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import MAX_SLOTS, Error, PlaneFields
from stylebridge.wire.messages import Accept, Close, Offer, Refuse
from stylebridge.wire.planetable import aligned
from stylebridge.wire.ring import RingMaker, RingReader, RingWriter

SMALLEST = 64 << 10  # bytes of a frame below which a ring isn't worth its memory
MAX_RINGS = 4  # that a peer may have open at once

Place: TypeAlias = tuple[int, int, int]  # the ring's number, the slot, the stamp that the frame bears there


class OutLane:
    """The side that writes: makes a ring when a frame's size is known, offers it, and knows which slots are free."""

    def __init__(self, slots: int, *, allowed: bool, after: int = 0, beside: bool = False) -> None:
        self.slots = min(slots, MAX_SLOTS)
        self.allowed = allowed
        self.reason = "" if allowed else "not asked for"  # why frames go inline
        self.number = after  # of the newest ring; goes on over links, so that a late ACK releases nothing of a new one
        self._beside = beside  # don't wait for a ring's pages, which take some milliseconds
        self._maker: RingMaker | None = None
        self._ring: RingWriter | None = None
        self._accepted = False
        self._free: list[int] = []

    @property
    def waiting(self) -> bool:
        """Whether a ring is being made, or offered and not answered."""
        return self._maker is not None or (self._ring is not None and not self._accepted)

    @property
    def active(self) -> bool:
        """Whether frames go through a ring now."""
        return self._accepted

    def prepare(self, size: int) -> list[Offer | Close]:
        """What to send before a frame of this size: nothing, most of the time."""
        if not self.allowed or size < SMALLEST or (self._ring is not None and size <= self._ring.slot_bytes):
            return []
        if self._maker is None or self._maker.slot_bytes < size:
            self._drop_maker()
            self._maker = RingMaker(self.slots, aligned(size))
        return self.offer()

    def offer(self) -> list[Offer | Close]:
        """What to send when the ring that `prepare` began is ready."""
        if self._maker is None or (self._beside and not self._maker.done):
            return []
        messages: list[Offer | Close] = [Close(close=self.number)] if self._ring is not None else []
        maker, self._maker = self._maker, None
        self.close()
        try:
            self._ring = maker.take()
        except StylebridgeError as error:
            self.allowed, self.reason = False, str(error)
            return messages
        self.number = self.number % 0xFFFF + 1
        return [*messages, self._ring.offer(self.number)]

    def settle(self, answer: Accept | Refuse) -> None:
        """The other side has answered an offer."""
        if self._ring is None:
            return
        if isinstance(answer, Accept) and answer.accept == self.number:
            self._accepted = True
            self._free = list(range(self._ring.slots))
            self._ring.unlink()
        elif isinstance(answer, Refuse) and answer.refuse == self.number:
            self.close()
            self.allowed, self.reason = False, answer.says

    def write(self, planes: Sequence[PlaneFields], buffers: Sequence[NDArray[Any]], size: int) -> Place | None:
        """Put a frame into a free slot; None when it has to go inline."""
        if not self._accepted or not self._free or self._ring is None or size > self._ring.slot_bytes:
            return None
        slot = self._free.pop()
        return self.number, slot, self._ring.write(slot, planes, buffers, size)

    def release(self, ring: int, bits: int) -> None:
        """The other side is done with these slots."""
        if not bits or ring != self.number or self._ring is None:
            return
        for slot in range(self._ring.slots):
            if bits >> slot & 1 and slot not in self._free:
                self._free.append(slot)

    def close(self) -> None:
        """Let go of the ring: the link ends, or the other side doesn't want it."""
        self._drop_maker()
        if self._ring is not None:
            self._ring.unlink()
        self._ring, self._accepted, self._free = None, False, []

    def _drop_maker(self) -> None:
        if self._maker is not None:
            self._maker.drop()
            self._maker = None


def slot_in_place(ring: RingReader | None, header: FrameHeader) -> NDArray[np.uint8]:
    """The payload of a FRAME where it lies, if the ring that it names is one that was accepted."""
    fields = header.fields
    if ring is None:
        raise WireFault(Error.TORN, f"a frame in ring {fields.ring}", expected="a ring that was accepted")
    return ring.payload(fields.slot, fields.slot_stamp, fields.payload_bytes)


def copied_slot(ring: RingReader | None, header: FrameHeader) -> NDArray[np.uint8]:
    """A copy of that payload, refused if it was written again meanwhile."""
    copied = slot_in_place(ring, header).copy()
    if ring is not None:
        ring.check(header.fields.slot, header.fields.slot_stamp, header.fields.payload_bytes)
    return copied


class InLane:
    """The side that reads: checks offers, hands out slots in place, and gathers what may be written again."""

    def __init__(self, *, allowed: bool, max_frame_bytes: int) -> None:
        self.allowed = allowed
        self._max_frame_bytes = max_frame_bytes
        self._rings: dict[int, RingReader] = {}
        self._returned: deque[tuple[RingReader, int]] = deque()  # ring and slot; filled from any thread

    def answer(self, offer: Offer) -> Accept | Refuse:
        """Take a ring or say why not."""
        if not self.allowed:
            return Refuse(refuse=offer.offer, says="no shared memory wanted here")
        if offer.slot_bytes > aligned(self._max_frame_bytes) or len(self._rings) >= MAX_RINGS:
            return Refuse(refuse=offer.offer, says="too large, or too many rings")
        try:
            self._rings[offer.offer] = RingReader(offer)
        except WireFault as fault:
            return Refuse(refuse=offer.offer, says=str(fault))
        return Accept(accept=offer.offer)

    def close(self, message: Close) -> None:
        """Forget a ring; arrays that still look at it keep its memory."""
        self._rings.pop(message.close, None)

    def start_over(self) -> None:
        """A new link: rings are offered again."""
        self._rings.clear()
        self._returned.clear()

    def ring_of(self, header: FrameHeader) -> RingReader | None:
        """The ring that a FRAME names. Who holds it can read the frame even after the ring was closed."""
        return self._rings.get(header.fields.ring)

    def release(self, ring: RingReader, slot: int) -> None:
        """Nobody looks at this slot any more."""
        self._returned.append((ring, slot))

    def take_released(self) -> dict[int, int]:
        """Ring -> bits of the slots to be told free, each once."""
        bits: dict[int, int] = {}
        while self._returned:
            ring, slot = self._returned.popleft()
            if self._rings.get(ring.number) is ring:  # not one of a link before this, under the same number
                bits[ring.number] = bits.get(ring.number, 0) | 1 << slot
        return bits
