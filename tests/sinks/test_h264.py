"""H.264 through PyAV: what browsers need, and what happens without it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stylebridge.frame import Frame
from stylebridge.sinks import open_sink, video
from stylebridge.sources import open_source

COLORS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (10, 200, 230), (128, 128, 128))


def bars(height: int = 48) -> Frame:
    return Frame(color=np.repeat(np.array(COLORS, np.uint8), 16, axis=0)[None].repeat(height, axis=0))


def write(path: Path, frame: Frame, count: int = 12) -> list[str]:
    with open_sink(path, fps=24) as sink:
        for _ in range(count):
            sink.write(frame)
    return sink.problems


@pytest.fixture
def no_av(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "has_h264", lambda: False)


class TestWithPyAV:
    @pytest.fixture(autouse=True)
    def _needed(self) -> None:
        pytest.importorskip("av")

    @pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
    def test_a_browser_can_play_it(self, tmp_path: Path, name: str) -> None:
        import av

        assert write(tmp_path / name, bars()) == []
        with av.open(str(tmp_path / name)) as container:
            stream = container.streams.video[0]
            context = stream.codec_context
            assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
            assert (int(context.colorspace), int(context.color_range)) == (1, 1)  # BT.709, 16 to 235
            assert sum(1 for _ in container.decode(stream)) == 12

    @pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
    def test_the_index_comes_before_the_pictures(self, tmp_path: Path, name: str) -> None:
        write(tmp_path / name, bars())
        data = (tmp_path / name).read_bytes()
        assert 0 < data.index(b"moov") < data.index(b"mdat")

    def test_colors_come_back(self, tmp_path: Path) -> None:
        write(tmp_path / "a.mp4", bars())
        with open_source(tmp_path / "a.mp4") as source:
            found = next(source).color[24, 8::16].astype(int)
        assert np.abs(found - COLORS).max() <= 3

    def test_an_odd_size_loses_its_last_row_and_column(self, tmp_path: Path) -> None:
        frame = Frame(color=bars(49).color[:, :95])
        (problem,) = write(tmp_path / "a.mp4", frame)
        assert "95x49 is odd" in problem
        with open_source(tmp_path / "a.mp4") as source:
            assert source.size == (94, 48)


def test_without_pyav_it_is_mpeg_4_with_a_note(tmp_path: Path, no_av: None) -> None:
    (problem,) = write(tmp_path / "a.mp4", bars())
    assert "browsers don't play" in problem
    assert "stylebridge[video]" in problem
    with open_source(tmp_path / "a.mp4") as source:
        assert len(list(source)) == 12


def test_avi_needs_no_note(tmp_path: Path, no_av: None) -> None:
    assert write(tmp_path / "a.avi", bars()) == []
