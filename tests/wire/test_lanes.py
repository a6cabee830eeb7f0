"""The shared-memory lane without sockets: offers, slots, and frames that outlive the ring that they came in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from stylebridge.frame import Frame
from stylebridge.wire import WireFault
from stylebridge.wire.codec import FrameHeader, decode_frame
from stylebridge.wire.lanes import MAX_RINGS, SMALLEST, InLane, OutLane, copied_slot, slot_in_place
from stylebridge.wire.layout import Error
from stylebridge.wire.messages import Accept, Close, Offer, Refuse
from stylebridge.wire.outgoing import outgoing_from
from stylebridge.wire.planes import pack

from .pictures import IN_RING, picture

SIZE = IN_RING[0] * IN_RING[1] * 3
LARGER = (320, 320)
SESSION = bytes(range(16))


@pytest.fixture
def out() -> Iterator[OutLane]:
    lane = OutLane(3, allowed=True)
    yield lane
    lane.close()


def in_lane(limit: int = 1 << 24, *, allowed: bool = True) -> InLane:
    return InLane(allowed=allowed, max_frame_bytes=limit)


def offered(out: OutLane) -> Offer:
    offer = out.prepare(SIZE)[-1]
    assert isinstance(offer, Offer)
    return offer


def agree(out: OutLane, into: InLane) -> None:
    """Let the two sides agree on a ring."""
    out.settle(into.answer(offered(out)))


def write(out: OutLane, frame: Frame, sequence: int = 1) -> FrameHeader:
    """The header of a frame that went into the ring."""
    outgoing = outgoing_from(frame, pack(frame, ()), SESSION, sequence)
    parts, place = outgoing.message(out)
    assert place is not None
    return decode_frame(parts[0])


def test_a_ring_is_offered_once_for_each_size_that_needs_one(out: OutLane) -> None:
    assert out.prepare(SMALLEST - 1) == []
    (first,) = out.prepare(SIZE)
    assert isinstance(first, Offer)
    assert (first.offer, first.slots) == (1, 3)
    assert out.prepare(SIZE) == out.prepare(SMALLEST) == []
    closed, second = out.prepare(SIZE * 2)
    assert closed == Close(close=1)
    assert isinstance(second, Offer)
    assert second.offer == 2


@pytest.mark.parametrize("answer", [Accept(accept=2), Refuse(refuse=2, says="")])
def test_an_answer_to_another_offer_changes_nothing(out: OutLane, answer: Accept | Refuse) -> None:
    out.prepare(SIZE)
    out.settle(answer)
    assert not out.active
    out.settle(Accept(accept=1))
    assert out.active


def test_a_refusal_is_final_and_says_why(out: OutLane) -> None:
    offer = offered(out)
    out.settle(Refuse(refuse=1, says="no room here"))
    assert (out.active, out.allowed, out.reason) == (False, False, "no room here")
    assert out.prepare(SIZE * 2) == []
    assert not Path(offer.path).exists()


def test_without_shared_memory_nothing_is_offered() -> None:
    lane = OutLane(3, allowed=False)
    assert lane.prepare(SIZE) == []
    assert lane.reason == "not asked for"


def test_a_frame_written_here_is_read_in_place_there(out: OutLane) -> None:
    into = in_lane()
    agree(out, into)
    header = write(out, picture(7, IN_RING))
    ring = into.ring_of(header)
    payload = slot_in_place(ring, header)
    assert (payload == 7).all()
    assert np.shares_memory(payload, slot_in_place(ring, header))
    assert not np.shares_memory(payload, copied_slot(ring, header))


def test_slots_run_out_and_come_back_by_ack(out: OutLane) -> None:
    into = in_lane()
    agree(out, into)
    headers = [write(out, picture(n, IN_RING)) for n in range(3)]
    assert outgoing_from(picture(4, IN_RING), pack(picture(4, IN_RING), ()), SESSION, 4).message(out)[1] is None
    ring = into.ring_of(headers[1])
    assert ring is not None
    into.release(ring, headers[1].fields.slot)
    into.release(ring, headers[1].fields.slot)
    released = into.take_released()
    assert released == {1: 1 << headers[1].fields.slot}
    assert into.take_released() == {}
    out.release(1, released[1])
    out.release(1, released[1])
    assert write(out, picture(5, IN_RING)).fields.slot == headers[1].fields.slot
    assert outgoing_from(picture(6, IN_RING), pack(picture(6, IN_RING), ()), SESSION, 6).message(out)[1] is None


@pytest.mark.parametrize(("ring", "bits"), [(2, 7), (0, 7), (1, 0), (1, 1 << 3 | 1 << 63)])
def test_a_release_that_concerns_no_slot_of_this_ring_is_passed_over(out: OutLane, ring: int, bits: int) -> None:
    agree(out, in_lane())
    for n in range(3):
        write(out, picture(n, IN_RING))
    out.release(ring, bits)
    assert outgoing_from(picture(4, IN_RING), pack(picture(4, IN_RING), ()), SESSION, 4).message(out)[1] is None


def test_a_frame_that_was_taken_can_be_read_after_its_ring_was_closed(out: OutLane) -> None:
    into = in_lane()
    agree(out, into)
    header = write(out, picture(9, IN_RING))
    ring = into.ring_of(header)
    closed, _ = out.prepare(LARGER[0] * LARGER[1] * 3)
    assert isinstance(closed, Close)
    into.close(closed)
    assert into.ring_of(header) is None
    assert (slot_in_place(ring, header) == 9).all()


def test_a_slot_of_an_earlier_link_frees_none_of_a_new_ring_with_its_number(out: OutLane) -> None:
    into = in_lane()
    agree(out, into)
    header = write(out, picture(1, IN_RING))
    old = into.ring_of(header)
    assert old is not None
    into.start_over()
    again = OutLane(3, allowed=True)
    agree(again, into)
    into.release(old, header.fields.slot)
    assert into.take_released() == {}
    new = into.ring_of(write(again, picture(2, IN_RING)))
    assert new is not None
    into.release(new, 0)
    assert into.take_released() == {1: 1}
    again.close()


def test_ring_numbers_go_on_over_links_and_wrap_without_a_0(out: OutLane) -> None:
    out.prepare(SIZE)
    after = OutLane(3, allowed=True, after=out.number)
    assert offered(after).offer == 2
    last = OutLane(3, allowed=True, after=0xFFFF)
    assert offered(last).offer == 1
    after.close()
    last.close()


def test_a_frame_in_an_unknown_ring_is_torn(out: OutLane) -> None:
    into = in_lane()
    agree(out, into)
    header = write(out, picture(1, IN_RING))
    into.start_over()
    for read in (slot_in_place, copied_slot):
        with pytest.raises(WireFault, match="a frame in ring 1") as caught:
            read(into.ring_of(header), header)
        assert caught.value.code == Error.TORN


def test_a_slot_that_is_written_again_is_torn(out: OutLane) -> None:
    into = in_lane()
    agree(out, into)
    header = write(out, picture(1, IN_RING))
    out.release(1, 1 << header.fields.slot)
    write(out, picture(2, IN_RING))
    with pytest.raises(WireFault, match="bears stamps 2 and 2"):
        copied_slot(into.ring_of(header), header)


def test_a_collector_that_wants_none_or_has_too_many_refuses() -> None:
    lanes = [OutLane(1, allowed=True, after=number) for number in range(MAX_RINGS + 1)]
    offers = [offered(lane) for lane in lanes]
    into = in_lane()
    answers = [into.answer(offer) for offer in offers]
    assert [type(answer) for answer in answers] == [Accept] * MAX_RINGS + [Refuse]
    into.close(Close(close=2))
    assert isinstance(into.answer(offers[-1]), Accept)
    assert into.answer(offers[0]) == Refuse(refuse=1, says="too large, or too many rings")
    wants_none = in_lane(allowed=False).answer(offers[0])
    assert wants_none == Refuse(refuse=1, says="no shared memory wanted here")
    for lane in lanes:
        lane.close()


def test_slots_beyond_the_largest_frame_are_refused(out: OutLane) -> None:
    offer = offered(out)
    assert isinstance(in_lane(SIZE - 64).answer(offer), Refuse)
    assert isinstance(in_lane(SIZE).answer(offer), Accept)


def test_a_refusal_names_the_file(out: OutLane) -> None:
    offer = offered(out)
    answer = in_lane().answer(msgspec.structs.replace(offer, token="0" * 32))
    assert isinstance(answer, Refuse)
    assert offer.path in answer.says
