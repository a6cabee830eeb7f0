"""Where the VGG that training looks through comes from."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from stylebridge.errors import InputError
from stylebridge.nets.checkpoint import load_state_dict
from stylebridge.nets.perceptual import VggFeatures, features_from_state_dict

NAMES = ("vgg16-397923af.pth", "vgg19-dcbb9e9d.pth")


def find_vgg(given: Path | None) -> Path:
    """The given file, or the first VGG in `$STYLEBRIDGE_WEIGHTS` (a file or a folder) or in torch hub's cache."""
    places = [given] if given else []
    if not given and (setting := os.environ.get("STYLEBRIDGE_WEIGHTS")):
        places.append(Path(setting))
    if not given:
        places.append(Path(torch.hub.get_dir()) / "checkpoints")
    for place in places:
        if place.is_file():
            return place
        for found in (place / name for name in NAMES):
            if found.is_file():
                return found
    raise InputError(
        "no VGG weights in " + ", ".join(map(str, places)),
        expected=f"a torchvision-named state dict such as {NAMES[0]}",
        do="pass --vgg FILE or set STYLEBRIDGE_WEIGHTS to the file or its folder",
    )


def open_vgg(path: Path, taps: tuple[str, ...]) -> VggFeatures:
    """The feature extractor for these layers, frozen."""
    return features_from_state_dict(load_state_dict(path), taps)
