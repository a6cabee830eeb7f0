"""Style networks, the features that judge them, and their files."""

from __future__ import annotations

from stylebridge.nets.checkpoint import LoadedNetwork, load_network, save_network
from stylebridge.nets.registry import NetSpec, build, families, family_contract, parameter_count

__all__ = [
    "LoadedNetwork",
    "NetSpec",
    "build",
    "families",
    "family_contract",
    "load_network",
    "parameter_count",
    "save_network",
]
