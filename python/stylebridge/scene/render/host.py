"""The graphics context: one per process and kind, shared by all renderers, and why there is none."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from stylebridge.errors import InputError
from stylebridge.scene.render.panda import hushed, panda

GL_PACKAGES = "apt-get install libegl1 libgl1 libgl1-mesa-dri"
_RENDER_FRAME = "_ZN14GraphicsEngine12render_frameEv"  # as compilers for Linux name it
_NEEDED = ("libEGL.so.1", "libGL.so.1")


@dataclass(frozen=True, slots=True, eq=False)
class Host:
    """What buffers are made from: Panda3D's engine, and a tiny output whose context they share."""

    engine: Any
    pipe: Any
    output: Any
    driver: str
    max_side: int
    render: Callable[[], None]  # fill all buffers that are switched on

    @property
    def is_software(self) -> bool:
        """Whether the driver computes on the processor."""
        return any(name in self.driver.lower() for name in ("llvmpipe", "softpipe", "swrast"))

    @property
    def gsg(self) -> Any:
        """Panda3D's keeper of the context."""
        return self.output.get_gsg()


_hosts: dict[str, Host] = {}


def offscreen_host() -> Host:
    """Headless OpenGL, or an InputError that names what is missing."""
    if "offscreen" not in _hosts:
        _hosts["offscreen"] = _made_offscreen()
    return _hosts["offscreen"]


def whyno_gl() -> str:
    """What the system lacks for headless OpenGL, in a few words."""
    for name in _NEEDED if sys.platform.startswith("linux") else ():
        try:
            ctypes.CDLL(name)
        except OSError:
            return f"{name} is missing"
    return "no driver gives an OpenGL 3.3 context"


def host_around(output: Any, pipe: Any) -> Host:
    """A host whose context belongs to this output."""
    gsg = output.get_gsg()
    if gsg.get_driver_version_major() * 10 + gsg.get_driver_version_minor() < 33 or gsg.get_max_color_targets() < 4:
        raise no_gl(f"{gsg.get_driver_renderer()} has only OpenGL {gsg.get_driver_version()}")
    engine = panda().GraphicsEngine.get_global_ptr()
    render = _unlocked(engine) or engine.render_frame
    return Host(engine, pipe, output, str(gsg.get_driver_renderer()), int(gsg.get_max_texture_dimension()), render)


def _unlocked(engine: Any) -> Callable[[], None] | None:
    """Panda3D's render_frame, without Python's lock, which its own binding would hold for the whole frame."""
    for library in Path(str(panda().__file__)).parent.glob("libpanda.so*"):
        try:
            function = ctypes.CDLL(str(library))[_RENDER_FRAME]
        except (OSError, AttributeError):
            continue
        function.argtypes, function.restype = [ctypes.c_void_p], None
        return partial(function, int(engine.this))
    return None


def _made_offscreen() -> Host:
    # Mesa then prepares triangles on a thread of its own; without the second one it says so on every start.
    os.environ.setdefault("mesa_glthread", "true")
    os.environ.setdefault("MESA_DEBUG", "silent")
    # Mesa's software driver is a twentieth faster with vectors of 128 bits than with the 256 that it would choose.
    os.environ.setdefault("LP_NATIVE_VECTOR_WIDTH", "128")
    core = panda()
    engine = core.GraphicsEngine.get_global_ptr()
    with hushed():
        pipe = core.GraphicsPipeSelection.get_global_ptr().make_module_pipe("p3headlessgl")
    if pipe is None or not pipe.is_valid():
        raise no_gl(whyno_gl())
    wanted = core.FrameBufferProperties()
    wanted.set_rgba_bits(8, 8, 8, 8)
    size = core.WindowProperties.size(1, 1)
    with hushed():
        output = engine.make_output(pipe, "host", 0, wanted, size, core.GraphicsPipe.BF_refuse_window)
    if output is None or output.get_gsg() is None:
        raise no_gl(whyno_gl())
    engine.open_windows()
    output.set_active(False)
    return host_around(output, pipe)


def no_gl(why: str) -> InputError:
    """The refusal that names the packages."""
    return InputError(
        f"no OpenGL to draw with: {why}",
        do=f"install it ({GL_PACKAGES}), or choose the software renderer, which gives colour only",
    )
