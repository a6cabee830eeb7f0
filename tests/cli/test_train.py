"""`stylebridge train`: a real, tiny training; interrupted runs go on as if nothing had happened."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stylebridge.imaging import read_image

from .broken import CHECKPOINTS
from .outcome import Refused, Run, contents

torch = pytest.importorskip("torch")

from stylebridge.nets.checkpoint import load_network  # noqa: E402
from stylebridge.nets.perceptual import conv_indices  # noqa: E402
from stylebridge.train.johnson import Options, interrupts_held, train  # noqa: E402

SMALL = ("--size", 64, "--batch", 1, "--widths", "4,4,8", "--blocks", 1, "--style-size", 64, "--steps", 4)


@pytest.fixture(scope="session")
def vgg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VGG16 of four channels throughout, with random weights, named as torchvision names it."""
    generator = torch.Generator().manual_seed(1)
    state, channels = {}, 3
    for index in (index for index in conv_indices(16).values() if index <= 21):  # up to relu4_3
        state[f"features.{index}.weight"] = torch.randn(4, channels, 3, 3, generator=generator) / 3
        state[f"features.{index}.bias"] = torch.randn(4, generator=generator) / 10
        channels = 4
    path = tmp_path_factory.mktemp("vgg") / "vgg.pth"
    torch.save(state, path)
    return path


@pytest.fixture
def command(frames: Path, vgg: Path) -> Callable[..., tuple[object, ...]]:
    """The words of a small training; later ones win over earlier ones."""

    def words(out: Path, *more: object) -> tuple[object, ...]:
        style = frames / "f0.png"
        return ("train", "johnson", style, "--content", frames, "-o", out, "--vgg", vgg, *SMALL, *more)

    return words


@pytest.fixture
def options(frames: Path, vgg: Path) -> Callable[..., Options]:
    """The same training without the command line."""

    def make(out: Path, **fields: Any) -> Options:
        small = {"widths": (4, 4, 8), "blocks": 1, "steps": 4, "batch": 1, "size": 64, "style_size": 64}
        return Options(frames, frames / "f0.png", out, vgg, **small | {"save_every": 2, "workers": 0} | fields)

    return make


def weights(path: Path) -> dict[str, Any]:
    return dict(load_network(path).module.state_dict())


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def interrupt(options: Options, at_step: int) -> None:
    """Train until a step ends in Ctrl-C."""

    def report(step: int, figures: dict[str, float]) -> None:
        if step == at_step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(options, report)


def test_a_trained_network_can_be_used_at_once(
    stylebridge: Run, command: Callable[..., Any], frames: Path, tmp_path: Path
) -> None:
    out = tmp_path / "net.pt"
    text = stylebridge(*command(out)).text()
    assert (
        text == f"{out}: trained; export it with: stylebridge export {out} {tmp_path / 'net.onnx'} --target barracuda"
    )
    assert sorted(contents(tmp_path)) == ["net.pt", "net.sample.png"]
    assert read_image(tmp_path / "net.sample.png").shape == (128, 64, 3)  # content above, stylised below
    loaded = load_network(out)
    assert (loaded.spec.options["widths"], loaded.raw_meta["steps"]) == ([4, 4, 8], "4")
    assert "[-1,1] RGB" in stylebridge("contract", "show", out).text()
    assert stylebridge("stylize", out, frames, "-o", tmp_path / "styled").code == 0


def test_an_interrupted_run_goes_on_to_the_same_weights(options: Callable[..., Options], tmp_path: Path) -> None:
    whole, broken, other = (options(tmp_path / f"{name}.pt") for name in ("whole", "broken", "other"))
    train(whole, lambda step, figures: None)
    interrupt(broken, at_step=3)
    assert not broken.out.exists()
    steps: list[int] = []
    train(broken, lambda step, figures: steps.append(step))
    assert steps == [4]
    assert alike(weights(whole.out), weights(broken.out))
    train(options(other.out, seed=1), lambda step, figures: None)
    assert not alike(weights(whole.out), weights(other.out))
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".png"] * 3 + [".pt"] * 3  # no state is left


def test_the_command_goes_on_where_a_run_stopped(
    stylebridge: Run, command: Callable[..., Any], options: Callable[..., Options], tmp_path: Path
) -> None:
    whole, broken, changed = (tmp_path / f"{name}.pt" for name in ("whole", "broken", "changed"))
    for out in (broken, changed):
        interrupt(options(out), at_step=3)
    state = torch.load(tmp_path / "changed.state.pt", weights_only=True)
    state["net"]["conv1.conv2d.weight"] += 1  # only a run that reads its state ends elsewhere
    torch.save(state, tmp_path / "changed.state.pt")
    for out in (whole, broken, changed):
        assert stylebridge(*command(out)).code == 0
    assert alike(weights(whole), weights(broken))
    assert not alike(weights(whole), weights(changed))


def test_a_run_can_start_from_other_weights_of_the_same_shape(
    stylebridge: Run, refused: Refused, command: Callable[..., Any], checkpoint: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.pt", tmp_path / "second.pt"
    assert stylebridge(*command(first)).code == 0
    assert stylebridge(*command(second, "--init", first)).code == 0
    assert not alike(weights(first), weights(second))
    line = refused(*command(tmp_path / "third.pt", "--init", checkpoint))
    assert f"{checkpoint}: " in line
    assert "expected the shape being trained" in line
    assert "none.pt: no such file" in refused(*command(tmp_path / "third.pt", "--init", tmp_path / "none.pt"))


@pytest.mark.parametrize("words", [("--seed", 1), ("--widths", "4,4,4"), ("--style-weight", 9)])
def test_a_state_of_other_options_is_not_gone_on_from(
    words: tuple[object, ...],
    refused: Refused,
    command: Callable[..., Any],
    options: Callable[..., Options],
    tmp_path: Path,
) -> None:
    interrupt(options(tmp_path / "net.pt"), at_step=3)
    line = refused(*command(tmp_path / "net.pt", *words))
    assert f"{tmp_path / 'net.state.pt'}: an interrupted run with other options left its state" in line
    assert "delete this file to start anew" in line


def test_a_damaged_state_is_refused(refused: Refused, command: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "net.state.pt").write_bytes(b"noise" * 99)
    assert f"{tmp_path / 'net.state.pt'}: not a torch file" in refused(*command(tmp_path / "net.pt"))


def test_missing_vgg_weights_say_what_to_do(
    refused: Refused, command: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, variable in (("weights", "STYLEBRIDGE_WEIGHTS"), ("hub", "TORCH_HOME")):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / name))
    words = [*command(tmp_path / "net.pt")]
    at = words.index("--vgg")
    line = refused(*words[:at], *words[at + 2 :])
    assert str(tmp_path / "weights") in line
    assert "Pass --vgg FILE or set STYLEBRIDGE_WEIGHTS" in line
    assert "none.pth" in refused(*words, "--vgg", tmp_path / "none.pth")


@pytest.mark.parametrize("kind", ["empty", "truncated", "noise", "pickle with code", "checkpoint with code"])
def test_a_bad_vgg_is_refused(
    kind: str, refused: Refused, command: Callable[..., Any], vgg: Path, tmp_path: Path
) -> None:
    spoil, words = CHECKPOINTS[kind]
    spoil(vgg, tmp_path / "bad.pth")
    line = refused(*command(tmp_path / "net.pt", "--vgg", tmp_path / "bad.pth"))
    assert words in line
    assert str(tmp_path / "bad.pth") in line


def test_another_network_is_no_vgg(
    refused: Refused, command: Callable[..., Any], vgg: Path, checkpoint: Path, tmp_path: Path
) -> None:
    state = torch.load(vgg, weights_only=True)
    torch.save({name: value for name, value in state.items() if "21" not in name}, tmp_path / "short.pth")
    assert "no features.21 (VGG16 relu4_3)" in refused(*command(tmp_path / "net.pt", "--vgg", tmp_path / "short.pth"))
    assert "expected a state dict" in refused(*command(tmp_path / "net.pt", "--vgg", checkpoint))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--widths", "4,8"), "expected three channel counts such as 8,16,32"),
        (("--widths", "4,0,8"), "expected three channel counts"),
        (("--widths", "9999,4,4"), "2048"),
        (("--content", "nowhere"), "nowhere: no pictures; expected a folder of"),
    ],
)
def test_an_option_that_means_nothing_is_refused(
    words: tuple[str, str], found: str, refused: Refused, command: Callable[..., Any], tmp_path: Path
) -> None:
    assert found in refused(*command(tmp_path / "net.pt", *words))


def test_a_style_that_is_no_picture_is_refused(
    refused: Refused, command: Callable[..., Any], vgg: Path, tmp_path: Path
) -> None:
    words = list(command(tmp_path / "net.pt"))
    for style, found in ((tmp_path / "none.png", "none.png: no such file"), (vgg, "vgg.pth: not a readable picture")):
        assert found in refused(*words[:2], style, *words[3:])


def test_a_content_picture_that_cant_be_read_is_named(
    refused: Refused, command: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "noise.png").write_bytes(b"noise" * 99)
    line = refused(*command(tmp_path / "net.pt", "--content", tmp_path / "content"))
    assert re.match(r"stylebridge: \S+noise\.png: not a readable picture", line)


@pytest.mark.parametrize(
    ("name", "found"),
    [("file.txt/net.pt", "file.txt is a file"), ("/proc/nope/net.pt", "no file can be made"), ("folder.pt", "folder")],
)
def test_an_output_that_cant_be_is_refused_before_the_training(
    name: str, found: str, refused: Refused, command: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "file.txt").write_bytes(b"mine")
    (tmp_path / "folder.pt").mkdir()
    assert found in refused(*command(tmp_path / name, "--force"))


def test_a_new_folder_is_made_for_the_checkpoint(stylebridge: Run, command: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "new" / "net.pt"
    assert "trained" in stylebridge(*command(out)).text()
    assert out.is_file()


def test_an_existing_checkpoint_is_kept_unless_forced(
    stylebridge: Run, refused: Refused, command: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "net.pt").write_bytes(b"mine")
    assert "exists. Pass --force" in refused(*command(tmp_path / "net.pt"))
    assert stylebridge(*command(tmp_path / "net.pt", "--force")).code == 0
    assert load_network(tmp_path / "net.pt")


def test_ctrl_c_ends_without_a_traceback(
    stylebridge: Run, command: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stylebridge.train.johnson._step", step)
    done = stylebridge(*command(tmp_path / "net.pt"))
    assert (done.code, done.out) == (130, "")
    assert "Traceback" not in done.err
    assert contents(tmp_path) == {}


def test_ctrl_c_waits_for_the_end_of_a_step() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts_held():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("step")
    assert done == ["step"]
    with interrupts_held():
        done.append("quiet")
    assert done == ["step", "quiet"]


def test_crops_that_are_no_multiple_are_refused(refused: Refused, command: Callable[..., Any], tmp_path: Path) -> None:
    assert "expected a multiple of 4" in refused(*command(tmp_path / "net.pt", "--size", "66"))
