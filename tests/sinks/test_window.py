from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import opencv
from stylebridge.sinks import open_sink, window


class Screen:
    """Stands for OpenCV's windows: one key a frame, and a window that may be gone."""

    WINDOW_NORMAL, WND_PROP_VISIBLE, COLOR_RGB2BGR, error = 0, 4, opencv().COLOR_RGB2BGR, opencv().error

    def __init__(self, keys: list[int], visible: bool | None = True) -> None:
        self.keys, self.visible = keys, visible
        self.shown: list[np.ndarray] = []
        self.open: list[str] = []

    def cvtColor(self, pixels: np.ndarray, code: int) -> np.ndarray:  # noqa: N802
        return opencv().cvtColor(pixels, code)

    def namedWindow(self, title: str, flags: int) -> None:  # noqa: N802
        self.open.append(title)

    def imshow(self, title: str, pixels: np.ndarray) -> None:
        assert title in self.open
        self.shown.append(pixels)

    def waitKey(self, delay_ms: int) -> int:  # noqa: N802
        return self.keys.pop(0) if self.keys else -1

    def getWindowProperty(self, title: str, which: int) -> float:  # noqa: N802
        if self.visible is None:
            raise self.error("NULL guiReceiver (please create a window)")
        return float(self.visible)

    def destroyAllWindows(self) -> None:  # noqa: N802
        self.open.clear()


@pytest.fixture
def on_screen(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(screen: Screen) -> Screen:
        monkeypatch.setattr(window, "opencv", lambda: screen)
        monkeypatch.setenv("DISPLAY", ":0")
        monkeypatch.setattr(window, "subprocess", SimpleNamespace(run=lambda *a, **k: SimpleNamespace(returncode=0)))
        window.subprocess.TimeoutExpired = subprocess.TimeoutExpired
        return screen

    return use


RED = Frame(color=np.full((4, 6, 3), (255, 0, 0), np.uint8))


def test_frames_are_shown_in_opencvs_channel_order(on_screen: Any) -> None:
    screen = on_screen(Screen([]))
    with open_sink("window:live") as sink:
        assert screen.open == ["live"]
        sink.write(RED)
        assert not sink.stopped
    assert screen.shown[0][0, 0].tolist() == [0, 0, 255]
    assert screen.open == []


@pytest.mark.parametrize(("keys", "visible"), [([ord("q")], True), ([27], True), ([-1], False), ([-1], None)])
def test_the_viewer_can_stop(on_screen: Any, keys: list[int], visible: bool | None) -> None:
    screen = on_screen(Screen(keys, visible))
    with open_sink("window:") as sink:
        assert screen.open == ["stylebridge"]
        sink.write(RED)
        assert sink.stopped
        sink.write(RED)
    assert len(screen.shown) == 1


def test_an_exception_closes_the_window(on_screen: Any) -> None:
    screen = on_screen(Screen([]))
    with pytest.raises(KeyboardInterrupt), open_sink("window:"):
        raise KeyboardInterrupt
    assert screen.open == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_without_a_display_the_window_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(InputError, match=r"^window: no display: neither DISPLAY nor WAYLAND_DISPLAY is set\. "):
        open_sink("window:")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_a_display_that_does_not_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":7654")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(InputError, match="OpenCV can't open a window here"):
        open_sink("window:")
