"""The sender's socket, and how far it has come."""

from __future__ import annotations

import contextlib
from typing import Any

import zmq
from zmq.utils.monitor import recv_monitor_message

from stylebridge.wire.address import Address
from stylebridge.wire.keys import KeyPair
from stylebridge.wire.parts import end_rest, is_readable, new_context, receive_parts, send_parts

QUEUE = 1000  # messages; what is in flight is bounded by the window
RECONNECT_MS = 50
SLOWEST_RECONNECT_MS = 250

# what is still to be done after each event
_STEPS: dict[int, str] = {
    zmq.EVENT_CONNECTED: "encryption",
    zmq.EVENT_HANDSHAKE_SUCCEEDED: "hello",
    zmq.EVENT_CONNECT_RETRIED: "connect",
    zmq.EVENT_DISCONNECTED: "connect",
}
_FAILED = zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH


class Link:
    """A DEALER that queues nothing while there is no connection, and connects again by itself."""

    def __init__(self, address: Address, keys: KeyPair | None, peer: bytes, max_part_bytes: int) -> None:
        self.step = "connect"  # or "encryption", or "hello" when messages can flow
        self.broken = False  # the connection went away since this was last set back
        self._turned_away = False  # the last handshake failed; what is tried since then doesn't change that
        self._context = new_context()
        dealer = self._socket = self._context.socket(zmq.DEALER)
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.setsockopt(zmq.IMMEDIATE, 1)
        dealer.setsockopt(zmq.SNDHWM, QUEUE)
        dealer.setsockopt(zmq.RCVHWM, QUEUE)
        dealer.setsockopt(zmq.MAXMSGSIZE, max_part_bytes)
        dealer.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS)
        dealer.setsockopt(zmq.RECONNECT_IVL_MAX, SLOWEST_RECONNECT_MS)
        dealer.setsockopt(zmq.IPV6, int(":" in address.host))
        if keys is not None:
            keys.call(dealer, peer)
        self._monitor = dealer.get_monitor_socket(sum(_STEPS) | _FAILED)
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        self._poller.register(self._monitor, zmq.POLLIN)
        dealer.connect(address.endpoint)

    def send(self, parts: list[Any]) -> bool:
        """Send a message; false when there is no connection, or too much waits for it. Whole or not at all."""
        try:
            send_parts(self._socket, parts)
        except zmq.Again:
            return False
        except BaseException:  # Ctrl-C: half a message would take the next one for its other half
            end_rest(self._socket)
            raise
        return True

    def receive(self) -> list[Any] | None:
        """The next message if one has come: its first part as bytes, the others as they lie."""
        if not is_readable(self._socket):
            return None
        first, *planes = receive_parts(self._socket)
        return [first.bytes, *planes]

    def wait(self, seconds: float) -> bool:
        """Sleep until something comes or changes; whether there is something to `watch`."""
        return any(place is self._monitor for place, _ in self._poller.poll(max(0, round(seconds * 1000))))

    def watch(self) -> None:
        """Learn what became of the connection."""
        with contextlib.suppress(zmq.Again):
            while True:
                event = recv_monitor_message(self._monitor, zmq.NOBLOCK)["event"]
                self.broken |= event == zmq.EVENT_DISCONNECTED
                self._turned_away = event not in _STEPS or (
                    self._turned_away and event != zmq.EVENT_HANDSHAKE_SUCCEEDED
                )
                self.step = "encryption" if self._turned_away else _STEPS[event]

    def close(self, linger_s: float = 0.0) -> None:
        """Let go; what is under way may still leave for so long."""
        self._socket.disable_monitor()
        self._monitor.close(0)
        self._socket.close(int(linger_s * 1000))
        self._context.term()
