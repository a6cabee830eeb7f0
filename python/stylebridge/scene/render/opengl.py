"""The OpenGL renderer: all planes come out of the same triangles."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import StylebridgeError
from stylebridge.frame import MAX_SIDE, PLANES, Camera, Clock, Frame
from stylebridge.imaging import opencv
from stylebridge.scene.levels.level import Level
from stylebridge.scene.mesh import Piece
from stylebridge.scene.render.air import set_air
from stylebridge.scene.render.buffers import Buffers, Layers, OneBuffer
from stylebridge.scene.render.history import Drawn, Memories, Memory, Past, Sheet
from stylebridge.scene.render.host import Host
from stylebridge.scene.render.noise import sky_texture
from stylebridge.scene.render.optics import FLIP, checked_matrix, projection_of
from stylebridge.scene.render.panda import panda, panda_matrix, vector
from stylebridge.scene.render.passes import screen_triangle
from stylebridge.scene.render.quality import quality_of
from stylebridge.scene.render.readback import Reader
from stylebridge.scene.render.renderer import checked_planes, checked_size
from stylebridge.scene.render.scenery import Scenery
from stylebridge.scene.render.shadows import Shadows
from stylebridge.scene.render.stage import after_this
from stylebridge.scene.snapshot import Matrix, Snapshot

_NUMBERS = frozenset(("depth", "motion", "ids", "occlusion"))


class GlRenderer:
    """Draws with OpenGL 3.3; every plane is exact."""

    planes = tuple(PLANES)
    note = ""

    def __init__(
        self, level: Level, skinned: Sequence[Piece], size: tuple[int, int], host: Host, quality: str = "auto"
    ) -> None:
        self._host: Host | None = host
        self._limit = min(MAX_SIDE, host.max_side)
        self.size = checked_size(size, self._limit)
        self._lamps = level.lamps
        self._quality = quality_of(quality, host)
        self._scenery = Scenery(level, skinned, self._quality)
        self._ids = self._scenery.ids.table()
        roots, soft = (self._scenery.still, self._scenery.moving), self._quality.soft_shadows
        self._shadows = Shadows(host, *roots, self._scenery.places, soft=soft)
        self._screen, self._light, self._sky = _lighting()
        self._light.set_shader_input("materials", self._scenery.material_rows)
        self._light.set_shader_input("still_shadows", self._shadows.still_map)
        self._light.set_shader_input("moving_shadows", self._shadows.moving_map)
        self._memories = Memories(self._sheets)
        self._reader = Reader(host)
        self._begun: Future[None] | None = None
        self._build(host)

    def draw(
        self, snapshot: Snapshot, planes: Collection[str] = ("color",), following: Snapshot | None = None
    ) -> Frame:
        """The picture of this moment; motion and occlusion relate to the last one of the same eye.

        `following`, of the same eye, goes to the driver before this one is converted, to be at hand when asked for.
        """
        wanted = checked_planes(planes, self.planes) | {"color"}
        host = self._open_host()
        self._wait_for_begun()
        memory = self._memories.of(snapshot.eye.name)
        drawn = memory.ahead
        if drawn is not None and drawn.snapshot is snapshot:
            memory.ahead = None
        else:
            memory.drop_ahead()
            drawn = self._prepare(host, snapshot, memory)
            self._submit(host, drawn)
        if following is None or following.eye.name != snapshot.eye.name:
            return self._frame(drawn, wanted, self._read(drawn.sheet, wanted))
        # The driver computes on while the next frame is prepared; reading waits for it to end.
        after = self._prepare(host, following, memory)
        pictures = self._read(drawn.sheet, wanted)
        memory.ahead = after
        # Handing over takes a third of a frame's time, in which the game can play on.
        self._begun = after_this(lambda: self._submit(host, after))
        return self._frame(drawn, wanted, pictures)

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on; every eye starts anew."""
        host = self._open_host()
        self._wait_for_begun()
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
        for path in (self._scenery.world, self._scenery.still, self._scenery.moving, self._screen):
            path.remove_node()
        self._host = None

    def _prepare(self, host: Host, snapshot: Snapshot, memory: Memory) -> Drawn:
        """Set everything up, and begin with the shadows.

        Motion is computed even for colour alone, as the previous picture steadies this one.
        """
        eye, before = snapshot.eye, memory.past
        view = checked_matrix(eye.view, f"the view of eye {eye.name!r}")
        projection = projection_of(eye, self.size)
        now = Past(view, projection, self._scenery.stand_at(snapshot))
        known = before is not None and not eye.cut
        origin = before if before is not None and known else now
        self._scenery.place(now.stand, origin.stand)
        camera: Matrix = np.linalg.inv(view).astype(np.float64)
        sheet = memory.sheets[1 - memory.turn]
        self._aim(sheet, snapshot, view, projection, camera)
        self._shadows.prepare(snapshot.weather.sun_direction, camera)
        set_air(self._light, self._sky, snapshot, self._lamps, camera, self._shadows, self._quality.switches)
        self._turn(memory, origin, camera, known=known)
        memory.past = now
        # Now, because a driver that computes on the processor waits for them as soon as light asks for them.
        self._shadows.draw(host)
        return Drawn(snapshot, sheet, now, before)

    def _wait_for_begun(self) -> None:
        """What was begun after the last answer is long done, as one thread does it all; say so if it failed."""
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.result()

    def _submit(self, host: Host, drawn: Drawn) -> None:
        """Hand what was prepared to the driver, which may go on computing after this returns."""
        for made in drawn.sheet.passes:
            made.switch(True)
        host.render()
        for made in drawn.sheet.passes:
            made.switch(False)

    def _turn(self, memory: Memory, origin: Past, camera: Matrix, *, known: bool) -> None:
        """The other sheet of this eye, and what leads from here to the one drawn before."""
        from_world = FLIP @ origin.projection @ origin.view
        before, memory.turn = memory.sheets[memory.turn], 1 - memory.turn
        self._scenery.world.set_shader_input("back_from_world", panda_matrix(from_world))
        self._screen.set_shader_input("back_from_world", panda_matrix(from_world))
        self._light.set_shader_input("back_from_eye", panda_matrix(from_world @ camera))
        self._screen.set_shader_input("known", float(known))
        self._screen.set_shader_input("planes_before", before.planes)
        self._buffers.turn(memory.sheets[memory.turn], before)

    def _aim(self, sheet: Sheet, snapshot: Snapshot, view: Matrix, projection: Matrix, camera: Matrix) -> None:
        eye, lens = snapshot.eye, self._buffers.lens
        # A little wider than the picture: only for leaving out what can't be seen.
        lens.set_fov(*(2 * np.degrees(np.arctan(1.01 / projection[i, i])) for i in (0, 1)))
        lens.set_near_far(eye.near_m, eye.far_m)
        for made in sheet.looking:
            made.stand(view)
        clip = FLIP @ projection @ view
        self._scenery.show(camera[:3, 3], clip)
        self._scenery.world.set_shader_input("view_projection", panda_matrix(clip))
        self._screen.set_shader_input("ray_scale", vector(1 / projection[0, 0], -1 / projection[1, 1]))
        self._screen.set_shader_input("eye_to_world", panda_matrix(camera))
        self._sky.set_shader_input("far_m", float(eye.far_m))

    def _read(self, sheet: Sheet, wanted: frozenset[str]) -> dict[str, NDArray[Any]]:
        """The driver's pictures, as they are; the next reading overwrites them."""
        pictures: dict[str, NDArray[Any]] = {"color": self._reader.picture("color", sheet.color, self.size, np.uint8)}
        if wanted & _NUMBERS:
            pictures["numbers"] = self._reader.picture("numbers", sheet.planes, self.size, np.float32)
        if "normals" in wanted:
            pictures["normals"] = self._reader.picture("normals", sheet.normals, self.size, np.float32)
        return pictures

    def _frame(self, drawn: Drawn, wanted: frozenset[str], pictures: dict[str, NDArray[Any]]) -> Frame:
        cv2, color = opencv(), pictures["color"]
        found = self._split(pictures["numbers"], color) if "numbers" in pictures else {}
        if "normals" in pictures:
            found["normals"] = cv2.cvtColor(pictures["normals"], cv2.COLOR_RGBA2RGB)
        snapshot, now = drawn.snapshot, drawn.now
        camera = Camera(snapshot.eye.name, now.view.astype(np.float32), now.projection.astype(np.float32))
        clock = Clock(snapshot.frame_id, snapshot.simulation_s, time.time_ns())
        kept = {name: plane for name, plane in found.items() if name in wanted}
        return Frame(color=cv2.cvtColor(color, cv2.COLOR_RGBA2RGB), camera=camera, clock=clock, **kept)

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
        kind = Layers if self._quality.in_layers else OneBuffer
        self._buffers: Buffers = kind(host, self.size, self._scenery.world, self._screen)
        for path in (self._screen, self._scenery.world):
            path.set_shader_input("picture", vector(*self.size))

    def _sheets(self) -> tuple[Sheet, Sheet]:
        return self._buffers.sheet(), self._buffers.sheet()

    def _tear_down(self) -> None:
        self._memories.close()
        self._buffers.close()

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
