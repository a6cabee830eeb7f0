"""The VGG that training looks through."""

from __future__ import annotations

from pathlib import Path

from stylebridge.errors import InputError
from stylebridge.nets.checkpoint import load_state_dict
from stylebridge.nets.perceptual import VggFeatures, features_from_state_dict
from stylebridge.places import VGG_NAMES, vgg_file, vgg_place


def find_vgg(given: Path | None) -> Path:
    """The given file or folder's weights, or those at the usual place."""
    place = given or vgg_place()
    if found := vgg_file(place):
        return found
    raise InputError(
        "no VGG weights there",
        expected=f"a torchvision-named state dict such as {VGG_NAMES[0]}",
        do="pass --vgg FILE or set STYLEBRIDGE_WEIGHTS to the file or its folder",
        where=place,
    )


def open_vgg(path: Path, taps: tuple[str, ...]) -> VggFeatures:
    """The feature extractor for these layers, frozen."""
    return features_from_state_dict(load_state_dict(path), taps)
