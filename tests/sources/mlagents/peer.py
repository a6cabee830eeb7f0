"""A Unity game as far as ML-Agents' gRPC protocol goes: python peer.py --mlagents-port N --play JSON

It calls as a player does, shakes hands, sends behaviours and what agents see, obeys resets and quits, and reads side
channels; or it misbehaves as told. It shares nothing with the source but the protobuf definitions and the wire's JSON.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import signal
import struct
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import grpc

if __package__:  # a thread of a test
    from .pattern import CYCLE, observation, order, picture
    from .play import Eye, Play, decode
else:  # a process of its own
    sys.path.insert(0, str(Path(__file__).parent))
    from pattern import CYCLE, observation, order, picture
    from play import Eye, Play, decode

PROTOS = Path(__file__).resolve().parents[3] / "python/stylebridge/sources/mlagents/protos.py"
# as a file: the rest of the package takes longer to import than a game has to live
_spec = importlib.util.spec_from_file_location("protos", PROTOS)
assert _spec is not None and _spec.loader is not None
_protos = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_protos)
_protos.provide()

from mlagents_envs.communicator_objects.agent_info_pb2 import AgentInfoProto  # noqa: E402
from mlagents_envs.communicator_objects.observation_pb2 import ObservationProto  # noqa: E402
from mlagents_envs.communicator_objects.unity_message_pb2 import UnityMessageProto  # noqa: E402
from mlagents_envs.communicator_objects.unity_output_pb2 import UnityOutputProto  # noqa: E402

METHOD = "/communicator_objects.UnityToExternalProto/Exchange"
OURS = uuid.UUID("aada89e0-d424-5751-9b40-7605d9cd19ea")
ENGINE = uuid.UUID("e951342c-4f7e-11ea-b238-784f4387d1f7")
CONTROL, STATS = 3, 4
_PREFIX = struct.Struct("<4sHHII")


class Peer:
    def __init__(self, play: Play, port: int) -> None:
        self.play = play
        self.seen: dict[str, Any] = {"engine": [], "asked": [], "answers": [], "actions": [], "commands": []}
        options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
        self._channel = grpc.insecure_channel(f"localhost:{port}", options=options)
        self._call = self._channel.unary_unary(METHOD, None, UnityMessageProto.FromString)
        self._sent: dict[int, bytes] = {}
        self._outbox: list[bytes] = []
        self._announced: set[str] = set()
        self._next_id = 100  # agents' numbers are those of their episodes
        self._agents: dict[tuple[str, int], int] = {}
        self._cache: dict[tuple[Any, ...], Any] = {}
        self.step = 0

    def close(self) -> None:
        """Break the connection off, whatever is under way."""
        self._channel.close()

    def run(self) -> int:
        first = self.introduce()
        self.seen["hello"] = {"seed": first.seed, "version": first.communication_version}
        if self.trouble("mute"):
            wait(self.play)
        self._obey(self.exchange(None))
        while True:
            if self.play.steps and self.step >= self.play.steps:
                self._call(message(None, 400), timeout=60)
                return 0
            reply = self._send(self._next_message())
            if reply is None:
                self.seen["quit"] = True
                return 0
            self.step += 1
            self._obey(reply)

    def introduce(self) -> Any:
        output = UnityOutputProto()
        hello = output.rl_initialization_output
        hello.name, hello.communication_version, hello.package_version = "Academy", self.play.version, self.play.package
        hello.capabilities.baseRLCapabilities = True
        hello.capabilities.concatenatedPngObservations = True
        return self.exchange(output).rl_initialization_input

    def exchange(self, output: Any) -> Any:
        """What Python says; None for quit."""
        return self._send(message(output, 200))

    def _send(self, data: bytes) -> Any:
        reply = self._call(data, timeout=120, wait_for_ready=True)
        return reply.unity_input if reply.header.status == 200 else None

    def _next_message(self) -> bytes:
        if not self.play.replay or self.step < CYCLE:
            return message(self.observe(), 200)
        if self.step < 2 * CYCLE:
            self._sent[self.step % CYCLE] = message(self.observe(), 200)
        return self._sent[self.step % CYCLE]

    def trouble(self, name: str) -> bool:
        return self.play.trouble == name and self.step >= self.play.at

    def observe(self) -> Any:
        if self.trouble("die"):
            tell_of_waiting(self.play)
            os.kill(os.getpid(), signal.SIGKILL)
        if self.trouble("exit"):
            print("NullReferenceException: Object reference not set")
            sys.exit(7)
        if self.trouble("stuck"):
            wait(self.play)
        output, late = UnityOutputProto(), self.step < self.play.late
        for name in () if self.play.trouble == "empty" else self.play.blind + (() if late else self.play.behaviors):
            infos = output.rl_output.agentInfos[name].value
            infos.extend(self._infos(name, name in self.play.blind))
            if name not in self._announced:
                self._announced.add(name)
                brain = output.rl_initialization_output.brain_parameters.add()
                brain.brain_name = name
                brain.action_spec.num_continuous_actions = self.play.continuous
                brain.action_spec.num_discrete_actions = len(self.play.discrete)
                brain.action_spec.discrete_branch_sizes.extend(self.play.discrete)
        output.rl_output.side_channel = self._side_channels()
        return output

    def _infos(self, behavior: str, blind: bool) -> list[Any]:
        infos = []
        for seat in range(self.play.agents):
            key = (behavior, seat)
            if self.play.episode and self.step and self.step % self.play.episode == 0 and key in self._agents:
                infos.append(self._info(seat, self._agents.pop(key), blind, done=True))
            if key not in self._agents:
                self._agents[key] = self._next_id
                self._next_id += 1
            infos.append(self._info(seat, self._agents[key], blind, done=False))
        return infos

    def _info(self, seat: int, number: int, blind: bool, *, done: bool) -> Any:
        info = AgentInfoProto(
            id=number,
            done=done,
            max_step_reached=done,
            reward=float("nan") if self.play.reward is None else self.play.reward,
        )
        info.action_mask.extend(self.play.mask)
        vector = ObservationProto(shape=[3], name="VectorSensor")
        vector.float_data.data.extend([0.5, 1.0, 1.5])
        info.observations.append(vector)
        # the last picture of an episode is shown once more than the first of the next, 8 pictures further on
        at = self.step + (CYCLE // 2 if done else 0)
        for index, eye in enumerate(() if blind else self.play.eyes):
            info.observations.append(self._observation(eye, index, seat, at))
        return info

    def _observation(self, eye: Eye, index: int, seat: int, at: int) -> Any:
        key = (index, seat, at % CYCLE)
        if key not in self._cache:
            self._cache[key] = observation(
                eye, [picture(at + n, eye.width, eye.height, index, seat) for n in order(eye)]
            )
        return self._cache[key]

    def _side_channels(self) -> bytes:
        if self.play.clock:
            self._say(STATS, {"counters": {"simulation_s": 7 + self.step * 0.25}})
        if self.play.asks and self.step == 1:
            self._say(CONTROL, {"id": 5, "name": self.play.asks, "args": {}})
        if self.play.noise:
            self._outbox += [packed(OURS, b"not the wire"), packed(uuid.UUID(int=1), b"somebody else's")]
        parts, self._outbox = self._outbox, []
        return b"".join(parts)

    def _say(self, kind: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self._outbox.append(packed(OURS, prefix(kind, len(text)) + text))

    def _obey(self, reply: Any) -> None:
        order = reply.rl_input
        self.seen["commands"].append(order.command)
        if order.command == 1:
            self._agents.clear()
        for name, actions in order.agent_actions.items():
            rows = [[list(a.continuous_actions), list(a.discrete_actions)] for a in actions.value]
            self.seen["actions"] = [*self.seen["actions"][-20:], [name, rows]]
        self._listen(order.side_channel)

    def _listen(self, data: bytes) -> None:
        while data:
            channel, (size,) = uuid.UUID(bytes_le=data[:16]), struct.unpack_from("<i", data, 16)
            body, data = data[20 : 20 + size], data[20 + size :]
            if channel == ENGINE:
                kind, *values = struct.unpack(f"<{len(body) // 4}i", body)
                self.seen["engine"].append([kind, *(struct.unpack("<f", body[4:8]) if kind == 2 else values)])
            elif channel == OURS:
                self._answer(json.loads(body[_PREFIX.size :]))

    def _answer(self, body: dict[str, Any]) -> None:
        if "answer" in body:
            self.seen["answers"].append(body)
            return
        self.seen["asked"].append(body)
        known = body["name"] != "dance"
        answer = {"answer": body["id"], "ok": known, "result": {"was": body["args"]} if known else {}}
        if self.play.controls:
            self._say(CONTROL, answer | ({} if known else {"code": "unknown_control", "says": "I can't dance"}))


def packed(channel: uuid.UUID, body: bytes) -> bytes:
    return channel.bytes_le + struct.pack("<i", len(body)) + body


def prefix(kind: int, size: int) -> bytes:
    return _PREFIX.pack(b"STYB", 1, kind, _PREFIX.size + size, 0)


def message(output: Any, status: int) -> bytes:
    wrapped = UnityMessageProto()
    wrapped.header.status = status
    if output is not None:
        wrapped.unity_output.CopyFrom(output)
    return bytes(wrapped.SerializeToString())


def wait(play: Play) -> None:
    """Forever, as far as a test goes; whoever started this ends it."""
    tell_of_waiting(play)
    time.sleep(600)


def tell_of_waiting(play: Play) -> None:
    """Nothing more comes, so that a test needn't sit a timeout out."""
    if play.report:
        Path(play.report + ".waits").touch()


def perform(peer: Peer) -> int:
    """Play to the end, and write down what was received."""
    try:
        return peer.run()
    except grpc.RpcError as error:
        peer.seen["refused"] = [error.code().name, error.details()]
        return 4
    finally:
        if peer.play.report:
            partial = Path(peer.play.report + ".part")
            partial.write_text(json.dumps(peer.seen))
            partial.replace(peer.play.report)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--mlagents-port", type=int, required=True)
    parser.add_argument("--play", type=decode, default=Play())
    parser.add_argument("-logFile", dest="log")
    options, rest = parser.parse_known_args()
    play = options.play
    if options.log:
        sys.stdout = sys.stderr = Path(options.log).open("w", buffering=1)  # noqa: SIM115 - to the end
    if play.trouble == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if play.trouble in ("never", "deaf"):
        wait(play)
    if play.trouble == "crash":
        print("Failed to load il2cpp\nCrash!!!")
        return 3
    peer = Peer(play, options.mlagents_port)
    peer.seen["arguments"] = rest
    code = perform(peer)
    if play.trouble == "lingers":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        wait(play)
    return code


if __name__ == "__main__":
    sys.exit(main())
