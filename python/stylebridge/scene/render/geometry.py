"""From meshes to Panda3D's geometry: vertices in one layout, and pieces of one look merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.mesh import Floats, Mesh, Piece
from stylebridge.scene.render.panda import panda
from stylebridge.scene.render.textures import Slot

VERTEX = np.dtype(
    [
        ("vertex", np.float32, 3),
        ("normal", np.float32, 3),
        ("texcoord", np.float32, 2),
        ("tangent", np.float32, 4),
        ("marks", np.float32, 4),  # row of the id, row of the material, layer of the texture, metres of sway
        ("color", np.uint8, 4),
    ]
)
_BINDING = [("joints", np.float32, 4), ("weights", np.float32, 4)]
SKINNED_VERTEX = np.dtype([*((name, VERTEX[name]) for name in VERTEX.names or ()), *_BINDING])


@dataclass(frozen=True, slots=True)
class Look:
    """What decides the shader and the state of a node: pieces of the same look can share a draw call."""

    stack: int  # which texture array
    bumpy: bool
    cut: bool
    two_sided: bool
    sways: bool


@dataclass(slots=True)
class IdTable:
    """Rows for the ids of pieces: the pictures hold small row numbers, which floats carry exactly."""

    ids: list[int] = field(default_factory=lambda: [0])

    def row(self, piece_id: int) -> int:
        """The row of this id, made if it is new."""
        if piece_id not in self.ids:
            self.ids.append(piece_id)
        return self.ids.index(piece_id)

    def table(self) -> NDArray[np.uint32]:
        """Row -> id."""
        return np.array(self.ids, np.uint32)


def look_of(piece: Piece, slot: Slot) -> Look:
    """The look of a piece whose material lies in `slot`."""
    material = piece.material
    cut = material.albedo.shape[2] == 4
    return Look(slot.stack, slot.bumpy, cut, material.two_sided, material.sway > 0)


def vertices_of(piece: Piece, slot: Slot, id_row: int) -> NDArray[Any]:
    """A piece's vertices in the layout that the shaders read."""
    mesh = piece.mesh
    vertices = np.zeros(len(mesh.positions), VERTEX if mesh.joints is None else SKINNED_VERTEX)
    vertices["vertex"], vertices["normal"], vertices["texcoord"] = mesh.positions, mesh.normals, mesh.uvs
    vertices["color"] = 255 if mesh.colors is None else mesh.colors
    vertices["marks"] = (id_row, slot.row, slot.layer, 0)
    vertices["marks"][:, 3] = piece.material.sway * (vertices["color"][:, 3] / 255.0)
    if slot.bumpy:
        vertices["tangent"] = tangents(mesh)
    if mesh.joints is not None:
        vertices["joints"], vertices["weights"] = mesh.joints, mesh.weights
    return vertices


def tangents(mesh: Mesh) -> Floats:
    """[V,4]: the direction in which u grows, at right angles to the normal, and the side on which v grows."""
    corners = mesh.positions[mesh.triangles]  # [T,3,3]
    uvs = mesh.uvs[mesh.triangles]  # [T,3,2]
    edge_a, edge_b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    uv_a, uv_b = uvs[:, 1] - uvs[:, 0], uvs[:, 2] - uvs[:, 0]
    area = uv_a[:, 0] * uv_b[:, 1] - uv_a[:, 1] * uv_b[:, 0]
    sign = np.sign(area)[:, None]
    along_u = (edge_a * uv_b[:, 1:] - edge_b * uv_a[:, 1:]) * sign
    along_v = (edge_b * uv_a[:, :1] - edge_a * uv_b[:, :1]) * sign
    u_sum, v_sum = np.zeros_like(mesh.positions), np.zeros_like(mesh.positions)
    for corner in range(3):
        np.add.at(u_sum, mesh.triangles[:, corner], along_u)
        np.add.at(v_sum, mesh.triangles[:, corner], along_v)
    flat = u_sum - mesh.normals * (u_sum * mesh.normals).sum(1, keepdims=True)
    lost = np.linalg.norm(flat, axis=1) < 1e-12
    flat[lost] = np.cross(mesh.normals[lost], np.array([0.0, 0.6, 0.8], np.float32)) + 1e-6
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    side = np.where((np.cross(mesh.normals, flat) * v_sum).sum(1) < 0, -1.0, 1.0)
    return np.concatenate([flat, side[:, None]], axis=1).astype(np.float32)


def geom_node(name: str, vertices: NDArray[Any], triangles: NDArray[np.uint32]) -> Any:
    """A Panda3D node that holds these triangles."""
    core = panda()
    data = core.GeomVertexData(name, _vertex_format(vertices.dtype), core.Geom.UH_static)
    data.unclean_set_num_rows(len(vertices))
    data.modify_array_handle(0).copy_data_from(np.ascontiguousarray(vertices).tobytes())
    primitive = core.GeomTriangles(core.Geom.UH_static)
    primitive.set_index_type(core.Geom.NT_uint32)
    indices = primitive.modify_vertices()
    indices.unclean_set_num_rows(triangles.size)
    indices.modify_handle().copy_data_from(np.ascontiguousarray(triangles, np.uint32).tobytes())
    geom = core.Geom(data)
    geom.add_primitive(primitive)
    node = core.GeomNode(name)
    node.add_geom(geom)
    return node


def set_triangles(node: Any, triangles: NDArray[np.uint32]) -> None:
    """Draw these of the node's vertices from now on, wherever they are."""
    primitive = node.modify_geom(0).modify_primitive(0)
    indices = primitive.modify_vertices()
    indices.unclean_set_num_rows(triangles.size)
    indices.modify_handle().copy_data_from(triangles.tobytes())


def merged(
    members: Sequence[tuple[NDArray[Any], NDArray[np.uint32]]],
) -> tuple[NDArray[Any], NDArray[np.uint32]]:
    """Parts of one layout as one part."""
    offsets = np.cumsum([0, *(len(vertices) for vertices, _ in members)])
    triangles = [part + np.uint32(offset) for (_, part), offset in zip(members, offsets, strict=False)]
    return np.concatenate([vertices for vertices, _ in members]), np.concatenate(triangles)


def _vertex_format(dtype: np.dtype[Any]) -> Any:
    core = panda()
    contents = {"vertex": core.Geom.C_point, "normal": core.Geom.C_normal, "texcoord": core.Geom.C_texcoord}
    layout = core.GeomVertexArrayFormat()
    for name in dtype.names or ():
        if name == "color":
            layout.add_column(name, 4, core.Geom.NT_uint8, core.Geom.C_color)
        else:
            width = dtype[name].shape[0]
            layout.add_column(name, width, core.Geom.NT_float32, contents.get(name, core.Geom.C_other))
    whole = core.GeomVertexFormat()
    whole.add_array(layout)
    return core.GeomVertexFormat.register_format(whole)
