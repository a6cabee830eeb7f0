"""The people of the game: procedural clips, motion matching over them, feet on the ground, and bodies to look at.

A wish becomes an intent (where somebody means to be); the search finds the frame of the library that is nearest to the
pose now and the way ahead; blending joins it without a jolt; the root takes the clip's steps, bent a little towards the
intent; the feet are held where they stand; and the joints become the matrices that bend the bodies.
"""

from __future__ import annotations

from stylebridge.scene.characters.cast import Cast, Character, Wish

__all__ = ["Cast", "Character", "Wish"]
