"""The search: what it picks for a wish, and that it is what comparing every frame one by one would pick."""

from __future__ import annotations

import numpy as np
import pytest
from stylebridge.scene.characters.clips.library import library
from stylebridge.scene.characters.intent import foresee, foresee_heading
from stylebridge.scene.characters.matching import Search, query_of
from stylebridge.scene.characters.rotations import Array


def frame_of(name: str, speed: float) -> int:
    """A frame in the middle of a clip of this name that moves about as fast."""
    clips = library()
    off = np.abs(np.hypot(clips.velocity[:, 0], clips.velocity[:, 1]) - speed) + 9.0 * (clips.left < 30)
    return int(np.argmin(np.where(clips.label == clips.names.index(name), off, np.inf)))


def picked(
    playing: str, velocity: tuple[float, float], wish: tuple[float, float], turn: float | None = None
) -> set[str]:
    """What is played within half a second by somebody who plays one, moves along x and wishes for something else."""
    clips = library()
    trail = foresee(np.array([velocity]), np.zeros((1, 2)), np.array([wish]))
    goal = np.array([np.arctan2(wish[1], wish[0]) if turn is None and np.hypot(*wish) > 0.1 else turn or 0.0])
    directions = foresee_heading(-goal, np.zeros(1), goal)
    query = query_of(clips, np.array([frame_of(playing, velocity[0])]), np.zeros(1), trail, directions)
    chosen = Search(clips).best(query, np.array([-1]), np.array([False]))
    ahead = np.arange(chosen[0], chosen[0] + min(15, int(clips.left[chosen[0]])))
    return {clips.names[label] for label in clips.label[ahead]}


@pytest.mark.parametrize(
    ("playing", "velocity", "wish", "turn", "names"),
    [
        ("idle", (0.0, 0.0), (0.0, 0.0), None, {"idle", "idle-look", "idle-shift"}),
        ("idle", (0.0, 0.0), (1.4, 0.0), None, {"walk-start"}),
        ("idle", (0.0, 0.0), (4.4, 0.0), None, {"run-start", "jog-start"}),
        ("idle", (0.0, 0.0), (0.0, 0.0), 1.57, {"turn"}),
        ("idle", (0.0, 0.0), (0.0, 0.0), -2.4, {"turn"}),
        ("walk", (1.4, 0.0), (1.4, 0.0), None, {"walk"}),
        ("run", (4.2, 0.0), (4.2, 0.0), None, {"run"}),
        ("jog", (2.7, 0.0), (2.7, 0.0), None, {"jog"}),
        ("walk", (1.4, 0.0), (0.0, 0.0), None, {"walk-stop"}),
        ("run", (4.2, 0.0), (0.0, 0.0), None, {"run-stop"}),
        ("walk", (1.4, 0.0), (0.0, 1.4), None, {"walk-turn", "walk-start-turn"}),
        ("run", (4.2, 0.0), (0.0, -4.2), None, {"run-turn", "run-start-turn"}),
        ("idle", (0.0, 0.0), (-1.0, 0.0), 0.0, {"walk-back"}),
        ("idle", (0.0, 0.0), (0.0, 0.9), 0.0, {"walk-side"}),
    ],
)
def test_the_clip_fits_the_wish(
    playing: str, velocity: tuple[float, float], wish: tuple[float, float], turn: float | None, names: set[str]
) -> None:
    assert picked(playing, velocity, wish, turn) & names


def some_queries(count: int) -> Array:
    random = np.random.default_rng(8)
    features = library().features
    return features[random.integers(len(features), size=count)] + 0.3 * random.normal(size=(count, features.shape[1]))


def test_it_is_the_nearest_of_all_candidates() -> None:
    clips = library()
    queries = some_queries(20)
    chosen = Search(clips).best(queries, np.full(20, -1), np.zeros(20, bool))
    allowed = np.flatnonzero(~clips.leaping & (clips.left >= 8) & (clips.left % 2 == 0))
    for query, frame in zip(queries, chosen, strict=True):
        costs = np.sum((clips.features[allowed] - query) ** 2, axis=-1)
        assert np.isclose(np.sum((clips.features[frame] - query) ** 2), costs.min(), atol=1e-4)


def test_a_frame_that_is_as_good_goes_on() -> None:
    clips = library()
    walking = frame_of("walk", 1.4)
    nobody = np.array([False])
    assert Search(clips).best(clips.features[walking][None], np.array([walking]), nobody)[0] == walking
    running = clips.features[frame_of("run", 4.2)][None]
    assert Search(clips).best(running, np.array([walking]), nobody)[0] != walking


def test_a_jump_begins_where_it_can_be_joined_and_nothing_else_does() -> None:
    clips = library()
    queries = some_queries(50)
    jumps = Search(clips).best(queries, np.zeros(50, np.int64), np.ones(50, bool))
    assert clips.entry[jumps].all()
    others = Search(clips).best(queries, np.full(50, -1), np.zeros(50, bool))
    assert not clips.leaping[others].any()
