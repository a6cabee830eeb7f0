"""A peer that does what a test says, and the C# sender as a game that calls it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zmq
from stylebridge.wire import codec
from stylebridge.wire.codec import FrameHeader, decode_frame, encode_ack, encode_ping, read_prefix
from stylebridge.wire.layout import FrameFlag, Kind, Lane
from stylebridge.wire.messages import Hello, Offer, Welcome, decode_message, encode_message

PATIENCE_MS = 20_000
LARGE = "320x240x4"


class Peer:
    """A ROUTER that does what the test says."""

    def __init__(self) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self.address = f"tcp://127.0.0.1:{self._socket.bind_to_random_port('tcp://127.0.0.1')}"
        self.identity = b""
        self.hello: Hello | None = None
        self.passed_over: list[Any] = []

    def close(self) -> None:
        self._socket.close()
        self._context.term()

    def say(self, message: Any, *planes: bytes) -> None:
        first = message if isinstance(message, bytes) else encode_message(message)
        self._socket.send_multipart([self.identity, first, *planes])

    def hear(self, *wanted: Any) -> Any:
        """The next message of these kinds; the others are noted."""
        while True:
            message = self._next(PATIENCE_MS)
            assert message is not None, f"no {wanted} came"
            if isinstance(message, wanted):
                return message
            self.passed_over.append(message)

    def silent(self, unwanted: Any) -> None:
        """Nothing of this kind comes before the answer to a PING asked now."""
        self.say(encode_ping(77))
        while not isinstance(message := self._next(PATIENCE_MS), Pong):
            assert message is not None and not isinstance(message, unwanted), message

    def welcome(self, **changes: Any) -> Hello:
        """Hear HELLO and answer it."""
        hello: Hello = self.hear(Hello)
        self.say(welcome_from(hello, resumed=hello.resume, **changes))
        self.hello = hello
        return hello

    def _next(self, timeout_ms: int) -> Any:
        if not self._socket.poll(timeout_ms):
            return None
        self.identity, first, *planes = self._socket.recv_multipart()
        kind, _ = read_prefix(first)
        if kind == Kind.FRAME:
            return Frame(decode_frame(first), planes)
        if kind == Kind.PONG:
            return Pong()
        if kind == Kind.ACK:
            return codec.decode_ack(first)
        return Ping() if kind == Kind.PING else decode_message(first)


class Ping:
    pass


class Pong:
    pass


class Frame:
    def __init__(self, header: FrameHeader, planes: list[bytes]) -> None:
        self.header, self.planes = header, planes
        self.sequence = header.fields.sequence
        self.resent = bool(header.flags & FrameFlag.RESENT)
        self.in_ring = header.fields.lane == Lane.RING
        assert self.in_ring != bool(planes)


class Game:
    def __init__(self, exe: Path, to: str, *options: str) -> None:
        command = ["mono", str(exe), "wire-stream", "--to", to, "--tell", *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def lead(self, frames: int = 1) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n" * frames)
        self.process.stdin.flush()

    def told(self, wanted: str) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            if line.strip() == wanted:
                return
        pytest.fail(f"the game never said {wanted!r}")

    def report(self) -> dict[str, Any]:
        out, _ = self.process.communicate(timeout=PATIENCE_MS / 1000)
        return dict(json.loads(next(line for line in out.splitlines() if line.startswith("{"))))


def with_ring(peer: Peer, game: Game) -> Offer:
    """Welcome a game, take its first frame, and hear the ring that it offers then."""
    peer.welcome(window=2)
    game.lead()
    frame, offer = frame_and_offer(peer)
    assert not frame.in_ring
    return offer


def frame_and_offer(peer: Peer) -> tuple[Frame, Offer]:
    """A ring is made beside the game, so that its offer comes before the frame or after it."""
    pair = [peer.hear(Frame, Offer), peer.hear(Frame, Offer)]
    (frame,) = (message for message in pair if isinstance(message, Frame))
    (offer,) = (message for message in pair if isinstance(message, Offer))
    return frame, offer


def give(peer: Peer, game: Game, acknowledged: int, released: int = 0, ring: int = 0) -> Frame:
    """Acknowledge, and take the next frame."""
    peer.say(encode_ack(acknowledged, released, ring, 2))
    game.lead()
    frame: Frame = peer.hear(Frame)
    return frame


def pixels(number: int, size: int = 320 * 240 * 4) -> bytes:
    return (np.arange(size) * 7 + number * 13).astype(np.uint8).tobytes()


def last_of(seen: list[tuple[int, str]], first: int) -> int:
    return seen[-1][0] if seen else first


def welcome_from(hello: Hello, **changes: Any) -> Welcome:
    fields: dict[str, Any] = {
        "name": "peer",
        "engine": "",
        "session": hello.session,
        "resumed": True,
        "sequence": hello.acknowledged,
        "window": 4,
        "lanes": ("ring", "inline"),
        "planes": ("color",),
        "controls": (),
        "replies": hello.replies,
        "max_frame_bytes": 1 << 28,
        "heartbeat_ms": 60_000,
        "timeout_ms": 600_000,
    }
    return Welcome(**(fields | changes))


def frame_message(hello: Hello, *, flags: int = FrameFlag.REPLY, session: str = "", **changes: Any) -> bytes:
    """The first part of a 64 x 48 frame that comes back."""
    size = 64 * 48 * 3
    plane = codec.PlaneFields(1, 1, 3, 0, 0, 1, 0, 0, 0, 64 * 3, 0, size, 0, 1.0, 1.0, 0)
    fields = codec.FrameFields(
        session=bytes.fromhex(session or hello.session),
        sequence=1,
        frame_id=0,
        simulation_s=0.0,
        wall_ns=0,
        camera=codec.camera_bytes("main"),
        width=64,
        height=48,
        plane_count=1,
        lane=0,
        matrices=0,
        ring=0,
        slot=0,
        slot_stamp=0,
        payload_bytes=size,
        view=codec.NO_MATRIX,
        projection=codec.NO_MATRIX,
    )
    return codec.encode_frame(flags, fields._replace(**changes), codec.encode_table((plane,)))
