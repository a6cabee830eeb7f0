"""A session as the collector keeps it, without sockets: what may come, what has come, what is done."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest
from stylebridge.frame import Frame
from stylebridge.wire import WireFault
from stylebridge.wire.codec import FrameHeader, decode_ack, decode_frame
from stylebridge.wire.lanes import InLane, OutLane
from stylebridge.wire.layout import MAX_CAMERAS, AckFields, Error, FrameFlag, PongFields
from stylebridge.wire.messages import Hello, Offer
from stylebridge.wire.outgoing import outgoing_from
from stylebridge.wire.peer import IN_PLACE, Arrival, Peer
from stylebridge.wire.planes import pack

from .pictures import IN_RING, picture
from .raw import frame_parts

SESSION = "5" * 32
Flow = Literal["lockstep", "lossless", "live"]


def make_peer(flow: Flow = "lossless", window: int = 4, received: int = 0) -> Peer:
    hello = Hello(name="game", session=SESSION, flow=flow)
    return Peer(hello, window, InLane(allowed=True, max_frame_bytes=1 << 24), OutLane(4, allowed=True), received)


def header(sequence: int, camera: str = "main", session: str = SESSION, flags: int = 0) -> FrameHeader:
    return decode_frame(frame_parts(session, sequence, picture(sequence, camera=camera), flags)[0])


class Part:
    """An inline plane as pyzmq gives it."""

    def __init__(self, data: np.ndarray) -> None:
        self.buffer = memoryview(data)


def offer_frame(peer: Peer, sequence: int, camera: str = "main") -> bool:
    """Let a frame come in; whether it was new."""
    first, *planes = frame_parts(SESSION, sequence, picture(sequence, camera=camera))
    arrival = Arrival(decode_frame(first), [Part(plane) for plane in planes])
    new = peer.admit(arrival.header)
    if new:
        peer.take_in(arrival)
    return new


def acknowledged(peer: Peer) -> int:
    return decode_ack(peer.acks()[-1]).sequence


def fault_of(peer: Peer, found: FrameHeader) -> Error:
    with pytest.raises(WireFault) as caught:
        peer.admit(found)
    return caught.value.code


def test_frames_come_out_in_order_and_are_acknowledged_up_to_the_first_unfinished_one() -> None:
    peer = make_peer()
    assert all(offer_frame(peer, sequence) for sequence in (1, 2, 3))
    assert [peer.next_arrival().header.fields.sequence for _ in range(3)] == [1, 2, 3]
    assert not peer.ready
    seen = []
    for sequence in (2, 3, 1):
        peer.finish(sequence)
        seen.append(acknowledged(peer))
    assert seen == [0, 0, 3]
    peer.finish(2)
    assert acknowledged(peer) == 3


@pytest.mark.parametrize("flow", ["lockstep", "lossless", "live"])
def test_a_sequence_that_was_taken_is_a_duplicate(flow: Flow) -> None:
    peer = make_peer(flow)
    assert offer_frame(peer, 1)
    assert not offer_frame(peer, 1)
    report = peer.report()
    assert (report.frames, report.duplicates) == (1, 1)


@pytest.mark.parametrize("flow", ["lockstep", "lossless"])
def test_a_hole_is_a_gap_where_nothing_may_be_lost(flow: Flow) -> None:
    peer = make_peer(flow)
    assert fault_of(peer, header(2)) == Error.GAP
    assert offer_frame(peer, 1)


def test_a_hole_is_the_games_drop_where_frames_may_be_lost() -> None:
    peer = make_peer("live")
    assert [offer_frame(peer, sequence) for sequence in (3, 4, 9)] == [True] * 3
    report = peer.report()
    assert (report.dropped_by_game, report.dropped_here, report.frames) == (6, 2, 3)
    assert peer.next_arrival().header.fields.sequence == 9
    assert acknowledged(peer) == 9, "live frames are acknowledged on arrival"


def test_only_the_newest_of_each_camera_waits() -> None:
    peer = make_peer("live")
    for sequence, camera in enumerate(["left", "right", "left", "up", "right"], 1):
        offer_frame(peer, sequence, camera)
    order = []
    while peer.ready:
        order.append(peer.next_arrival().header.fields.sequence)
    assert sorted(order) == [3, 4, 5]
    assert peer.report().dropped_here == 2


@pytest.mark.parametrize(("flow", "window"), [("lockstep", 1), ("lossless", 4)])
def test_one_frame_more_than_the_window_is_a_flood(flow: Flow, window: int) -> None:
    peer = make_peer(flow, window)
    for sequence in range(1, window + 1):
        assert offer_frame(peer, sequence)
    assert fault_of(peer, header(window + 1)) == Error.FLOOD
    peer.finish(1)
    assert offer_frame(peer, window + 1)


def test_a_resumed_session_goes_on_after_what_was_received() -> None:
    peer = make_peer(received=41)
    assert acknowledged(peer) == 41
    assert not offer_frame(peer, 41)
    assert fault_of(peer, header(43)) == Error.GAP
    assert offer_frame(peer, 42)


@pytest.mark.parametrize(
    ("found", "code"),
    [(header(1, session="6" * 32), Error.BAD_SESSION), (header(1, flags=FrameFlag.REPLY), Error.BAD_FLAGS)],
)
def test_what_isnt_this_games_frame_is_refused(found: FrameHeader, code: Error) -> None:
    assert fault_of(make_peer(), found) == code


def test_more_cameras_than_allowed_are_refused_and_the_known_ones_go_on() -> None:
    peer = make_peer("live", 2)
    for number in range(MAX_CAMERAS):
        offer_frame(peer, number + 1, f"camera {number}")
    assert fault_of(peer, header(MAX_CAMERAS + 1, "one more")) == Error.TOO_MANY_CAMERAS
    assert offer_frame(peer, MAX_CAMERAS + 1, "camera 0")
    assert peer.report().cameras == [f"camera {number}" for number in range(MAX_CAMERAS)]


def test_a_skipped_frame_is_lost_and_the_stream_goes_on() -> None:
    peer = make_peer()
    offer_frame(peer, 1)
    offer_frame(peer, 2)
    peer.skip(1)
    assert peer.report().lost == 1
    assert acknowledged(peer) == 1
    assert offer_frame(peer, 3)


@pytest.mark.parametrize(
    ("address", "offsets"), [("10.0.0.2", [400, 400, 500]), ("127.0.0.1", [0, 0, 0]), ("", [400, 400, 500])]
)
def test_the_quickest_answer_tells_how_far_a_remote_clock_is_off(address: str, offsets: list[int]) -> None:
    peer = make_peer()
    peer.address = address
    seen = []
    for sent, there, now in ((1000, 1500, 1200), (2000, 9999, 4000), (5000, 5550, 5100)):
        peer.answered(PongFields(sent, there), now)
        seen.append(peer.clock_offset_ns)
    assert seen == offsets


def test_a_clock_that_runs_backwards_tells_nothing() -> None:
    peer = make_peer()
    peer.answered(PongFields(2000, 1), 1000)
    assert peer.clock_offset_ns == 0


def test_replies_are_forgotten_as_they_are_acknowledged() -> None:
    peer = make_peer()
    peer.reply_sequences.extend([1, 2, 5])
    peer.replies_taken(AckFields(2, 0, 0, 1, 0))
    assert list(peer.reply_sequences) == [5]


def test_a_new_link_forgets_rings_and_replies_but_no_frames() -> None:
    peer = make_peer()
    offer_frame(peer, 1)
    peer.reply_sequences.append(1)
    peer.relink(Hello(name="game", session=SESSION, flow="lossless", resume=True))
    assert peer.hello.resume
    assert not peer.reply_sequences
    assert peer.ready
    assert peer.received == 1


class Ring:
    """A peer with a ring in which frames are written."""

    def __init__(self) -> None:
        self.peer = make_peer(window=8)
        self.out = OutLane(8, allowed=True)
        (offer,) = self.out.prepare(IN_RING[0] * IN_RING[1] * 3)
        assert isinstance(offer, Offer)
        self.out.settle(self.peer.lane.answer(offer))
        self.freed = 0

    def take(self, sequence: int) -> Arrival:
        frame = picture(sequence, IN_RING)
        parts, place = outgoing_from(frame, pack(frame, ()), bytes.fromhex(SESSION), sequence).message(self.out)
        assert place is not None
        found = decode_frame(parts[0])
        assert self.peer.admit(found)
        arrival = Arrival(found, [], self.peer.lane.ring_of(found))
        self.peer.take_in(arrival)
        return self.peer.next_arrival()

    def open(self, sequence: int) -> Frame:
        return self.peer.open_frame(self.take(sequence), self._released)

    def _released(self) -> None:
        self.freed += 1


@pytest.fixture
def ring() -> Iterator[Ring]:
    made = Ring()
    yield made
    made.out.close()


def test_a_slot_is_given_back_when_the_last_array_that_looks_at_it_is_gone(ring: Ring) -> None:
    frame = ring.open(1)
    corner = frame.color[:2, :2]
    view = memoryview(corner)
    del frame, corner
    gc.collect()
    assert ring.freed == 0
    assert view[0, 0, 0] == 1
    view.release()
    del view
    assert ring.freed == 1
    assert ring.peer.lane.take_released() == {1: 1 << 7}


def test_frames_beyond_those_in_place_are_copied_and_their_slots_are_free_at_once(ring: Ring) -> None:
    kept = [ring.open(sequence) for sequence in range(1, IN_PLACE + 3)]
    assert ring.freed == 2
    assert [bool(frame.color.flags.writeable) for frame in kept] == [False] * IN_PLACE + [True] * 2
    assert all((frame.color == sequence).all() for sequence, frame in enumerate(kept, 1))
    kept.clear()
    assert ring.freed == IN_PLACE + 2


def test_a_frame_in_place_survives_a_new_link_without_freeing_a_slot_of_it(ring: Ring) -> None:
    frame = ring.open(1)
    ring.peer.relink(ring.peer.hello)
    assert (frame.color == 1).all()
    del frame
    assert ring.freed == 1
    assert ring.peer.lane.take_released() == {}


def test_a_frame_that_waits_survives_a_new_link(ring: Ring) -> None:
    arrival = ring.take(1)
    ring.peer.relink(ring.peer.hello)
    ring.out.close()
    assert (ring.peer.open_frame(arrival, lambda: None).color == 1).all()


def test_a_slot_whose_frame_cant_be_opened_is_given_back(ring: Ring) -> None:
    arrival = ring.take(1)
    ring.out.release(1, 1 << arrival.header.fields.slot)
    ring.take(2)  # into the same slot
    with pytest.raises(WireFault) as caught:
        ring.peer.open_frame(arrival, ring._released)
    assert caught.value.code == Error.TORN
    assert ring.freed == 1
