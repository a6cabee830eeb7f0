"""A recording as folders of files: each is read back by other means than it was written by."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError, MissingExtra
from stylebridge.imaging import opencv, read_image
from stylebridge.recording import Recording
from stylebridge.recording.export import Choice, folders_of, numbers_of
from stylebridge.recording.exporters import folder
from stylebridge.recording.exporters.floatfiles import (
    depth_unit_m,
    flo_from_motion,
    levels_from_depth,
    levels_from_ids,
    levels_from_normals,
)
from stylebridge.recording.exporters.folder import export_folder

from .play import moment, moments, record

COUNT = 5


@pytest.fixture
def played(tmp_path: Path) -> Path:
    return record(tmp_path / "a.mcap", moments(COUNT))


def export(path: Path, out: Path, **options: object) -> dict[str, object]:
    with Recording(path) as recording:
        return export_folder(recording, recording.index(), out, **options)  # type: ignore[arg-type]


def pixels(path: Path) -> np.ndarray:
    cv2 = opencv()
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return np.asarray(found if found.ndim == 2 else found[:, :, [2, 1, 0, 3][: found.shape[2]]])


def test_every_plane_comes_back(played: Path, tmp_path: Path) -> None:
    report = export(played, tmp_path / "out")
    assert report["frames"] == COUNT
    about = json.loads((tmp_path / "out" / "export.json").read_text())
    for number, frame in enumerate(moments(COUNT)):
        name = f"{number:06d}"
        assert np.array_equal(read_image(tmp_path / f"out/color/{name}.png"), frame.color)
        assert frame.depth is not None
        depth = pixels(tmp_path / f"out/depth/{name}.png") * about["planes"]["depth"]["metres_per_level"]
        assert np.abs(depth - frame.depth).max() <= 0.0006
        raw = (tmp_path / f"out/flow/{name}.flo").read_bytes()
        assert np.frombuffer(raw, "<f4", 1)[0] == 202021.25
        width, height = np.frombuffer(raw, "<i4", 2, 4)
        assert np.array_equal(np.frombuffer(raw, "<f4", offset=12).reshape(height, width, 2), frame.motion)
        assert np.array_equal(pixels(tmp_path / f"out/ids/{name}.png"), frame.ids)
        assert np.array_equal(pixels(tmp_path / f"out/occlusion/{name}.png") == 255, frame.occlusion)
        assert frame.normals is not None
        normals = pixels(tmp_path / f"out/normals/{name}.png") / 32767.5 - 1
        assert np.abs(normals - frame.normals).max() < 1e-4


def test_each_frame_has_a_line_with_its_camera_and_the_one_before(played: Path, tmp_path: Path) -> None:
    export(played, tmp_path / "out")
    lines = [json.loads(line) for line in (tmp_path / "out/frames.jsonl").read_text().splitlines()]
    assert [(line["number"], line["before"]) for line in lines] == [(0, None), (1, 0), (2, 1), (3, 2), (4, 3)]
    assert lines[3]["view"] == np.eye(4).tolist()
    assert lines[3]["simulation_s"] == pytest.approx(0.1)


def test_exr_keeps_depth_and_normals_to_the_bit(played: Path, tmp_path: Path) -> None:
    exr = pytest.importorskip("OpenEXR")
    export(played, tmp_path / "out", floats="exr")
    frame = moment(3)
    with exr.File(str(tmp_path / "out/depth/000003.exr")) as file:
        assert np.array_equal(file.channels()["Z"].pixels, frame.depth)
    with exr.File(str(tmp_path / "out/normals/000003.exr"), separate_channels=True) as file:
        assert frame.normals is not None
        assert np.array_equal(file.channels()["Y"].pixels, frame.normals[:, :, 1])


def test_without_openexr_the_extra_is_named(played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "OpenEXR", None)
    with pytest.raises(MissingExtra, match=r"stylebridge\[exr\]"):
        export(played, tmp_path / "out", floats="exr")
    assert not (tmp_path / "out").exists()


def test_chosen_planes_alone_are_written(played: Path, tmp_path: Path) -> None:
    export(played, tmp_path / "out", planes=("motion",))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["export.json", "flow", "frames.jsonl"]


def test_ids_beyond_16_bits_take_four_bytes(tmp_path: Path) -> None:
    frame = moment(0)
    assert frame.ids is not None
    ids = frame.ids + np.uint32(0xFEDC_BA00)
    export(record(tmp_path / "a.mcap", [replace(frame, ids=ids)]), tmp_path / "out", planes=("ids",))
    found = pixels(tmp_path / "out/ids/000000.png").astype(np.uint32)
    assert np.array_equal((found << np.array([0, 8, 16, 24], np.uint32)).sum(axis=2, dtype=np.uint32), ids)


def test_streams_have_folders_of_their_own(tmp_path: Path) -> None:
    frames = [moment(n // 2, camera=("left", "right/up")[n % 2]) for n in range(6)]
    report = export(record(tmp_path / "a.mcap", [*frames, moment(3, (36, 64), "left")]), tmp_path / "out")
    assert report["folders"] == {"ball_left": 3, "ball_right_up": 3, "ball_left-2": 1}
    assert sorted(path.name for path in (tmp_path / "out/ball_right_up/color").iterdir()) == [
        "000001.png", "000003.png", "000005.png",
    ]  # fmt: skip


class TestOutput:
    def test_a_folder_that_is_not_empty_needs_force_and_keeps_what_else_is_in_it(
        self, played: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "out/color").mkdir(parents=True)
        (tmp_path / "out/mine.txt").write_text("mine")
        (tmp_path / "out/color/000001.png").write_text("old")
        with pytest.raises(InputError, match=r"not empty\. Choose another, or pass --force"):
            export(played, tmp_path / "out")
        export(played, tmp_path / "out", force=True, planes=("color",))
        assert (tmp_path / "out/mine.txt").read_text() == "mine"
        assert read_image(tmp_path / "out/color/000001.png").shape == moment(0).color.shape

    def test_a_failure_leaves_nothing(self, played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write: Callable[..., None] = folder._write_planes
        count = 0

        def full(*words: object) -> None:
            nonlocal count
            count += 1
            if count == 3:
                raise OSError(28, "No space left on device")
            write(*words)

        monkeypatch.setattr(folder, "_write_planes", full)
        with pytest.raises(InputError, match="can't be written: No space left"):
            export(played, tmp_path / "new/out")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mcap"]


class TestChoice:
    @pytest.fixture
    def recording(self, tmp_path: Path) -> Recording:
        frames = [moment(n // 2, camera=("left", "right")[n % 2]) for n in range(8)]
        return Recording(record(tmp_path / "a.mcap", frames))

    @pytest.mark.parametrize(
        ("choice", "numbers"),
        [
            (Choice(), list(range(8))),
            (Choice("left"), [0, 2, 4, 6]),
            (Choice("ball/right"), [1, 3, 5, 7]),
            (Choice("ball", start=1, stop=6, every=2), [1, 3, 5]),
            (Choice("5e5e5e"), list(range(8))),
        ],
    )
    def test_frames_are_those_of_the_stream(self, recording: Recording, choice: Choice, numbers: list[int]) -> None:
        assert numbers_of(recording, choice) == numbers

    def test_an_unknown_stream_is_refused_with_the_known_ones(self, recording: Recording) -> None:
        with pytest.raises(InputError, match="no stream 'middle'; expected ball/left, ball/right"):
            numbers_of(recording, Choice("middle"))

    def test_an_empty_part_is_refused(self, recording: Recording) -> None:
        with pytest.raises(InputError, match="no frame from 9 to the end; expected part of the 8 frames"):
            numbers_of(recording, Choice(start=9))

    def test_a_plane_that_no_frame_has_is_refused(self, tmp_path: Path) -> None:
        path = record(tmp_path / "b.mcap", [replace(moment(0), depth=None)])
        with pytest.raises(InputError, match="no frame has depth; expected color, motion, normals, ids, occlusion"):
            export(path, tmp_path / "out", planes=("depth",))
        with pytest.raises(InputError, match="plane 'flow'; expected color"):
            export(path, tmp_path / "out", planes=("flow",))

    def test_one_stream_needs_no_folder_of_its_own(self, recording: Recording) -> None:
        assert list(folders_of(recording, [0, 2, 4]).values()) == [""]


class TestLevels:
    @pytest.mark.parametrize(
        ("most_m", "unit_m"), [(0, 0.001), (65.5, 0.001), (66, 0.002), (131.2, 0.005), (400, 0.01), (1e6, 20)]
    )
    def test_the_unit_is_the_finest_that_fits(self, most_m: float, unit_m: float) -> None:
        assert depth_unit_m(most_m) == pytest.approx(unit_m)
        assert most_m / unit_m <= 65534

    def test_no_depth_and_too_far_have_levels_of_their_own(self) -> None:
        depth = np.array([[0, -1, np.nan, np.inf, 0.0001, 1, 65.534, 70]], np.float32)
        assert levels_from_depth(depth, 0.001).tolist() == [[0, 0, 0, 65535, 1, 1000, 65534, 65535]]

    def test_normals_reach_both_ends(self) -> None:
        normals = np.array([[[-1, 0, 1]]], np.float32)
        assert levels_from_normals(normals).tolist() == [[[0, 32768, 65535]]]

    def test_wide_ids_are_split_into_bytes(self) -> None:
        assert levels_from_ids(np.array([[0x04030201]], np.uint32), wide=True).tolist() == [[[1, 2, 3, 4]]]

    def test_a_flo_file_is_what_opencv_reads(self, tmp_path: Path) -> None:
        motion = moment(4).motion
        assert motion is not None
        (tmp_path / "a.flo").write_bytes(flo_from_motion(motion))
        assert np.array_equal(opencv().readOpticalFlow(str(tmp_path / "a.flo")), motion)
