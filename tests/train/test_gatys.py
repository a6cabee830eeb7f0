"""Gatys: pictures come nearer to the style, go on bit by bit where they stopped, and follow a recording's motion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.imaging import read_image, write_image
from stylebridge.recording import Recording
from stylebridge.recording.keyframes import find_keyframes, write_keyframes

torch = pytest.importorskip("torch")

from stylebridge.train import painting  # noqa: E402
from stylebridge.train.data.stills import open_stills  # noqa: E402
from stylebridge.train.folder import RunFolder  # noqa: E402
from stylebridge.train.methods.gatys import Gatys, Weights  # noqa: E402
from stylebridge.train.parallel import Peers  # noqa: E402
from stylebridge.train.start import run as train  # noqa: E402

Chosen = Callable[..., Gatys]


@pytest.fixture
def chosen(moving: Path, styles: Path, small_vgg: Path) -> Chosen:
    def make(**fields: Any) -> Gatys:
        given = {"data": str(moving), "style": (str(styles / "red.png"),), "perceptual": str(small_vgg)}
        small = {"steps": 8, "follow_steps": 4, "size": 48, "scales": 1, "style_size": 64, "save_every": 4}
        return Gatys(**given | small | fields)

    return make


def painted(settings: Gatys, folder: Path) -> dict[str, Any]:
    """Paint; the pictures by name."""
    train("gatys", settings, RunFolder(folder), lambda step, figures: None)
    return pictures(folder)


def pictures(folder: Path) -> dict[str, Any]:
    return {path.name: read_image(path) for path in sorted((folder / "styled").iterdir())}


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_picture_comes_nearer_to_the_style(optimizer: str, chosen: Chosen, tmp_path: Path) -> None:
    settings = chosen(frames=(2,), steps=24, optimizer=optimizer, learning_rate=0.02)
    losses: list[float] = []
    train("gatys", settings, RunFolder(tmp_path / "run"), lambda step, figures: losses.append(figures["loss"]))
    assert len(losses) == (24 if optimizer == "adam" else 5)  # looks; L-BFGS takes five steps in one go
    assert losses[-1] < 0.6 * losses[0]
    assert list(pictures(tmp_path / "run")) == ["frame_000002.png"]


def test_sizes_go_from_coarse_to_fine_and_end_at_the_pictures_own(chosen: Chosen, styles: Path, tmp_path: Path) -> None:
    write_image(tmp_path / "photo.png", np.repeat(np.repeat(read_image(styles / "red.png"), 3, 0), 3, 1))  # 192x240
    settings = chosen(data=str(tmp_path / "photo.png"), size=128, scales=3, steps=8, save_every=1)
    found = painted(settings, tmp_path / "run")
    assert {name: picture.shape for name, picture in found.items()} == {"photo.png": (192, 240, 3)}
    heights = [line["height"] for line in RunFolder(tmp_path / "run").figures()]
    assert heights == [64.0, 128.0]  # a third size would be too small to see anything in


@pytest.mark.parametrize(("optimizer", "at_step"), [("lbfgs", 3), ("lbfgs", 8), ("adam", 13), ("lbfgs", 19)])
def test_a_stopped_run_goes_on_to_the_same_pictures(
    optimizer: str, at_step: int, chosen: Chosen, stopped: Callable[..., None], tmp_path: Path
) -> None:
    settings = chosen(frames=(0, 1, 3), optimizer=optimizer, size=96, scales=2)
    whole = painted(settings, tmp_path / "whole")
    stopped("gatys", settings, tmp_path / "broken", at_step)
    name = sorted(whole)[(at_step - 1) // 8]
    assert name in pictures(tmp_path / "broken")  # what there is of it
    train("gatys", settings, RunFolder(tmp_path / "broken"), lambda step, figures: None, resume=True)
    assert same(whole, pictures(tmp_path / "broken"))
    lines = [list(RunFolder(tmp_path / run).figures()) for run in ("whole", "broken")]
    assert lines[0] == lines[1]
    assert not same(whole, painted(chosen(frames=(0, 1, 3), optimizer=optimizer, steps=9), tmp_path / "other"))
    with pytest.raises(InputError, match="all is painted already"):
        train("gatys", settings, RunFolder(tmp_path / "broken"), lambda step, figures: None, resume=True)


def test_a_picture_follows_the_one_before_it(chosen: Chosen, tmp_path: Path) -> None:
    ways = {follow: painted(chosen(frames=(0, 2), follow=follow), tmp_path / str(follow)) for follow in (True, False)}
    apart = {}
    for follow, found in ways.items():
        first, second = (found[f"frame_{number:06d}.png"].astype(np.float32) for number in (0, 2))
        moved = np.roll(first, (-4, 8), axis=(0, 1))[8:-8, 8:-8]  # SPEED, twice
        apart[follow] = np.abs(moved - second[8:-8, 8:-8]).mean()
    assert np.array_equal(ways[True]["frame_000000.png"], ways[False]["frame_000000.png"])
    assert apart[True] < 0.8 * apart[False]


def test_the_way_back_leads_over_all_frames_between(moving: Path) -> None:
    stills = open_stills(str(moving))
    way = painting.way_back(stills, 4, 1)
    assert way is not None
    there = stills.read(1).rgb.astype(np.float32)
    here, seen = stills.read(4).rgb.astype(np.float32), way.seen
    assert 0.5 < seen.mean() < 1.0
    assert np.abs(way.warp(there) - here)[seen].mean() < 3.0
    assert np.abs(there - here)[seen].mean() > 20.0
    assert painting.way_back(stills, 1, 4) is None


def test_key_frames_are_painted_under_their_own_names(chosen: Chosen, moving: Path, tmp_path: Path) -> None:
    with Recording(moving) as recording:
        keys = find_keyframes(recording, range(6), 2)
        write_keyframes(recording, keys, tmp_path / "keys")
    (tmp_path / "keys" / "mask_000000.png").write_bytes(
        (tmp_path / "keys" / f"frame_{keys.numbers[0]:06d}.png").read_bytes()
    )
    names = [f"frame_{number:06d}.png" for number in keys.numbers]
    assert list(painted(chosen(data=str(tmp_path / "keys"), steps=1), tmp_path / "run")) == names
    assert list(painted(chosen(frames=keys.numbers, steps=1), tmp_path / "same")) == names
    assert list(painted(chosen(every=4, steps=1), tmp_path / "every")) == ["frame_000000.png", "frame_000004.png"]


def test_a_start_from_noise_depends_on_the_seed(chosen: Chosen, tmp_path: Path) -> None:
    def made(name: str, **fields: Any) -> dict[str, Any]:
        return painted(chosen(frames=(0,), steps=2, **fields), tmp_path / name)

    assert same(made("a", start="noise"), made("b", start="noise"))
    assert not same(made("c", start="noise", seed=1), pictures(tmp_path / "a"))
    assert not same(made("d"), pictures(tmp_path / "a"))


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"batch": 8}, "setting batch for gatys"),
        ({"judge_every": 1}, "setting judge_every for gatys"),
        ({"frames": (99,)}, "frame 99; expected numbers from 0 to 5"),
        ({"precision": "bf16"}, "precision bf16 for gatys with lbfgs; expected fp32, or bf16 with optimizer adam"),
        ({"style": ()}, "no style picture"),
        ({"data": "nowhere.png"}, "not there"),
    ],
)
def test_what_cant_be_painted_is_refused_at_once(
    fields: dict[str, Any], found: str, chosen: Chosen, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=found):
        painted(chosen(**fields), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_pictures_are_not_painted_by_several_processes(chosen: Chosen, tmp_path: Path) -> None:
    from stylebridge.train.material import open_material

    material = open_material(chosen(), torch.device("cpu"))
    with pytest.raises(InputError, match="gatys in 2 processes"):
        painting.start_painting(
            chosen(), material, RunFolder(tmp_path / "run"), Peers(0, 2), lambda step, figures: None, resume=False
        )


def test_a_term_that_is_no_number_is_named(chosen: Chosen, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="loss came out as inf"):
        painted(chosen(frames=(0,), optimizer="adam", weights=Weights(style=1e308)), tmp_path / "run")


def test_half_precision_with_adam_comes_about_as_near(chosen: Chosen, tmp_path: Path) -> None:
    losses: dict[str, list[float]] = {"fp32": [], "bf16": []}
    for wanted, found in losses.items():
        settings = chosen(frames=(0,), optimizer="adam", precision=wanted, steps=16)
        train("gatys", settings, RunFolder(tmp_path / wanted), lambda step, figures: found.append(figures["loss"]))  # noqa: B023
    assert losses["bf16"][-1] == pytest.approx(losses["fp32"][-1], rel=0.25)
    assert losses["bf16"] != losses["fp32"]
    assert losses["bf16"][-1] < 0.7 * losses["bf16"][0]
