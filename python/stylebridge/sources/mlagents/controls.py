"""Stylebridge's own side channel: the wire's controls, carried by ML-Agents.

Channel id aada89e0-d424-5751-9b40-7605d9cd19ea. Each message is one part of the wire protocol, byte for byte as over
ZeroMQ (tools/wire.toml): the prefix with magic, version, kind and length, then JSON. Kinds are CONTROL, which asks
{"id", "name", "args"} or answers {"answer", "ok", "result", "code", "says"} in either direction, and STATS from the
game, whose counter `simulation_s` sets the clock of the frames that come in the same step. What Python asks leaves with
the next step, and the game answers with that step's observations or later ones. Anything else is counted and ignored.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from math import isfinite
from typing import Any

from mlagents_envs.side_channel import IncomingMessage, OutgoingMessage
from mlagents_envs.side_channel.side_channel import SideChannel

from stylebridge.errors import InputError
from stylebridge.wire.codec import PREFIX_BYTES
from stylebridge.wire.controls import Handler, answer_control, check_arguments
from stylebridge.wire.layout import MAX_JSON_BYTES
from stylebridge.wire.messages import Answer, Message, Question, Stats, decode_message, encode_message
from stylebridge.wire.questions import Questions

CHANNEL = uuid.UUID("aada89e0-d424-5751-9b40-7605d9cd19ea")
MAX_WAITING = 1000  # messages for one step


class Controls(SideChannel):  # type: ignore[misc]  # the library has no types
    """What is asked and answered between two steps."""

    def __init__(self) -> None:
        super().__init__(CHANNEL)
        self.handlers: dict[str, Handler] = {}
        self.counters: Mapping[str, int | float] = {}
        self.ignored = 0
        self.last_fault = ""
        self._questions = Questions()

    def ask(self, name: str, args: dict[str, Any]) -> Future[Answer]:
        """Ask the game for something; the answer comes with a later step."""
        question, future = self._questions.ask("", name, check_arguments(name, args))
        self._send(question)
        return future

    def give_up(self, where: str) -> None:
        """No answer comes any more."""
        self._questions.give_up("", "the game left without an answer; does it know stylebridge's side channel?", where)

    def on_message_received(self, msg: IncomingMessage) -> None:
        """Take a message of the game."""
        data = bytes(msg.buffer)
        try:
            if len(data) > PREFIX_BYTES + MAX_JSON_BYTES:
                raise InputError(f"{len(data)} bytes", expected=f"at most {MAX_JSON_BYTES} of JSON")
            self._take(decode_message(data))
        except InputError as fault:
            self.ignored += 1
            self.last_fault = str(fault)

    def _take(self, message: Message) -> None:
        if isinstance(message, Answer):
            self._questions.settle("", message)
        elif isinstance(message, Question):
            self._send(answer_control(message, self.handlers))
        elif isinstance(message, Stats):
            self.counters = {name: value for name, value in message.counters.items() if isfinite(value)}
        else:
            raise InputError(f"a {type(message).__name__}", expected="CONTROL or STATS")

    def _send(self, message: Question | Answer) -> None:
        if len(self.message_queue) >= MAX_WAITING:
            raise InputError(f"{MAX_WAITING} controls wait for the next step", do="read a frame in between")
        outgoing = OutgoingMessage()
        outgoing.set_raw_bytes(bytearray(encode_message(message)))
        self.queue_message_to_send(outgoing)
