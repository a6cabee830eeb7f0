"""Crops: the same for the same number, and motion that leads from one square to the other whatever is done to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.frame import Clock, Frame
from stylebridge.imaging import write_image
from stylebridge.recording import Details, Writer

torch = pytest.importorskip("torch")

from stylebridge.train.data.crops import Crops, Cut, Pairs  # noqa: E402
from stylebridge.train.data.stills import open_stills, parted  # noqa: E402
from stylebridge.train.warp import warped  # noqa: E402

UNIT = PixelContract.of("unit", multiple=4)
SPEED = (3.0, -2.0)  # pixels per frame, right and up


def frame(index: int) -> Frame:
    """A smooth picture that moves on by SPEED; each channel another pattern."""
    y, x = np.mgrid[0:96, 0:128].astype(np.float32)
    x, y = x - SPEED[0] * index, y - SPEED[1] * index
    waves = [np.sin(x / 7 + y / 11), np.sin(x / 13 - y / 5), np.cos(x / 9)]
    color = (127 + 100 * np.stack(waves, axis=2)).astype(np.uint8)
    motion = np.broadcast_to(np.float32((-SPEED[0], -SPEED[1])), (96, 128, 2)).copy()
    hidden = np.zeros((96, 128), np.bool_)
    hidden[:8] = True
    return Frame(color, motion=motion, occlusion=hidden, clock=Clock(index, index / 30))


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("play") / "play.mcap"
    with Writer(path, Details("test")) as writer:
        for index in range(12):
            writer.write(frame(index))
    return path


def test_a_crop_depends_on_the_seed_and_its_number_alone(play: Path) -> None:
    stills = open_stills(str(play))
    one, same, other = (Crops(stills, range(12), UNIT, size=32, count=8, seed=s) for s in (1, 1, 2))
    order = [5, 0, 7]
    pictures = {index: one[index]["picture"] for index in order}
    assert all(torch.equal(same[index]["picture"], pictures[index]) for index in sorted(order))
    assert not torch.equal(other[5]["picture"], pictures[5])
    assert pictures[5].shape == (3, 32, 32)


@pytest.mark.parametrize("index", range(6))
def test_motion_leads_from_a_square_to_the_one_before(index: int, play: Path) -> None:
    pairs = Pairs(open_stills(str(play)), range(12), UNIT, size=64, count=6, seed=3)
    sample = {name: value[None] for name, value in pairs[index].items()}
    carried = warped(sample["before"], sample["motion"])
    seen = sample["seen"]
    assert 0.3 < seen.mean() < 1.0
    error = ((carried - sample["picture"]).abs() * seen).sum() / (3 * seen.sum())
    still = ((sample["before"] - sample["picture"]).abs() * seen).sum() / (3 * seen.sum())
    assert error < 0.25 * still


def test_hidden_places_are_not_seen(play: Path) -> None:
    whole = Cut(0, 0, 96, 96, False, 1.0, 1.0)
    assert whole.mask(~frame(0).occlusion)[:8].sum() == 0  # type: ignore[operator]
    mirrored = replace(whole, mirrored=True)
    motion = frame(0).motion
    assert motion is not None
    assert whole.motion(motion)[0, 0].tolist() == [-3.0, 2.0]
    assert mirrored.motion(motion)[0, 0].tolist() == [3.0, 2.0]
    assert replace(whole, size=48).motion(motion)[0, 0].tolist() == pytest.approx([-1.5, 1.0])


def test_the_last_frames_are_held_out(play: Path, tmp_path: Path) -> None:
    learnt, kept = parted(open_stills(str(play)), 0.25)
    assert (learnt, kept) == (list(range(9)), [[9, 10, 11]])
    assert parted(open_stills(str(play)), 0.1) == (list(range(12)), [])  # one frame shows no flicker
    numbers = {
        number
        for pair in Pairs(open_stills(str(play)), learnt, UNIT, size=32, count=1, seed=0).pairs
        for number in pair
    }
    assert numbers == set(range(9))


def test_data_without_motion_says_how_to_get_it(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", frame(0).color)
    with pytest.raises(InputError, match=r"stylebridge capture images:FOLDER out\.mcap --flow dis"):
        Pairs(open_stills(str(tmp_path)), [0], UNIT, size=32, count=1, seed=0)
    with Writer(tmp_path / "still.mcap", Details("test")) as writer:
        for index in range(3):
            writer.write(replace(frame(index), motion=None))
    with pytest.raises(InputError, match="no frame has motion"):
        Pairs(open_stills(str(tmp_path / "still.mcap")), range(3), UNIT, size=32, count=1, seed=0)


@pytest.mark.parametrize("place", ["", "nowhere", "empty"])
def test_data_that_is_not_there_is_refused(place: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="a recording"):
        open_stills(str(tmp_path / place) if place else "")
