"""What a game is told: seeds, sizes, rates, actions and controls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stylebridge.errors import InputError
from stylebridge.sources import open_source
from stylebridge.sources.mlagents.source import Agents
from stylebridge.wire import WireFault

from .conftest import MakePlayer
from .play import Eye

Report = Callable[[], dict[str, Any]]
SMALL = (Eye(width=32, height=24),)


def agents(address: str) -> Agents:
    source = open_source(address)
    assert isinstance(source, Agents)
    return source


def test_the_seed_and_the_engine_s_settings_arrive(player: MakePlayer, report: Report) -> None:
    options = "seed=77&width=640&height=360&quality=3&time_scale=2.5&target_fps=30&capture_fps=60&graphics=batch"
    with open_source(player(eyes=SMALL) + f"?{options}") as source:
        next(source)
    seen = report()
    assert seen["hello"] == {"seed": 77, "version": "1.5.0"}
    assert seen["engine"] == [[0, 640, 360], [1, 3], [2, 2.5], [3, 30], [4, 60]]
    assert seen["arguments"] == ["-batchmode"]
    assert seen["quit"] is True


def test_agents_do_nothing_or_what_seeded_chance_says(game: MakePlayer, report: Report) -> None:
    address = game(eyes=SMALL, agents=2, mask=(True, False, False, False, False, True, False), steps=40)
    played = []
    for options in ("", "?actions=random&seed=4", "?actions=random&seed=4", "?actions=random&seed=5"):
        with open_source(address + options) as source:
            assert len(list(source)) == 40
        played.append(report()["actions"])
    assert {str(rows) for _, rows in played[0]} == {str([[[0.0, 0.0], [1, 0]]] * 2)}  # 0 is masked in the first branch
    assert played[1] == played[2] != played[3]
    chosen = [row for _, rows in played[1] for row in rows]
    assert all(len(continuous) == 2 and -1 <= min(continuous) <= max(continuous) <= 1 for continuous, _ in chosen)
    assert {discrete[0] for _, discrete in chosen} == {1, 2}
    assert {discrete[1] for _, discrete in chosen} == {0, 1, 3}


@pytest.mark.parametrize(("continuous", "discrete"), [(3, ()), (0, (2,)), (0, ())])
def test_agents_that_only_steer_or_only_choose_go_on(
    game: MakePlayer, report: Report, continuous: int, discrete: tuple[int, ...]
) -> None:
    with open_source(game(eyes=SMALL, continuous=continuous, discrete=discrete, steps=4)) as source:
        assert len(list(source)) == 4
    assert report()["actions"][-1] == ["Walker?team=0", [[[0.0] * continuous, [0] * len(discrete)]]]


def test_one_frame_is_one_step(game: MakePlayer, report: Report) -> None:
    with open_source(game(eyes=SMALL)) as source:
        for _ in range(5):
            next(source)
    assert report()["commands"] == [1, 0, 0, 0, 0]  # RESET, then STEP; not a step ahead of what was read


def test_controls_are_asked_and_answered(game: MakePlayer, report: Report) -> None:
    with agents(game(eyes=SMALL)) as source:
        camera = source.control("camera", name="Overhead")
        dance = source.control("dance")
        assert not camera.done()
        next(source)
        next(source)
        assert camera.result(0).result == {"was": {"name": "Overhead"}}
        refusal = dance.result(0)
        assert (refusal.ok, refusal.code, refusal.says) == (False, "unknown_control", "I can't dance")
        with pytest.raises(WireFault, match="step"):
            source.control("step", count=0)
    assert [body["name"] for body in report()["asked"]] == ["camera", "dance"]


def test_what_every_game_understands_needs_no_side_channel(game: MakePlayer, report: Report) -> None:
    with agents(game(eyes=SMALL, agents=2)) as source:
        next(source)
        source.control("time_scale", scale=4)
        source.control("resolution", width=320, height=200)
        next(source)
        assert source.control("reset").result(0).ok
        before = next(source)
        assert int(before.session[-8:], 16) == 1
        with pytest.raises(InputError, match=r"reset with seed=3. Give it in the address"):
            source.control("reset", seed=3)
    seen = report()
    assert seen["engine"] == [[2, 4.0], [0, 320, 200]]
    assert seen["commands"] == [1, 0, 1]


def test_a_game_without_the_side_channel_is_no_riddle(game: MakePlayer) -> None:
    with agents(game(eyes=SMALL, controls=False, steps=4)) as source:
        future = source.control("pause")
        assert len(list(source)) == 4
    with pytest.raises(WireFault, match="does it know stylebridge's side channel"):
        future.result(0)


def test_the_game_can_ask_too(game: MakePlayer, report: Report) -> None:
    with open_source(game(eyes=SMALL, asks="model", steps=5)) as source:
        list(source)
    (answer,) = report()["answers"]
    assert (answer["answer"], answer["ok"], answer["code"]) == (5, False, "unknown_control")


def test_side_channel_messages_that_nobody_understands_are_counted(game: MakePlayer) -> None:
    with open_source(game(eyes=SMALL, noise=True, steps=3)) as source:
        assert len(list(source)) == 3
    assert any("3 messages of the side channel were ignored, the last: " in problem for problem in source.problems)
