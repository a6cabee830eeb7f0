"""The window: the same renderer with its context in a window on the screen, and the keys that are held down there."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from typing import Any

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.scene.levels.level import Level
from stylebridge.scene.mesh import Piece
from stylebridge.scene.render.history import Drawn
from stylebridge.scene.render.host import Host, host_around
from stylebridge.scene.render.opengl import GlRenderer
from stylebridge.scene.render.panda import hushed, panda
from stylebridge.scene.render.passes import plain_lens, screen_triangle
from stylebridge.scene.render.renderer import checked_size
from stylebridge.scene.render.shaders import program
from stylebridge.scene.snapshot import Snapshot

_CLOSING = "stylebridge-window-closing"
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_NAMED = ("space", "left", "right", "up", "down", "shift", "control", "enter", "escape", "tab")


class WindowRenderer(GlRenderer):
    """Draws all planes, and shows the colour; close the window's renderer before the program ends."""

    def __init__(self, level: Level, skinned: Sequence[Piece], size: tuple[int, int]) -> None:
        self._window, pipe = _opened_window(size)
        host = host_around(self._window, pipe)
        super().__init__(level, skinned, size, host)
        self._keys = _Keys(self._window)
        self._show()

    def draw(
        self, snapshot: Snapshot, planes: Collection[str] = ("color",), following: Snapshot | None = None
    ) -> Frame:
        """The picture of this moment, which also appears in the window; a player decides what follows it."""
        self._open_host()
        self._window.set_active(True)
        try:
            return super().draw(snapshot, planes)
        finally:
            self._window.set_active(False)

    def _submit(self, host: Host, drawn: Drawn) -> None:
        self._picture.set_shader_input("color_map", drawn.sheet.color)
        super()._submit(host, drawn)
        if self._window.is_closed():
            raise StylebridgeError("the window is gone", do="open another one")

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on; the window takes it too."""
        host = self._open_host()
        width, height = checked_size(size, self._limit)
        self._window.request_properties(panda().WindowProperties.size(width, height))
        # While a window changes its size its context can't be used, so let that happen first.
        self._window.set_active(True)
        for _ in range(2):
            host.engine.render_frame()
        self._window.set_active(False)
        super().resize((width, height))

    def events(self) -> tuple[frozenset[str], bool]:
        """The keys held down, by names such as "w", "space" and "arrow_left"; whether the window was closed."""
        return self._keys.held(), self._keys.is_closing()

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
        self._watcher = core.MouseWatcher("watcher")
        device.attach_new_node(self._watcher)
        button = core.KeyboardButton
        self._buttons = [button.ascii_key(letter) for letter in _LETTERS]
        self._buttons += [getattr(button, name)() for name in _NAMED]
        self._traverser = core.DataGraphTraverser()
        self._was_closed = False

    def held(self) -> frozenset[str]:
        self._traverser.traverse(self._root.node())
        return frozenset(button.get_name() for button in self._buttons if self._watcher.is_button_down(button))

    def is_closing(self) -> bool:
        queue = panda().EventQueue.get_global_event_queue()
        while not queue.is_queue_empty():
            self._was_closed |= queue.dequeue_event().get_name() == _CLOSING
        return self._was_closed or bool(self._window.is_closed())


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
    window = engine.make_output(pipe, "window", 40, wanted, properties, core.GraphicsPipe.BF_require_window)
    if window is None or window.get_gsg() is None:
        raise InputError("the display gives no window with OpenGL", do="install libgl1-mesa-dri, or play without one")
    engine.open_windows()
    window.set_active(False)
    return window, pipe
