"""mlagents-envs' environment without its pictures: it keeps the behaviours, the actions and the side channels."""

from __future__ import annotations

import atexit
import contextlib
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from mlagents_envs.base_env import ActionTuple, DecisionSteps, TerminalSteps
from mlagents_envs.environment import UnityEnvironment
from mlagents_envs.exception import UnityCommunicatorStoppedException, UnityException
from mlagents_envs.side_channel import IncomingMessage
from mlagents_envs.side_channel.engine_configuration_channel import EngineConfigurationChannel

from stylebridge.sources.mlagents.connection import Connection
from stylebridge.sources.mlagents.controls import CHANNEL, Controls
from stylebridge.sources.mlagents.decisions import Actions
from stylebridge.sources.mlagents.faults import not_understood
from stylebridge.sources.mlagents.settings import Engine

MAX_ACTIONS = 1 << 20  # numbers and choices for all agents of a behaviour; a message carries no more numbers
_HEAD = struct.Struct("<16si")  # of a side channel message: channel, bytes


class Environment(UnityEnvironment):  # type: ignore[misc]  # the library has no types
    """Speaks through a connection that is there already, and leaves the observations as they came."""

    def __init__(self, connection: Connection, engine: Any, controls: Controls, seed: int) -> None:
        self.controls = controls
        self.infos: dict[str, Sequence[Any]] = {}  # behaviour -> AgentInfoProto of the last step
        self._connection = connection
        try:
            super().__init__(seed=seed, base_port=connection.port, side_channels=[engine, controls])
        except BaseException:
            self.forget()
            raise

    def forget(self) -> None:
        """Whoever opened the connection closes it, and not only at the end of the process."""
        atexit.unregister(self._close)

    def _get_communicator(self, *_: object) -> Connection:
        return self._connection

    def _update_state(self, output: Any) -> None:
        """The agents of a step; what they see isn't unpacked here, and what they earn doesn't matter."""
        for name in self._env_specs:
            infos = output.agentInfos[name].value if name in output.agentInfos else ()
            self.infos[name] = infos
            self._env_state[name] = (_deciding(infos), TerminalSteps.empty(_BLIND))
        self._deliver(output.side_channel)

    def _deliver(self, data: bytes) -> None:
        """Messages to the channels that there are; games have others, too, for their own trainers."""
        at = 0
        while at < len(data):
            if len(data) < at + _HEAD.size:
                raise ValueError("a side channel message that is cut off")
            channel, size = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            if not 0 <= size <= len(data) - at:
                raise ValueError(f"a side channel message of {size} bytes with {len(data) - at} there")
            if channel == CHANNEL.bytes_le:
                self.controls.on_message_received(IncomingMessage(data[at : at + size]))
            at += size


class Game:
    """A game that goes on by one decision of its agents at a time."""

    def __init__(self, connection: Connection, actions: Actions, seed: int, engine: Engine) -> None:
        self.controls = Controls()
        self._connection = connection
        self._actions = actions
        self._engine = EngineConfigurationChannel()
        self.configure(engine)
        with _explained(connection):
            self._environment = Environment(connection, self._engine, self.controls, seed)

    @property
    def infos(self) -> dict[str, Sequence[Any]]:
        """What the agents of each behaviour see; those that have ended an episode are `done`."""
        return self._environment.infos

    def configure(self, engine: Engine) -> None:
        """Tell the engine about sizes and rates, with the next step."""
        self._engine.set_configuration_parameters(**engine.given())

    def reset(self) -> bool:
        """Start all episodes over; false when the game has said goodbye."""
        return self._advance(self._environment.reset)

    def step(self) -> bool:
        """Let every agent act that waits for it; false when the game has said goodbye."""
        for name, spec in self._environment.behavior_specs.items():
            waiting = [info for info in self.infos.get(name, ()) if not info.done]
            if waiting:
                branches = spec.action_spec.discrete_branches
                self._check_actions(name, len(waiting), spec.action_spec.continuous_size, branches)
                continuous = self._actions.continuous(len(waiting), spec.action_spec.continuous_size)
                discrete = self._actions.discrete(waiting, branches)
                self._environment.set_actions(name, ActionTuple(continuous, discrete))
        return self._advance(self._environment.step)

    def close(self) -> None:
        """Let go of the environment; the connection is closed by whoever opened it."""
        self._environment.forget()

    def _check_actions(self, behavior: str, agents: int, continuous: int, branches: Sequence[int]) -> None:
        """Before room is made for as many as the game says that there are."""
        each = continuous + sum(branches)
        if not (continuous >= 0 and min(branches, default=1) > 0 and agents * each <= MAX_ACTIONS):
            found = (
                f"{continuous} continuous and {list(branches[:5])} discrete actions"
                f" for each of {agents} agents of {behavior[:80]!r}"
            )
            raise not_understood(found, self._connection.step, self._connection.where)

    def _advance(self, go: Any) -> bool:
        try:
            with _explained(self._connection):
                go()
        except UnityCommunicatorStoppedException:
            return False
        return True


@contextlib.contextmanager
def _explained(connection: Connection) -> Iterator[None]:
    """Faults of the library's own as faults of the link, by how far it came."""
    try:
        yield
    except UnityCommunicatorStoppedException:
        raise
    except (UnityException, ValueError, IndexError, TypeError, RuntimeError) as error:
        found = f"what mlagents-envs doesn't take: {error}"
        raise not_understood(found, connection.step, connection.where) from error


class _Blind:
    observation_specs = ()


_BLIND = _Blind()


def _deciding(infos: Sequence[Any]) -> DecisionSteps:
    ids = np.array([info.id for info in infos if not info.done], np.int32)
    none = np.zeros(len(ids), np.float32)
    return DecisionSteps([], none, ids, None, np.zeros(len(ids), np.int32), none)
