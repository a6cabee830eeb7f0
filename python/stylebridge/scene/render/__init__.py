"""The renderer: exact planes with OpenGL, or the colour alone in software."""

from __future__ import annotations

from collections.abc import Sequence

from stylebridge.errors import InputError, MissingExtra
from stylebridge.scene.levels.level import Level
from stylebridge.scene.mesh import Piece
from stylebridge.scene.render.renderer import Renderer
from stylebridge.scene.render.stage import Staged

MODES = ("auto", "offscreen", "window", "software")
QUALITIES = ("auto", "fine", "plain")  # auto is plain where the processor draws

__all__ = ["MODES", "QUALITIES", "Renderer", "open_renderer"]


def open_renderer(
    level: Level,
    skinned: Sequence[Piece] = (),
    size: tuple[int, int] = (640, 360),
    mode: str = "auto",
    quality: str = "auto",
) -> Renderer:
    """A renderer for this level; `skinned` are the bodies that snapshots may bend. Any thread may use it."""
    if mode not in MODES:
        raise InputError(f"unknown mode {mode!r}", expected=", ".join(MODES))
    if quality not in QUALITIES:
        raise InputError(f"unknown quality {quality!r}", expected=", ".join(QUALITIES))
    return Staged(lambda: _opened(level, tuple(skinned), size, mode, quality))


def _opened(level: Level, skinned: tuple[Piece, ...], size: tuple[int, int], mode: str, quality: str) -> Renderer:
    # Imported here, so that naming the renderer doesn't load Panda3D's parts.
    from stylebridge.scene.render.host import GL_PACKAGES, offscreen_host
    from stylebridge.scene.render.opengl import GlRenderer
    from stylebridge.scene.render.software import SoftwareRenderer
    from stylebridge.scene.render.window import WindowRenderer

    if mode == "software":
        return SoftwareRenderer(level, skinned, size)
    if mode == "window":
        return WindowRenderer(level, skinned, size, quality)
    try:
        host = offscreen_host()
    except MissingExtra:
        raise
    except InputError as error:
        if mode != "auto":
            raise
        return SoftwareRenderer(
            level, skinned, size, f"colour only, because there is {error.found}; all planes need: {GL_PACKAGES}"
        )
    return GlRenderer(level, skinned, size, host, quality)
