"""Few-shot training: key frames find their frames, patches keep to masks, guides stick to things, and it learns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Clock, Frame
from stylebridge.imaging import read_image, write_image
from stylebridge.recording import Details, Recording, Writer
from stylebridge.recording.keyframes import find_keyframes, write_keyframes

torch = pytest.importorskip("torch")

from stylebridge.nets.checkpoint import load_network  # noqa: E402
from stylebridge.nets.discriminator import PatchDiscriminator  # noqa: E402
from stylebridge.train.data.guides import Guides, mixture  # noqa: E402
from stylebridge.train.data.keyframes import read_keyframes  # noqa: E402
from stylebridge.train.data.patches import Patches  # noqa: E402
from stylebridge.train.data.stills import open_stills  # noqa: E402
from stylebridge.train.folder import RunFolder  # noqa: E402
from stylebridge.train.material import parts_between  # noqa: E402
from stylebridge.train.methods.fewshot import FewShot, FewShotMethod, Weights  # noqa: E402
from stylebridge.train.start import run as train  # noqa: E402

HEIGHT, WIDTH, FRAMES = 50, 72, 12  # no multiples of 4
SPEED = (2.0, 1.0)  # pixels per frame, right and down


def frame(index: int) -> Frame:
    """A smooth picture that moves on by SPEED; each channel another pattern, one thing in front of the sky."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    x, y = x - SPEED[0] * index, y - SPEED[1] * index
    waves = [np.sin(x / 7 + y / 11), np.sin(x / 13 - y / 5), np.cos(x / 9)]
    color = (127 + 100 * np.stack(waves, axis=2)).astype(np.uint8)
    motion = np.broadcast_to(np.float32((-SPEED[0], -SPEED[1])), (HEIGHT, WIDTH, 2)).copy()
    ids = np.zeros((HEIGHT, WIDTH), np.uint32)
    ids[8:, 8:] = 7
    return Frame(color, motion=motion, ids=ids, clock=Clock(index, index / 30))


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("play") / "play.mcap"
    with Writer(path, Details("test")) as writer:
        for index in range(FRAMES):
            writer.write(frame(index))
    return path


@pytest.fixture
def painted(play: Path, tmp_path: Path) -> Path:
    """What `recording keyframes` writes, its frames painted over: the colours turned round."""
    folder = tmp_path / "painted"
    with Recording(play) as recording:
        write_keyframes(recording, find_keyframes(recording, range(FRAMES), 3), folder)
    for path in folder.glob("frame_*.png"):
        write_image(path, 255 - read_image(path), force=True)
    return folder


@pytest.fixture
def settings(play: Path, painted: Path, small_vgg: Path) -> Callable[..., FewShot]:
    def make(**fields: Any) -> FewShot:
        given = {"data": str(play), "keyframes": str(painted), "perceptual": str(small_vgg), "steps": 4, "batch": 4}
        small = {"size": 16, "filters": (4, 4, 4, 4, 4, 4), "blocks": 1, "critic_width": 4, "critic_layers": 1}
        return FewShot(**given | small | {"workers": 0, "precision": "fp32"} | fields)

    return make


def learn(settings: FewShot, out: Path, **more: Any) -> dict[str, float]:
    """Train; the figures of the last line that was written."""
    train("fewshot", settings, RunFolder(out), lambda step, figures: None, **more)
    return list(RunFolder(out).figures())[-1]


def test_keyframes_find_their_frames_by_the_names_they_were_written_with(play: Path, painted: Path) -> None:
    stills = open_stills(str(play))
    keys = read_keyframes(stills, str(painted), str(painted))
    chosen = [each["number"] for each in json.loads((painted / "keyframes.json").read_text())["keyframes"]]
    assert [key.number for key in keys] == chosen
    for key in keys:
        assert np.array_equal(key.frame, stills.read(key.number).rgb)
        assert np.array_equal(key.painted, 255 - key.frame)
        assert key.mask is not None
        assert key.mask.sum() == (HEIGHT - 8) * (WIDTH - 8)


@pytest.mark.parametrize("name", ["frame_000003.png", "000003.png", "3.jpg", "look 3.png"])
def test_a_name_that_ends_in_the_number_is_enough(name: str, play: Path, tmp_path: Path) -> None:
    write_image(tmp_path / "keys" / name, 255 - frame(3).rgb)
    assert [key.number for key in read_keyframes(open_stills(str(play)), str(tmp_path / "keys"))] == [3]


def test_pictures_of_a_folder_are_paired_by_name(tmp_path: Path) -> None:
    for name in ("hall", "yard", "attic"):
        write_image(tmp_path / "data" / f"{name}.png", frame(len(name)).rgb)
    write_image(tmp_path / "keys" / "yard.jpg", 255 - frame(4).rgb)
    stills = open_stills(str(tmp_path / "data"))
    (key,) = read_keyframes(stills, str(tmp_path / "keys"))
    assert np.array_equal(key.frame, frame(4).rgb)
    write_image(tmp_path / "keys" / "cellar.png", frame(1).rgb)
    with pytest.raises(InputError, match=r"cellar\.png: no picture of the data is called so"):
        read_keyframes(stills, str(tmp_path / "keys"))
    write_image(tmp_path / "data" / "deep" / "cellar.png", frame(1).rgb)
    write_image(tmp_path / "data" / "cellar.jpg", frame(1).rgb)
    with pytest.raises(InputError, match=r"cellar\.png: 2 pictures of the data are called so"):
        read_keyframes(open_stills(str(tmp_path / "data")), str(tmp_path / "keys"))


def small(path: Path) -> None:
    write_image(path, read_image(path)[:-4, :-2], force=True)


def copied(path: Path, name: str) -> None:
    (path.parent / name).write_bytes(path.read_bytes())


def unpainted(path: Path) -> None:
    write_image(path, 255 - read_image(path), force=True)


def emptied(path: Path) -> None:
    write_image(path.with_name(path.name.replace("frame", "mask")), 0 * read_image(path), force=True)


def thinned(path: Path) -> None:
    mask = 0 * read_image(path)
    mask[:, 10:20] = 255
    write_image(path.with_name(path.name.replace("frame", "mask")), mask, force=True)


SPOILED = {
    "too small": (small, r"frame_\d+\.png: a picture of 70x46; expected 72x50 like its frame"),
    "beyond": (lambda path: copied(path, "frame_000099.png"), r"no frame 99; expected a number from 0 to 11"),
    "nameless": (lambda path: copied(path, "best.png"), r"best\.png: the name has no number at its end"),
    "twice": (
        lambda path: copied(path, f"again_{path.stem[6:]}.png"),
        r"again_\d+\.png and frame_\d+\.png are both of",
    ),
    "unpainted": (unpainted, r"frame_\d+\.png: it shows frame \d+ as the game drew it; expected a painted one"),
    "broken": (lambda path: path.write_bytes(b"noise" * 99), r"frame_\d+\.png: not a readable picture"),
    "empty mask": (emptied, r"mask_\d+\.png: the mask is empty"),
    "thin mask": (thinned, r"frame_\d+\.png: no square of 16 pixels lies within its mask"),
    "no mask": (lambda path: path.with_name(path.name.replace("frame", "mask")).unlink(), "no mask for frame_"),
}


@pytest.mark.parametrize("kind", SPOILED)
def test_key_frames_that_mean_nothing_are_refused_before_anything_is_written(
    kind: str, settings: Callable[..., FewShot], painted: Path, tmp_path: Path
) -> None:
    spoil, words = SPOILED[kind]
    spoil(sorted(painted.glob("frame_*.png"))[0])
    with pytest.raises(InputError, match=words) as caught:
        learn(settings(masks=str(painted)), tmp_path / "run")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_settings_that_cant_be_are_refused(settings: Callable[..., FewShot], tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    for change, words in (
        ({"keyframes": ""}, "no key frames. Pass --set keyframes=FOLDER; stylebridge recording keyframes"),
        ({"keyframes": str(tmp_path / "none")}, "none: no key frames; expected painted frames"),
        ({"keyframes": str(tmp_path / "nowhere")}, "nowhere: no such folder"),
        ({"masks": str(tmp_path / "nowhere")}, "nowhere: no such folder"),
        ({"size": 52}, "patches of 52 pixels from a frame of 72x50"),
        ({"size": 18}, "crops of 18 pixels; expected a multiple of 4"),
        ({"critic_layers": 3}, "patches of 16 pixels for a discriminator of 3 layers; expected 32 or more"),
        ({"filters": (4, 4, 4, 5, 4, 4)}, "expected the third and fourth to be equal"),
        ({"guides": 62}, "input_channels"),
    ):
        with pytest.raises(InputError, match=re.escape(words)):
            learn(settings(**change), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_patches_lie_within_the_mask_and_beside_their_painting(
    settings: Callable[..., FewShot], play: Path, painted: Path
) -> None:
    keys = read_keyframes(open_stills(str(play)), str(painted), str(painted))
    contract = FewShotMethod.contract
    patches = Patches(keys, contract, size=16, count=40, seed=1)
    corners = [each.at_random(np.random.default_rng(n)) for n in range(200) for each in patches.corners]
    assert min(corner[0] for corner in corners) == 8
    assert min(corner[1] for corner in corners) == 8
    assert max(corner[0] for corner in corners) == HEIGHT - 16
    for index in (3, 0, 17):
        sample = patches[index]
        assert torch.allclose(sample["picture"], -sample["painted"], atol=1e-6)  # on [-1,1]: the colours turned round
        assert torch.equal(sample["picture"], Patches(keys, contract, size=16, count=1, seed=1)[index]["picture"])
    assert not torch.equal(patches[3]["picture"], Patches(keys, contract, size=16, count=1, seed=2)[3]["picture"])


def test_guides_stick_to_what_moves(play: Path) -> None:
    guides = Guides(open_stills(str(play)), 2, 16, seed=3)
    first, later = guides.planes(0).numpy(), guides.planes(6).numpy()
    assert first.shape == (2, HEIGHT, WIDTH)
    assert 0.5 < np.abs(first).max() <= 1
    x, y = (round(6 * speed) for speed in SPEED)
    inner = (slice(None), slice(12, -12), slice(20, -12))
    carried = np.roll(first, (y, x), axis=(1, 2))[inner]
    assert np.abs(later[inner] - carried).mean() < 0.15 * np.abs(later[inner] - first[inner]).mean()
    other = Guides(open_stills(str(play)), 2, 16, seed=4).planes(0).numpy()
    assert np.abs(other - first).mean() > 0.1


def test_far_from_all_points_a_guide_is_the_nearest_ones() -> None:
    points, numbers = np.float32([[2, 2], [60, 2]]), np.float32([[0.5], [-0.25]])
    planes = mixture(points, numbers, (64, 4000), 2.0)
    assert planes.shape == (16, 1000, 1)
    assert planes[0, 0, 0] == pytest.approx(0.5)
    assert planes[-1, -1, 0] == pytest.approx(-0.25)


def test_guides_need_motion(settings: Callable[..., FewShot], painted: Path, tmp_path: Path) -> None:
    for index in range(FRAMES):
        write_image(tmp_path / "data" / f"{index:06d}.png", frame(index).rgb)
    with pytest.raises(InputError, match="guides for pictures without motion; expected a recording"):
        learn(settings(guides=3, data=str(tmp_path / "data")), tmp_path / "run")


def test_runs_part_at_key_frames() -> None:
    assert parts_between(range(5, 12), {4, 7, 8, 11}) == [[5, 6], [], [9, 10], []]
    assert parts_between(range(5, 8), ()) == [[5, 6, 7]]


def test_it_learns_what_was_painted(settings: Callable[..., FewShot], tmp_path: Path) -> None:
    steps: list[float] = []
    chosen = settings(steps=60, judge_every=60, learning_rate=1e-2, batch=8, filters=(8, 8, 8, 8, 8, 8))
    train("fewshot", chosen, RunFolder(tmp_path / "run"), lambda step, figures: steps.append(figures["pixel"]))
    (last,) = RunFolder(tmp_path / "run").figures()
    assert np.mean(steps[-5:]) < 0.6 * np.mean(steps[:5])
    assert {"features", "adversarial", "critic_painted", "critic_made", "held_out_style", "held_out_flicker"} <= set(
        last
    )
    rows, columns = -(-HEIGHT // 4) * 4, -(-WIDTH // 4) * 4
    assert read_image(tmp_path / "run" / "pictures" / "0000060.jpg").shape == (3 * rows, 4 * columns, 3)
    network = load_network(tmp_path / "run" / "model.pt")
    assert (network.spec.family, network.raw_meta["steps"]) == ("fewshot", "60")
    assert f"train fewshot on the key frames in {tmp_path / 'painted'}" in network.raw_meta["origin"]
    unseen = frame(5)
    with torch.no_grad():
        given = torch.from_numpy(FewShotMethod.contract.to_tensor(unseen))
        made = FewShotMethod.contract.to_frame(network.module(given).numpy(), unseen).rgb.astype(float)
    apart, unchanged = np.abs(made - (255 - unseen.rgb)).mean(), np.abs(2.0 * unseen.rgb - 255).mean()
    assert apart < 0.6 * unchanged


def test_an_interrupted_run_goes_on_to_the_same_weights(
    settings: Callable[..., FewShot], stopped: Callable[..., None], tmp_path: Path
) -> None:
    chosen = settings(guides=2, average=0.5, judge_every=0)
    stopped("fewshot", chosen, tmp_path / "broken", at_step=2)
    learn(chosen, tmp_path / "broken", resume=True)
    learn(chosen, tmp_path / "whole")
    learn(settings(guides=2, average=0.5, judge_every=0, seed=1), tmp_path / "other")
    whole, broken, other = (
        load_network(tmp_path / name / "model.pt").module.state_dict() for name in ("whole", "broken", "other")
    )
    assert all(torch.equal(whole[name], broken[name]) for name in whole)
    assert not all(torch.equal(whole[name], other[name]) for name in whole)


def test_a_network_with_guides_is_judged_with_them_and_says_that_it_cant_be_exported(
    settings: Callable[..., FewShot], tmp_path: Path
) -> None:
    from stylebridge.export import contract_of

    assert "held_out_style" in learn(settings(guides=2), tmp_path / "run")
    network = load_network(tmp_path / "run" / "model.pt")
    assert network.spec.options["input_channels"] == 5
    with pytest.raises(InputError, match="takes 5 channels; expected 3: guide channels can't be exported yet"):
        contract_of(network, tmp_path / "run" / "model.pt")


def test_without_an_adversary_the_generator_learns_alone(settings: Callable[..., FewShot], tmp_path: Path) -> None:
    found = learn(settings(weights=Weights(adversarial=0.0)), tmp_path / "run")
    assert {"loss", "pixel"} <= found.keys()
    assert not {"adversarial", "critic_made"} & found.keys()


@pytest.mark.parametrize(("layers", "size"), [(1, (15, 15)), (2, (6, 6)), (3, (2, 2))])
def test_a_discriminator_judges_each_patch_apart_from_its_batch(layers: int, size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    critic = PatchDiscriminator(3, 4, layers)
    pictures = torch.rand(3, 3, 34, 34)
    with torch.no_grad():
        verdicts = critic(pictures)
        assert torch.allclose(critic(pictures[1:2]), verdicts[1:2], atol=1e-5)
    assert verdicts.shape[:2] == (3, 1)
    assert verdicts.shape[2:] == size
    with pytest.raises(InputError, match="expected 1 or more of each"):
        PatchDiscriminator(3, 0, 2)
