"""Files that ship with the package."""

from __future__ import annotations

from pathlib import Path

CLIP = Path(__file__).parent / "plaza"  # 24 frames of a walk, 640x360
STYLE = Path(__file__).parent / "style_strokes.jpg"


def clip_frames() -> list[Path]:
    """The shipped clip's pictures in order."""
    return sorted(CLIP.glob("*.jpg"))
