"""What the collector does with each message: who may come in, which frames are taken, what is answered."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from stylebridge.wire.codec import (
    check_parts,
    decode_ack,
    decode_frame,
    decode_ping,
    decode_pong,
    encode_ping,
    encode_pong,
    read_prefix,
)
from stylebridge.wire.complaints import Complaints
from stylebridge.wire.controls import Handler, answer_control
from stylebridge.wire.counters import Tally
from stylebridge.wire.fault import WireFault
from stylebridge.wire.hub import peer_address
from stylebridge.wire.layout import Error, Kind, Lane
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
    decode_message,
    encode_message,
)
from stylebridge.wire.peer import Arrival, Peer
from stylebridge.wire.questions import Questions
from stylebridge.wire.sessions import Policy, Sessions

TICK_MS = 100
LAZY_MS = 5  # by which an ACK may be late that no game is waiting for yet

_STEPS = {Kind.HELLO: "hello", Kind.LANE: "lane", Kind.CONTROL: "control"}  # the others are part of the stream
_FATAL = frozenset(
    {Error.GAP, Error.FLOOD, Error.BAD_SESSION, Error.TOO_MANY_CAMERAS, Error.BAD_VERSION, Error.PEERS_FULL}
)


class Reception:
    """Runs in the hub's thread, from `owe` on in any; `lock` guards what the reader's thread touches too."""

    def __init__(
        self,
        policy: Policy,
        received: Mapping[str, int],
        send: Callable[[bytes, list[Any]], None],
        wake: Callable[[], None],
    ) -> None:
        self.lock = threading.RLock()
        self.sessions = Sessions(policy, received, self._unlinked)
        self.line: deque[Peer] = deque()  # peers with something to hand out
        self.counts = Tally()
        self.handlers: dict[str, Handler] = {}
        self._send, self._wake = send, wake
        self._complaints = Complaints()
        self.hurry = False  # a game may be waiting for its ACK
        self._owed: deque[Peer] = deque()  # peers to be sent an ACK
        self._owed_since = 0.0
        self._unanswered: set[bytes | None] = set()  # links that haven't answered the last PING
        self._questions = Questions()

    def on_message(self, identity: bytes, part: Any, first: bytes, planes: list[Any]) -> None:
        """Take one message; whatever is wrong with it concerns its sender alone."""
        peer, step = self.sessions.links.get(identity), "stream"
        try:
            kind, _ = read_prefix(first)
            step = _STEPS.get(kind, "stream")
            if kind == Kind.FRAME:
                if peer is None:
                    self._stranger(identity)
                else:
                    self._frame(peer, first, planes)
            elif planes:
                raise WireFault(Error.BAD_PARTS, f"a {kind.name} of {1 + len(planes)} parts", expected="one part")
            elif kind == Kind.HELLO:
                self._hello(identity, part, first)
            elif peer is None:
                self._stranger(identity)
            else:
                self._other(peer, kind, first)
        except WireFault as fault:
            self._fault(identity, peer, fault, step)
            return
        except Exception as error:  # what one game sends must not end the others' links
            found = f"can't be handled: {type(error).__name__}: {error}"
            self._fault(identity, peer, WireFault(Error.BAD_MESSAGE, found), step)
            return
        if peer is not None:
            peer.heard = time.monotonic()

    def on_tick(self) -> None:
        """Look for peers that fell silent, and let others hear from us."""
        now = time.monotonic()
        with self.lock:
            for peer in list(self.sessions.links.values()):
                if now - peer.heard > self.sessions.policy.timeout_s:
                    peer.counts["losses"] += 1
                    self.sessions.unlink(peer)
                elif now - peer.told > self.sessions.policy.heartbeat_s:
                    self._tell(peer, [encode_ping(time.time_ns())])

    def patience_ms(self) -> int:
        """How long the thread may sleep: not long while a game waits for an ACK that may come late."""
        behind = any(peer.received > peer.told_done for peer in self.sessions.links.values())
        return LAZY_MS if behind else TICK_MS

    def due(self) -> Iterable[tuple[bytes, list[Any]]]:
        """The ACKs that are owed, one round for each peer; nothing while more may gather and no game waits."""
        if not self.hurry and time.monotonic() < self._owed_since + LAZY_MS / 1000:
            return
        self.hurry = False
        while self._owed:
            peer = self._owed.popleft()
            peer.owed = False
            with self.lock:
                acks, identity = peer.acks(), peer.identity
            if identity is not None:
                peer.told = time.monotonic()
                yield from ((identity, [ack]) for ack in acks)

    def _hello(self, identity: bytes, part: Any, first: bytes) -> None:
        hello = decode_message(first)
        assert isinstance(hello, Hello)  # noqa: S101 - the kind says so
        with self.lock:
            peer, resumed = self.sessions.enter(hello, identity, peer_address(part))
            self._complaints.forget(identity)
            welcome = self.sessions.welcome(peer, tuple(self.handlers), resumed=resumed)
        self._tell(peer, [encode_message(welcome)])

    def _frame(self, peer: Peer, first: bytes, planes: list[Any]) -> None:
        header = decode_frame(first, self.sessions.policy.max_frame_bytes)
        check_parts(header, planes)
        ring = peer.lane.ring_of(header) if header.fields.lane == Lane.RING else None
        arrival = Arrival(header, planes, ring)
        with self.lock:
            new = peer.admit(header)
            if new:
                peer.take_in(arrival)
                if not peer.listed:
                    peer.listed = True
                    self.line.append(peer)
            else:
                peer.let_go(arrival)
        if peer.flow == "live" or not new:
            self.owe(peer)

    def _other(self, peer: Peer, kind: Kind, first: bytes) -> None:
        if kind == Kind.PING:
            self._tell(peer, [encode_pong(decode_ping(first), time.time_ns())])
        elif kind == Kind.PONG:
            peer.answered(decode_pong(first), time.time_ns())
            self._unanswered.discard(peer.identity)
        elif kind == Kind.ACK:
            with self.lock:
                peer.replies_taken(decode_ack(first))
        else:
            self._json(peer, decode_message(first))

    def _json(self, peer: Peer, message: Message) -> None:
        if isinstance(message, Question):
            self._tell(peer, [encode_message(answer_control(message, self.handlers))])
        elif isinstance(message, Answer):
            self._questions.settle(peer.hello.session, message)
        elif isinstance(message, Stats):
            peer.game_counters = {name: float(value) for name, value in message.counters.items()}
        elif isinstance(message, Offer):
            self._tell(peer, [encode_message(peer.lane.answer(message))])
        elif isinstance(message, Close):
            peer.lane.close(message)
        elif isinstance(message, Accept | Refuse):
            with self.lock:
                peer.reply_lane.settle(message)
        elif isinstance(message, ErrorMessage):
            peer.counts["complaints"] += 1
        elif isinstance(message, Bye):
            with self.lock:
                self.sessions.unlink(peer)
                peer.left = True
        else:
            raise WireFault(Error.BAD_KIND, f"a {type(message).__name__} from a game", expected="what games say")

    def _fault(self, identity: bytes, peer: Peer | None, fault: WireFault, step: str) -> None:
        """Count it, and tell the one who caused it; who can't go on has to say HELLO again."""
        self.counts["faults"] += 1
        if peer is not None:
            peer.faults[fault.word] += 1
        fatal = peer is None or fault.code in _FATAL
        if self._complaints.may_tell(identity):
            step = "hello" if peer is None else step
            message = ErrorMessage(code=fault.word, says=str(fault)[:1000], step=step, fatal=fatal)
            self._send(identity, [encode_message(message)])
        if peer is not None and fatal:
            with self.lock:
                self.sessions.unlink(peer)

    def _stranger(self, identity: bytes) -> None:
        self.counts["strangers"] += 1
        if self._complaints.may_tell(identity):
            says = "nobody here knows this link; expected HELLO first"
            message = ErrorMessage(code=Error.NO_HELLO.name.lower(), says=says, step="hello", fatal=False)
            self._send(identity, [encode_message(message)])

    def _unlinked(self, peer: Peer, identity: bytes) -> None:
        self._unanswered.discard(identity)
        self._questions.give_up(peer.hello.session, "the game's link broke", where=peer.hello.name)

    def owe(self, peer: Peer, *, now: bool = True) -> None:
        """Send this peer an ACK: now, or with whatever is done next, at the latest in LAZY_MS."""
        if not peer.owed:
            if not self._owed:
                self._owed_since = time.monotonic()
            peer.owed = True  # no call between this and the next: Ctrl-C can't part them
            self._owed.append(peer)
        if now:
            self.hurry = True
            self._wake()

    def ask(self, peer: Peer, name: str, args: dict[str, Any]) -> Future[Answer]:
        """Send a control; the answer comes in the future."""
        with self.lock:
            question, future = self._questions.ask(peer.hello.session, name, args)
            if peer.identity is None:
                self._questions.give_up(peer.hello.session, "the game is not connected", where=peer.hello.name)
            self._tell(peer, [encode_message(question)])
        return future

    def forget(self, future: Future[Answer]) -> None:
        """Nobody waits for this answer any more."""
        self._questions.forget(future)

    def reply(self, peer: Peer, parts: list[list[Any]]) -> bool:
        """Send a frame back, with what has to go before it; whether the game is still there."""
        with self.lock:
            for message in parts:
                self._tell(peer, message)
            return peer.identity is not None

    def lose(self, peer: Peer, sequence: int, fault: WireFault) -> None:
        """A frame that was taken can't be opened after all: the stream goes on without it."""
        with self.lock:
            peer.skip(sequence)
            identity = peer.identity
        if identity is not None:
            self._fault(identity, peer, fault, "stream")
        self.owe(peer)

    def lose_track(self) -> None:
        """Something may have been lost half-way: every game says HELLO anew and sends again what it keeps."""
        with self.lock:
            self.line.clear()
            self._owed.clear()
            for peer in self.sessions.peers.values():
                self.sessions.unlink(peer)
                peer.lose_track()
                peer.listed = peer.ready
                if peer.ready:
                    self.line.append(peer)

    def farewell(self) -> None:
        """Tell everybody that the collector goes, after the ACKs; sessions may be resumed with the next one."""
        self.hurry = True
        for identity, parts in self.due():
            self._send(identity, parts)
        message = encode_message(
            ErrorMessage(code=Error.CLOSING.name.lower(), says="the collector stops", step="stream", fatal=False)
        )
        for identity, peer in list(self.sessions.links.items()):
            self._send(identity, [message])
            if peer.flow != "live":
                self._unanswered.add(identity)
                self._send(identity, [encode_ping(time.time_ns())])

    @property
    def saying_farewell(self) -> bool:
        """Whether a game that keeps frames may not have read its last ACK: ZeroMQ drops what is unread at the end."""
        return bool(self._unanswered)

    def _tell(self, peer: Peer, parts: list[Any]) -> None:
        if peer.identity is not None:
            peer.told = time.monotonic()
            self._send(peer.identity, parts)
