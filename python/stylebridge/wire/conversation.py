"""The game's side of a session: HELLO to BYE, over as many links as it takes."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from typing import Any

import msgspec

from stylebridge.frame import Frame
from stylebridge.wire.codec import (
    check_parts,
    decode_ack,
    decode_frame,
    decode_ping,
    encode_ack,
    encode_ping,
    encode_pong,
    read_prefix,
)
from stylebridge.wire.controls import Handler, answer_control
from stylebridge.wire.counters import Tally
from stylebridge.wire.fault import LinkFault, WireFault
from stylebridge.wire.lanes import InLane, OutLane, copied_slot
from stylebridge.wire.layout import MAX_FRAME_BYTES, Error, FrameFlag, Kind, Lane
from stylebridge.wire.link import Link
from stylebridge.wire.messages import (
    Accept,
    Answer,
    Bye,
    Close,
    ErrorMessage,
    Hello,
    Message,
    Offer,
    Question,
    Refuse,
    Stats,
    Welcome,
    decode_message,
    encode_message,
)
from stylebridge.wire.planes import frame_from_wire

HELLO_S = 1.0  # between two tries
WATCH_S = 0.05  # how often the connection's own events are looked at
IMPATIENT_S = 0.25  # while the game waits: a restarted collector answers a PING with "no HELLO"
SLOTS_BEYOND_WINDOW = 4  # what a reader may hold, and the newest
# told by a collector that may take the game later, or after another HELLO
_PASSING = frozenset(error.name.lower() for error in (Error.NO_HELLO, Error.PEERS_FULL, Error.CLOSING))


class Conversation:
    """Keeps a session alive. `on_welcome` and `on_acknowledged` get the highest sequence that the collector has."""

    def __init__(
        self,
        open_link: Callable[[], Link],
        hello: Hello,
        handlers: dict[str, Handler],
        on_welcome: Callable[[int], None],
        on_acknowledged: Callable[[int], None],
    ) -> None:
        self.hello = hello
        self.handlers = handlers
        self.welcome: Welcome | None = None  # the newest; of a link that may have gone since
        self.ready = False
        self.refused: WireFault | LinkFault | None = None
        self.closed = False
        self.last_fault = ""
        self.window = 1
        self.acknowledged = 0
        self.counts = Tally()
        self.out_lane = OutLane(1, allowed=False)
        self.reply: tuple[int, Frame] | None = None  # the newest one, with its sequence
        self._in_lane = InLane(allowed="ring" in hello.lanes, max_frame_bytes=MAX_FRAME_BYTES)
        self._open_link = open_link
        self._link = open_link()
        self._on_welcome, self._on_acknowledged = on_welcome, on_acknowledged
        self._obeys = False  # a handler runs now
        self._last_words: str | None = None  # of a handler that closes
        self._answers: dict[int, Answer | None] = {}
        self._ids = itertools.count(1)
        self._heard = self._told = time.monotonic()
        self._next_hello = self._next_watch = self._next_stats = 0.0

    @property
    def step(self) -> str:
        """How far the handshake is: connect, encryption, hello, stream."""
        return "stream" if self.ready else self._link.step

    def send(self, parts: list[Any]) -> bool:
        """Send a message if the link takes it now."""
        sent = self._link.send(parts)
        if sent:
            self._told = time.monotonic()
        return sent

    def say(self, message: Message) -> bool:
        """Send a JSON kind."""
        return self.send([encode_message(message)])

    def pump(self) -> None:
        """Do what is due; never blocks."""
        if self.closed and self.refused is not None:
            raise self.refused
        while not self.closed and (parts := self._link.receive()) is not None:
            self._heard = time.monotonic()
            try:
                self._take(parts)
            except WireFault as fault:
                self.counts["faults"] += 1
                self.last_fault = str(fault)
        if self.closed:
            return
        now = time.monotonic()
        if now >= self._next_watch:
            self._next_watch = now + WATCH_S
            self._look_after_link(now)
        if not self.ready and self.refused is None and now >= self._next_hello:
            hello = msgspec.structs.replace(
                self.hello, resume=self.welcome is not None, acknowledged=self.acknowledged, controls=(*self.handlers,)
            )
            self._next_hello = now + (HELLO_S if self.say(hello) else WATCH_S)

    def wait(self, deadline: float | None) -> None:
        """Sleep until something may have happened, and do what is due; a refusal ends the waiting."""
        if self.refused is not None:
            raise self.refused
        now = time.monotonic()
        if self.ready and now - self._told > IMPATIENT_S:
            self.send([encode_ping(time.time_ns())])
        left = WATCH_S if deadline is None else min(WATCH_S, deadline - now)
        if self._link.wait(max(0.0, left)):
            self._next_watch = 0.0
        self.counts["waited_us"] += round((time.monotonic() - now) * 1e6)
        self.pump()

    def ask(self, name: str, args: dict[str, Any], timeout_s: float) -> Answer:
        """Ask the collector for something and wait for the answer."""
        number = next(self._ids)
        self._answers[number] = None
        deadline = time.monotonic() + timeout_s
        asked = False
        while self._answers[number] is None:
            asked = asked or (self.ready and self.say(Question(id=number, name=name, args=args)))
            if time.monotonic() >= deadline:
                del self._answers[number]
                raise LinkFault(f"no answer to {name!r} in {timeout_s:g} s", step=self.step)
            self.wait(deadline)
        answer = self._answers.pop(number)
        assert answer is not None  # noqa: S101 - the loop ended
        return answer

    def close(self, why: str) -> None:
        """Say BYE and let go; within a handler as soon as its answer has gone."""
        if self._obeys:
            self._last_words = why
            return
        if self.ready:
            self._say_stats()
            self.say(Bye(why=why))
        self.ready, self.closed = False, True
        self.refused = LinkFault("the sender was closed", step="closed", do="make a new one")
        self._drop_lanes()
        self._link.close(linger_s=1.0)

    def _look_after_link(self, now: float) -> None:
        before = self._link.step
        self._link.watch()
        if self._link.step == "hello" != before and self._next_hello <= now + WATCH_S:
            self._next_hello = 0.0  # it couldn't be said so far
        if self._link.broken:
            self._link.broken = False
            self._lose("the connection broke")
        if not self.ready or self.welcome is None:
            return
        if now - self._heard > self.welcome.timeout_ms / 1000:
            self._link.close()
            self._link = self._open_link()
            self._lose("the collector fell silent")
        elif now - self._told > self.welcome.heartbeat_ms / 1000:
            self.send([encode_ping(time.time_ns())])
        if now >= self._next_stats:
            self._next_stats = now + self.welcome.heartbeat_ms / 1000
            self._say_stats()

    def _say_stats(self) -> None:
        self.say(Stats(counters=dict(self.counts)))

    def _lose(self, why: str) -> None:
        if self.ready:
            self.counts["links_lost"] += 1
            self.last_fault = why
        self.ready = False
        self._next_hello = 0.0

    def _drop_lanes(self) -> None:
        self.out_lane.close()
        self._in_lane.start_over()

    def _take(self, parts: list[Any]) -> None:
        first = parts[0]
        kind, _ = read_prefix(first)
        if kind == Kind.ACK:
            self._acknowledge(first)
        elif kind == Kind.FRAME:
            self._take_reply(first, parts[1:])
        elif kind == Kind.PING:
            self.send([encode_pong(decode_ping(first), time.time_ns())])
        elif kind != Kind.PONG:
            self._take_message(decode_message(first))

    def _acknowledge(self, first: bytes) -> None:
        if not self.ready:
            return  # of the link before
        ack = decode_ack(first)
        self.out_lane.release(ack.ring, ack.released)
        self.window = ack.window or self.window
        if ack.sequence > self.acknowledged:
            self.acknowledged = ack.sequence
            self._on_acknowledged(ack.sequence)

    def _take_reply(self, first: bytes, parts: list[Any]) -> None:
        header = decode_frame(first)
        fields = header.fields
        check_parts(header, parts)
        if not header.flags & FrameFlag.REPLY or fields.session.hex() != self.hello.session:
            raise WireFault(Error.BAD_FLAGS, "a frame that is no reply to this session", expected="the flag `reply`")
        ring = fields.lane == Lane.RING
        try:
            if ring:
                payload = copied_slot(self._in_lane.ring_of(header), header)
                parts = [payload[plane.offset : plane.offset + plane.length] for plane in header.planes]
            else:
                parts = [part.buffer for part in parts]
            self.reply = (fields.sequence, frame_from_wire(header, parts))
            self.counts["replies"] += 1
        finally:  # what can't be read is done with too
            self.send([encode_ack(fields.sequence, 1 << fields.slot if ring else 0, fields.ring, self.window)])

    def _take_message(self, message: Message) -> None:
        if isinstance(message, Welcome):
            self._enter(message)
        elif isinstance(message, ErrorMessage):
            self._complain(message)
        elif isinstance(message, Question):
            self._obey(message)
        elif isinstance(message, Answer):
            if message.answer in self._answers:
                self._answers[message.answer] = message
        elif isinstance(message, Accept | Refuse):
            self.out_lane.settle(message)
        elif isinstance(message, Offer):
            self.say(self._in_lane.answer(message))
        elif isinstance(message, Close):
            self._in_lane.close(message)
        elif isinstance(message, Bye):
            self._lose(f"the collector left: {message.why}")

    def _obey(self, question: Question) -> None:
        self._obeys = True
        try:
            answer = answer_control(question, self.handlers)
        finally:
            self._obeys = False
        self.say(answer)
        if self._last_words is not None:
            self.close(self._last_words)

    def _enter(self, welcome: Welcome) -> None:
        if welcome.session != self.hello.session or self.ready:
            return  # an answer to a HELLO that was said twice
        self.welcome, self.ready = welcome, True
        self._drop_lanes()
        self.window = welcome.window
        slots = welcome.window + SLOTS_BEYOND_WINDOW
        live, ring = self.hello.flow == "live", "ring" in welcome.lanes
        self.out_lane = OutLane(slots, allowed=ring, after=self.out_lane.number, beside=live)
        self.acknowledged = max(self.acknowledged, welcome.sequence)
        self.counts["links"] += 1
        self._on_welcome(self.acknowledged)

    def _complain(self, error: ErrorMessage) -> None:
        self.last_fault = f"{error.says} (step: {error.step})"
        if error.code in _PASSING:
            self._lose(self.last_fault)
            if error.code != Error.NO_HELLO.name.lower():
                self._next_hello = time.monotonic() + HELLO_S
        elif error.fatal:
            self.ready = False
            code = Error.__members__.get(error.code.upper(), Error.BAD_MESSAGE)
            self.refused = WireFault(code, f"the collector refused: {error.says} (step: {error.step})")
        else:
            self.counts["complaints"] += 1


def new_session() -> str:
    """A name for a session that nobody can guess."""
    return secrets.token_hex(16)
