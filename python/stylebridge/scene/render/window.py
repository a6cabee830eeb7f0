"""The window: the same renderer with its context in a window on the screen, and the keys that are held down there."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.scene.levels.level import Level
from stylebridge.scene.mesh import Piece
from stylebridge.scene.render.history import Drawn
from stylebridge.scene.render.host import Host, host_around
from stylebridge.scene.render.opengl import GlRenderer
from stylebridge.scene.render.panda import hushed, panda
from stylebridge.scene.render.passes import plain_lens, screen_triangle, target
from stylebridge.scene.render.renderer import checked_size
from stylebridge.scene.render.shaders import program
from stylebridge.scene.snapshot import Snapshot

_CLOSING = "stylebridge-window-closing"
_TOUCHED = "stylebridge-key-"  # before the name of a key, in Panda3D's events
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_REFRESH_S = 0.1  # a window that nothing was drawn into for so long is shown again, and asked what happened to it
_NAMED = ("space", "left", "right", "up", "down", "shift", "control", "enter", "escape", "tab")


class WindowRenderer(GlRenderer):
    """Draws all planes, and shows the colour; close the window's renderer before the program ends."""

    def __init__(self, level: Level, skinned: Sequence[Piece], size: tuple[int, int], quality: str = "auto") -> None:
        self._window, pipe = _opened_window(size)
        host = host_around(self._window, pipe)
        super().__init__(level, skinned, size, host, quality)
        self._keys = _Keys(self._window)
        self._shown_s = 0.0
        self._show()

    def draw(
        self, snapshot: Snapshot, planes: Collection[str] = ("color",), following: Snapshot | None = None
    ) -> Frame:
        """The picture of this moment, which also appears in the window; a player decides what follows it."""
        return super().draw(snapshot, planes)

    def _submit(self, host: Host, drawn: Drawn) -> None:
        self._picture.set_shader_input("color_map", drawn.sheet.color)
        with self._shown(host):
            super()._submit(host, drawn)
        if self._window.is_closed():
            raise StylebridgeError("the window is gone", do="open another one")

    @contextmanager
    def _shown(self, host: Host) -> Iterator[None]:
        """What is rendered meanwhile appears in the window at once, not only with the next frame."""
        self._window.set_active(True)
        try:
            yield
            host.engine.flip_frame()
        finally:
            self._window.set_active(False)
            self._shown_s = time.monotonic()

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on; the window takes it too."""
        host = self._open_host()
        width, height = checked_size(size, self._limit)
        self._window.request_properties(panda().WindowProperties.size(width, height))
        # While a window changes its size its context can't be used, so let that happen first.
        for _ in range(2):
            host.engine.render_frame()
        super().resize((width, height))

    def events(self) -> tuple[frozenset[str], bool]:
        """The keys held down or touched since the last call, by names such as "w", "space" and "arrow_left"; whether
        the window was closed, or Escape touched.

        Works while nothing is drawn, too.
        """
        host = self._open_host()
        if time.monotonic() - self._shown_s > _REFRESH_S:
            with self._shown(host):
                host.engine.render_frame()
        keys = self._keys.touched()
        return keys, self._keys.is_closing or "escape" in keys

    def close(self) -> None:
        """Close the window; closing twice is fine."""
        host: Host | None = self._host
        super().close()
        if host is not None:
            self._picture.remove_node()
            host.engine.remove_window(self._window)

    def _show(self) -> None:
        core = panda()
        self._picture = screen_triangle()
        self._picture.set_shader(program("screen", "shown"))
        self._picture.set_shader_input("color_map", target((1, 1), "bytes"))  # until there is a picture
        camera = self._picture.attach_new_node(core.Camera("shown", plain_lens()))
        region = self._window.make_display_region()
        region.disable_clears()
        region.set_camera(camera)


class _Keys:
    """Reads the window's keyboard."""

    def __init__(self, window: Any) -> None:
        core = panda()
        window.set_close_request_event(_CLOSING)
        self._window, self._root = window, core.NodePath("keyboard")
        device = self._root.attach_new_node(core.MouseAndKeyboard(window, 0, "keyboard"))
        self._watcher, thrower = core.MouseWatcher("watcher"), core.ButtonThrower("thrower")
        thrower.set_prefix(_TOUCHED)
        device.attach_new_node(self._watcher)
        device.attach_new_node(thrower)
        button = core.KeyboardButton
        self._buttons = [button.ascii_key(letter) for letter in _LETTERS]
        self._buttons += [getattr(button, name)() for name in _NAMED]
        self._traverser = core.DataGraphTraverser()
        self._was_closed = False

    @property
    def is_closing(self) -> bool:
        return self._was_closed or bool(self._window.is_closed())

    def touched(self) -> frozenset[str]:
        """What is held down, and what went down and up again since the last call."""
        self._traverser.traverse(self._root.node())
        down = {button.get_name() for button in self._buttons if self._watcher.is_button_down(button)}
        queue = panda().EventQueue.get_global_event_queue()
        while not queue.is_queue_empty():
            name = queue.dequeue_event().get_name()
            self._was_closed |= name == _CLOSING
            down.add(name.removeprefix(_TOUCHED))
        return frozenset(button.get_name() for button in self._buttons if button.get_name() in down)


def _opened_window(size: tuple[int, int]) -> tuple[Any, Any]:
    core = panda()
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        raise InputError("no display to open a window on", do="set DISPLAY, or play without a window")
    with hushed():
        pipe = core.GraphicsPipeSelection.get_global_ptr().make_module_pipe("pandagl")
    if pipe is None or not pipe.is_valid():
        where = os.environ.get("DISPLAY", "")
        raise InputError(f"display {where!r} can't be opened", do="check that it is running, or play without a window")
    engine = core.GraphicsEngine.get_global_ptr()
    properties = core.WindowProperties.size(*size)
    properties.set_title("stylebridge")
    wanted = core.FrameBufferProperties()
    wanted.set_rgba_bits(8, 8, 8, 0)
    wanted.set_back_buffers(1)  # what is drawn into the only one needn't ever appear
    window = engine.make_output(pipe, "window", 40, wanted, properties, core.GraphicsPipe.BF_require_window)
    if window is None or window.get_gsg() is None:
        raise InputError("the display gives no window with OpenGL", do="install libgl1-mesa-dri, or play without one")
    engine.open_windows()
    window.set_active(False)
    return window, pipe
