"""Materials as texture arrays: all pictures of one size lie in one array, so that batches don't change state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.scene.mesh import Floats, Material
from stylebridge.scene.render.panda import panda
from stylebridge.scene.render.quality import Quality

MAX_MATERIALS = 128
MAX_TEXTURE_SIDE = 4096
_BUMPS_LIGHT = np.array([0.35, 0.45], np.float32)  # how painted bumps are lit, along u and v


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a material lies: its texture array, the layer in it, its row in the table of materials."""

    stack: int
    layer: int
    row: int
    bumpy: bool


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Pictures of one size: albedo with alpha, and normals."""

    albedo: Any
    bumps: Any


class Wardrobe:
    """All materials of a scene, found again by identity; without bumps these are painted into the albedo."""

    def __init__(self, materials: Iterable[Material], quality: Quality) -> None:
        self._materials = list({id(material): material for material in materials}.values())
        if len(self._materials) > MAX_MATERIALS:
            raise InputError(f"{len(self._materials)} materials", expected=f"at most {MAX_MATERIALS}")
        sides: dict[int, list[Material]] = {}
        for material in self._materials:
            sides.setdefault(_checked_side(material, quality.texture_sides), []).append(material)
        self._slots: dict[int, Slot] = {}
        self._anisotropy = quality.anisotropy
        self._bumps = quality.bumps
        self.stacks: list[Stack] = []
        for side, members in sorted(sides.items()):
            self._add(side, members)

    def slot(self, material: Material) -> Slot:
        """Where this material lies."""
        return self._slots[id(material)]

    def table(self) -> Floats:
        """[materials,4]: shine, gloss, glow, sway."""
        rows = [(m.shine, m.gloss, m.glow, m.sway) for m in self._materials]
        return np.array([*rows, *[(0.0, 16.0, 0.0, 0.0)] * (MAX_MATERIALS - len(rows))], np.float32)

    def _add(self, side: int, members: list[Material]) -> None:
        bumpy = [material for material in members if self._bumps and material.normal_map is not None]
        ordered = bumpy + [material for material in members if material not in bumpy]
        pictures = [fitted(_with_alpha(self._albedo(material)), side) for material in ordered]
        slopes = [fitted(_checked_bumps(material), side) for material in bumpy]
        albedo = texture_array(pictures, self._anisotropy, crisp=self._anisotropy > 1)
        bumps = texture_array(slopes, self._anisotropy, crisp=False) if slopes else None
        rows = {id(material): row for row, material in enumerate(self._materials)}
        for layer, material in enumerate(ordered):
            place = Slot(len(self.stacks), layer, rows[id(material)], layer < len(bumpy))
            self._slots[id(material)] = place
        self.stacks.append(Stack(albedo, bumps))

    def _albedo(self, material: Material) -> NDArray[np.uint8]:
        if self._bumps or material.normal_map is None:
            return material.albedo
        bumps = fitted(_checked_bumps(material), max(material.albedo.shape[:2]))
        return painted(material.albedo, bumps) if bumps.shape[:2] == material.albedo.shape[:2] else material.albedo


def painted(albedo: NDArray[np.uint8], bumps: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An albedo on which light from one side has met these bumps."""
    light = 1 + (bumps[:, :, :2].astype(np.float32) / 127.5 - 1) @ _BUMPS_LIGHT
    lit = albedo.copy()
    lit[:, :, :3] = np.clip(albedo[:, :, :3] * light[:, :, None], 0, 255).round()
    return lit


def texture_array(pictures: list[NDArray[np.uint8]], anisotropy: int, crisp: bool = True) -> Any:
    """[H,W,3|4] pictures of one size as a repeating, mipmapped array whose first row is the top; `crisp` costs more."""
    core = panda()
    height, width, channels = pictures[0].shape
    kind = core.Texture.F_rgba8 if channels == 4 else core.Texture.F_rgb8
    texture = core.Texture("pictures")
    texture.setup_2d_texture_array(width, height, len(pictures), core.Texture.T_unsigned_byte, kind)
    order = [2, 1, 0, 3][:channels]  # Panda3D keeps blue first
    texture.set_ram_image(np.stack(pictures)[:, ::-1, :, order].tobytes())
    texture.set_wrap_u(core.SamplerState.WM_repeat)
    texture.set_wrap_v(core.SamplerState.WM_repeat)
    sampler = core.SamplerState
    texture.set_minfilter(sampler.FT_linear_mipmap_linear if crisp else sampler.FT_linear_mipmap_nearest)
    texture.set_magfilter(core.SamplerState.FT_linear)
    texture.set_anisotropic_degree(anisotropy)
    texture.set_keep_ram_image(False)
    return texture


def fitted(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A repeating picture at another size: interpolated across its edges too."""
    for axis in (0, 1):
        have = picture.shape[axis]
        if have != side:
            spots = (np.arange(side) + 0.5) * have / side - 0.5
            first = np.floor(spots).astype(np.int64)
            shape = (-1, 1, 1) if axis == 0 else (1, -1, 1)
            part = (spots - first).reshape(shape)
            low, high = picture.take(first % have, axis), picture.take((first + 1) % have, axis)
            picture = np.round(low * (1 - part) + high * part).astype(np.uint8)
    return picture


def _checked_side(material: Material, sides: Sequence[int]) -> int:
    shape = material.albedo.shape
    if material.albedo.dtype != np.uint8 or len(shape) != 3 or shape[2] not in (3, 4):
        found = f"an albedo of {material.albedo.dtype} {list(shape)}"
        raise InputError(found, expected="uint8 [H,W,3|4]", where=f"material {material.name!r}")
    if not (0 < shape[0] <= MAX_TEXTURE_SIDE and 0 < shape[1] <= MAX_TEXTURE_SIDE):
        found = f"an albedo of {shape[1]}x{shape[0]}"
        raise InputError(found, expected=f"1 to {MAX_TEXTURE_SIDE} pixels a side", where=f"material {material.name!r}")
    return next((side for side in sides if max(shape[:2]) <= side), sides[-1])


def _checked_bumps(material: Material) -> NDArray[np.uint8]:
    picture = material.normal_map
    if picture is None or picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape or picture.dtype != np.uint8:
        raise InputError("a normal map that is no picture", expected="uint8 [H,W,3]", where=material.name)
    return picture


def _with_alpha(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if picture.shape[2] == 4:
        return picture
    return np.concatenate([picture, np.full_like(picture[:, :, :1], 255)], axis=2)
