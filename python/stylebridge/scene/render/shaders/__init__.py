"""The shaders' texts, and the programs made of them with one set of switches each."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from stylebridge.scene.render.panda import panda

_EXTENSIONS = {"PLAIN": "GL_EXT_shader_framebuffer_fetch"}
_SHARED = {
    "sky.frag": ("film", "planes"),
    "light.frag": ("film", "fetched", "planes", "packed"),
    "surface.frag": ("packed",),
}


@cache
def program(vertex: str, fragment: str, switches: frozenset[str] = frozenset()) -> Any:
    """The program of these two texts, with a #define for every switch."""
    core = panda()
    made = core.Shader.make(
        core.Shader.SL_GLSL, vertex=_text(f"{vertex}.vert", switches), fragment=_text(f"{fragment}.frag", switches)
    )
    made.set_filename(core.Shader.ST_none, f"{vertex}+{fragment}")
    return made


def _text(name: str, switches: frozenset[str]) -> str:
    folder = files(__package__)
    shared = [(folder / f"{part}.glsl").read_text(encoding="utf-8") for part in _SHARED.get(name, ())]
    head = ["#version 330", *(f"#extension {_EXTENSIONS[switch]} : require" for switch in switches & set(_EXTENSIONS))]
    head += [f"#define {switch}" for switch in sorted(switches)]
    return "\n".join([*head, *shared, (folder / f"{name}.glsl").read_text(encoding="utf-8")])
