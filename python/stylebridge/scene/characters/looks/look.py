"""Looks: what makes one character different from the next, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylebridge.scene.characters.skeleton import Proportions

Rgb = tuple[int, int, int]

_SKINS: tuple[Rgb, ...] = (
    (236, 192, 160),
    (224, 172, 134),
    (205, 150, 112),
    (172, 118, 84),
    (140, 94, 66),
    (114, 76, 56),
)
_HAIRS: tuple[Rgb, ...] = ((58, 44, 42), (104, 66, 42), (140, 84, 44), (206, 158, 84), (176, 74, 40), (150, 148, 150))
# top, bottom, shoes, accent: sets that go together
_WARDROBE: tuple[tuple[Rgb, Rgb, Rgb, Rgb], ...] = (
    ((42, 116, 128), (70, 62, 74), (92, 60, 42), (232, 92, 62)),
    ((196, 76, 58), (58, 70, 98), (66, 50, 44), (244, 206, 116)),
    ((226, 178, 84), (84, 92, 74), (96, 64, 44), (70, 110, 150)),
    ((96, 132, 84), (112, 90, 70), (62, 54, 52), (238, 224, 196)),
    ((120, 92, 146), (60, 60, 70), (84, 56, 50), (240, 168, 120)),
    ((224, 216, 200), (52, 86, 116), (112, 72, 48), (200, 72, 72)),
    ((64, 98, 162), (168, 148, 116), (104, 68, 48), (240, 190, 76)),
    ((206, 128, 140), (92, 78, 100), (70, 52, 60), (92, 160, 150)),
    ((84, 74, 66), (128, 116, 98), (54, 46, 42), (112, 160, 96)),
)
HAIR_STYLES = ("short", "tousled", "bob", "long", "bun", "tail")
HATS = ("", "", "", "cap", "brim", "beanie")
COATS = ("shirt", "shirt", "jacket", "coat", "dress", "apron")


LONG_COATS = ("coat", "dress", "apron")


@dataclass(frozen=True, slots=True)
class Look:
    """One character's looks; colours are sRGB."""

    proportions: Proportions
    skin: Rgb
    hair: Rgb
    eyes: Rgb
    top: Rgb
    bottom: Rgb
    shoes: Rgb
    accent: Rgb
    hair_style: str = "short"
    hat: str = ""
    coat: str = "shirt"
    short_sleeves: bool = False
    short_trousers: bool = False
    boots: bool = False
    scarf: bool = False
    backpack: bool = False


def look_of(seed: int, index: int) -> Look:
    """The look of a cast's nth character; the hero always travels with scarf and backpack."""
    random = np.random.default_rng([seed, index, 5])
    hero = index == 0
    shift = int(np.random.default_rng([seed, 3]).integers(len(_WARDROBE)))  # so that neighbours differ
    top, bottom, shoes, accent = _WARDROBE[(shift + 2 * index) % len(_WARDROBE)]
    child = not hero and bool(random.random() < 0.15)
    size = 0.74 if child else float(random.uniform(0.92, 1.05))
    proportions = Proportions(
        legs=size * float(random.uniform(0.97, 1.04)),
        torso=size * float(random.uniform(0.97, 1.03)),
        shoulders=float(random.uniform(0.88, 1.12)),
        arms=size * float(random.uniform(0.97, 1.03)),
        head=(1.12 if child else 1.0) * float(random.uniform(0.96, 1.05)) * (0.5 + 0.5 * size),
        girth=size * float(random.uniform(0.88, 1.04) if hero else random.uniform(0.84, 1.28)),
    )
    coat = "jacket" if hero else str(random.choice(COATS))
    return Look(
        proportions=proportions,
        skin=_near(random, _SKINS[int(random.integers(len(_SKINS)))], 6),
        hair=_near(random, _HAIRS[int(random.integers(len(_HAIRS)))], 10),
        eyes=_near(random, (70, 90, 110) if random.random() < 0.4 else (72, 50, 36), 12),
        top=_near(random, top, 10),
        bottom=_near(random, bottom, 8),
        shoes=_near(random, shoes, 8),
        accent=_near(random, accent, 8),
        hair_style=str(random.choice(HAIR_STYLES)),
        hat="" if hero else str(random.choice(HATS)),
        coat=coat,
        short_sleeves=coat in ("shirt", "apron") and bool(random.random() < 0.55),
        short_trousers=coat != "coat" and bool(random.random() < (0.7 if child else 0.2)),
        boots=bool(random.random() < 0.45),
        scarf=hero or bool(random.random() < 0.25),
        backpack=hero or bool(random.random() < 0.2),
    )


def _near(random: np.random.Generator, color: Rgb, spread: int) -> Rgb:
    shifted = np.clip(np.array(color) + random.integers(-spread, spread + 1, 3), 0, 255)
    return int(shifted[0]), int(shifted[1]), int(shifted[2])
