"""The C# sender and its rings, against a peer that follows a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stylebridge.wire.codec import encode_ack
from stylebridge.wire.messages import Accept, ErrorMessage, Hello, Offer, Refuse
from stylebridge.wire.ring import RingReader
from wirescript import LARGE, Frame, Game, Peer, frame_and_offer, give, pixels, welcome_from, with_ring


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    yield made
    made.close()


@pytest.fixture
def start(harness_exe: Path, peer: Peer) -> Iterator[Callable[..., Game]]:
    games: list[Game] = []

    def run(*options: str) -> Game:
        games.append(Game(harness_exe, peer.address, *options))
        return games[-1]

    yield run
    for game in games:
        game.process.kill()
        game.process.communicate()


Start = Callable[..., Game]


def test_frames_go_through_the_ring_once_it_is_accepted_and_inline_when_no_slot_is_free(
    peer: Peer, start: Start
) -> None:
    game = start("--flow", "lossless", "--led", "--frames", "100", "--size", LARGE)
    offer = with_ring(peer, game)
    reader = RingReader(offer)
    assert (offer.slots, offer.slot_bytes) == (6, 320 * 240 * 4)
    peer.say(Accept(accept=offer.offer))
    peer.silent(Frame)  # the answer is under way before this one's, so the game knows
    assert not Path(offer.path).exists()
    slots, sequence = [], 1
    for _ in range(6):
        frame = give(peer, game, sequence)
        assert frame.in_ring
        fields, sequence = frame.header.fields, frame.sequence
        slots.append(fields.slot)
        payload = reader.payload(fields.slot, fields.slot_stamp, fields.payload_bytes)
        assert payload.tobytes() == pixels(fields.frame_id)
    assert sorted(slots) == list(range(6))
    # All six are this side's now: one more frame goes inline, until a slot is given back.
    frame = give(peer, game, sequence)
    assert not frame.in_ring
    frame = give(peer, game, frame.sequence, 1 << 3, offer.offer)
    assert frame.in_ring and frame.header.fields.slot == 3


def test_a_refused_ring_leaves_no_file_and_is_not_offered_again(peer: Peer, start: Start) -> None:
    game = start("--flow", "lossless", "--led", "--frames", "40", "--size", LARGE)
    offer = with_ring(peer, game)
    peer.say(Refuse(refuse=offer.offer, says="not on this host"))
    peer.silent(Frame)
    assert not Path(offer.path).exists()
    sequence = 1
    for _ in range(20):
        frame = give(peer, game, sequence)
        sequence = frame.sequence
        assert not frame.in_ring
    assert not [message for message in peer.passed_over if isinstance(message, Offer)]


def test_frames_in_a_ring_are_sent_again_inline_after_a_lost_link(peer: Peer, start: Start) -> None:
    game = start("--flow", "lossless", "--led", "--frames", "60", "--size", LARGE)
    offer = with_ring(peer, game)
    peer.say(Accept(accept=offer.offer))
    peer.say(encode_ack(1, 0, 0, 2))
    peer.silent(Frame)
    game.lead(2)
    last = [peer.hear(Frame), peer.hear(Frame)]
    assert all(frame.in_ring for frame in last)
    peer.say(ErrorMessage(code="no_hello", says="", step="hello", fatal=False))
    hello = peer.hear(Hello)
    peer.say(welcome_from(hello))
    again = [peer.hear(Frame), peer.hear(Frame)]
    assert [frame.sequence for frame in again] == [frame.sequence for frame in last]
    for frame in again:
        assert frame.resent and not frame.in_ring
        assert frame.planes[0] == pixels(frame.header.fields.frame_id)
    peer.say(encode_ack(again[0].sequence, 0, 0, 2))
    game.lead()
    frame, new = frame_and_offer(peer)
    assert not frame.in_ring
    assert new.offer == offer.offer + 1


def test_a_slot_with_an_unacknowledged_frame_is_not_written_even_when_it_was_given_back(
    peer: Peer, start: Start
) -> None:
    game = start("--flow", "lossless", "--led", "--frames", "60", "--size", LARGE)
    offer = with_ring(peer, game)
    peer.say(Accept(accept=offer.offer))
    peer.silent(Frame)
    held = give(peer, game, 1).header.fields
    # Copied, but not safe: the game may have to send it again.
    peer.say(encode_ack(1, 1 << held.slot, offer.offer, 20))
    game.lead(8)
    slots = [frame.header.fields.slot for frame in (peer.hear(Frame) for _ in range(8)) if frame.in_ring]
    assert len(slots) == 5 and held.slot not in slots
