"""ZeroMQ as it is used here: messages of several parts, without waiting. Plain integers: pyzmq's enums are slow."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import zmq

_NOW = int(zmq.NOBLOCK)
_MORE_FOLLOWS = int(zmq.NOBLOCK | zmq.SNDMORE)
_READABLE = int(zmq.POLLIN)


def new_context() -> zmq.Context[zmq.Socket[bytes]]:
    """A context whose own thread doesn't push a game's thread off its processor when bytes come or go."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    batch = getattr(os, "SCHED_BATCH", None)  # Linux: such a thread waits its turn when it wakes up
    if batch is not None:
        context.set(zmq.THREAD_SCHED_POLICY, batch)
    return context


def is_readable(socket: zmq.Socket[bytes]) -> bool:
    """Whether a message has come; asking is quicker than a refused recv."""
    return bool(int(socket.get(zmq.EVENTS)) & _READABLE)


def receive_parts(socket: zmq.Socket[bytes]) -> list[Any]:
    """The message that has come, each part where it lies."""
    part = socket.recv(_NOW, False)  # not a copy
    parts = [part]
    while part.more:
        part = socket.recv(_NOW, False)
        parts.append(part)
    return parts


def send_parts(socket: zmq.Socket[bytes], parts: list[Any]) -> None:
    """Send a message: all of it or, with zmq.Again, nothing. Large parts aren't copied."""
    for part in parts[:-1]:
        socket.send(part, _MORE_FOLLOWS, copy=len(part) < zmq.COPY_THRESHOLD)
    socket.send(parts[-1], _NOW, copy=len(parts[-1]) < zmq.COPY_THRESHOLD)


def drop_rest(socket: zmq.Socket[bytes]) -> None:
    """Pass over what is left of a message that was taken half-way."""
    while socket.get(zmq.RCVMORE):
        socket.recv(_NOW)


def end_rest(socket: zmq.Socket[bytes]) -> None:
    """End a message that may have been sent half-way; else a ROUTER drops the empty part, and a collector counts it."""
    with contextlib.suppress(zmq.ZMQError):
        socket.send(b"", _NOW)
