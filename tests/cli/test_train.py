"""`stylebridge train`: real, tiny trainings; interrupted runs go on as if nothing had happened."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stylebridge.files import write_bytes
from stylebridge.imaging import read_image, write_image

from .broken import CHECKPOINTS
from .outcome import Refused, Run, contents

torch = pytest.importorskip("torch")

from stylebridge.nets.checkpoint import load_network  # noqa: E402
from stylebridge.train.folder import RunFolder  # noqa: E402
from stylebridge.train.judge import Judgement  # noqa: E402
from stylebridge.train.loop import interrupts_held  # noqa: E402
from stylebridge.train.methods.johnson import Johnson  # noqa: E402
from stylebridge.train.start import run as train  # noqa: E402

SMALL = {"steps": 4, "batch": 1, "size": 64, "style_size": 64, "widths": [4, 4, 8], "blocks": 1, "workers": 0}
Words = tuple[object, ...]


@pytest.fixture
def vgg(small_vgg: Path) -> Path:
    """What judges."""
    return small_vgg


@pytest.fixture
def command(frames: Path, vgg: Path) -> Callable[..., Words]:
    """The words of a small training; later ones win over earlier ones."""

    def words(out: Path, *more: object, method: str = "johnson", **settings: object) -> Words:
        chosen = SMALL | {"perceptual": str(vgg)} | settings
        sets = [word for name, value in chosen.items() for word in ("--set", f"{name}={json.dumps(value)}")]
        return ("train", method, "--style", frames / "f0.png", "--data", frames, "-o", out, *sets, *more)

    return words


@pytest.fixture
def settings(frames: Path, vgg: Path) -> Callable[..., Johnson]:
    """The same training without the command line."""

    def make(**fields: Any) -> Johnson:
        given = {"data": str(frames), "style": (str(frames / "f0.png"),), "perceptual": str(vgg), "save_every": 2}
        return Johnson(**SMALL | {"widths": (4, 4, 8)} | given | fields)

    return make


def weights(run: Path) -> dict[str, Any]:
    return dict(load_network(run / "model.pt").module.state_dict())


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def interrupt(settings: Johnson, run: Path, at_step: int) -> None:
    """Train until a step ends in Ctrl-C."""

    def report(step: int, figures: object) -> None:
        if step == at_step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train("johnson", settings, RunFolder(run), report)


def test_a_trained_network_can_be_used_at_once(
    stylebridge: Run, command: Callable[..., Words], frames: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    text = stylebridge(*command(out)).text().splitlines()[-1]
    export = f"stylebridge export {out}/model.pt {out}/model.onnx --target barracuda"
    assert text == f"{out}/model.pt: trained; export it with: {export}"
    assert {path.name for path in out.iterdir()} >= {
        "model.pt",
        "settings.toml",
        "figures.jsonl",
        "state.pt",
        "report.html",
    }
    assert read_image(out / "pictures" / "0000004.jpg").shape == (128, 64, 3)  # content above, stylised below
    loaded = load_network(out / "model.pt")
    assert (loaded.spec.options["widths"], loaded.raw_meta["steps"]) == ([4, 4, 8], "4")
    assert "[-1,1] RGB" in stylebridge("contract", "show", out / "model.pt").text()
    assert stylebridge("stylize", out / "model.pt", frames, "-o", tmp_path / "styled").code == 0


def test_the_outcome_comes_as_json(stylebridge: Run, command: Callable[..., Words], tmp_path: Path) -> None:
    found = json.loads(stylebridge(*command(tmp_path / "run", "--json")).out)
    assert (found["steps"], found["model"]) == (4, str(tmp_path / "run" / "model.pt"))
    assert {"loss", "style", "content", "tv", "chroma", "outside"} <= found.keys()


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_an_interrupted_run_goes_on_to_the_same_weights(
    average: float, settings: Callable[..., Johnson], tmp_path: Path
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    chosen = settings(average=average)
    train("johnson", chosen, RunFolder(whole), lambda step, figures: None)
    interrupt(chosen, broken, at_step=3)
    assert not (broken / "model.pt").exists()
    steps: list[int] = []
    train("johnson", chosen, RunFolder(broken), lambda step, figures: steps.append(step), resume=True)
    assert steps == [4]
    assert alike(weights(whole), weights(broken))
    assert list(RunFolder(whole).figures()) == list(RunFolder(broken).figures())
    train("johnson", settings(seed=1), RunFolder(tmp_path / "other"), lambda step, figures: None)
    assert not alike(weights(whole), weights(tmp_path / "other"))


def test_the_command_goes_on_where_a_run_stopped(
    stylebridge: Run, command: Callable[..., Words], settings: Callable[..., Johnson], tmp_path: Path
) -> None:
    whole, broken, changed = (tmp_path / name for name in ("whole", "broken", "changed"))
    for out in (broken, changed):
        interrupt(settings(save_every=250), out, at_step=3)
    state = torch.load(changed / "state.pt", weights_only=True)
    state["players"]["network"]["module"]["conv1.conv2d.weight"] += 1  # only a run that reads its state ends elsewhere
    torch.save(state, changed / "state.pt")
    assert stylebridge(*command(whole)).code == 0
    for out in (broken, changed):
        assert stylebridge("train", "johnson", "-o", out, "--resume").code == 0
    assert alike(weights(whole), weights(broken))
    assert not alike(weights(whole), weights(changed))


def test_a_finished_run_can_be_trained_further(
    stylebridge: Run, refused: Refused, command: Callable[..., Words], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    assert stylebridge(*command(out)).code == 0
    assert "the run has done 4 steps already" in refused("train", "johnson", "-o", out, "--resume")
    assert stylebridge("train", "johnson", "-o", out, "--resume", "--set", "steps=6").code == 0
    assert load_network(out / "model.pt").raw_meta["steps"] == "6"
    assert [line["step"] for line in RunFolder(out).figures()] == [4, 6]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("seed=1", "seed 1, but the run was begun with 0"),
        ("widths=[4,4,4]", "widths [4, 4, 4], but"),
        ("weights.style=9", "weights.style 9, but the run was begun with 4"),
        ("weights.stile=9", "unknown setting `stile`"),
    ],
)
def test_a_resumed_run_keeps_its_settings(
    word: str, found: str, refused: Refused, settings: Callable[..., Johnson], tmp_path: Path
) -> None:
    interrupt(settings(), tmp_path / "run", at_step=3)
    line = refused("train", "johnson", "-o", tmp_path / "run", "--resume", "--set", word)
    assert f"{tmp_path / 'run' / 'settings.toml'}: {found}" in line


def test_what_is_no_run_is_not_resumed(
    refused: Refused, command: Callable[..., Words], settings: Callable[..., Johnson], tmp_path: Path
) -> None:
    assert f"{tmp_path / 'none'}: no run there" in refused("train", "johnson", "-o", tmp_path / "none", "--resume")
    interrupt(settings(), tmp_path / "run", at_step=3)
    assert "a run of johnson; expected a run of reconet" in refused(
        "train", "reconet", "-o", tmp_path / "run", "--resume"
    )
    (tmp_path / "run" / "state.pt").write_bytes(b"noise" * 99)
    line = refused("train", "johnson", "-o", tmp_path / "run", "--resume")
    assert f"{tmp_path / 'run' / 'state.pt'}: not a torch file" in line


def test_a_full_disk_leaves_the_checkpoint_before(
    settings: Callable[..., Johnson], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path / "run")

    def full(path: Path, data: bytes) -> None:
        if path.name == "state.pt" and path.exists():
            raise OSError(28, "No space left on device")
        write_bytes(path, data)

    monkeypatch.setattr("stylebridge.train.folder.write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        train("johnson", settings(), folder, lambda step, figures: None)
    assert folder.load_state()["step"] == 2


def test_a_run_can_start_from_other_weights_of_the_same_shape(
    stylebridge: Run, refused: Refused, command: Callable[..., Words], checkpoint: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert stylebridge(*command(first)).code == 0
    assert stylebridge(*command(second, init=str(first / "model.pt"))).code == 0
    assert not alike(weights(first), weights(second))
    line = refused(*command(tmp_path / "third", init=str(checkpoint)))
    assert f"{checkpoint}: " in line
    assert "expected the shape being trained" in line
    assert "none.pt: no such file" in refused(*command(tmp_path / "third", init=str(tmp_path / "none.pt")))


def test_missing_vgg_weights_say_what_to_do(
    refused: Refused, command: Callable[..., Words], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, variable in (("weights", "STYLEBRIDGE_WEIGHTS"), ("hub", "TORCH_HOME")):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / name))
    line = refused(*command(tmp_path / "run", perceptual=""))
    assert str(tmp_path / "weights") in line
    assert "Pass --set perceptual=FILE or set STYLEBRIDGE_WEIGHTS" in line
    assert "none.pth" in refused(*command(tmp_path / "run", perceptual=str(tmp_path / "none.pth")))


@pytest.mark.parametrize("kind", ["empty", "truncated", "noise", "pickle with code", "checkpoint with code"])
def test_a_bad_vgg_is_refused(
    kind: str, refused: Refused, command: Callable[..., Words], vgg: Path, tmp_path: Path
) -> None:
    spoil, words = CHECKPOINTS[kind]
    spoil(vgg, tmp_path / "bad.pth")
    line = refused(*command(tmp_path / "run", perceptual=str(tmp_path / "bad.pth")))
    assert words in line
    assert str(tmp_path / "bad.pth") in line


def test_another_network_is_no_vgg(
    refused: Refused, command: Callable[..., Words], vgg: Path, checkpoint: Path, tmp_path: Path
) -> None:
    state = torch.load(vgg, weights_only=True)
    short = tmp_path / "short.pth"
    torch.save({name: value for name, value in state.items() if "21" not in name}, short)
    assert "no features.21 (VGG16 relu4_3)" in refused(*command(tmp_path / "run", perceptual=str(short)))
    assert "expected a state dict" in refused(*command(tmp_path / "run", perceptual=str(checkpoint)))


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ({"widths": [4, 8]}, "--set: Expected `array` of length 3"),
        ({"widths": [9999, 4, 4]}, "2048"),
        ({"data": "nowhere"}, "nowhere: not there; expected a recording (.mcap) or a folder of pictures"),
        ({"size": 66}, "crops of 66 pixels; expected a multiple of 4"),
        ({"precision": "fp16"}, "precision fp16 on the processor; expected fp32 or bf16"),
        ({"steps": 0}, "Expected `int` >= 1 - at `$.steps`"),
        ({"stepz": 1}, "unknown setting `stepz`; expected settings among data, style"),
        ({"weights": 3}, "at `$.weights`"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(
    setting: dict[str, Any], found: str, refused: Refused, command: Callable[..., Words], tmp_path: Path
) -> None:
    assert found in refused(*command(tmp_path / "run", **setting))


@pytest.mark.parametrize(("method", "found"), [("jonson", "expected one of gatys, johnson"), ("reconet", "motion")])
def test_a_method_that_cant_be_is_refused(
    method: str, found: str, refused: Refused, command: Callable[..., Words], tmp_path: Path
) -> None:
    assert found in refused(*command(tmp_path / "run", method=method))


def test_a_style_that_is_no_picture_is_refused(
    refused: Refused, command: Callable[..., Words], vgg: Path, tmp_path: Path
) -> None:
    write_image(tmp_path / "tiny.png", read_image(command(tmp_path)[3])[:16, :16])
    for style, found in (
        (tmp_path / "none.png", "none.png: no such file"),
        (vgg, "vgg.pth: not a readable picture"),
        (tmp_path / "tiny.png", "tiny.png: a style picture of 16x16; expected sides of 32 pixels or more"),
    ):
        assert found in refused(*command(tmp_path / "run", style=[str(style)]))
    words = list(command(tmp_path / "run"))
    assert "no style picture. Pass --style PICTURE" in refused(*words[:2], *words[4:])


def test_a_content_picture_that_cant_be_read_is_named(
    stylebridge: Run, command: Callable[..., Words], tmp_path: Path
) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "noise.png").write_bytes(b"noise" * 99)
    done = stylebridge(*command(tmp_path / "run", data=str(tmp_path / "content"), workers=1))
    assert done.code == 2
    assert re.match(r"stylebridge: \S+noise\.png: not a readable picture", done.err)


@pytest.mark.parametrize(
    ("name", "found"), [("file.txt/run", "file.txt is a file"), ("/proc/nope/run", "no file can be made"), ("full", "")]
)
def test_a_folder_that_cant_be_filled_is_refused_before_the_training(
    name: str, found: str, refused: Refused, command: Callable[..., Words], tmp_path: Path
) -> None:
    (tmp_path / "file.txt").write_bytes(b"mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "model.pt").write_bytes(b"mine")
    line = refused(*command(tmp_path / name))
    assert (found or "the folder is not empty. Choose another, or pass --force") in line


def test_force_begins_anew(stylebridge: Run, command: Callable[..., Words], tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert stylebridge(*command(out, steps=2)).code == 0
    assert stylebridge(*command(out, "--force", save_every=3)).code == 0
    assert [line["step"] for line in RunFolder(out).figures()] == [3, 4]
    assert sorted(path.name for path in (out / "pictures").iterdir()) == ["0000003.jpg", "0000004.jpg"]


def test_every_setting_is_explained_in_toml_that_can_be_used(
    stylebridge: Run, command: Callable[..., Words], tmp_path: Path
) -> None:
    text = stylebridge(*command(tmp_path / "run", "--settings")).out
    assert "steps = 4  # training steps" in text
    assert "[weights]" in text
    (tmp_path / "mine.toml").write_text(text)
    assert stylebridge("train", "johnson", "--config", tmp_path / "mine.toml", "-o", tmp_path / "run").code == 0
    assert stylebridge(*command(tmp_path / "same")).code == 0
    assert alike(weights(tmp_path / "run"), weights(tmp_path / "same"))


def test_a_term_that_is_no_number_is_named_before_it_spoils_the_network(
    stylebridge: Run, command: Callable[..., Words], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(picture: Any) -> Any:
        return picture.sum() * float("nan")

    monkeypatch.setattr("stylebridge.train.methods.johnson.outside_range", nothing)
    done = stylebridge(*command(tmp_path / "run"))
    assert done.code == 1
    assert "step 1: outside came out as nan; expected finite numbers" in done.err


def test_training_ends_when_held_out_frames_no_longer_gain_and_the_best_network_is_left(
    settings: Callable[..., Johnson], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([3.0, 1.0, 2.0, 2.0, 0.5])
    picture, made = torch.linspace(-1, 1, 3 * 64 * 64).reshape(1, 3, 64, 64), []

    def look(judge: Any, stylize: Any) -> Judgement:
        with torch.no_grad():
            made.append(stylize(picture))
        return Judgement(next(scores), 0.0, None)

    monkeypatch.setattr("stylebridge.train.judge.Judge.look", look)
    chosen = settings(steps=9, judge_every=1, held_out=0.0, patience=2, save_every=9)
    monkeypatch.setattr("stylebridge.train.material.parted", lambda stills, share: ([0, 1, 2], [[0, 1]]))
    progress = train("johnson", chosen, RunFolder(tmp_path / "run"), lambda step, figures: None)
    assert progress.step == 4
    with torch.no_grad():
        left = load_network(tmp_path / "run" / "model.pt").module(picture)
    apart = [float((left - other).abs().max()) for other in made]
    assert apart[1] < 1e-4 < min(apart[0], *apart[2:])
    assert [line["step"] for line in RunFolder(tmp_path / "run").figures()] == [4]


def test_ctrl_c_ends_without_a_traceback(
    stylebridge: Run, command: Callable[..., Words], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def turn(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stylebridge.train.loop._turn", turn)
    done = stylebridge(*command(tmp_path / "run"))
    assert (done.code, done.out) == (130, "")
    assert "Traceback" not in done.err
    assert list(contents(tmp_path / "run")) == ["settings.toml"]


def test_ctrl_c_waits_for_the_end_of_a_step() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts_held():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("step")
    assert done == ["step"]
    with interrupts_held():
        done.append("quiet")
    assert done == ["step", "quiet"]
