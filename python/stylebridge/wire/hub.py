"""The collector's socket, and the round of work that one thread at a time does on it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import zmq
from zmq.utils.monitor import recv_monitor_message

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.wire.address import Address
from stylebridge.wire.counters import Tally
from stylebridge.wire.keys import Gate, KeyPair
from stylebridge.wire.memory import keep_large_buffers
from stylebridge.wire.parts import drop_rest, end_rest, is_readable, new_context, receive_parts, send_parts

TICK_S = 0.1
GRACE_S = 0.005
BURST = 32  # messages taken before anything is sent
QUEUE = 1000  # messages ZeroMQ may hold per peer; what is in flight is bounded by windows
HANDSHAKE_MS = 5000
LINGER_MS = 1000
FAREWELL_S = 0.5  # for the games to read what was sent to them last
LAST_POLL_MS = 20
CLOSE_S = 5.0  # longer than a farewell takes; who closes amid a frame isn't waited for longer

_WATCHED: dict[int, str] = {
    zmq.EVENT_ACCEPTED: "links_opened",
    zmq.EVENT_DISCONNECTED: "links_closed",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "handshakes_failed",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "handshakes_failed",
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "handshakes_refused",
}
OnMessage = Callable[[bytes, Any, bytes, list[Any]], None]  # identity, first part as it came and as bytes, planes


class Hub:
    """Binds a ROUTER; hands every message to `on_message`, and sends what any thread gives it.

    Its own thread does the work. A reader that would only wait for a frame does it in its place: that saves two changes
    of thread per frame. The thread takes over again when the reader stays away for `GRACE_S`.
    """

    def __init__(
        self,
        address: Address,
        keys: KeyPair | None,
        gate: Gate | None,
        max_part_bytes: int,
        on_message: OnMessage,
        on_tick: Callable[[], None],
        patience_ms: Callable[[], int],
        before_send: Callable[[], Iterable[tuple[bytes, list[Any]]]],
        on_lost_track: Callable[[], None],
        on_close: Callable[[], None],
        is_busy: Callable[[], bool],
    ) -> None:
        self.counts = Tally()
        self.failure: BaseException | None = None
        self._on_message, self._on_tick, self._patience_ms = on_message, on_tick, patience_ms
        self._before_send, self._on_lost_track = before_send, on_lost_track
        self._on_close, self._is_busy = on_close, is_busy
        self._outbox: deque[tuple[bytes, list[Any]]] = deque()
        keep_large_buffers()
        self._context = new_context()
        self._gate = gate.open(self._context) if gate is not None else None
        self._socket = self._bind(address, keys, max_part_bytes)
        self.endpoint = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self._monitor = self._socket.get_monitor_socket(sum(_WATCHED))
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._signalled = self._closing = False
        self._may_sleep = False  # a round is on that looks no more at what there is to send
        self._poller = zmq.Poller()
        for place in (self._socket, self._monitor, self._wake_in):
            self._poller.register(place, zmq.POLLIN)
        self._turn = threading.RLock()  # a thread knows whether it has it, wherever Ctrl-C struck
        self._owner: int | None = None  # the thread whose turn it is
        self._reader_waits = False
        self._reader_left = -GRACE_S
        self._tick_due = 0.0
        self._thread = threading.Thread(target=self._run, name="stylebridge wire", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def send(self, identity: bytes, parts: list[Any]) -> None:
        """Send a message soon; to one who is gone it is counted and dropped."""
        self._outbox.append((identity, parts))
        self.wake()

    def wake(self) -> None:
        """Let the work be looked at; may be called from any thread, even amid a garbage collection."""
        if self._may_sleep and not self._signalled:  # else the next round comes by itself, within twice GRACE_S
            self._ring()

    def is_mine(self) -> bool:
        """Whether the calling thread is doing the work right now: a handler's, for one."""
        return self._owner == threading.get_ident()

    def help(self, seconds: float) -> None:
        """Do one round of the work in a reader's thread, which sleeps in it for so long at most."""
        if self.is_mine():
            raise InputError("a frame asked for within the handler of a control", do="ask from a thread of your own")
        self._reader_waits = True
        try:
            if not self._turn.acquire(blocking=False):
                self.wake()
                if not self._turn.acquire(timeout=max(seconds, LAST_POLL_MS / 1000)):
                    return
            if not self._closing:
                self._round(min(round(seconds * 1000), self._patience_ms()))
            self._reader_left = time.monotonic()
        finally:  # in this order: Ctrl-C may strike after each call
            self._reader_waits = False
            try:  # noqa: SIM105 - making a `suppress` is a call too
                self._turn.release()
            except RuntimeError:  # it wasn't had
                pass

    def close(self) -> None:
        """Send what is waiting, and stop. Harmless twice; within a handler it isn't waited for."""
        self._closing = True
        self._ring()
        if not self.is_mine():
            self._thread.join(CLOSE_S)

    def _ring(self) -> None:
        self._signalled = True
        with contextlib.suppress(OSError):  # full: it is awake; closed: nobody cares
            self._wake_out.send(b"\0")

    def _bind(self, address: Address, keys: KeyPair | None, max_part_bytes: int) -> zmq.Socket[bytes]:
        router = self._context.socket(zmq.ROUTER)
        router.setsockopt(zmq.LINGER, 0)
        router.setsockopt(zmq.ROUTER_MANDATORY, 1)  # who is gone is told apart from who is slow
        router.setsockopt(zmq.MAXMSGSIZE, max_part_bytes)  # ZeroMQ drops the link before it allocates more
        router.setsockopt(zmq.SNDHWM, QUEUE)
        router.setsockopt(zmq.RCVHWM, QUEUE)
        router.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_MS)
        router.setsockopt(zmq.HEARTBEAT_IVL, HANDSHAKE_MS)  # a dead link gives its memory back, also before a HELLO
        router.setsockopt(zmq.HEARTBEAT_TIMEOUT, 2 * HANDSHAKE_MS)
        router.setsockopt(zmq.IPV6, int(":" in address.host))
        if keys is not None:
            keys.serve(router)
        try:
            router.bind(address.endpoint)
        except zmq.ZMQError as error:
            router.close()
            if self._gate is not None:
                self._gate.close()
            self._context.term()
            do = "stop the other program, or choose another port" if error.errno == zmq.EADDRINUSE else ""
            raise InputError(f"can't listen: {error.strerror}", do=do, where=address) from error
        return router

    def _run(self) -> None:
        try:
            while not self._closing:
                if self._reader_is_near():
                    time.sleep(GRACE_S)
                    continue
                with self._turn:
                    self._may_sleep = True  # before the look: a reader who comes after it rings
                    if not self._reader_is_near():
                        self._round(self._patience_ms())
            with self._turn:
                self._owner = self._thread.ident
                self._say_farewell()
        except BaseException as error:  # the reader learns of it; a silent thread would look like a silent game
            self.failure = error
        finally:
            with self._turn:
                self._closing = True
                self._on_lost_track()
                self._release()

    def _reader_is_near(self) -> bool:
        return self._reader_waits or time.monotonic() < self._reader_left + GRACE_S

    def _release(self) -> None:
        self._socket.disable_monitor()
        self._monitor.close(0)
        self._socket.close(LINGER_MS)
        if self._gate is not None:
            self._gate.close()
        self._context.term()
        self._wake_in.close()
        self._wake_out.close()

    def _round(self, patience_ms: int) -> None:
        self._owner = threading.get_ident()
        asleep = False
        try:
            self._signalled = False  # a byte that is there still ends the poll
            self._may_sleep = True  # before the flush: what comes too late for it rings
            self._flush()
            asleep = True
            events = dict(self._poller.poll(patience_ms))
            asleep = self._may_sleep = False
            if self._wake_in.fileno() in events:
                with contextlib.suppress(OSError):
                    self._wake_in.recv(4096)
            if self._socket in events:
                self._drain()
            if self._monitor in events:
                self._watch()
            if time.monotonic() >= self._tick_due:
                self._on_tick()
                self._tick_due = time.monotonic() + TICK_S
        except BaseException:  # Ctrl-C in the reader's thread
            if not asleep:
                self._lose_track()
            raise
        finally:
            self._owner = None

    def _lose_track(self) -> None:
        """What was half taken or half sent is asked for again."""
        drop_rest(self._socket)
        drop_rest(self._monitor)
        end_rest(self._socket)
        self._on_lost_track()

    def _say_farewell(self) -> None:
        self._flush()
        self._on_close()
        self._flush()
        end = time.monotonic() + FAREWELL_S
        while self._is_busy() and time.monotonic() < end:
            self._poller.poll(LAST_POLL_MS)
            self._drain()
            self._flush()

    def _drain(self) -> None:
        for _ in range(BURST):
            if not is_readable(self._socket):
                return
            identity, first, *planes = receive_parts(self._socket)
            self._on_message(identity.bytes, first, first.bytes, planes)

    def _flush(self) -> None:
        self._outbox.extend(self._before_send())
        while self._outbox:
            identity, parts = self._outbox.popleft()
            try:
                send_parts(self._socket, [identity, *parts])
            except zmq.ZMQError as error:
                self.counts["undelivered" if error.errno == zmq.EAGAIN else "addressee_gone"] += 1

    def _watch(self) -> None:
        with contextlib.suppress(zmq.Again):
            while True:
                event = recv_monitor_message(self._monitor, zmq.NOBLOCK)
                self.counts[_WATCHED[event["event"]]] += 1


def peer_address(first: Any) -> str:
    """Where a message came from, as far as ZeroMQ knows."""
    try:
        return str(first.get("Peer-Address"))
    except (zmq.ZMQError, KeyError, TypeError):
        return ""


def broken(failure: BaseException) -> StylebridgeError:
    """What a reader is told when the thread died."""
    return StylebridgeError(f"the collector's own thread failed: {failure!r}", do="report this, with --debug")
