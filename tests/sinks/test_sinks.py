from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.imaging import read_image
from stylebridge.sinks import Sink, open_sink
from stylebridge.sources import open_source

# The system refuses every byte of a file beyond the limit, which OpenCV's writer doesn't notice.
FULL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
import numpy as np
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.sinks import open_sink
rng = np.random.default_rng(0)
try:
    with open_sink({!r}) as sink:
        for _ in range(40):
            sink.write(Frame(color=rng.integers(0, 256, (48, 64, 3), np.uint8)))
except InputError as error:
    print(error)
"""


def flat(level: int, size: tuple[int, int] = (32, 16)) -> Frame:
    return Frame(color=np.full((size[1], size[0], 3), level, np.uint8))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Interrupted(BaseException):
    """Stands for Ctrl-C."""


@pytest.mark.parametrize(
    "name", ["out.png", "out.avi", "out.mp4", "out.mkv", "shots", "deep/er/out.png", "deep/shots/"]
)
class TestEverySink:
    def test_closing_makes_it_appear(self, tmp_path: Path, frame: Frame, name: str) -> None:
        target = tmp_path / name
        with open_sink(f"{tmp_path}/{name}", fps=10) as sink:
            assert isinstance(sink, Sink)
            assert not target.exists() or target.is_dir()
            sink.write(frame)
            assert sink.frame_count == 1
            assert not sink.stopped
        with open_source(target) as source:
            (found,) = source
        assert abs(found.width - frame.width) <= 1
        assert abs(found.height - frame.height) <= 1
        assert names(target.parent) == [target.name]

    def test_an_exception_leaves_nothing(self, tmp_path: Path, frame: Frame, name: str) -> None:
        with pytest.raises(Interrupted), open_sink(f"{tmp_path}/{name}") as sink:
            sink.write(frame)
            raise Interrupted
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
        assert not (tmp_path / name).exists()

    def test_no_frame_is_a_failure_and_leaves_nothing(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(StylebridgeError, match="no frame came"), open_sink(f"{tmp_path}/{name}"):
            pass
        assert names(tmp_path) == []

    def test_ending_twice_is_harmless_and_writing_afterwards_is_not(
        self, tmp_path: Path, frame: Frame, name: str
    ) -> None:
        sink = open_sink(f"{tmp_path}/{name}")
        sink.write(frame)
        sink.close()
        sink.close()
        sink.abort()
        assert (tmp_path / name).exists()
        with pytest.raises(StylebridgeError, match="a frame was written after the end"):
            sink.write(frame)

    def test_an_unusable_place_is_refused_at_once(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "file").write_text("mine")
        with pytest.raises(InputError, match="file is a file; expected a folder"):
            open_sink(f"{tmp_path}/file/{name}", force=True)
        with pytest.raises(InputError, match="above 0"):
            open_sink(f"{tmp_path}/{name}", fps=0)


@pytest.mark.parametrize("name", ["out.png", "out.avi"])
class TestEveryFile:
    def test_an_existing_file_needs_force(self, tmp_path: Path, frame: Frame, name: str) -> None:
        (tmp_path / name).write_bytes(b"mine")
        with pytest.raises(InputError, match=r"already exists\. Pass --force"):
            open_sink(tmp_path / name)
        with open_sink(tmp_path / name, force=True) as sink:
            sink.write(frame)
            assert (tmp_path / name).read_bytes() == b"mine"
        assert (tmp_path / name).read_bytes() != b"mine"

    def test_an_interruption_keeps_the_old_file(self, tmp_path: Path, frame: Frame, name: str) -> None:
        (tmp_path / name).write_bytes(b"mine")
        with pytest.raises(Interrupted), open_sink(tmp_path / name, force=True) as sink:
            sink.write(frame)
            raise Interrupted
        assert (tmp_path / name).read_bytes() == b"mine"
        assert names(tmp_path) == [name]


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no /proc here")
@pytest.mark.parametrize("name", ["out.png", "out.avi", "shots"])
def test_a_folder_without_write_permission_is_refused_at_once(name: str) -> None:
    with pytest.raises(InputError, match="no file can be made there"):
        open_sink(f"/proc/stylebridge/{name}")


def test_a_second_frame_for_one_picture_is_refused(tmp_path: Path, frame: Frame) -> None:
    with pytest.raises(InputError, match="a second frame came; expected one frame"), open_sink(tmp_path / "a.png") as s:
        s.write(frame)
        s.write(frame)
    assert names(tmp_path) == []


def test_alpha_is_left_out(tmp_path: Path) -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (8, 8, 4), dtype=np.uint8)
    with open_sink(tmp_path / "a.png") as sink:
        sink.write(Frame(color=rgba))
    assert np.array_equal(read_image(tmp_path / "a.png"), rgba[:, :, :3])


class TestFolder:
    def test_pictures_are_numbered_and_exact(self, tmp_path: Path, frame: Frame) -> None:
        with open_sink(tmp_path / "shots") as sink:
            sink.write(frame)
            sink.write(flat(7))  # sizes may differ
        assert names(tmp_path / "shots") == ["frame_000000.png", "frame_000001.png"]
        assert np.array_equal(read_image(tmp_path / "shots" / "frame_000000.png"), frame.color)

    def test_names_are_kept_and_never_collide(self, tmp_path: Path) -> None:
        with open_sink(tmp_path / "shots") as sink:
            for index, name in enumerate(["a.jpg", "a.png", "A.bmp", "../../b.png", "c"]):
                sink.write(flat(index), name=name)
        assert names(tmp_path / "shots") == ["A-3.png", "a-2.png", "a.png", "b.png", "c.png"]
        assert names(tmp_path) == ["shots"]

    def test_a_folder_of_pictures_keeps_its_names(self, tmp_path: Path) -> None:
        with open_sink(tmp_path / "in") as sink:
            sink.write(flat(1), name="one.png")
            sink.write(flat(2), name="two.png")
        with open_source(tmp_path / "in") as source, open_sink(tmp_path / "out") as sink:
            for frame in source:
                sink.write(frame, source.label)
        assert names(tmp_path / "out") == ["one.png", "two.png"]
        assert read_image(tmp_path / "out" / "two.png")[0, 0, 0] == 2

    def test_a_folder_that_is_not_empty_needs_force(self, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").write_text("mine")
        (tmp_path / "a.png").write_text("old")
        with pytest.raises(InputError, match=r"the folder is not empty\. Choose another, or pass --force"):
            open_sink(tmp_path)
        with open_sink(tmp_path, force=True) as sink:
            sink.write(flat(3), name="a.png")
            assert (tmp_path / "a.png").read_text() == "old"
        assert names(tmp_path) == ["a.png", "mine.txt"]
        assert read_image(tmp_path / "a.png")[0, 0, 0] == 3

    def test_an_interruption_leaves_the_folder_as_it_was(self, tmp_path: Path) -> None:
        (tmp_path / "a.png").write_text("old")
        with pytest.raises(Interrupted), open_sink(tmp_path, force=True) as sink:
            sink.write(flat(3), name="a.png")
            raise Interrupted
        assert names(tmp_path) == ["a.png"]
        assert (tmp_path / "a.png").read_text() == "old"

    def test_an_empty_folder_may_be_used_and_survives_an_interruption(self, tmp_path: Path) -> None:
        sink = open_sink(tmp_path)
        sink.write(flat(1))
        sink.abort()
        assert tmp_path.is_dir()
        assert names(tmp_path) == []

    def test_a_file_in_its_place_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "shots").write_text("mine")
        with pytest.raises(InputError, match="is a file; expected a folder"):
            open_sink(tmp_path / "shots", force=True)


class TestVideo:
    @pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.avi", "A.MP4"])
    @pytest.mark.parametrize("fps", [12.5, 29.97])
    def test_frames_come_back_in_order_at_their_rate(self, tmp_path: Path, name: str, fps: float) -> None:
        with open_sink(tmp_path / name, fps=fps) as sink:
            for index in range(6):
                sink.write(flat(40 * index))
            assert sink.problems == []
        with open_source(tmp_path / name) as source:
            assert source.fps == pytest.approx(fps, abs=0.01)
            assert source.size == (32, 16)
            assert [round(float(frame.color.mean()) / 40) for frame in source] == list(range(6))

    def test_the_first_frame_fixes_the_size(self, tmp_path: Path) -> None:
        with (
            pytest.raises(InputError, match=r"frame 1 is 30x16; expected 32x16 like the first one.*size=32x16"),
            open_sink(tmp_path / "a.avi") as sink,
        ):
            sink.write(flat(0))
            sink.write(flat(0, (30, 16)))
        assert names(tmp_path) == []

    def test_an_odd_size_is_reported(self, tmp_path: Path) -> None:
        with open_sink(tmp_path / "a.mp4") as sink:
            sink.write(flat(0, (51, 37)))
            (problem,) = sink.problems
        assert "the size 51x37 is odd; the codec drops the last pixels" in problem
        with open_source(tmp_path / "a.mp4") as source:
            assert source.size == (50, 36)

    def test_a_file_that_lacks_frames_is_a_failure(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="only 1 of 2 frames reached"), open_sink(tmp_path / "a.avi") as sink:
            sink.write(flat(0))
            sink.frame_count += 1  # a write that OpenCV lost without a word
        assert names(tmp_path) == []

    @pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to set")
    @pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.avi"])
    def test_a_full_disk_is_a_failure_that_leaves_nothing(self, tmp_path: Path, name: str) -> None:
        code = FULL_DISK.format(str(tmp_path / "new" / name))
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
        assert re.fullmatch(rf".*{name}: only \d+ of 40 frames reached the file\. See whether .*\n", done.stdout)
        assert names(tmp_path) == []

    def test_a_place_that_became_unusable_is_refused(self, tmp_path: Path) -> None:
        sink = open_sink(tmp_path / "new" / "a.avi")
        (tmp_path / "new").write_text("in the way")
        with pytest.raises(InputError, match=r"a\.avi: can't be written: "):
            sink.write(flat(0))
        sink.abort()
        assert names(tmp_path) == ["new"]

    def test_what_the_codec_refuses_is_a_failure(self, tmp_path: Path) -> None:
        with pytest.raises(StylebridgeError, match="can't encode mp4v at 1x1"), open_sink(tmp_path / "a.mp4") as sink:
            sink.write(flat(0, (1, 1)))
        assert names(tmp_path) == []


class TestNames:
    @pytest.mark.parametrize("name", ["out.gif", "out.xyz", "out.webm"])
    def test_an_unknown_extension_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(InputError, match=rf"unknown extension '\.\w+'; expected \.png.*write it as .*{name}/"):
            open_sink(tmp_path / name)

    def test_a_folder_may_have_a_dot_in_its_name(self, tmp_path: Path) -> None:
        (tmp_path / "v1.0").mkdir()
        with open_sink(tmp_path / "v1.0") as sink:
            sink.write(flat(1))
        with open_sink(f"images:{tmp_path}/v2.0") as sink:
            sink.write(flat(1))
        with open_sink(f"{tmp_path}/v3.png/") as sink:
            sink.write(flat(1))
        assert all((tmp_path / name / "frame_000000.png").is_file() for name in ("v1.0", "v2.0", "v3.png"))

    def test_the_kind_may_be_named(self, tmp_path: Path) -> None:
        with open_sink(f"images:{tmp_path}/a.png") as sink:
            sink.write(flat(1))
        with open_sink(f"video:{tmp_path}/a.avi") as sink:
            sink.write(flat(1))
        assert names(tmp_path) == ["a.avi", "a.png"]
        with pytest.raises(InputError, match=r"unknown video extension '\.gif'; expected \.mp4"):
            open_sink(f"video:{tmp_path}/a.gif")

    def test_an_unknown_kind_is_refused_with_a_guess(self) -> None:
        with pytest.raises(InputError) as caught:
            open_sink("widnow:live")
        assert "unknown output widnow:; expected a path or images:DIR or FILE, video:FILE" in str(caught.value)
        assert "Did you mean window:live?" in str(caught.value)

    @pytest.mark.parametrize("target", ["", " ", "images:", "video:"])
    def test_an_empty_name_is_refused(self, target: str) -> None:
        with pytest.raises(InputError, match="an empty output name"):
            open_sink(target)

    @pytest.mark.parametrize("target", ["x" * 5000, "x" * 300 + ".png"])
    def test_a_name_that_no_file_can_have_is_refused(self, tmp_path: Path, target: str) -> None:
        with pytest.raises(InputError):
            open_sink(os.fspath(tmp_path) + "/" + target)
