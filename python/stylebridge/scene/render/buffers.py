"""How a frame is filled: in layers (surfaces, then light, then softened edges), or everything in one buffer."""

from __future__ import annotations

from typing import Any, Protocol

from stylebridge.scene.render.history import Sheet
from stylebridge.scene.render.host import Host
from stylebridge.scene.render.panda import panda, vector
from stylebridge.scene.render.passes import Pass, plain_lens, screen_triangle, target
from stylebridge.scene.render.scenery import MOVING_BIT, STILL_BIT
from stylebridge.scene.render.shaders import program

Size = tuple[int, int]


class Buffers(Protocol):
    """The buffers of one size; `lens` is what the eye looks through."""

    lens: Any

    def sheet(self) -> Sheet:
        """Another place for a frame."""

    def turn(self, now: Sheet, before: Sheet) -> None:
        """Fill `now` next, which follows `before`."""

    def close(self) -> None:
        """Give back what isn't part of a sheet."""


class Layers:
    """Surfaces go to a buffer of their own, from which light is computed once a pixel; then edges are softened."""

    def __init__(self, host: Host, size: Size, world: Any, screen: Any) -> None:
        core = panda()
        self._host, self._size, self._screen = host, size, screen
        self.lens = core.PerspectiveLens()
        self._depth, self._lit = target(size, "depth"), target(size, "texels")
        seen, back = target(size, "floats"), target(size, "floats")
        self._still = Pass(host, "what stands", size, 10, color=seen, depth=self._depth)
        self._moving = Pass(host, "what moves", size, 11, color=seen, full=back, depth=self._depth, clears=False)
        self._moving.clear_full()
        for made, bit in ((self._still, STILL_BIT), (self._moving, MOVING_BIT)):
            made.look_at(world, self.lens).see_only(core.BitMask32.bit(bit))
        self._smooth = screen_triangle()
        self._smooth.set_shader(program("screen", "smooth"))
        self._smooth.set_shader_input("color_map", self._lit)
        self._smooth.set_shader_input("picture", vector(*size))
        screen.set_shader_input("surface_map", seen)
        screen.set_shader_input("back_map", back)

    def sheet(self) -> Sheet:
        """Another place for a frame."""
        planes, normals, color = (target(self._size, kind) for kind in ("floats", "halfs", "bytes"))
        targets = {"color": self._lit, "half": normals, "full": planes, "depth": self._depth}
        light = Pass(self._host, "light", self._size, 20, clears=False, **targets).look_at(self._screen, plain_lens())
        smooth = Pass(self._host, "smooth", self._size, 30, color=color).look_at(self._smooth, plain_lens())
        return Sheet((self._still, self._moving), (light, smooth), planes, normals, color, shares=True)

    def turn(self, now: Sheet, before: Sheet) -> None:
        """Fill `now` next, which follows `before`."""
        self._smooth.set_shader_input("picture_before", before.color)
        self._smooth.set_shader_input("planes_map", now.planes)

    def close(self) -> None:
        """Give back what isn't part of a sheet."""
        self._still.close()
        self._moving.close()
        self._smooth.remove_node()


class OneBuffer:
    """Light replaces what the surface left in the same pixel: no detour through the memory, no waiting in between."""

    def __init__(self, host: Host, size: Size, world: Any, screen: Any) -> None:
        self._host, self._size, self._world, self._screen = host, size, world, screen
        self.lens = panda().PerspectiveLens()
        self._depth = target(size, "depth")

    def sheet(self) -> Sheet:
        """Another place for a frame."""
        planes, normals, color = (target(self._size, kind) for kind in ("floats", "halfs", "bytes"))
        targets = {"color": color, "half": normals, "full": planes, "depth": self._depth}
        made = Pass(self._host, "everything", self._size, 20, **targets).look_at(self._world, self.lens)
        made.then_look_at(self._screen, plain_lens())
        return Sheet((made,), (), planes, normals, color)

    def turn(self, now: Sheet, before: Sheet) -> None:
        """Fill `now` next, which follows `before`."""
        self._screen.set_shader_input("picture_before", before.color)

    def close(self) -> None:
        """Sheets are all there is."""
