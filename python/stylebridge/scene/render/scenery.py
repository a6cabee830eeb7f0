"""The level as a scene graph: what stands, what moves as a whole, what a skeleton bends, each also for the shadows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.scene.levels.level import Level
from stylebridge.scene.mesh import MAX_JOINTS, Floats, Piece
from stylebridge.scene.render.geometry import (
    IdTable,
    Look,
    geom_node,
    look_of,
    merged,
    vertices_of,
)
from stylebridge.scene.render.optics import checked_matrix
from stylebridge.scene.render.panda import panda, panda_matrix, vector, vector_array
from stylebridge.scene.render.quality import Quality
from stylebridge.scene.render.shaders import program
from stylebridge.scene.render.skinning import checked_skin
from stylebridge.scene.render.standing import Standing
from stylebridge.scene.render.textures import Stack, Wardrobe
from stylebridge.scene.snapshot import Matrix, Snapshot

_BIN = "near-first"
STILL_BIT, MOVING_BIT = 0, 1  # who draws a node: the pass of what stands, or of what moves and so has a way back


@dataclass(slots=True, eq=False)
class Body:
    """A piece that moves: its nodes in the picture and in the shadows, and a sphere around it."""

    piece: Piece
    shown: Any
    shadow: Any
    center: Floats
    radius: float


@dataclass(frozen=True, slots=True, eq=False)
class Stand:
    """Where everything that moves is at one moment."""

    movers: Mapping[str, Matrix]
    skins: Mapping[str, NDArray[np.float32]]
    wind: tuple[float, float, float, float]


class Scenery:
    """Three graphs: `world` for the picture, `still` and `moving` for the shadow maps."""

    def __init__(self, level: Level, skinned: Sequence[Piece], quality: Quality) -> None:
        core = panda()
        manager = core.CullBinManager.get_global_ptr()
        if manager.find_bin(_BIN) < 0:
            manager.add_bin(_BIN, core.CullBinManager.BT_fixed, 22)
        self.world, self.still, self.moving = (core.NodePath(name) for name in ("world", "still", "moving"))
        self._movers = {mover.piece.name: mover for mover in level.movers}
        movers = [mover.piece for mover in level.movers]
        _check_names(movers, skinned)
        pieces = [*level.pieces, *movers, *skinned]
        self._quality = quality
        self.wardrobe = Wardrobe((piece.material for piece in pieces), quality)
        self.ids = IdTable()
        self.places = self._add_still(level.pieces)
        self._rigid = {piece.name: self._add_body(piece, "MOVER") for piece in movers}
        self._bent = {piece.name: self._add_body(piece, "SKINNED") for piece in skinned}
        self.material_rows = vector_array(self.wardrobe.table())
        for root in (self.still, self.moving):
            root.set_depth_offset(-2)

    def stand_at(self, snapshot: Snapshot) -> Stand:
        """Where everything is in this snapshot, checked; a mover that it doesn't name follows its own clock."""
        movers = {}
        for name, mover in self._movers.items():
            matrix = snapshot.movers.get(name)
            matrix = mover.matrix_at(snapshot.simulation_s) if matrix is None else matrix
            movers[name] = checked_matrix(matrix, f"the place of {name!r}")
        skins = {name: checked_skin(skin, self._bent[name].piece) for name, skin in self._known(snapshot.skins)}
        seconds = snapshot.simulation_s
        turns = (seconds * speed % 1.0 for speed in (0.143, 0.367, 0.59))
        first, second, third = (float(turn) for turn in turns)
        return Stand(movers, skins, (first, second, third, snapshot.weather.wind))

    def place(self, now: Stand, before: Stand) -> None:
        """Put everything where it is now, and say where it was before."""
        self.world.set_shader_input("wind_now", vector(*now.wind))
        self.world.set_shader_input("wind_before", vector(*before.wind))
        self.moving.set_shader_input("wind_now", vector(*now.wind))
        for name, body in self._rigid.items():
            _place_rigid(body, now.movers[name], before.movers.get(name, now.movers[name]))
        for name, body in self._bent.items():
            skin = now.skins.get(name)
            for node in (body.shown, body.shadow):
                node.hide() if skin is None else node.show()
            if skin is not None:
                _place_bent(body, skin, before.skins.get(name, skin))

    def show(self, eye: NDArray[np.float64], clip: Matrix) -> None:
        """Draw what this eye may see of what stands still; `clip` is world -> clip space."""
        self._standing.show(eye, clip)

    def _known(self, skins: Mapping[str, NDArray[np.float32]]) -> list[tuple[str, NDArray[np.float32]]]:
        strangers = sorted(set(skins) - set(self._bent))
        if strangers:
            raise InputError(f"a skin for {strangers[0]!r}", expected=f"one of {sorted(self._bent)}")
        return list(skins.items())

    def _add_still(self, pieces: Sequence[Piece]) -> Floats:
        """Merge what stands into batches; returns the places of all vertices that cast shadows."""
        parts = []
        for piece in pieces:
            slot = self.wardrobe.slot(piece.material)
            if len(piece.mesh.triangles):
                vertices = vertices_of(piece, slot, self.ids.row(piece.id))
                parts.append((look_of(piece, slot), vertices, piece.mesh.triangles, piece.casts_shadow))
        self._standing = Standing(self.world, [part[:3] for part in parts], self._dress_still)
        return self._add_still_shadows([part[:3] for part in parts if part[3]])

    def _dress_still(self, path: Any, look: Look, number: int) -> None:
        self._dress(path, look, "")
        path.set_bin(_BIN, number)
        path.node().set_bounds(panda().OmniBoundingVolume())
        path.node().set_final(True)
        self._pictures(path, look, is_near=number == 0)

    def _add_still_shadows(self, parts: Sequence[tuple[Look, NDArray[Any], NDArray[np.uint32]]]) -> Floats:
        """As few draw calls as can be; only what has holes needs its pictures."""
        groups: dict[Look, list[tuple[NDArray[Any], NDArray[np.uint32]]]] = {}
        for look, vertices, triangles in parts:
            plain = Look(look.stack if look.cut else 0, False, look.cut, True, False)
            groups.setdefault(plain, []).append((vertices, triangles))
        for look, members in groups.items():
            self._darken(self.still.attach_new_node(geom_node("still", *merged(members))), look, "")
        casting = [vertices["vertex"] for _, vertices, _ in parts]
        return np.concatenate([*casting, np.array([[-1, -1, -1], [1, 1, 1]], np.float32)])

    def _add_body(self, piece: Piece, kind: str) -> Body:
        slot = self.wardrobe.slot(piece.material)
        look = look_of(piece, slot)
        vertices = vertices_of(piece, slot, self.ids.row(piece.id))
        places = piece.mesh.positions if len(piece.mesh.positions) else np.zeros((1, 3), np.float32)
        center = (places.min(axis=0) + places.max(axis=0)) / 2
        radius = float(np.linalg.norm(places - center, axis=1).max())
        node = geom_node(piece.name, vertices, piece.mesh.triangles)
        shown = self.world.attach_new_node(node)
        self._dress(shown, look, kind)
        shadow = self.moving.attach_new_node(node.make_copy())
        if piece.casts_shadow:
            self._darken(shadow, look, kind)
        else:
            shadow.node().remove_all_geoms()
        return Body(piece, shown, shadow, center, radius)

    def _dress(self, path: Any, look: Look, kind: str) -> None:
        core = panda()
        path.set_shader(_surface(look, kind, self._quality.switches))
        moves = bool(kind) or look.sways
        path.hide(core.BitMask32.bit(STILL_BIT if moves else MOVING_BIT))
        self._pictures(path, look)
        path.set_bin(_BIN, 0)
        # Pictures are drawn upside down, which turns every triangle around.
        attribute = core.CullFaceAttrib
        culled = attribute.M_cull_none if look.two_sided else attribute.M_cull_counter_clockwise
        path.set_attrib(attribute.make(culled))

    def _darken(self, path: Any, look: Look, kind: str) -> None:
        switches = {"SHADOW"} | ({kind} if kind else set())
        switches |= {"CUT"} if look.cut else set()
        switches |= {"SWAYS"} if look.sways and kind else set()
        path.set_shader(program("surface", "shadow", frozenset(switches)))
        if look.cut:
            self._pictures(path, look)
        path.set_two_sided(True)

    def _pictures(self, path: Any, look: Look, is_near: bool = True) -> None:
        stack: Stack = self.wardrobe.stacks[look.stack]
        sampler = panda().SamplerState(stack.albedo.get_default_sampler())
        if not is_near:
            sampler.set_minfilter(sampler.FT_linear_mipmap_nearest)
        path.set_shader_input("albedo_maps", stack.albedo, sampler)
        if look.bumpy:
            path.set_shader_input("bump_maps", stack.bumps)


def _surface(look: Look, kind: str, quality: frozenset[str]) -> Any:
    switches = quality | ({kind} if kind else set())
    switches |= {"MOVES"} if kind or look.sways else set()
    switches |= {"SWAYS"} if look.sways else set()
    switches |= {"BUMPY"} if look.bumpy else set()
    switches |= {"CUT"} if look.cut else set()
    switches |= {"TWO_SIDED"} if look.two_sided else set()
    return program("surface", "surface", switches)


def _place_rigid(body: Body, now: Matrix, before: Matrix) -> None:
    for node in (body.shown, body.shadow):
        node.set_mat(panda_matrix(now))
        node.set_shader_input("model", panda_matrix(now))
    body.shown.set_shader_input("model_before", panda_matrix(before))


def _place_bent(body: Body, now: NDArray[np.float32], before: NDArray[np.float32]) -> None:
    core = panda()
    middles = now[:, :3, :3] @ body.center + now[:, :3, 3]
    middle = middles.mean(axis=0)
    reach = float(np.linalg.norm(middles - middle, axis=1).max()) + 1.2 * body.radius
    bounds = core.BoundingSphere(core.LPoint3f(*middle.tolist()), reach)
    bones = _bone_rows(now)
    for node in (body.shown, body.shadow):
        node.node().set_bounds(bounds)
        node.set_shader_input("bones", bones)
    body.shown.set_shader_input("bones_before", _bone_rows(before))


def _bone_rows(skin: NDArray[np.float32]) -> Any:
    rows = np.zeros((3 * MAX_JOINTS, 4), np.float32)
    rows[: 3 * len(skin)] = skin[:, :3].reshape(-1, 4)  # [J,3,4] -> [3J,4]
    return vector_array(rows)


def _check_names(movers: Sequence[Piece], skinned: Sequence[Piece]) -> None:
    names = [piece.name for piece in (*movers, *skinned)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"two moving pieces named {twice[0]!r}", expected="a name of its own for each")
    for piece in skinned:
        if piece.mesh.joints is None:
            raise InputError("a body without joints", expected="a mesh with joints and weights", where=piece.name)
