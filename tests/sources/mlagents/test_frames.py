"""What comes out of a game, against what the game has shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.sources import open_source

from sources.conformance import SourceConformance

from .conftest import MakePlayer
from .pattern import CYCLE, picture
from .play import Eye, Play

SIZES = [(84, 84), (256, 256), (640, 360)]
SMALL = Eye(width=32, height=24)
END = CYCLE // 2  # the last picture of an episode lies this far from the first of the next


def numbers(frames: Sequence[Frame], sensor: int = 0, agent: int = 0) -> list[int]:
    """Which picture of the pattern each frame is, bit by bit; -1 for none."""
    found = []
    for frame in frames:
        same = (
            number
            for number in range(CYCLE)
            if np.array_equal(frame.color, picture(number, frame.width, frame.height, sensor, agent))
        )
        found.append(next(same, -1))
    return found


class TestGame(SourceConformance):
    @pytest.fixture
    def address(self, game: MakePlayer) -> str:
        return game(Play(eyes=(SMALL,), steps=8))

    @pytest.fixture
    def count(self) -> int:
        return 8


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("form", ["png", "float"])
def test_every_frame_is_bit_for_bit_what_the_game_showed(game: MakePlayer, size: tuple[int, int], form: Any) -> None:
    width, height = size
    with open_source(game(eyes=(Eye(width=width, height=height, form=form),), steps=CYCLE)) as source:
        assert source.size == size
        frames = list(source)
    assert numbers(frames) == list(range(CYCLE))
    one_level_off = Frame(color=np.bitwise_xor(frames[0].color, 1))
    assert numbers([one_level_off]) == [-1]  # the comparison would see a single level


def test_several_sensors_are_several_cameras_and_one_can_be_chosen(game: MakePlayer) -> None:
    eyes = (SMALL, Eye(name="Map", width=40, height=40, form="float", planar=True), Eye(width=24, height=32))
    address = game(eyes=eyes, steps=3)
    with open_source(address) as source:
        frames = list(source)
        assert source.size is None
    assert [frame.camera.name for frame in frames] == ["CameraSensor", "Map", "CameraSensor#3"] * 3
    assert [numbers(frames[index::3], sensor=index) for index in range(3)] == [[0, 1, 2]] * 3
    with open_source(f"{address}?camera=Map") as source:
        assert numbers(list(source), sensor=1) == [0, 1, 2]
    with pytest.raises(InputError, match="camera=Mop; expected CameraSensor or Map or CameraSensor#3"):
        open_source(f"{address}?camera=Mop")


def test_an_agent_is_followed_through_its_episodes(game: MakePlayer) -> None:
    address = game(eyes=(SMALL,), agents=3, steps=8, episode=3)
    with open_source(f"{address}?agent=1") as source:
        frames = list(source)
    assert numbers(frames, agent=1) == [0, 1, 2, 3 + END, 3, 4, 5, 6 + END, 6, 7]
    assert [frame.clock.frame_id for frame in frames] == list(range(10))
    assert [int(frame.session[-8:], 16) for frame in frames] == [0] * 4 + [1] * 4 + [2] * 2
    assert len({frame.session[:24] for frame in frames}) == 1
    times = [frame.clock.simulation_s for frame in frames]
    assert times == sorted(times)


def test_all_agents_come_in_turn(game: MakePlayer) -> None:
    with open_source(game(eyes=(SMALL,), agents=2, steps=4, episode=2) + "?agent=all") as source:
        frames = list(source)
    for seat in range(2):
        own = [frame for frame in frames if frame.camera.name == f"CameraSensor@{seat}"]
        assert numbers(own, agent=seat) == [0, 1, 2 + END, 2, 3]


def test_a_behavior_can_be_chosen_and_may_come_late(game: MakePlayer) -> None:
    address = game(eyes=(SMALL,), behaviors=("Red?team=0", "Blue?team=1"), blind=("Rock",), steps=6, late=2)
    with open_source(f"{address}?behavior=Blue") as source:
        assert numbers(list(source)) == [2, 3, 4, 5]
    with open_source(address) as source:
        note = "only Red?team=0 is taken; choose others with ?behavior=NAME: Blue"
        assert note in source.problems
    with pytest.raises(InputError, match="behavior=Green; expected Rock or Red or Blue"):
        open_source(f"{address}?behavior=Green")


def test_time_is_the_game_s_own_where_it_tells_it(game: MakePlayer) -> None:
    with open_source(game(eyes=(SMALL,), steps=3, clock=True)) as source:
        assert [frame.clock.simulation_s for frame in source] == [7.0, 7.25, 7.5]
    with open_source(game(eyes=(SMALL,), steps=3) + "?fps=4") as source:
        assert source.fps == 4
        assert [frame.clock.simulation_s for frame in source] == [0.0, 0.25, 0.5]
    with open_source(game(eyes=(SMALL,), steps=3)) as source:
        assert source.fps is None
        assert [frame.clock.simulation_s for frame in source] == [0.0, 0.1, 0.2]


def test_a_sensor_can_be_the_depth_of_the_others(game: MakePlayer) -> None:
    eyes = (SMALL, Eye(name="Depth", width=32, height=24, form="float", gray=True))
    with open_source(game(eyes=eyes, steps=2) + "?depth=Depth&depth_m=50") as source:
        frames = list(source)
    assert [frame.camera.name for frame in frames] == ["CameraSensor"] * 2
    for number, frame in enumerate(frames):
        share = picture(number, 32, 24, 1).mean(axis=2) / 255
        assert frame.depth is not None
        assert np.allclose(frame.depth, share * 50, atol=1e-4)


def test_what_an_agent_earns_does_not_matter(game: MakePlayer) -> None:
    with open_source(game(eyes=(SMALL,), steps=2, reward=None)) as source:
        assert numbers(list(source)) == [0, 1]


def test_the_editor_is_waited_for(editor: Callable[..., str], caplog: pytest.LogCaptureFixture) -> None:
    address = editor(eyes=(SMALL,), steps=4)
    with open_source(address) as source:
        assert numbers(list(source)) == [0, 1, 2, 3]
        assert source.problems == ["mlagents:editor quit after 4 frames"]
    assert "press Play in the Unity editor" in caplog.text


def test_nothing_is_written_to_standard_output(player: MakePlayer, capfd: pytest.CaptureFixture[str]) -> None:
    with open_source(player(eyes=(SMALL,), steps=2, noise=True)) as source:
        list(source)
    assert capfd.readouterr().out == ""


def test_a_picture_that_may_grow_too_large_is_mentioned(game: MakePlayer) -> None:
    with open_source(game(eyes=(Eye(width=1280, height=1100),), steps=1)) as source:
        assert "can grow beyond the 4 MiB" in source.problems[0]


def test_a_player_is_found_without_its_ending(player: MakePlayer, tmp_path: Path) -> None:
    player(eyes=(SMALL,), steps=1)
    with open_source(f"mlagents:{tmp_path}/game") as source:
        assert len(list(source)) == 1
    with open_source(f"mlagents:{tmp_path}") as source:  # a folder with one player in it
        assert len(list(source)) == 1
