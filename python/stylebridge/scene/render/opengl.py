"""The OpenGL renderer: surfaces, then light, then softened edges; all planes come out of the same triangles."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import StylebridgeError
from stylebridge.frame import MAX_SIDE, PLANES, Camera, Clock, Frame
from stylebridge.imaging import opencv
from stylebridge.scene.levels.level import Level
from stylebridge.scene.mesh import Piece
from stylebridge.scene.render.air import set_air
from stylebridge.scene.render.history import Memories, Memory, Sheet
from stylebridge.scene.render.host import Host
from stylebridge.scene.render.noise import sky_texture
from stylebridge.scene.render.optics import FLIP, checked_matrix, projection_of
from stylebridge.scene.render.panda import panda, panda_matrix, vector
from stylebridge.scene.render.passes import Pass, plain_lens, screen_triangle, target
from stylebridge.scene.render.readback import Reader
from stylebridge.scene.render.renderer import checked_planes, checked_size
from stylebridge.scene.render.scenery import MOVING_BIT, STILL_BIT, Scenery
from stylebridge.scene.render.shaders import program
from stylebridge.scene.render.shadows import Shadows
from stylebridge.scene.render.textures import GPU_ANISOTROPY
from stylebridge.scene.snapshot import Matrix, Snapshot

_NUMBERS = frozenset(("depth", "motion", "ids", "occlusion"))


class GlRenderer:
    """Draws with OpenGL 3.3; every plane is exact."""

    planes = tuple(PLANES)
    note = ""

    def __init__(self, level: Level, skinned: Sequence[Piece], size: tuple[int, int], host: Host) -> None:
        self._host: Host | None = host
        self._limit = min(MAX_SIDE, host.max_side)
        self.size = checked_size(size, self._limit)
        self._lamps = level.lamps
        self._scenery = Scenery(level, skinned, 1 if host.is_software else GPU_ANISOTROPY)
        self._ids = self._scenery.ids.table()
        self._shadows = Shadows(host, self._scenery.still, self._scenery.moving, self._scenery.places)
        self._screen, self._light, self._sky = _lighting()
        self._smooth = screen_triangle()
        self._light.set_shader_input("materials", self._scenery.material_rows)
        self._light.set_shader_input("still_shadows", self._shadows.still_map)
        self._light.set_shader_input("moving_shadows", self._shadows.moving_map)
        self._smooth.set_shader(program("screen", "smooth"))
        self._memories = Memories(self._sheets)
        self._reader = Reader(host)
        self._build(host)

    def draw(self, snapshot: Snapshot, planes: Collection[str] = ("color",)) -> Frame:
        """The picture of this moment; motion and occlusion relate to the last one of the same eye."""
        wanted = checked_planes(planes, self.planes) | {"color"}
        host = self._open_host()
        memory = self._memories.of(snapshot.eye.name)
        if snapshot.eye.cut:
            memory.forget()
        sheet = self._render(host, snapshot, memory)
        return self._frame(snapshot, wanted, sheet, memory)

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on; every eye starts anew."""
        host = self._open_host()
        size = checked_size(size, self._limit)
        if size != self.size:
            self._tear_down()
            self.size = size
            self._build(host)

    def events(self) -> tuple[frozenset[str], bool]:
        """Nobody presses keys here."""
        return frozenset(), False

    def close(self) -> None:
        """Give buffers, textures and geometry back; closing twice is fine."""
        if self._host is None:
            return
        self._tear_down()
        self._shadows.close()
        for path in (self._scenery.world, self._scenery.still, self._scenery.moving, self._screen, self._smooth):
            path.remove_node()
        self._host = None

    def _render(self, host: Host, snapshot: Snapshot, memory: Memory) -> Sheet:
        """Draw everything; motion is computed even for colour alone, because the previous picture steadies this one."""
        eye = snapshot.eye
        view = checked_matrix(eye.view, f"the view of eye {eye.name!r}")
        projection = projection_of(eye, self.size)
        now = self._scenery.stand_at(snapshot)
        before = memory.stand or now
        self._scenery.place(now, before)
        camera: Matrix = np.linalg.inv(view).astype(np.float64)
        self._aim(snapshot, view, projection, camera)
        self._shadows.prepare(snapshot.weather.sun_direction, camera)
        set_air(self._light, self._sky, snapshot, self._lamps, camera, self._shadows)
        sheet = self._turn(memory, view, projection, camera)
        passes = (self._still, self._moving, sheet.drawing, sheet.finishing)
        for made in passes:
            made.switch(True)
        host.engine.render_frame()
        self._shadows.rest()
        for made in passes:
            made.switch(False)
        memory.view, memory.projection, memory.stand = view, projection, now
        return sheet

    def _turn(self, memory: Memory, view: Matrix, projection: Matrix, camera: Matrix) -> Sheet:
        """The other sheet of this eye, and what leads from here to the one drawn before."""
        known = memory.view is not None and memory.projection is not None
        view_before = memory.view if memory.view is not None else view
        projection_before = memory.projection if memory.projection is not None else projection
        from_world = FLIP @ projection_before @ view_before
        before, memory.turn = memory.sheets[memory.turn], 1 - memory.turn
        self._screen.set_shader_input("back_from_world", panda_matrix(from_world))
        self._light.set_shader_input("back_from_eye", panda_matrix(from_world @ camera))
        self._screen.set_shader_input("known", float(known))
        self._screen.set_shader_input("planes_before", before.planes)
        self._smooth.set_shader_input("picture_before", before.color)
        self._smooth.set_shader_input("planes_map", memory.sheets[memory.turn].planes)
        return memory.sheets[memory.turn]

    def _aim(self, snapshot: Snapshot, view: Matrix, projection: Matrix, camera: Matrix) -> None:
        eye, lens = snapshot.eye, self._still.lens
        # A little wider than the picture: only for leaving out what can't be seen.
        lens.set_fov(*(2 * np.degrees(np.arctan(1.01 / projection[i, i])) for i in (0, 1)))
        lens.set_near_far(eye.near_m, eye.far_m)
        self._still.stand(view)
        self._moving.stand(view)
        self._scenery.simplify(camera[:3, 3])
        self._scenery.world.set_shader_input("view_projection", panda_matrix(FLIP @ projection @ view))
        self._screen.set_shader_input("ray_scale", vector(1 / projection[0, 0], -1 / projection[1, 1]))
        self._screen.set_shader_input("eye_to_world", panda_matrix(camera))
        self._sky.set_shader_input("far_m", float(eye.far_m))

    def _frame(self, snapshot: Snapshot, wanted: frozenset[str], sheet: Sheet, memory: Memory) -> Frame:
        color = self._reader.bytes(sheet.color, self.size)
        found: dict[str, Any] = {}
        if wanted & _NUMBERS:
            found = self._split(self._reader.floats(sheet.planes, self.size), color)
        if "normals" in wanted:
            normals = self._reader.floats(self._normals, self.size)
            found["normals"] = opencv().cvtColor(normals, opencv().COLOR_RGBA2RGB)
        assert memory.projection is not None and memory.view is not None  # noqa: S101
        camera = Camera(snapshot.eye.name, memory.view.astype(np.float32), memory.projection.astype(np.float32))
        clock = Clock(snapshot.frame_id, snapshot.simulation_s, time.time_ns())
        kept = {name: plane for name, plane in found.items() if name in wanted}
        return Frame(color=opencv().cvtColor(color, opencv().COLOR_RGBA2RGB), camera=camera, clock=clock, **kept)

    def _split(self, numbers: NDArray[np.float32], color: NDArray[np.uint8]) -> dict[str, Any]:
        """The planes out of [H,W,4]: motion x and y, depth, row of the id."""
        pairs = numbers.view(np.complex64)  # [H,W,2]: copying pairs is many times faster than copying numbers
        try:
            ids = self._ids.take(numbers[:, :, 3].astype(np.intp))
        except IndexError as error:
            raise StylebridgeError("the driver gave a broken picture: is its window gone?") from error
        return {
            "motion": np.ascontiguousarray(pairs[:, :, 0]).view(np.float32).reshape(*numbers.shape[:2], 2),
            "depth": np.ascontiguousarray(numbers[:, :, 2]),
            "ids": ids,
            "occlusion": color[:, :, 3] > 127,
        }

    def _build(self, host: Host) -> None:
        core = panda()
        kinds = ("floats", "floats", "halfs", "depth")
        self._seen, self._back, self._normals, self._depth = (target(self.size, kind) for kind in kinds)
        self._lit = target(self.size, "bytes")
        world, lens = self._scenery.world, core.PerspectiveLens()
        self._still = Pass(host, "what stands", self.size, 10, color=self._seen, depth=self._depth).look_at(world, lens)
        self._moving = Pass(
            host, "what moves", self.size, 11, color=self._seen, full=self._back, depth=self._depth, clears=False
        )
        self._moving.look_at(world, lens)
        self._moving.clear_full()
        self._still.see_only(core.BitMask32.bit(STILL_BIT))
        self._moving.see_only(core.BitMask32.bit(MOVING_BIT))
        self._light.set_shader_input("surface_map", self._seen)
        self._light.set_shader_input("back_map", self._back)
        self._smooth.set_shader_input("color_map", self._lit)
        for path in (self._screen, self._smooth):
            path.set_shader_input("picture", vector(*self.size))

    def _sheets(self) -> tuple[Sheet, Sheet]:
        return self._sheet(), self._sheet()

    def _sheet(self) -> Sheet:
        host, size = self._open_host(), self.size
        planes, color = target(size, "floats"), target(size, "bytes")
        targets = {"color": self._lit, "half": self._normals, "full": planes, "depth": self._depth}
        drawing = Pass(host, "light", size, 20, clears=False, **targets).look_at(self._screen, plain_lens())
        finishing = Pass(host, "smooth", size, 30, color=color).look_at(self._smooth, plain_lens())
        return Sheet(drawing, finishing, planes, color)

    def _tear_down(self) -> None:
        self._memories.close()
        for made in (self._still, self._moving):
            made.close()

    def _open_host(self) -> Host:
        if self._host is None:
            raise StylebridgeError("the renderer is closed", do="open another one")
        return self._host


def _lighting() -> tuple[Any, Any, Any]:
    """The node that the last passes draw, and its two triangles: light on what stands there, sky where nothing does."""
    core = panda()
    root = core.NodePath("lighting")
    light, sky = screen_triangle(), screen_triangle()
    # Both lie on the far plane, so that the depth test divides the picture between them before anything is computed.
    for path, test in ((light, core.DepthTestAttrib.M_greater), (sky, core.DepthTestAttrib.M_less_equal)):
        path.reparent_to(root)
        path.set_attrib(core.DepthTestAttrib.make(test))
        path.set_depth_write(False)
    sky.set_shader_input("noise_map", sky_texture())
    return root, light, sky
