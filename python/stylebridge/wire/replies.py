"""Frames that go back to the game that they were made from."""

from __future__ import annotations

from stylebridge.frame import Frame
from stylebridge.wire.codec import encode_frame
from stylebridge.wire.layout import FrameFields, FrameFlag, Lane
from stylebridge.wire.messages import encode_message
from stylebridge.wire.peer import Peer
from stylebridge.wire.planes import pack
from stylebridge.wire.reception import Reception


def send_reply(reception: Reception, peer: Peer, asked: FrameFields, frame: Frame) -> bool:
    """Send a frame back for the one asked about, unless the game is gone, wants none, or has too many unseen."""
    packed = pack(frame, ())
    size = packed.payload_bytes
    height, width = frame.color.shape[:2]
    fields = asked._replace(width=width, height=height, plane_count=1, payload_bytes=size)
    with reception.lock:
        room = len(peer.reply_sequences) < max(2, peer.window)
        if peer.identity is None or not peer.hello.replies or not room:
            peer.counts["replies_dropped"] += 1
            return False
        before = [[encode_message(message)] for message in peer.reply_lane.prepare(size)]
        place = peer.reply_lane.write(packed.planes, packed.buffers, size)
        lane, (ring, slot, stamp) = (Lane.INLINE, (0, 0, 0)) if place is None else (Lane.RING, place)
        fields = fields._replace(lane=lane, ring=ring, slot=slot, slot_stamp=stamp)
        message = [encode_frame(FrameFlag.REPLY, fields, packed.table), *(packed.buffers if place is None else [])]
        peer.reply_sequences.append(fields.sequence)
        peer.counts["replies"] += 1
    return reception.reply(peer, [*before, message])
