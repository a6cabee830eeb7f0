"""What the agents are told to do while they are watched, and which of them sits where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Actions:
    """Nothing at all, or seeded chance; a discrete action that the game has masked is never chosen."""

    def __init__(self, kind: str, seed: int) -> None:
        self._random = np.random.default_rng(seed) if kind == "random" else None

    def continuous(self, agents: int, size: int) -> NDArray[np.float32]:
        """[agents,size] in [-1,1]."""
        if self._random is None:
            return np.zeros((agents, size), np.float32)
        return self._random.uniform(-1, 1, (agents, size)).astype(np.float32)

    def discrete(self, infos: Sequence[Any], branches: Sequence[int]) -> NDArray[np.int32]:
        """[agents,branches], an index for each branch."""
        chosen = np.zeros((len(infos), len(branches)), np.int32)
        for row, info in zip(chosen, infos, strict=True):
            masked = np.array(info.action_mask, bool)
            if masked.size != sum(branches):
                masked = np.zeros(sum(branches), bool)
            starts = np.cumsum([0, *branches])[:-1]
            for column, (start, size) in enumerate(zip(starts, branches, strict=True)):
                free = np.flatnonzero(~masked[start : start + size])
                if free.size:
                    row[column] = free[0] if self._random is None else self._random.choice(free)
        return chosen


class Seats:
    """Which agent is the same as before: ML-Agents gives an agent another number at the start of each episode."""

    def __init__(self) -> None:
        self._agents: list[int | None] = []  # by seat
        self._episodes: list[int] = []

    def leave(self, agent: int) -> tuple[int, int]:
        """The seat and the episode of an agent that is done."""
        found = self.take(agent)
        self._agents[found[0]] = None
        return found

    def keep(self, agents: Collection[int]) -> None:
        """All others have left without a word."""
        self._agents = [agent if agent in agents else None for agent in self._agents]

    def take(self, agent: int) -> tuple[int, int]:
        """The seat and the episode of an agent; a new one gets the first seat that is free."""
        if agent not in self._agents:
            if None in self._agents:
                seat = self._agents.index(None)
                self._agents[seat] = agent
                self._episodes[seat] += 1
            else:
                self._agents.append(agent)
                self._episodes.append(0)
        seat = self._agents.index(agent)
        return seat, self._episodes[seat]
