"""The places where the game can be played, one package each, opened by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from stylebridge.errors import InputError
from stylebridge.scene.levels.harbour import build_harbour
from stylebridge.scene.levels.level import Level
from stylebridge.scene.levels.plaza import build_plaza
from stylebridge.scene.levels.ruins import build_ruins

LEVELS: Mapping[str, str] = {
    "plaza": "a sunlit square in an old town: hall, clock tower, fountain, market, a view over the valley",
    "ruins": "a green valley: broken temple, gateway, aqueduct, a stream with a bridge, pines, mountains",
    "harbour": "a water front: coloured gables, boats that rock, a pier, a lighthouse, a town on its hill",
}
_BUILDERS: Mapping[str, Callable[[int], Level]] = {"plaza": build_plaza, "ruins": build_ruins, "harbour": build_harbour}


@lru_cache(maxsize=4)  # a second or two each, and nobody changes one
def build_level(name: str, seed: int) -> Level:
    """Build a level; the same seed gives the same bytes."""
    if name not in _BUILDERS:
        raise InputError(f"unknown level {name!r}", expected=" or ".join(_BUILDERS))
    if seed < 0:
        raise InputError(f"a level's seed of {seed}", expected="0 or more")
    return _BUILDERS[name](seed)
