"""Where files that don't ship with the package are looked for."""

from __future__ import annotations

import os
from pathlib import Path

VGG_NAMES = ("vgg16-397923af.pth", "vgg19-dcbb9e9d.pth")  # as torchvision calls them


def vgg_place() -> Path:
    """`$STYLEBRIDGE_WEIGHTS`, a file or a folder, or else torch hub's cache."""
    if setting := os.environ.get("STYLEBRIDGE_WEIGHTS"):
        return Path(setting)
    cache = os.environ.get("TORCH_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "torch"
    return Path(cache) / "hub" / "checkpoints"


def vgg_file(place: Path) -> Path | None:
    """The VGG weights at a place, if there are any."""
    candidates = [place, *(place / name for name in VGG_NAMES)]
    return next((path for path in candidates if path.is_file()), None)
