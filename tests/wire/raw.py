"""A peer without manners: a bare DEALER, and the messages that it makes by hand."""

from __future__ import annotations

import contextlib
import secrets
import time
from types import TracebackType
from typing import Any, Self

import msgspec
import numpy as np
import zmq
from stylebridge.frame import Frame
from stylebridge.wire.codec import PREFIX_BYTES, encode_frame, read_prefix, write_prefix
from stylebridge.wire.layout import Kind
from stylebridge.wire.outgoing import outgoing_from
from stylebridge.wire.planes import pack

from .pictures import picture

Json = dict[str, Any]


def json_part(kind: Kind, body: Json | bytes) -> bytes:
    text = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return write_prefix(kind, len(text)) + text


def frame_parts(session: str, sequence: int, frame: Frame | None = None, flags: int = 0, **fields: Any) -> list[Any]:
    """A FRAME's parts; `fields` replace those of its header."""
    frame = picture(sequence) if frame is None else frame
    packed = pack(frame, ())
    outgoing = outgoing_from(frame, packed, bytes.fromhex(session), sequence)
    return [encode_frame(flags, outgoing.fields._replace(**fields), packed.table), *packed.buffers]


def ring_frame(session: str, sequence: int, ring: int, slot: int, stamp: int, frame: Frame) -> list[bytes]:
    """The one part of a FRAME on the ring lane."""
    return frame_parts(session, sequence, frame, lane=1, ring=ring, slot=slot, slot_stamp=stamp)[:1]


class RawGame:
    """Sends what it is told and shows what comes back."""

    def __init__(self, endpoint: str, *, flow: str = "lossless", lanes: tuple[str, ...] = ("inline",)) -> None:
        self.session = secrets.token_hex(16)
        self.flow, self.lanes = flow, lanes
        self._polite = False  # whether a collector would wait for a goodbye
        self._context = zmq.Context()
        self.socket = self._context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(endpoint)

    def send(self, *parts: Any) -> None:
        self.socket.send_multipart([bytes(part) if isinstance(part, np.ndarray) else part for part in parts])

    def hello(self, **fields: Any) -> Json:
        """Say HELLO and give the WELCOME."""
        self.send(self.hello_part(**fields))
        welcome = self.hear(Kind.WELCOME)
        self._polite = True
        return welcome

    def hello_part(self, **fields: Any) -> bytes:
        body = {"name": "raw", "session": self.session, "flow": self.flow, "lanes": self.lanes} | fields
        return json_part(Kind.HELLO, body)

    def frame(self, sequence: int, frame: Frame | None = None, **fields: Any) -> None:
        self.send(*frame_parts(fields.pop("session", self.session), sequence, frame, **fields))

    def hear(self, kind: Kind, seconds: float = 5.0) -> Json:
        """The next message of this kind; a binary one as its `bytes`."""
        deadline = time.monotonic() + seconds
        heard = []
        while (left := deadline - time.monotonic()) > 0:
            if not self.socket.poll(max(1, int(left * 1000))):
                break
            first = self.socket.recv_multipart()[0]
            found, _ = read_prefix(first)
            if found == kind:
                return dict(msgspec.json.decode(first[PREFIX_BYTES:])) if kind < Kind.FRAME else {"bytes": first}
            heard.append(found.name)
        raise AssertionError(f"no {kind.name} in {seconds:g} s, only {heard}")

    def vanish(self) -> None:
        """Close without a goodbye."""
        self.socket.close(0)
        self._context.destroy(0)

    def close(self) -> None:
        """Say goodbye where somebody listens, so that nobody waits for this game."""
        if self._polite and not self.socket.closed:
            with contextlib.suppress(zmq.Again):
                self.socket.send(json_part(Kind.BYE, {"why": "the test is over"}), zmq.NOBLOCK)
            self.socket.close(200)
        self.vanish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
