"""`stylebridge stylize`: pictures come out, and whatever is wrong costs one line and leaves nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stylebridge.assets import SHIPPED_PLAY
from stylebridge.frame import Frame
from stylebridge.imaging import opencv, read_image

from .broken import CHECKPOINTS, ONNX_FILES, conv_onnx
from .conftest import FRAME_SIZE
from .outcome import Refused, Run, contents

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

from stylebridge.engines.stylizer import Stylizer, open_stylizer


@pytest.mark.parametrize("kind", ["checkpoint", "onnx_model"])
def test_a_picture_is_what_the_model_makes_of_it(
    kind: str, stylebridge: Run, request: pytest.FixtureRequest, frames: Path, tmp_path: Path
) -> None:
    model, out = request.getfixturevalue(kind), tmp_path / "new" / "styled.png"
    engine = {"checkpoint": "torch", "onnx_model": "onnxruntime"}[kind]
    done = stylebridge("stylize", model, frames / "f0.png", "-o", out)
    assert f"{out}: 1 frame in" in done.text()
    assert done.out.endswith(f"by {engine}\n")
    given = read_image(frames / "f0.png")
    with open_stylizer(model) as stylizer:
        np.testing.assert_array_equal(read_image(out), stylizer(Frame(color=given)).color)
    assert np.abs(read_image(out).astype(int) - given).max() > 50
    assert list(contents(tmp_path)) == ["new", "new/styled.png"]


def test_both_engines_show_the_same(
    stylebridge: Run, checkpoint: Path, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    for engine, model in (("torch", checkpoint), ("onnxruntime", onnx_model)):
        stylebridge("stylize", model, frames, "-o", tmp_path / engine, "--engine", engine)
    one, two = ([read_image(p).astype(int) for p in sorted((tmp_path / e).iterdir())] for e in ("torch", "onnxruntime"))
    assert max(int(np.abs(a - b).max()) for a, b in zip(one, two, strict=True)) <= 1
    assert np.abs(one[0] - two[1]).max() > 1


def test_a_folder_keeps_its_names_and_a_limit_counts(
    stylebridge: Run, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    assert "3 frames in" in stylebridge("stylize", onnx_model, frames, "-o", tmp_path / "all").text()
    assert "2 frames in" in stylebridge("stylize", onnx_model, frames, "-o", tmp_path / "two", "--limit", 2).text()
    assert sorted(contents(tmp_path / "all")) == ["f0.png", "f1.png", "f2.png"]
    assert sorted(contents(tmp_path / "two")) == ["f0.png", "f1.png"]


def test_a_video_goes_to_a_video_of_the_same_length(
    stylebridge: Run, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.avi", tmp_path / "second.mp4"
    assert stylebridge("stylize", onnx_model, f"{frames}?size=48x32&fps=10", "-o", first).code == 0
    assert "3 frames in" in stylebridge("stylize", onnx_model, first, "-o", second).text()
    video = opencv().VideoCapture(str(second))
    shape = [video.get(which) for which in (3, 4, 5, 7)]  # width, height, frames per second, frames
    video.release()
    assert shape == [48, 32, 10, 3]


def test_json_is_one_object_and_holds_the_notes(
    stylebridge: Run, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    out = tmp_path / "odd.mp4"
    done = stylebridge("stylize", onnx_model, frames, "-o", out, "--json")
    report = done.json()
    assert (report["frames"], report["out"], report["engine"]) == (3, str(out), "onnxruntime")
    assert ["is odd" in problem for problem in report["problems"]] == [True]
    assert done.err == ""
    told = stylebridge("stylize", onnx_model, frames, "-o", out, "--force")
    assert told.err.startswith("note: ")
    assert (told.code, len(told.err.splitlines())) == (0, 1)


def test_a_given_contract_replaces_the_models_own(
    stylebridge: Run, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    own, same, other = (tmp_path / f"{name}.png" for name in ("own", "same", "other"))
    shown = stylebridge("contract", "show", onnx_model, "--json")
    (tmp_path / "own.json").write_text(shown.out)
    for out, words in ((own, []), (same, ["--contract", tmp_path / "own.json"]), (other, ["--contract", "bgr-byte"])):
        # bgr-byte says nothing of a multiple, so the picture gets a size that needs none.
        stylebridge("stylize", onnx_model, f"{frames / 'f0.png'}?size=48x32", "-o", out, *words)
    assert own.read_bytes() == same.read_bytes()
    assert own.read_bytes() != other.read_bytes()


@pytest.mark.parametrize("kind", CHECKPOINTS)
def test_a_bad_checkpoint_is_refused(
    kind: str, refused: Refused, checkpoint: Path, frames: Path, tmp_path: Path
) -> None:
    spoil, words = CHECKPOINTS[kind]
    spoil(checkpoint, tmp_path / "bad.pt")
    line = refused("stylize", tmp_path / "bad.pt", frames, "-o", tmp_path / "out")
    assert words in line
    assert str(tmp_path / "bad.pt") in line


@pytest.mark.parametrize("kind", ONNX_FILES)
def test_a_bad_onnx_file_is_refused(
    kind: str, refused: Refused, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    spoil, words = ONNX_FILES[kind]
    spoil(onnx_model, tmp_path / "bad.onnx")
    line = refused("stylize", tmp_path / "bad.onnx", frames, "-o", tmp_path / "out")
    assert words in line
    assert str(tmp_path / "bad.onnx") in line


@pytest.mark.parametrize(
    ("taken", "given", "weight", "words"),
    [
        (4, 3, None, "input has shape [1, 4, "),
        (1, 3, None, "input has shape [1, 1, "),
        (3, 1, None, "output has shape [1, 1, "),
        (3, 3, float("nan"), "NaN or infinite values"),
    ],
)
def test_a_model_that_makes_no_picture_is_refused_by_name(
    taken: int, given: int, weight: float | None, words: str, refused: Refused, frames: Path, tmp_path: Path
) -> None:
    model = conv_onnx(tmp_path / "odd.onnx", taken, given, weight=weight)
    line = refused("stylize", model, frames, "-o", tmp_path / "out", "--contract", "unit")
    assert words in line
    assert "odd.onnx" in line


def test_a_fixed_size_holds_unless_freed(stylebridge: Run, refused: Refused, frames: Path, tmp_path: Path) -> None:
    model = conv_onnx(tmp_path / "fixed.onnx", 3, 3, (32, 48))
    words = ("-o", tmp_path / "out.png", "--contract", "unit", "--force")
    line = refused("stylize", model, frames / "f0.png", *words)
    assert "[1,3,33,47]; expected [1,3,32,48]" in line
    assert "--free-size" in line
    assert stylebridge("stylize", model, f"{frames / 'f0.png'}?size=48x32", *words).code == 0
    assert stylebridge("stylize", model, frames / "f0.png", *words, "--free-size").code == 0
    assert read_image(tmp_path / "out.png").shape == (*FRAME_SIZE, 3)


def test_networks_that_want_more_than_a_picture_are_refused(
    refused: Refused, arbitrary_checkpoint: Path, guided_checkpoint: Path, frames: Path, tmp_path: Path
) -> None:
    words = (frames, "-o", tmp_path / "out", "--contract", "signed")
    assert "also wants the inputs style_params" in refused("stylize", arbitrary_checkpoint, *words)
    assert "4" in refused("stylize", guided_checkpoint, *words)
    assert "carries no pixel contract" in refused("stylize", guided_checkpoint, *words[:3])


@pytest.mark.parametrize("words", [("--every", 3), ("--steady",), ("--steady", "--strength", 0.5, "--every", 3)])
def test_frames_with_motion_can_be_filled_in_and_steadied(
    words: tuple[object, ...], stylebridge: Run, onnx_model: Path, tmp_path: Path
) -> None:
    pytest.importorskip("zstandard")
    worked: list[int] = []
    work = Stylizer.__call__

    def counted(self: Stylizer, frame: Frame) -> Frame:
        worked.append(frame.clock.frame_id)
        return work(self, frame)

    plain = ("stylize", onnx_model, SHIPPED_PLAY, "--limit", 5)
    stylebridge(*plain, "-o", tmp_path / "plain")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylizer, "__call__", counted)
        said = stylebridge(*plain, "-o", tmp_path / "shown", *words, "--json").json()
    assert (said["frames"], said["every"], said["steady"]) == (5, 3 if 3 in words else 1, "--steady" in words)
    keys = {("--every", 3): [0, 3, 4], ("--steady",): [0, 1, 2, 3, 4]}.get(words, [0, 3])
    assert worked == keys
    for number, (a, b) in enumerate(zip(*(sorted((tmp_path / n).iterdir()) for n in ("plain", "shown")), strict=True)):
        same = np.array_equal(read_image(a), read_image(b))
        assert same == (number == 0 or (number in keys and "--steady" not in words))
        assert np.abs(read_image(a).astype(int) - read_image(b)).mean() < 40


def test_late_frames_keep_the_names_of_their_files(
    stylebridge: Run, onnx_model: Path, frames: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    stylebridge("stylize", onnx_model, f"{frames}?motion=dis", "-o", out, "--every", 3)
    assert sorted(contents(out)) == ["f0.png", "f1.png", "f2.png"]
    stylebridge("stylize", onnx_model, frames / "f0.png", "-o", tmp_path / "f0.png")
    np.testing.assert_array_equal(read_image(out / "f0.png"), read_image(tmp_path / "f0.png"))


def test_ctrl_c_keeps_what_is_done(
    stylebridge: Run, onnx_model: Path, frames: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter([True, True])
    work = Stylizer.__call__

    def interrupted(self: Stylizer, frame: Frame) -> Frame:
        if not next(left, False):
            raise KeyboardInterrupt
        return work(self, frame)

    monkeypatch.setattr(Stylizer, "__call__", interrupted)
    done = stylebridge("stylize", onnx_model, frames, "-o", tmp_path / "out")
    assert done.code == 130
    assert done.err == "stopped by Ctrl-C; the source has 3 frames\n"
    assert "2 frames in" in done.out
    assert sorted(contents(tmp_path / "out")) == ["f0.png", "f1.png"]
    nothing = stylebridge("stylize", onnx_model, frames, "-o", tmp_path / "none.mp4")
    assert (nothing.code, nothing.out) == (130, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
