"""Passes: a buffer with its targets and the camera that fills them; nothing is drawn unless it is switched on."""

from __future__ import annotations

from typing import Any

import numpy as np

from stylebridge.errors import StylebridgeError
from stylebridge.scene.render.host import Host
from stylebridge.scene.render.optics import PANDA_TO_EYE
from stylebridge.scene.render.panda import panda, panda_matrix
from stylebridge.scene.snapshot import Matrix


class Pass:
    """One buffer of the frame: targets in the order of the shader: colour, 16 bits, 32 bits; `depth` can be shared."""

    def __init__(
        self,
        host: Host,
        name: str,
        size: tuple[int, int],
        order: int,
        *,
        color: Any = None,
        half: Any = None,
        full: Any = None,
        depth: Any = None,
        clears: bool = True,
    ) -> None:
        core = panda()
        self._engine = host.engine
        wanted = core.FrameBufferProperties()
        if color is not None:
            deep = color.get_component_type() == core.Texture.T_float
            wanted.set_float_color(deep)
            wanted.set_rgba_bits(*(4 * (32 if deep else 8,)))
        wanted.set_aux_hrgba(int(half is not None))
        wanted.set_aux_float(int(full is not None))
        if depth is not None:
            wanted.set_depth_bits(32)
        flags = core.GraphicsPipe.BF_refuse_window | core.GraphicsPipe.BF_fb_props_optional
        window = core.WindowProperties.size(*size)
        self.buffer = host.engine.make_output(host.pipe, name, order, wanted, window, flags, host.gsg, host.output)
        if self.buffer is None:
            raise StylebridgeError(f"the driver gives no {size[0]}x{size[1]} buffer for {name}", where=host.driver)
        self.buffer.set_active(False)
        self.buffer.disable_clears()
        targets = [(color, core.GraphicsOutput.RTP_color), (depth, core.GraphicsOutput.RTP_depth)]
        targets += [(half, core.GraphicsOutput.RTP_aux_hrgba_0), (full, core.GraphicsOutput.RTP_aux_float_0)]
        for texture, place in targets:
            if texture is not None:
                self.buffer.add_render_texture(texture, core.GraphicsOutput.RTM_bind_or_copy, place)
        self.region = self.buffer.make_display_region()
        self.region.disable_clears()
        if depth is not None and clears:
            self.region.set_clear_depth_active(True)
            self.region.set_clear_depth(1.0)
        self.lens: Any = None  # the first one
        self._cameras: list[Any] = []

    def look_at(self, root: Any, lens: Any) -> Pass:
        """Fill the targets with what hangs under `root`."""
        self.lens = lens
        return self._look_at(self.region, root, lens)

    def then_look_at(self, root: Any, lens: Any) -> Pass:
        """After that, also with what hangs under this one."""
        region = self.buffer.make_display_region()
        region.disable_clears()
        region.set_sort(len(self._cameras))
        return self._look_at(region, root, lens)

    def stand(self, view: Matrix) -> None:
        """Put the camera where `view` (world -> eye) says; only what it might see is sent to be drawn."""
        self._cameras[0].set_mat(panda_matrix(np.linalg.inv(view) @ PANDA_TO_EYE))

    def clear_full(self) -> None:
        """Begin each frame with zeros in the 32-bit target."""
        place = panda().GraphicsOutput.RTP_aux_float_0
        self.region.set_clear_active(place, True)
        self.region.set_clear_value(place, (0, 0, 0, 0))

    def see_only(self, mask: Any) -> Pass:
        """Draw only what isn't hidden from this bit."""
        self._cameras[0].node().set_camera_mask(mask)
        return self

    def switch(self, on: bool) -> None:
        """Whether the next frame fills this buffer."""
        self.buffer.set_active(on)

    def close(self) -> None:
        """Give the buffer back."""
        for camera in self._cameras:
            camera.remove_node()
        self._cameras.clear()
        self._engine.remove_window(self.buffer)

    def _look_at(self, region: Any, root: Any, lens: Any) -> Pass:
        self._cameras.append(root.attach_new_node(panda().Camera(self.buffer.get_name(), lens)))
        region.set_camera(self._cameras[-1])
        return self


def target(size: tuple[int, int], kind: str) -> Any:
    """A texture to draw into: RGBA but for depth and "shadow", which compares; "bytes" can be read between texels."""
    core = panda()
    texture = core.Texture(kind)
    formats = {
        "bytes": (core.Texture.T_unsigned_byte, core.Texture.F_rgba8),
        "texels": (core.Texture.T_unsigned_byte, core.Texture.F_rgba8),
        "halfs": (core.Texture.T_half_float, core.Texture.F_rgba16),
        "floats": (core.Texture.T_float, core.Texture.F_rgba32),
        "depth": (core.Texture.T_float, core.Texture.F_depth_component32),
        "shadow": (core.Texture.T_float, core.Texture.F_depth_component32),
    }
    texture.setup_2d_texture(*size, *formats[kind])
    texture.set_match_framebuffer_format(False)
    soft = core.SamplerState.FT_linear if kind == "bytes" else core.SamplerState.FT_nearest
    for set_filter in (texture.set_minfilter, texture.set_magfilter):
        set_filter(core.SamplerState.FT_shadow if kind == "shadow" else soft)
    for set_wrap in (texture.set_wrap_u, texture.set_wrap_v):
        set_wrap(core.SamplerState.WM_clamp)
    return texture


def screen_triangle() -> Any:
    """A node with one triangle that covers the picture; the shader places it."""
    core = panda()
    data = core.GeomVertexData("screen", core.GeomVertexFormat.get_v3(), core.Geom.UH_static)
    writer = core.GeomVertexWriter(data, "vertex")
    for x, y in ((-1, -1), (3, -1), (-1, 3)):
        writer.add_data3(x, y, 0)
    primitive = core.GeomTriangles(core.Geom.UH_static)
    primitive.add_vertices(0, 1, 2)
    geom = core.Geom(data)
    geom.add_primitive(primitive)
    node = core.GeomNode("screen")
    node.add_geom(geom)
    node.set_bounds(core.OmniBoundingVolume())
    node.set_final(True)
    path = core.NodePath(node)
    path.set_two_sided(True)
    return path


def plain_lens() -> Any:
    """A lens that sees all of the screen triangle."""
    lens = panda().OrthographicLens()
    lens.set_film_size(2, 2)
    lens.set_near_far(-1000, 1000)
    return lens
