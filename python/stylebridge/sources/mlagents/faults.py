"""What can go wrong with a game that speaks ML-Agents, by the step at which it does, and what to look at."""

from __future__ import annotations

import os

from stylebridge.wire.fault import LinkFault

NAME_LENGTH = 80  # of what a game calls something, in messages and for cameras
MAX_MESSAGE_BYTES = 4 << 20  # gRPC's own default, which mlagents-envs keeps: the largest message an end takes in
START, CONNECT, HANDSHAKE, OBSERVATION, STEP = (
    "start the player",
    "wait for the game",
    "handshake",
    "first observation",
    "step",
)
ZEROMQ = "send frames of this size over the ZeroMQ lane instead: zmq://HOST:PORT, with stylebridge's Unity package"

_AGENT = "an enabled Agent with a Decision Requester, whose Behavior Parameters say Behavior Type: Default"
# step -> what is found, what to do
_SILENT = {
    HANDSHAKE: (
        "the game introduced itself and then fell silent",
        "look in its log (in the editor: the console) for a complaint about versions of ML-Agents",
    ),
    OBSERVATION: (
        "the game is connected but sent no observation",
        f"check that the scene has {_AGENT}, and that the game is neither paused nor at time scale 0",
    ),
    STEP: (
        "the game didn't answer",
        "look whether it is stuck, paused, at time scale 0 or showing a dialog; give it more time with ?timeout=S",
    ),
}


def plain(name: str, length: int = NAME_LENGTH) -> str:
    """A name that a game has given, without what a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in name[:length])


def timed_out(step: str, waited_s: float, where: str, *, port: int = 0, player: bool = False) -> LinkFault:
    """Nothing came in time."""
    if step != CONNECT:
        found, do = _SILENT[step]
        return LinkFault(f"{found} in {waited_s:g} s", step=step, do=do, where=where)
    if player:
        return LinkFault(
            f"the player runs but hasn't called port {port} in {waited_s:g} s",
            step=step,
            do=f"check that it was built with the ML-Agents package, that its first scene has {_AGENT}, and that it"
            f" waits for nobody's click; a slow start takes more with ?wait=S{_proxy()}",
            where=where,
        )
    return LinkFault(
        f"no game called port {port} in {waited_s:g} s",
        step=step,
        do=f"press Play in the Unity editor while this waits; check that the scene has {_AGENT}; the editor calls"
        f" port 5004 of its own machine only{_proxy()}",
        where=where,
    )


def _proxy() -> str:
    """A cause that nobody thinks of."""
    found = [name for name in ("grpc_proxy", "http_proxy", "HTTP_PROXY") if os.environ.get(name)]
    return f"; unset {found[0]}, which a game's gRPC may follow even on this machine" if found else ""


def port_taken(port: int, editor: bool, reason: str, where: str) -> LinkFault:
    """Another program listens there."""
    do = (
        "end the other program (another training, perhaps): the editor calls this port and no other"
        if editor
        else "choose another with ?port= or ?worker=, or leave both out and a free one is taken"
    )
    return LinkFault(f"port {port} can't be had: {reason}", step=CONNECT, do=do, where=where)


def wrong_version(theirs: str, ours: str, package: str, where: str) -> LinkFault:
    """Two ends that don't understand each other."""
    known, made = plain(theirs, 40) or "none", plain(package, 40) or "unknown"
    return LinkFault(
        f"the game speaks ML-Agents communication version {known} (package {made}), this side speaks {ours}",
        step=HANDSHAKE,
        expected=f"a version that begins with {ours.partition('.')[0]}",
        do="use another version of the com.unity.ml-agents package in the Unity project",
        where=where,
    )


def not_understood(found: str, step: str, where: str) -> LinkFault:
    """The game says something that it can't mean."""
    do = "check that the Unity package com.unity.ml-agents is version 2 or later"
    return LinkFault(f"the game sent {found}", step=step, do=do, where=where)


def went_away(step: str, where: str) -> LinkFault:
    """The game closed its end without a word."""
    do = "look in the game's log (in the editor: the console) for an exception, and whether it crashed"
    return LinkFault("the game broke the connection off", step=step, do=do, where=where)


def too_large(found: str, step: str, where: str) -> LinkFault:
    """A frame that gRPC doesn't carry."""
    expected = f"at most {MAX_MESSAGE_BYTES >> 20} MiB in one message of ML-Agents' gRPC channel"
    smaller = "make the sensor smaller" if " as PNG " in found else "set the sensor's Compression to PNG"
    do = f"{smaller}, or {ZEROMQ}"
    return LinkFault(found, step=step, expected=expected, do=do, where=where)
