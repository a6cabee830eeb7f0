"""Which agent sits where, and what it does."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from stylebridge.sources.mlagents.decisions import Actions, Seats


def test_an_agent_keeps_its_seat_through_episodes() -> None:
    seats = Seats()
    assert [seats.take(agent) for agent in (10, 11, 12)] == [(0, 0), (1, 0), (2, 0)]
    assert seats.leave(11) == (1, 0)
    assert seats.take(12) == (2, 0)
    assert seats.take(40) == (1, 1)
    assert seats.leave(10) == (0, 0)
    assert seats.leave(40) == (1, 1)
    assert [seats.take(agent) for agent in (41, 42, 43)] == [(0, 1), (1, 2), (3, 0)]


def test_those_who_left_without_a_word_make_room() -> None:
    seats = Seats()
    for agent in (1, 2, 3):
        seats.take(agent)
    seats.keep({2, 9})
    assert [seats.take(agent) for agent in (2, 9, 8)] == [(1, 0), (0, 1), (2, 1)]


def test_a_mask_of_another_size_or_of_everything_is_survived() -> None:
    infos = [SimpleNamespace(action_mask=mask) for mask in ([], [True], [True] * 5, [True, False, False, True, True])]
    for kind in ("zero", "random"):
        chosen = Actions(kind, 3).discrete(infos, (2, 3))
        assert chosen.shape == (4, 2)
        assert chosen[2].tolist() == [0, 0]
        assert chosen[3, 0] == 1
        assert chosen[3, 1] == 0


@pytest.mark.parametrize("kind", ["zero", "random"])
def test_agents_that_choose_nothing_have_no_choices(kind: str) -> None:
    infos = [SimpleNamespace(action_mask=[]), SimpleNamespace(action_mask=[True])]
    assert Actions(kind, 0).discrete(infos, ()).shape == (2, 0)
    assert Actions(kind, 0).discrete([], ()).shape == (0, 0)


def test_chance_is_seeded() -> None:
    first, again, other = (Actions("random", seed).continuous(3, 4) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not Actions("zero", 1).continuous(3, 4).any()
