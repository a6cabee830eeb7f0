"""The C# sender against a peer that follows a script: window, acknowledgements, lost links, and nonsense."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stylebridge.wire import codec
from stylebridge.wire.codec import encode_ack, encode_ping
from stylebridge.wire.layout import Lane
from stylebridge.wire.messages import (
    Accept,
    Answer,
    Bye,
    Close,
    ErrorMessage,
    Hello,
    Offer,
    Question,
    Refuse,
    Stats,
    encode_message,
)
from wirescript import Frame, Game, Peer, frame_message, last_of, welcome_from


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


def test_hello_says_who_the_game_is_and_is_said_again_until_it_is_answered(peer: Peer, start: Start) -> None:
    start("--flow", "lossless", "--replies", "--obey", "step")
    first, second = peer.hear(Hello), peer.hear(Hello)
    assert first == second
    assert (first.name, first.engine, first.flow, first.resume) == ("harness", "mono", "lossless", False)
    assert (set(first.lanes), first.replies, first.acknowledged) == ({"ring", "inline"}, True, 0)
    assert set(first.controls) == {"step", "planes"}


@pytest.mark.parametrize("flow", ["lossless", "live"])
def test_no_more_than_the_window_is_in_flight(peer: Peer, start: Start, flow: str) -> None:
    game = start("--flow", flow, "--led", "--frames", "9")
    peer.welcome(window=3)
    game.lead(9)
    assert [peer.hear(Frame).sequence for _ in range(3)] == [1, 2, 3]
    if flow == "live":
        game.told("gave 8")
        peer.say(encode_ack(1, 0, 0, 3))
        # Of those that found no room only the newest is left. The game is at its end and waits for it to leave.
        assert peer.hear(Frame).sequence == 9
        assert game.report()["counters"]["dropped"] == 5
        return
    peer.silent(Frame)
    peer.say(encode_ack(2, 0, 0, 3))
    assert [peer.hear(Frame).sequence for _ in range(2)] == [4, 5]
    peer.say(encode_ack(5, 0, 0, 1))  # a smaller window from now on
    assert peer.hear(Frame).sequence == 6
    peer.silent(Frame)
    peer.say(encode_ack(6, 0, 0, 9))
    assert [peer.hear(Frame).sequence for _ in range(3)] == [7, 8, 9]
    peer.say(encode_ack(9, 0, 0, 9))
    assert peer.hear(Bye).why
    assert game.report()["safe"]


def test_live_keeps_the_newest_frame_of_each_camera(peer: Peer, start: Start) -> None:
    game = start("--led", "--frames", "6", "--camera", "a", "--camera", "b", "--camera", "c")
    peer.welcome(window=1)
    game.lead(6)
    assert peer.hear(Frame).sequence == 1
    game.told("gave 5")
    seen = []
    for _ in range(3):
        peer.say(encode_ack(last_of(seen, 1), 0, 0, 1))
        frame = peer.hear(Frame)
        seen.append((frame.sequence, frame.header.camera))
    assert seen == [(4, "a"), (5, "b"), (6, "c")]


def test_a_lockstep_game_waits_for_the_acknowledgement(peer: Peer, start: Start) -> None:
    game = start("--flow", "lockstep", "--frames", "2")
    peer.welcome(window=1)
    game.told("state Streaming")
    assert peer.hear(Frame).sequence == 1
    peer.silent(Frame)
    peer.say(encode_ack(1, 0, 0, 1))
    game.told("gave 0")
    assert peer.hear(Frame).sequence == 2
    peer.say(encode_ack(2, 0, 0, 1))
    assert game.report()["safe"]


def test_a_silent_peer_gets_a_new_link_and_what_it_has_not_acknowledged(peer: Peer, start: Start) -> None:
    game = start("--flow", "lossless", "--led", "--frames", "4")
    first = peer.welcome(heartbeat_ms=50, timeout_ms=300)
    before = peer.identity
    game.lead(4)
    assert [peer.hear(Frame).sequence for _ in range(4)] == [1, 2, 3, 4]
    peer.say(encode_ack(1, 0, 0, 4))
    # The game is at its end and waits; nothing is said to it any more.
    hello = peer.hear(Hello)
    assert peer.identity != before
    assert (hello.resume, hello.session, hello.acknowledged) == (True, first.session, 1)
    assert any(isinstance(message, Stats) for message in peer.passed_over)
    peer.say(welcome_from(hello, sequence=2, heartbeat_ms=60_000, timeout_ms=600_000))
    again = [peer.hear(Frame) for _ in range(2)]
    assert [(frame.sequence, frame.resent) for frame in again] == [(3, True), (4, True)]
    peer.say(encode_ack(4, 0, 0, 4))
    report = game.report()
    assert report["safe"]
    assert (report["counters"]["links"], report["counters"]["links_lost"], report["counters"]["resent"]) == (2, 1, 2)


@pytest.mark.parametrize("code", ["no_hello", "flood", "closing"])
def test_a_peer_that_forgot_the_link_gets_hello_again_on_it(peer: Peer, start: Start, code: str) -> None:
    game = start("--flow", "lossless", "--led", "--frames", "2")
    peer.welcome()
    identity = peer.identity
    game.lead(2)
    assert [peer.hear(Frame).sequence for _ in range(2)] == [1, 2]
    peer.say(ErrorMessage(code=code, says="who are you?", step="hello", fatal=code == "flood"))
    hello = peer.hear(Hello)
    assert peer.identity == identity and hello.resume
    peer.say(welcome_from(hello))
    assert [(frame.sequence, frame.resent) for frame in (peer.hear(Frame), peer.hear(Frame))] == [(1, True), (2, True)]
    peer.say(encode_ack(2, 0, 0, 4))
    report = game.report()
    assert report["safe"] and report["counters"][f"fault_{code}"] == 1


def test_a_refused_game_says_why_and_does_not_wait(peer: Peer, start: Start) -> None:
    game = start("--flow", "lossless", "--frames", "3", "--timeout-ms", "15000")
    peer.hear(Hello)
    peer.say(ErrorMessage(code="bad_flow", says="only live here", step="hello", fatal=True))
    game.told("state Refused")
    report = game.report()
    assert "only live here" in report["last_fault"]
    assert report["counters"]["sent"] == 0


def test_nonsense_from_the_peer_is_counted_and_changes_nothing(peer: Peer, start: Start) -> None:
    game = start("--flow", "lossless", "--led", "--frames", "3", "--replies")
    hello = peer.welcome()
    rng = random.Random(3)
    good = encode_message(Answer(answer=9, ok=True))
    sent = 0
    for _ in range(400):
        data = bytearray(rng.choice([encode_ack(1, 1, 1, 1), good, encode_ping(1), frame_message(hello)]))
        data[rng.randrange(16)] ^= 1 + rng.randrange(255)
        planes = [rng.randbytes(rng.randrange(40)) for _ in range(rng.randrange(12))]
        peer.say(bytes(data), *planes)
        sent += 1
    peer.say(b"")
    peer.say(rng.randbytes(5000))
    peer.say(encode_ack(1 << 60, (1 << 64) - 1, 9, 256))
    peer.say(Answer(answer=77, ok=True))
    peer.say(Accept(accept=5))
    peer.say(Close(close=5))
    peer.say(Offer(offer=1, path="/etc/passwd", token="ab" * 16, slots=1, slot_bytes=1))
    peer.say(welcome_from(hello, session="cd" * 16))
    assert peer.hear(Refuse).refuse == 1
    peer.say(Question(id=4, name="none"))
    assert peer.hear(Answer).code == "unknown_control"
    game.lead(3)
    assert [peer.hear(Frame).sequence for _ in range(3)] == [1, 2, 3]
    peer.say(encode_ack(3, 0, 0, 4))
    report = game.report()
    assert report["safe"]
    assert report["counters"]["faults"] > sent / 2
    assert report["counters"]["acknowledged"] == 3
    assert report["counters"]["links"] == 1


def test_a_reply_that_is_not_what_it_says_is_refused_with_its_code(peer: Peer, start: Start) -> None:
    game = start("--flow", "lossless", "--led", "--frames", "1", "--replies")
    hello = peer.welcome()
    size = 64 * 48 * 3
    whole = frame_message(hello)
    peer.say(whole)
    peer.say(whole, bytes(size - 1))
    peer.say(whole, bytes(size), bytes(1))
    peer.say(frame_message(hello, session="ef" * 16), bytes(size))
    peer.say(frame_message(hello, flags=0), bytes(size))
    peer.say(frame_message(hello, lane=Lane.RING, ring=3, slot=2, slot_stamp=1))
    peer.say(whole, bytes(size))
    acks = []
    while len(acks) < 7:
        acks.append(peer.hear(codec.AckFields))
    assert all(ack.sequence == 1 for ack in acks)
    assert [(ack.ring, ack.released) for ack in acks if ack.ring] == [(3, 4)]
    game.lead()
    peer.hear(Frame)
    peer.say(encode_ack(1, 0, 0, 4))
    counters = game.report()["counters"]
    assert counters["replies"] == 1
    found = {name: counters.get(f"fault_{name}") for name in ("bad_parts", "bad_session", "bad_flags", "torn")}
    assert found == {"bad_parts": 3, "bad_session": 1, "bad_flags": 1, "torn": 1}


def test_live_frames_that_a_link_lost_are_counted_as_dropped(peer: Peer, start: Start) -> None:
    game = start("--led", "--frames", "4")
    peer.welcome(window=3)
    game.lead(3)
    assert [peer.hear(Frame).sequence for _ in range(3)] == [1, 2, 3]
    peer.say(encode_ack(1, 0, 0, 3))
    peer.say(ErrorMessage(code="no_hello", says="", step="hello", fatal=False))
    hello = peer.hear(Hello)
    assert hello.acknowledged == 1
    peer.say(welcome_from(hello, sequence=2, window=3))
    game.lead()
    frame = peer.hear(Frame)
    assert (frame.sequence, frame.resent) == (4, False)
    assert game.report()["counters"]["dropped"] == 1
