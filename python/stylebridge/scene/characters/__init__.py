"""The people of the game: procedural clips, motion matching over them, feet on the ground, and bodies to look at."""

from __future__ import annotations

from stylebridge.scene.characters.cast import Cast, Character, Wish

__all__ = ["Cast", "Character", "Wish"]
