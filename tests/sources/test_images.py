from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.imaging import write_image
from stylebridge.sources import open_source
from stylebridge.sources.images import natural_key

from .conformance import SourceConformance, frames_of
from .conftest import LEVEL_STEP


class TestImages(SourceConformance):
    @pytest.fixture
    def address(self, picture_folder: Path) -> str:
        return f"images:{picture_folder}"

    @pytest.fixture
    def count(self) -> int:
        return 12


def levels(address: str) -> list[int]:
    return [int(frame.color[0, 0, 0]) // LEVEL_STEP for frame in frames_of(address)]


def test_pictures_are_counted_not_spelled(picture_folder: Path) -> None:
    assert levels(str(picture_folder)) == list(range(12))
    assert levels(f"{picture_folder}/frame_1*.png") == [1, 10, 11]
    assert levels(f"images:{picture_folder}/frame_?.png?start=7") == [7, 8, 9]
    assert levels(f"{picture_folder}/../**/frame_3.png") == [3]
    assert levels(f"{picture_folder}/frame_4.png") == [4]


def test_the_natural_order_ignores_case_and_is_total() -> None:
    names = ["b1", "A10", "a2", "a2b", "a02", "10", "9", "-"]
    ordered = [path.name for path in sorted(map(Path, names), key=natural_key)]
    assert ordered == ["9", "10", "-", "a02", "a2", "a2b", "A10", "b1"]


def test_sizes_may_differ_and_labels_name_the_files(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", np.zeros((4, 5, 3), np.uint8))
    write_image(tmp_path / "b.png", np.zeros((7, 3, 3), np.uint8))
    (tmp_path / "._a.png").write_text("what an operating system leaves behind")
    (tmp_path / "notes.txt").write_text("no picture")
    with open_source(tmp_path) as source:
        assert source.frame_count == 2
        assert source.size is None
        assert [path.name for path in source.paths] == ["a.png", "b.png"]
        assert [(f.width, f.height, source.label) for f in source] == [(5, 4, "a.png"), (3, 7, "b.png")]
    with open_source(f"{tmp_path}?start=1") as source:
        assert [path.name for path in source.paths] == ["b.png"]
        assert [source.label for _ in source] == ["b.png"]


def test_a_given_frame_rate_sets_the_clock(picture_folder: Path) -> None:
    with open_source(f"{picture_folder}?fps=10&every=2&stop=5") as source:
        assert source.fps == 5
        assert [frame.clock.simulation_s for frame in source] == pytest.approx([0, 0.2, 0.4])


def test_an_empty_folder_and_a_pattern_without_match_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no pictures there; expected at least one \.png"):
        open_source(tmp_path)
    with pytest.raises(InputError, match="no pictures there"):
        open_source(f"{tmp_path}/*.png")
    with pytest.raises(InputError, match=r"gone\.png: no such file"):
        open_source(f"images:{tmp_path}/gone.png")


@pytest.mark.parametrize("content", [b"", b"hello"])
def test_a_broken_picture_stops_the_source_with_its_name(picture_folder: Path, content: bytes) -> None:
    (picture_folder / "frame_2.png").write_bytes(content)
    with open_source(picture_folder) as source:
        assert [next(source).clock.frame_id, next(source).clock.frame_id] == [0, 1]
        with pytest.raises(InputError, match=r"frame_2\.png: (the file is empty|not a readable picture)"):
            next(source)
        assert next(source, None) is None


def test_skipped_pictures_are_not_opened(picture_folder: Path) -> None:
    (picture_folder / "frame_0.png").write_bytes(b"broken")
    assert levels(f"{picture_folder}?start=1&stop=3") == [1, 2]


def test_real_game_frames_are_read(data_dir: Path) -> None:
    with open_source(data_dir / "frames" / "mmflow_demo") as source:
        frames = list(source)
        assert source.label == "frame_0002.png"
    assert len(frames) == 2
    assert frames[0].color.shape == frames[1].color.shape
