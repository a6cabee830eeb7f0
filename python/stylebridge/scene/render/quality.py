"""Two qualities of the same pictures: fine for graphics cards, plain for drivers that compute on the processor."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stylebridge.errors import InputError
from stylebridge.scene.render.host import Host

_FETCH = "GL_EXT_shader_framebuffer_fetch"  # light can then read what the surface has just left in the same buffer


@dataclass(frozen=True, slots=True)
class Quality:
    """What a quality does and leaves; depth, motion, ids and occlusion are exact in each."""

    name: str
    in_layers: bool  # surfaces, light and softened edges in buffers of their own, or everything in one
    bumps: bool  # per pixel, or painted into the pictures
    soft_shadows: bool
    anisotropy: int  # on the processor 8 costs more than everything else together
    texture_sides: tuple[int, ...]  # of the arrays; Mesa's software driver waits between draws of different ones

    @property
    def switches(self) -> frozenset[str]:
        """What every shader of this quality is made with."""
        return frozenset(() if self.in_layers else ("PLAIN",))


FINE = Quality("fine", in_layers=True, bumps=True, soft_shadows=True, anisotropy=1, texture_sides=(256, 512, 1024))
PLAIN = Quality("plain", in_layers=False, bumps=False, soft_shadows=False, anisotropy=1, texture_sides=(256,))


def quality_of(word: str, host: Host) -> Quality:
    """What this word means with this driver; `auto` is plain where the processor draws."""
    can_be_plain = bool(host.gsg.has_extension(_FETCH))
    if word == "plain" and not can_be_plain:
        raise InputError(f"quality=plain, but {host.driver} has no {_FETCH}", do="choose quality=fine")
    if word == "plain" or (word == "auto" and host.is_software and can_be_plain):
        return PLAIN
    return FINE if host.is_software else replace(FINE, anisotropy=8)
