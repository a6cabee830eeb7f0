"""The fallback without OpenGL: Panda3D's own rasteriser on the processor, colour only, lit at the vertices."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Camera, Clock, Frame
from stylebridge.scene.levels.level import Level
from stylebridge.scene.mesh import Floats, Material, Mesh, Piece
from stylebridge.scene.render.optics import PANDA_TO_EYE, checked_matrix, projection_of
from stylebridge.scene.render.panda import hushed, panda, panda_matrix
from stylebridge.scene.render.renderer import checked_planes, checked_size
from stylebridge.scene.render.skinning import bent, checked_skin
from stylebridge.scene.render.textures import fitted
from stylebridge.scene.snapshot import Snapshot, Weather

MAX_SOFTWARE_SIDE = 2048
_TEXTURE_SIDE = 128
_PACKAGES = "apt-get install libx11-6"


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Meshes that share a material, as one."""

    material: Material
    mesh: Mesh


class SoftwareRenderer:
    """Draws colour with no graphics driver at all."""

    planes = ("color",)

    def __init__(self, level: Level, skinned: Sequence[Piece], size: tuple[int, int], note: str = "") -> None:
        self.note = note or "software renderer: colour only"
        self.size = checked_size(size, MAX_SOFTWARE_SIDE)
        core = panda()
        self._engine, self._pipe = core.GraphicsEngine.get_global_ptr(), _software_pipe()
        self._root, self._camera = core.NodePath("world"), core.Camera("eye", core.PerspectiveLens())
        self._eye = self._root.attach_new_node(self._camera)
        self._textures: dict[int, Any] = {}
        for group in _grouped(level.pieces):
            self._add(group.mesh, group.material)
        self._movers = {mover.piece.name: (mover, self._add_piece(mover.piece)) for mover in level.movers}
        self._bodies = {piece.name: (piece, self._add_piece(piece)) for piece in skinned}
        self._sun, self._ambient, self._fog = _lights(self._root)
        self._output: Any = None
        self._build()

    def draw(
        self, snapshot: Snapshot, planes: Collection[str] = ("color",), following: Snapshot | None = None
    ) -> Frame:
        """The picture of this moment; nothing goes on beside it, so what follows isn't begun."""
        checked_planes(planes, self.planes)
        if self._output is None:
            raise StylebridgeError("the renderer is closed", do="open another one")
        eye = snapshot.eye
        view = checked_matrix(eye.view, f"the view of eye {eye.name!r}")
        projection = projection_of(eye, self.size)
        lens = self._camera.get_lens()
        lens.set_fov(*(float(2 * np.degrees(np.arctan(1 / projection[i, i]))) for i in (0, 1)))
        lens.set_near_far(eye.near_m, eye.far_m)
        self._eye.set_mat(panda_matrix(np.linalg.inv(view) @ PANDA_TO_EYE))
        self._place(snapshot)
        self._light(snapshot.weather)
        self._output.set_active(True)
        self._engine.render_frame()
        self._output.set_active(False)
        camera = Camera(eye.name, view.astype(np.float32), projection.astype(np.float32))
        return Frame(
            self._picture(), camera=camera, clock=Clock(snapshot.frame_id, snapshot.simulation_s, time.time_ns())
        )

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on."""
        if self._output is None:
            raise StylebridgeError("the renderer is closed", do="open another one")
        self.size = checked_size(size, MAX_SOFTWARE_SIDE)
        self._engine.remove_window(self._output)
        self._build()

    def events(self) -> tuple[frozenset[str], bool]:
        """Nobody presses keys here."""
        return frozenset(), False

    def close(self) -> None:
        """Give everything back; closing twice is fine."""
        if self._output is not None:
            self._engine.remove_window(self._output)
            self._root.remove_node()
            self._output = None

    def _build(self) -> None:
        core = panda()
        wanted = core.FrameBufferProperties()
        wanted.set_rgba_bits(8, 8, 8, 8)
        wanted.set_depth_bits(16)
        flags = core.GraphicsPipe.BF_refuse_window | core.GraphicsPipe.BF_fb_props_optional
        size = core.WindowProperties.size(*self.size)
        # It complains in vain that its textures can't have our pictures' sizes: they are only read back.
        with hushed():
            self._output = self._engine.make_output(self._pipe, "software", 0, wanted, size, flags)
            self._engine.open_windows()
        if self._output is None:
            raise StylebridgeError(f"no memory for a picture of {self.size[0]}x{self.size[1]}")
        self._picture_texture = core.Texture("picture")
        self._output.add_render_texture(self._picture_texture, core.GraphicsOutput.RTM_copy_ram)
        self._region = self._output.make_display_region()
        self._region.set_camera(self._eye)
        self._output.set_active(False)

    def _picture(self) -> NDArray[np.uint8]:
        texture = self._picture_texture
        pixels = np.frombuffer(texture.get_ram_image(), np.uint8)
        pixels = pixels.reshape(texture.get_y_size(), texture.get_x_size(), -1)  # bottom row and blue first
        return np.ascontiguousarray(pixels[::-1, :, 2::-1][-self.size[1] :, : self.size[0]])

    def _place(self, snapshot: Snapshot) -> None:
        for name, (mover, path) in self._movers.items():
            matrix = snapshot.movers.get(name)
            matrix = mover.matrix_at(snapshot.simulation_s) if matrix is None else matrix
            path.set_mat(panda_matrix(checked_matrix(matrix, f"the place of {name!r}")))
        for name, (piece, path) in self._bodies.items():
            skin = snapshot.skins.get(name)
            if skin is None:
                path.hide()
                continue
            positions, normals = bent(piece.mesh, checked_skin(skin, piece))
            _fill(path.node().modify_geom(0).modify_vertex_data(), _rows(piece.mesh, positions, normals))
            path.show()

    def _light(self, weather: Weather) -> None:
        core = panda()
        self._region.set_clear_color_active(True)
        self._region.set_clear_depth_active(True)
        sky = _screen_color(0.5 * (np.asarray(weather.horizon) + np.asarray(weather.zenith)) * weather.exposure)
        self._region.set_clear_color(core.LVecBase4f(*sky, 1))
        self._fog.node().set_color(core.LVecBase4f(*_screen_color(np.asarray(weather.fog_color) * weather.exposure), 1))
        self._fog.node().set_exp_density(weather.fog_per_m)
        self._sun.look_at(core.LPoint3f(*(-float(part) for part in weather.sun_direction)))
        ambient = (np.asarray(weather.zenith) + np.asarray(weather.horizon) + np.asarray(weather.bounce)) / 3
        self._sun.node().set_color(
            core.LVecBase4f(*(_screen_color(np.asarray(weather.sun_color) * weather.exposure) * 0.75), 1)
        )
        self._ambient.node().set_color(core.LVecBase4f(*(_screen_color(ambient * weather.exposure) * 0.8), 1))

    def _add_piece(self, piece: Piece) -> Any:
        return self._add(piece.mesh, piece.material)

    def _add(self, mesh: Mesh, material: Material) -> Any:
        path = self._root.attach_new_node(_node(material.name, mesh))
        path.set_texture(self._texture(material))
        path.set_two_sided(material.two_sided)
        if material.albedo.shape[2] == 4:
            path.set_transparency(panda().TransparencyAttrib.M_binary)
        return path

    def _texture(self, material: Material) -> Any:
        if id(material) not in self._textures:
            self._textures[id(material)] = _texture(material)
        return self._textures[id(material)]


def _software_pipe() -> Any:
    selection = panda().GraphicsPipeSelection.get_global_ptr()
    with hushed():
        pipe = selection.make_pipe("TinyOffscreenGraphicsPipe", "p3tinydisplay")
    if pipe is None:
        raise InputError(
            "the software renderer can't be loaded: libX11.so.6 is missing", do=f"install it ({_PACKAGES})"
        )
    return pipe


def _grouped(pieces: Sequence[Piece]) -> Iterator[_Group]:
    groups: dict[int, list[Piece]] = {}
    for piece in pieces:
        if len(piece.mesh.triangles):
            groups.setdefault(id(piece.material), []).append(piece)
    for members in groups.values():
        offsets = np.cumsum([0, *(len(piece.mesh.positions) for piece in members)])
        parts = list(zip(members, offsets.tolist(), strict=False))
        mesh = Mesh(
            np.concatenate([piece.mesh.positions for piece in members]),
            np.concatenate([piece.mesh.normals for piece in members]),
            np.concatenate([piece.mesh.uvs for piece in members]),
            np.concatenate([piece.mesh.triangles + np.uint32(offset) for piece, offset in parts]),
            np.concatenate([_tints(piece.mesh) for piece in members]),
        )
        yield _Group(members[0].material, mesh)


def _tints(mesh: Mesh) -> NDArray[np.uint8]:
    return np.full((len(mesh.positions), 4), 255, np.uint8) if mesh.colors is None else mesh.colors


_ROW = np.dtype(
    [("vertex", np.float32, 3), ("normal", np.float32, 3), ("texcoord", np.float32, 2), ("color", np.uint8, 4)]
)


def _rows(mesh: Mesh, positions: Floats, normals: Floats) -> NDArray[Any]:
    rows = np.zeros(len(positions), _ROW)
    rows["vertex"], rows["normal"], rows["texcoord"] = positions, normals, mesh.uvs
    rows["color"] = _tints(mesh)
    rows["color"][:, 3] = 255  # here alpha would make it transparent; in a mesh it is the wind's
    return rows


def _fill(data: Any, rows: NDArray[Any]) -> None:
    data.unclean_set_num_rows(len(rows))
    data.modify_array_handle(0).copy_data_from(rows.tobytes())


def _node(name: str, mesh: Mesh) -> Any:
    core = panda()
    layout = core.GeomVertexArrayFormat()
    layout.add_column("vertex", 3, core.Geom.NT_float32, core.Geom.C_point)
    layout.add_column("normal", 3, core.Geom.NT_float32, core.Geom.C_normal)
    layout.add_column("texcoord", 2, core.Geom.NT_float32, core.Geom.C_texcoord)
    layout.add_column("color", 4, core.Geom.NT_uint8, core.Geom.C_color)
    whole = core.GeomVertexFormat()
    whole.add_array(layout)
    data = core.GeomVertexData(name, core.GeomVertexFormat.register_format(whole), core.Geom.UH_dynamic)
    _fill(data, _rows(mesh, mesh.positions, mesh.normals))
    primitive = core.GeomTriangles(core.Geom.UH_static)
    primitive.set_index_type(core.Geom.NT_uint32)
    indices = primitive.modify_vertices()
    indices.unclean_set_num_rows(mesh.triangles.size)
    indices.modify_handle().copy_data_from(np.ascontiguousarray(mesh.triangles, np.uint32).tobytes())
    geom = core.Geom(data)
    geom.add_primitive(primitive)
    node = core.GeomNode(name)
    node.add_geom(geom)
    if mesh.joints is not None:
        node.set_bounds(core.OmniBoundingVolume())
        node.set_final(True)
    return node


def _texture(material: Material) -> Any:
    core = panda()
    picture = fitted(material.albedo, _TEXTURE_SIDE)
    channels = picture.shape[2]
    texture = core.Texture(material.name)
    kind = core.Texture.F_rgba8 if channels == 4 else core.Texture.F_rgb8
    texture.setup_2d_texture(_TEXTURE_SIDE, _TEXTURE_SIDE, core.Texture.T_unsigned_byte, kind)
    texture.set_ram_image(picture[::-1, :, [2, 1, 0, 3][:channels]].tobytes())
    texture.set_wrap_u(core.SamplerState.WM_repeat)
    texture.set_wrap_v(core.SamplerState.WM_repeat)
    texture.set_minfilter(core.SamplerState.FT_linear_mipmap_nearest)
    texture.set_magfilter(core.SamplerState.FT_linear)
    return texture


def _lights(root: Any) -> tuple[Any, Any, Any]:
    core = panda()
    sun, ambient = root.attach_new_node(core.DirectionalLight("sun")), root.attach_new_node(core.AmbientLight("sky"))
    fog = root.attach_new_node(core.Fog("fog"))
    root.set_light(sun)
    root.set_light(ambient)
    root.set_fog(fog.node())
    root.set_attrib(core.ColorAttrib.make_vertex())
    root.set_bin("unsorted", 0)  # otherwise in the order of memory addresses, which is another in every run
    return sun, ambient, fog


def _screen_color(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear light as the screen shows it, roughly as the film of the OpenGL renderer would."""
    return np.asarray((light / (light + 0.6)) ** (1 / 2.2))
