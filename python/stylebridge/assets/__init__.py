"""Files that ship with the package."""

from __future__ import annotations

from pathlib import Path

from stylebridge.errors import InputError

CLIP = Path(__file__).parent / "plaza"  # 24 frames of a walk, 640x360
SHIPPED_PLAY = Path(__file__).parent / "play.mcap"  # the same, smaller, with depth, motion and occlusion


def clip_frames() -> list[Path]:
    """The shipped clip's pictures in order."""
    return sorted(CLIP.glob("*.jpg"))


def shipped_model(name: str) -> Path:
    """A file of the source tree's models/ folder."""
    path = Path(__file__).parents[3] / "models" / name
    if not path.is_file():
        raise InputError(
            "not found", do="the shipped models come with the source tree: run this from a clone", where=path
        )
    return path
