"""Speed, memory and latency: what is measured, what is reckoned, and what is drawn of it."""

from __future__ import annotations

import math
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from stylebridge.compare.page.chart import PAPER, Bar, Panel, draw
from stylebridge.compare.page.heat import TICKS, heat, scale
from stylebridge.compare.page.sidebyside import cell_size, grid_of, sheet
from stylebridge.compare.page.tables import speed_tables
from stylebridge.compare.running import Stop
from stylebridge.compare.speed.benchmark import Pace, Subject, is_timed, measure_speed, parse_sizes, parse_threads
from stylebridge.compare.speed.latency import Budget, Stage, assumed_camera, capture_from
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.imaging import write_image

pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A convolution that carries no contract, for pictures of any size."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    import warnings

    path = tmp_path_factory.mktemp("model") / "conv.onnx"
    axes = {name: {2: "height", 3: "width"} for name in ("input", "output")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            torch.nn.Conv2d(3, 3, 3, padding=1),
            (torch.rand(1, 3, 8, 8),),
            str(path),
            dynamo=False,
            opset_version=9,
            input_names=["input"],
            output_names=["output"],
            dynamic_axes=axes,
        )
    return path


def test_every_subject_is_timed_at_every_size_and_weighed(model: Path) -> None:
    subjects = [Subject("conv", model, "onnxruntime", threads) for threads in (1, 2)]
    speeds = measure_speed(subjects, [(32, 24), (64, 48)], pace=Pace(runs=4, warm_up=1))
    assert [(speed.subject.threads, speed.size) for speed in speeds] == [
        (1, (32, 24)),
        (2, (32, 24)),
        (1, (64, 48)),
        (2, (64, 48)),
    ]
    for speed in speeds:
        assert speed.timing is not None
        assert speed.timing.runs == 4
        assert speed.timing.median_ms <= speed.timing.p90_ms <= speed.timing.p99_ms
        assert speed.peak_mb is not None
        assert speed.own_mb is not None
        assert 5 < speed.peak_mb < 2000
        assert 0 <= speed.own_mb < speed.peak_mb


def test_a_subject_that_fails_says_why_and_the_others_are_timed(model: Path, tmp_path: Path) -> None:
    subjects = [Subject("gone", tmp_path / "gone.onnx", "onnxruntime"), Subject("conv", model, "onnxruntime")]
    gone, conv = measure_speed(subjects, [(16, 16)], pace=Pace(runs=3), memory=False)
    assert "no such file" in gone.failure
    assert (gone.fps, gone.as_json()["time"]) == (None, None)
    assert (conv.failure, conv.timing is not None) == ("", True)


def test_what_would_take_too_long_is_skipped_and_said(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run takes a second for each 1024 pixels by the clock."""
    of_size = {32: 1.0, 64: 4.0, 96: 9.0}

    def infer(stylizer: object, tensor: np.ndarray) -> float:
        return of_size[tensor.shape[3]]

    monkeypatch.setattr("stylebridge.compare.speed.benchmark._one_run", infer)
    subject = Subject("conv", model, "onnxruntime")
    pace = Pace(runs=3, least=3, limit_s=20.0)
    large, small, middle = measure_speed([subject], [(96, 96), (32, 32), (64, 64)], pace=pace, memory=False)
    assert (small.timing is not None, small.first_ms, small.skipped) == (True, 1000.0, "")
    assert (middle.timing is not None, middle.first_ms, middle.skipped) == (True, 4000.0, "")
    assert (large.timing, large.fps, large.skipped) == (
        *(None, None),
        "one run would take about 9.0 s; all of them are to take 20 s at most",
    )
    fast, spread, left = speed_tables([large, small, middle])
    assert (fast.rows[0][1], len(spread.rows)) == ("skipped", 2)
    assert left.rows == [["conv", "96×96", large.skipped]]


def test_one_run_that_takes_too_long_is_the_last(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylebridge.compare.speed.benchmark._one_run", lambda stylizer, tensor: 7.0)
    (speed,) = measure_speed([Subject("conv", model, "onnxruntime")], [(32, 32)], pace=Pace(limit_s=20), memory=False)
    assert (speed.timing, speed.first_ms) == (None, 7000.0)
    assert speed.skipped == "one run took 7.0 s; all of them are to take 20 s at most"


def test_ctrl_c_leaves_out_the_sizes_that_are_left(model: Path) -> None:
    stop = Stop()

    def press(what: str, done: int, total: int) -> None:
        stop.asked |= what == "timing 32x32"

    speeds = measure_speed(
        [Subject("conv", model, "onnxruntime")], [(16, 16), (32, 32)], pace=Pace(runs=3), progress=press, stop=stop
    )
    assert [speed.timing is not None for speed in speeds] == [True, False]
    assert (speeds[0].peak_mb, speeds[1].skipped) == (None, "interrupted by Ctrl-C")


def test_emulations_are_not_timed() -> None:
    assert [is_timed(name) for name in ("torch", "onnxruntime", "barracuda-3.0.1")] == [True, True, False]


def test_sizes_and_threads_are_read() -> None:
    assert parse_sizes("256, 1280x720,256") == [(256, 256), (1280, 720)]
    assert parse_threads("1,2,1") == [1, 2]
    assert parse_threads("") == [None]
    for bad in ("", "0x4", "big", "-3"):
        with pytest.raises(InputError):
            parse_sizes(bad)
    for bad in ("0", "two", "-1", "9999"):
        with pytest.raises(InputError):
            parse_threads(bad)


def test_a_budget_adds_up_and_the_slowest_stage_decides_the_pace() -> None:
    stages = (
        Stage("wait", 16, 30, "reckoned", works=False),
        Stage("network", 40, 50, "measured"),
        Stage("picture", 10, 12, "measured"),
    )
    budget = Budget("net", (64, 48), stages)
    assert (budget.median_ms, budget.p90_ms) == (66, 92)
    assert (budget.fps, budget.pipelined_fps) == (20, 25)
    assert Budget("net", (64, 48), stages, source_fps=15).pipelined_fps == 15


def test_a_camera_that_isnt_there_is_reckoned_and_says_so() -> None:
    capture = assumed_camera(Frame(color=np.zeros((4, 4, 3), np.uint8)), fps=50)
    assert [(stage.median_ms, stage.works) for stage in capture.stages] == [(10, False), (20, False)]
    assert all("reckoned" in stage.basis for stage in capture.stages)
    assert [stage.label for stage in capture.stages] == [
        "wait for the shutter (reckoned)",
        "exposure and readout (reckoned)",
    ]
    assert capture.fps == 50


def test_a_source_is_measured(tmp_path: Path) -> None:
    for index in range(3):
        write_image(tmp_path / f"{index}.png", np.full((8, 8, 3), index, np.uint8))
    capture = capture_from(str(tmp_path))
    assert (len(capture.frames), [stage.name for stage in capture.stages]) == (3, ["read and decode"])
    assert "measured" in capture.stages[0].basis
    assert capture.fps == math.inf
    (tmp_path / "none").mkdir()
    with pytest.raises(StylebridgeError):
        capture_from(str(tmp_path / "none"))


def test_bars_are_as_long_as_their_values() -> None:
    bars = [Bar("long", [("a", 30.0), ("b", 10.0)]), Bar("short", [("a", 20.0)]), Bar("none", [("a", 0.0)])]
    picture = draw([Panel("Two parts", bars)])
    blue = (picture == np.array((0, 114, 178), np.uint8)).all(axis=2).sum(axis=1)
    lengths = [int(blue[row]) for row in np.flatnonzero((blue > 100) & (blue < 1000))]
    assert min(lengths) / max(lengths) == pytest.approx(20 / 30, abs=0.01)
    assert (draw([]) == np.array(PAPER, np.uint8)).all()


def test_heat_tells_one_level_from_none_and_keeps_single_pixels() -> None:
    a = np.zeros((8, 8, 3), np.uint8)
    b = a.copy()
    b[5, 2, 1] = 1
    hot = heat(a, b)
    assert hot.shape == (4, 4, 3)
    assert np.argwhere(hot.any(axis=2)).tolist() == [[2, 1]]
    assert hot[2, 1].max() > 60
    steps = [scale()[level].astype(int).sum() for level in TICKS]
    assert steps == sorted(steps)


@pytest.mark.parametrize(("count", "grid"), [(1, (1, 1)), (2, (2, 1)), (4, (2, 2)), (5, (3, 2)), (13, (4, 4))])
def test_cells_fill_rows(count: int, grid: tuple[int, int]) -> None:
    assert grid_of(count) == grid


def test_a_sheet_shows_every_cell_under_its_name() -> None:
    red, blue = (np.full((90, 160, 3), color, np.uint8) for color in ((200, 0, 0), (0, 0, 200)))
    size = cell_size(Frame(color=red), 3)
    assert size == (160, 90)
    shown = sheet([("Game", red), ("Ä – wide " * 20, blue), ("failed", None)], ["", "", "it broke"], size)
    assert shown.shape == (2 * (90 + 16), 320, 3)
    assert shown[60, 80].tolist() == [200, 0, 0]
    assert shown[60, 240].tolist() == [0, 0, 200]
    assert shown[106 + 16 : 106 + 32, :160].max() > 100  # its words
    assert shown[:16].max() > 200  # the names
    assert cell_size(Frame(color=np.zeros((2160, 3840, 3), np.uint8)), 4) == (960, 540)


def test_a_cameras_own_pace_is_measured_and_the_rest_reckoned_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 10_000, 20))  # two looks at the clock per frame: 20 ms lie between them
    monkeypatch.setattr("stylebridge.compare.speed.latency.time.perf_counter", lambda: next(ticks) / 1000)
    frames = [Frame(color=np.zeros((4, 4, 3), np.uint8))] * 9
    monkeypatch.setattr("stylebridge.compare.speed.latency.open_source", lambda name: nullcontext(frames))
    capture = capture_from("camera:0", count=5)
    assert len(capture.frames) == 5
    assert capture.fps == pytest.approx(50)
    assert [round(stage.median_ms) for stage in capture.stages] == [10, 20]
    assert [stage.works for stage in capture.stages] == [False, False]
