"""The Python end of ML-Agents' gRPC channel: a server on loopback that one game calls, step by step."""

from __future__ import annotations

import contextlib
import errno
import queue
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from mlagents_envs.communicator_objects.unity_message_pb2 import UnityMessageProto
from mlagents_envs.environment import UnityEnvironment

from stylebridge.errors import StylebridgeError
from stylebridge.sources.mlagents import faults
from stylebridge.sources.mlagents.faults import CONNECT, HANDSHAKE, MAX_MESSAGE_BYTES, OBSERVATION, STEP
from stylebridge.sources.mlagents.pool import DaemonPool

SERVICE, METHOD = "communicator_objects.UnityToExternalProto", "Exchange"
LARGEST_READ_BYTES = 128 << 20  # read beyond the bound only to say which sensor it was
THREADS = 4  # one game has one call open; the others are for those that are turned away
LOOK_S = 0.1  # how soon the death of the player is seen
GOODBYE_S = 1.0  # for a game that is busy when it is told to quit
GOOD, QUIT = 200, 400  # header.status
_VERSION = re.compile(r"(\d{1,9})\.\d{1,9}(\.\d{1,9})?", re.ASCII)


class Call:
    """A game that waits to be told what to do next."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.gone = False
        self._reply: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def answer(self, data: bytes) -> None:
        """Tell it."""
        self._reply.put(data)

    def wait(self) -> bytes:
        """What it is told."""
        return self._reply.get()

    def leave(self) -> None:
        """Nobody waits any more; gRPC says so at the end of every call."""
        self.gone = True
        self._reply.put(b"")


class Connection:
    """What mlagents-envs calls a communicator, without its pickles, its hangs, and its open port on every interface."""

    def __init__(self, port: int, wait_s: float, timeout_s: float, where: str, *, editor: bool) -> None:
        self.step = CONNECT
        self.interrupted = threading.Event()  # whoever waits for the game may stop waiting
        self.told_to_quit = False
        self.strangers = 0  # calls of other games than the first
        self.check_player: Callable[[str], None] = lambda step: None  # raises when the player has died
        self._wait_s, self._timeout_s = wait_s, timeout_s
        self.where = where
        self._editor = editor
        self._calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._open: Call | None = None
        self._peer = ""
        self._seat = threading.Lock()  # for the first game that calls, and no other
        self._closed = False
        self._silent = False  # it has kept this end waiting for too long before
        _check_free(port, editor, where)
        self._pool = DaemonPool(THREADS)
        self._server = grpc.server(
            self._pool,
            maximum_concurrent_rpcs=THREADS,  # others are turned away and not kept
            options=(("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", LARGEST_READ_BYTES)),
        )
        handler = grpc.unary_unary_rpc_method_handler(self._exchange)  # bytes in, bytes out
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler}),))
        try:
            self.port = self._listen(port)
            self._server.start()
        except BaseException:
            self._pool.shutdown()
            raise

    def initialize(self, inputs: Any, _poll: object = None) -> Any:
        """Let the game introduce itself, and answer; then it waits for its first command."""
        output = self._receive().unity_output
        theirs = output.rl_initialization_output
        self.step = HANDSHAKE
        if not _compatible(theirs.communication_version, UnityEnvironment.API_VERSION):
            version, package = theirs.communication_version, theirs.package_version
            self._answer(inputs)  # so that the game, too, can say what is wrong
            raise faults.wrong_version(version, UnityEnvironment.API_VERSION, package, self.where)
        self._answer(inputs)
        self._receive()
        self.step = OBSERVATION
        return output

    def exchange(self, inputs: Any, _poll: object = None) -> Any:
        """Tell the game what to do and wait for what comes of it; None when it says goodbye instead."""
        self._answer(inputs)
        message = self._receive()
        if message is None or message.header.status != GOOD:
            return None
        return message.unity_output

    def close(self) -> None:
        """Tell the game to quit and stop listening, within a few seconds. Harmless twice."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._peer and not self._silent:
                self._await_last_call()
        finally:
            if self._open is not None and not self._open.gone:
                self._open.answer(_message(QUIT))
                self.told_to_quit = True
            self._server.stop(grace=GOODBYE_S).wait(2 * GOODBYE_S)
            self._pool.shutdown()

    def _listen(self, port: int) -> int:
        """Only on loopback, where the game looks for it, by both of its addresses where there are two."""
        try:
            bound = int(self._server.add_insecure_port(f"127.0.0.1:{port}"))
            if _probe(socket.AF_INET6, "::1", bound) is None:
                self._server.add_insecure_port(f"[::1]:{bound}")
        except RuntimeError as error:
            raise faults.port_taken(port, self._editor, "gRPC can't listen there", self.where) from error
        return bound

    def _exchange(self, data: bytes, context: Any) -> bytes:
        """A call of the game, in one of gRPC's threads: hand it over and wait for the answer."""
        with self._seat:
            self._peer = self._peer or context.peer()
            stranger = context.peer() != self._peer
            self.strangers += stranger
        if stranger:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "another game is connected to this port")
        call = Call(data)
        if not context.add_callback(call.leave):
            call.leave()
        self._calls.put(call)
        if len(data) > MAX_MESSAGE_BYTES:
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, f"a message of {len(data)} bytes: {faults.ZEROMQ}")
        return call.wait()

    def _answer(self, inputs: Any) -> None:
        """Let the game go on."""
        call, self._open = self._open, None
        if call is None or call.gone:
            self.check_player(self.step)
            raise faults.went_away(self.step, self.where)
        call.answer(_message(GOOD, inputs))

    def _receive(self) -> Any:
        """The game's next message."""
        patience_s = self._wait_s if self.step == CONNECT else self._timeout_s
        deadline = time.monotonic() + patience_s
        while (call := self._next_call(deadline)) is None:
            if self.interrupted.is_set():
                return None
            self.check_player(self.step)
            if time.monotonic() > deadline:
                self._silent = True
                raise faults.timed_out(self.step, patience_s, self.where, port=self.port, player=not self._editor)
        self._open = call
        try:
            message = UnityMessageProto.FromString(call.data)
        except DecodeError as error:
            raise faults.not_understood("a message that isn't one of ML-Agents", self.step, self.where) from error
        if len(call.data) > MAX_MESSAGE_BYTES:
            self._open, self._silent = None, True  # it has been turned away
            raise faults.too_large(_largest(message, len(call.data)), self.step, self.where)
        if self.step == OBSERVATION and message.HasField("unity_output"):
            self.step = STEP
        return message

    def _await_last_call(self) -> None:
        """Give a game that is busy a moment to come back, for its goodbye."""
        deadline = time.monotonic() + GOODBYE_S
        with contextlib.suppress(StylebridgeError):
            while self._open is None and time.monotonic() < deadline:
                self._open = self._next_call(deadline)
                self.check_player(self.step)

    def _next_call(self, deadline: float) -> Call | None:
        try:
            return self._calls.get(timeout=max(0.0, min(LOOK_S, deadline - time.monotonic())))
        except queue.Empty:
            return None


def _message(status: int, inputs: Any = None) -> bytes:
    message = UnityMessageProto()
    message.header.status = status
    if inputs is not None:
        message.unity_input.CopyFrom(inputs)
    return bytes(message.SerializeToString())


def _compatible(theirs: str, ours: str) -> bool:
    """Whether the versions differ in nothing but what ML-Agents calls minor."""
    found = _VERSION.fullmatch(theirs)
    return found is not None and found[1] == ours.partition(".")[0]


def _largest(message: Any, size: int) -> str:
    """Which observation made a message too large."""
    infos = (info for behavior in message.unity_output.rl_output.agentInfos.values() for info in behavior.value)
    found = max((seen for info in infos for seen in info.observations), key=lambda seen: seen.ByteSize(), default=None)
    if found is None:
        return f"a message of {size / 2**20:.2f} MiB"
    shape = "x".join(map(str, list(found.shape)[:4]))
    form = "as PNG" if found.compression_type else "uncompressed, as float32"
    return f"sensor {found.name[:80] or '(nameless)'!r} of {shape} {form} makes a message of {size / 2**20:.2f} MiB"


def _check_free(port: int, editor: bool, where: str) -> None:
    """Refuse a port that another program has; gRPC's own refusal says less and prints more."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        reason = _probe(family, host, port) if port else None
        if reason in (errno.EADDRINUSE, errno.EACCES):
            words = "another program listens there" if reason == errno.EADDRINUSE else "the system doesn't allow it"
            raise faults.port_taken(port, editor, words, where)


def _probe(family: socket.AddressFamily, host: str, port: int) -> int | None:
    """Why a port can't be listened at, as an errno; None when it can."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return None
