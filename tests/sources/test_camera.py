from __future__ import annotations

from pathlib import Path

import pytest
from stylebridge.errors import InputError
from stylebridge.sources import camera, open_source

from .conformance import SourceConformance
from .conftest import MakeVideo


class TestStream(SourceConformance):
    """A camera address may be anything that FFmpeg opens; a file stands for the stream."""

    @pytest.fixture
    def address(self, make_video: MakeVideo) -> str:
        return f"camera:{make_video()}"

    @pytest.fixture
    def count(self) -> int:
        return 8


def test_a_stream_promises_no_length_and_reports_its_end(make_video: MakeVideo) -> None:
    with open_source(f"camera:{make_video()}") as source:
        assert source.frame_count is None
        assert len(list(source)) == 8
        assert source.problems == [f"{source.name} stopped after 8 frames"]


@pytest.mark.skipif(Path("/dev/video99").exists(), reason="this machine has a hundred cameras")
def test_a_missing_device_is_refused_with_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"camera:99: no camera answers; expected .*/dev/video"):
        open_source("camera:99")
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter([Path("/dev/video10"), Path("/dev/video2")]))
    assert camera._devices() == "one of /dev/video2, /dev/video10 by its number"


def test_a_password_in_the_address_is_not_shown() -> None:
    with pytest.raises(InputError) as caught:
        open_source("camera:file://me:secret@nowhere/clip.mp4")
    assert "secret" not in str(caught.value)
    assert "camera:file://nowhere/clip.mp4: no camera answers" in str(caught.value)
