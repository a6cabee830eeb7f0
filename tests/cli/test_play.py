"""`stylebridge play`: the embedded game as a peer of the bridge."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from .outcome import Refused, Run

pytest.importorskip("zmq")
pytest.importorskip("panda3d")
from stylebridge.scene.camerapath import read_path
from stylebridge.scene.levels import LEVELS
from stylebridge.scene.weather import WEATHERS
from stylebridge.wire import Collector, Delivery, LinkFault, WireFault

from .reader import PATIENCE_S, Reader

SMALL = ("--size", "96x54", "--characters", "2")


def test_every_moment_arrives_in_order(stylebridge: Run, reader: Callable[..., Reader]) -> None:
    there = reader(5)
    report = stylebridge("play", *SMALL, "--to", there.collector.address, "--frames", "5", "--json").json()
    there.join()
    assert [frame.clock.frame_id for frame in there.frames] == list(range(5))
    assert np.allclose([frame.clock.simulation_s for frame in there.frames], np.arange(5) / 30)
    assert len({frame.color.tobytes() for frame in there.frames}) == 5
    assert (report["sent"], report["acknowledged"]) == (5, 5)


def test_a_game_is_called_as_its_level(stylebridge: Run, reader: Callable[..., Reader]) -> None:
    names: list[str] = []

    def look(delivery: Delivery) -> None:
        names.extend(peer.name for peer in there.collector.peers())
        delivery.done()

    there = reader(1, look)
    stylebridge("play", "ruins", *SMALL, "--to", there.collector.address, "--frames", "1")
    there.join()
    assert names == ["ruins"]


def test_the_collector_gets_the_planes_that_it_asks_for(stylebridge: Run, reader: Callable[..., Reader]) -> None:
    there = reader(3, planes=("color", "depth", "motion"))
    done = stylebridge("play", *SMALL, "--connect", there.collector.address, "--frames", "3", "--flow", "lockstep")
    there.join()
    if done.err:
        pytest.skip(done.err)
    frame = there.frames[-1]
    assert frame.depth is not None
    assert frame.motion is not None
    assert frame.ids is None
    assert frame.camera.view is not None


def test_it_obeys_what_the_collector_asks(stylebridge: Run, reader: Callable[..., Reader]) -> None:
    refusals: list[str] = []

    def conduct(delivery: Delivery) -> None:
        ask = functools.partial(there.collector.control, delivery.session, timeout_s=PATIENCE_S)
        number = len(there.frames)
        if number == 1:
            assert ask("resolution", width=64, height=36) == {"width": 64, "height": 36}
            assert ask("time_scale", scale=2.0) == {"scale": 2.0}
        if number == 3:
            assert ask("camera", name="tour") == {"name": "tour"}
            for wrong in ({"name": "nowhere"}, {"name": "path:secret"}):
                with pytest.raises(WireFault) as refused:
                    ask("camera", **wrong)
                refusals.append(str(refused.value))
        if number == 5:
            assert ask("reset", seed=8) == {"seed": 8}
        delivery.done()

    there = reader(7, conduct)
    stylebridge("play", *SMALL, "--to", there.collector.address, "--frames", "7", "--flow", "lockstep")
    there.join()
    sizes = [(frame.width, frame.height) for frame in there.frames]
    times = [frame.clock.simulation_s for frame in there.frames]
    assert sizes == [(96, 54)] + [(64, 36)] * 6
    assert np.allclose(np.diff(times[:5]), [1 / 30, *[2 / 30] * 3])  # the next moment was under way already
    assert [frame.camera.name for frame in there.frames] == ["follow"] * 3 + ["tour"] * 2 + ["follow"] * 2
    assert times[5] < times[4]
    assert "orbit" in refusals[0]
    assert "a file's name over the link" in refusals[1]


def test_pause_step_and_resume(stylebridge: Run, reader: Callable[..., Reader]) -> None:
    def conduct(delivery: Delivery) -> None:
        ask = functools.partial(there.collector.control, delivery.session, timeout_s=PATIENCE_S)
        if len(there.frames) == 1:
            ask("pause")
            assert there.collector.receive(0.2) is None  # nothing comes; asking for more acknowledges the first
            ask("step", count=1)
        if len(there.frames) == 2:
            assert there.collector.receive(0.2) is None
            ask("resume")
        delivery.done()

    there = reader(4, conduct)
    stylebridge("play", *SMALL, "--to", there.collector.address, "--frames", "4", "--flow", "lockstep")
    there.join()
    assert [frame.clock.frame_id for frame in there.frames] == list(range(4))


def test_a_live_game_waits_for_nobody(stylebridge: Run, reader: Callable[..., Reader]) -> None:
    there = reader(1)
    words = ("--to", there.collector.address, "--flow", "live", "--fps", "240", "--frames", "40")
    report = stylebridge("play", *SMALL, *words, "--json").json()
    assert report["offered"] == 40
    assert report["sent"] + report.get("dropped", 0) == 40


def test_a_live_game_whose_collector_has_left_ends_without_complaint(
    stylebridge: Run, reader: Callable[..., Reader]
) -> None:
    def leave(delivery: Delivery) -> None:
        delivery.done()
        there.collector.close()

    there = reader(1, leave)
    words = ("--to", there.collector.address, "--flow", "live", "--fps", "240", "--frames", "60", "--wait", "5")
    report = stylebridge("play", *SMALL, *words, "--json").json()
    assert report["offered"] == 60


def test_the_cameras_path_is_kept_when_the_link_fails(
    stylebridge: Run, reader: Callable[..., Reader], tmp_path: Path
) -> None:
    there = reader(1)
    words = ("--flow", "lockstep", "--replies", tmp_path / "out.mp4", "--save-path", tmp_path / "walk.path")
    done = stylebridge("play", *SMALL, "--to", there.collector.address, *words)
    assert done.code == LinkFault.exit_code
    assert "sent none back" in done.err
    assert len(read_path(tmp_path / "walk.path").keys) == 1


def test_the_help_names_every_level_and_every_weather(stylebridge: Run) -> None:
    told = stylebridge("play", "--help").out
    assert [name for name in (*LEVELS, *WEATHERS) if name not in told] == []


def test_the_cameras_path_can_be_kept_and_looked_along_again(
    stylebridge: Run, reader: Callable[..., Reader], tmp_path: Path
) -> None:
    path = tmp_path / "walk.path"
    for words in (("--save-path", path), ("--camera", f"path:{path}")):
        there = reader(4)
        stylebridge("play", *SMALL, "--to", there.collector.address, "--frames", "4", *words)
        there.join()
    assert len(read_path(path).keys) == 4
    views = [there.frames[number].camera.view for number in (0, 2)]
    kept = [np.array(read_path(path).keys[number].view).reshape(3, 4) for number in (0, 2)]
    assert all(np.allclose(view[:3], key, atol=1e-4) for view, key in zip(views, kept, strict=True))


def test_nobody_there_is_said_with_the_step_that_failed(stylebridge: Run) -> None:
    with Collector("127.0.0.1:*") as gone:
        address = gone.address
    done = stylebridge("play", *SMALL, "--to", address, "--wait", "0.2")
    assert done.code == LinkFault.exit_code
    assert "nobody listens there (step: connect)" in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("moon",), "plaza"),
        (("--flow", "fast"), "lockstep or lossless or live"),
        (("--size", "big"), "WIDTHxHEIGHT"),
        (("--camera", "nowhere"), "follow"),
        (("--weather", "frogs"), "clear"),
        (("--window", "--software"), "one of them"),
        (("--characters", "99"), "1 to 24"),
    ],
)
def test_what_cant_work_is_refused(refused: Refused, words: tuple[str, ...], says: str) -> None:
    assert says in refused("play", *words)


def test_a_path_is_not_overwritten(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "walk.path").write_text("mine")
    assert "--force" in refused("play", "--save-path", tmp_path / "walk.path")
