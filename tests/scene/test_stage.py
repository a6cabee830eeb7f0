"""The game with its renderer: pictures that are begun ahead are those that come without, whatever is asked between."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from stylebridge.frame import PLANES, Frame
from stylebridge.scene.game import Setup
from stylebridge.scene.stage import Stage


@pytest.fixture
def stages(opengl: str) -> Iterator[tuple[Stage, Stage]]:
    """One that begins ahead, and one that doesn't because somebody holds it."""
    setup = Setup(characters=2, cameras=("follow", "tour"))
    made = Stage(setup, size=(96, 54), mode="offscreen"), Stage(setup, size=(96, 54), mode="offscreen")
    yield made
    for stage in made:
        stage.close()


def same(ones: list[Frame], others: list[Frame]) -> bool:
    pairs = list(zip(ones, others, strict=True))
    clocks = all((a.clock.frame_id, a.clock.simulation_s) == (b.clock.frame_id, b.clock.simulation_s) for a, b in pairs)
    return clocks and all(np.array_equal(getattr(a, name), getattr(b, name)) for a, b in pairs for name in PLANES)


def test_frames_are_the_same_with_and_without_beginning_ahead(stages: tuple[Stage, Stage]) -> None:
    free, held = stages
    for frames in (1, 1, 3, 1, 2):
        assert same(free.draw(), held.draw(held=True))
        free.ahead(frames)
        held.ahead(frames)
    assert same(free.draw(), held.draw(held=True))


@pytest.mark.parametrize(
    ("word", "args"),
    [("camera", {"name": "tour"}), ("resolution", {"width": 64, "height": 48}), ("reset", {"seed": 9})],
)
def test_a_control_between_two_frames_counts_for_the_next(
    stages: tuple[Stage, Stage], word: str, args: dict[str, object]
) -> None:
    free, held = stages
    assert same(free.draw(), held.draw(held=True))
    held.ahead(1)
    for stage in stages:
        stage.controls()[word](args)
    if word != "reset":
        free.ahead(1)
    frames = free.draw()
    assert same(frames, held.draw(held=True))
    assert len(frames) == (1 if word == "camera" else 2)
    assert frames[0].color.shape[:2] == ((48, 64) if word == "resolution" else (54, 96))
    for stage in stages:
        stage.ahead(1)
    assert same(free.draw(), held.draw(held=True))
