"""Town houses from a few numbers: plaster, half-timber or stone, with windows, doors, shops and roofs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import Rng
from stylebridge.scene.art.roofs import chimney, dormer, gable_roof
from stylebridge.scene.art.shapes import box
from stylebridge.scene.art.stalls import awning, hanging_lamp
from stylebridge.scene.art.walls import door, flower_box, gable, plain_window, room, window

Rgb = tuple[float, float, float]

WALLS: tuple[Rgb, ...] = (
    (0.97, 0.84, 0.60),
    (0.93, 0.66, 0.48),
    (0.98, 0.92, 0.80),
    (0.86, 0.55, 0.45),
    (0.80, 0.86, 0.84),
    (0.95, 0.78, 0.66),
    (0.72, 0.80, 0.86),
    (0.90, 0.86, 0.62),
)
SHUTTERS: tuple[Rgb, ...] = (
    (0.22, 0.46, 0.44),
    (0.30, 0.44, 0.62),
    (0.36, 0.50, 0.30),
    (0.62, 0.24, 0.20),
    (0.45, 0.34, 0.26),
    (0.20, 0.36, 0.52),
)
BLOSSOMS: tuple[Rgb, ...] = ((0.93, 0.25, 0.28), (0.98, 0.55, 0.70), (1.0, 0.82, 0.3), (0.75, 0.45, 0.85))
CLOTHS: tuple[Rgb, ...] = ((0.80, 0.22, 0.18), (0.20, 0.40, 0.62), (0.88, 0.62, 0.20), (0.24, 0.50, 0.36))
TIMBER: Rgb = (0.52, 0.44, 0.40)
FRAME: Rgb = (0.98, 0.95, 0.90)


@dataclass(frozen=True, slots=True)
class HousePlan:
    """What makes a house; metres."""

    width: float
    depth: float
    floors: int
    style: str  # plaster, timber or stone
    wall: Rgb
    shutters: Rgb
    tiles: Rgb
    gable_front: bool = False
    shop: bool = False
    plain: bool = False  # seen from afar only


def plan_house(rng: Rng, width: float, depth: float, wall: Rgb, floors: int | None = None) -> HousePlan:
    """Choose the rest of a house."""
    style = str(rng.choice(["plaster", "plaster", "timber", "stone"]))
    tone = rng.uniform(0.84, 1.0)
    tiles = (tone, tone * rng.uniform(0.9, 1.0), tone * rng.uniform(0.84, 0.98))
    return HousePlan(
        width=width,
        depth=depth,
        floors=floors or int(rng.integers(2, 4)),
        style=style,
        wall=wall,
        shutters=SHUTTERS[int(rng.integers(len(SHUTTERS)))],
        tiles=tiles,
        gable_front=bool(rng.random() < 0.45) and width < 9.0,
        shop=bool(rng.random() < 0.45),
    )


def house(rng: Rng, plan: HousePlan) -> Model:
    """Build a house that faces south, its foot around z = 0."""
    model = Model("house")
    storey, ground = 2.9, 3.3
    height = ground + storey * (plan.floors - 1)
    jetty = 0.35 if plan.style == "timber" else 0.0
    model.add("blocks", box(plan.width + 0.16, plan.depth + 0.16, 1.35, "ewnst").moved(z=-0.9))
    _walls(model, plan, ground, height, jetty)
    front = -plan.depth / 2.0
    columns = max(int(plan.width // 2.3), 2)
    step = plan.width / columns
    _ground_floor(model, rng, plan, columns, step, front)
    for floor in range(1, plan.floors):
        z = ground + storey * (floor - 1) + 0.95
        for column in range(columns):
            x = (column + 0.5) * step - plan.width / 2.0
            _window(model, rng, plan, x, front - jetty, z, flowers=floor == 1)
    if not plan.plain:
        _ends(model, rng, plan, storey, ground)
    _roof(model, rng, plan, height, jetty)
    return model


def _walls(model: Model, plan: HousePlan, ground: float, height: float, jetty: float) -> None:
    skin = "blocks" if plan.style == "stone" else "plaster"
    tint = (1.0, 0.97, 0.92) if plan.style == "stone" else plan.wall
    if plan.style == "timber":
        model.add("blocks", room(plan.width, plan.depth, ground))
        upper = height - ground
        model.add("plaster", room(plan.width + 0.1, plan.depth + 2 * jetty, upper, ground).tinted(tint))
        model.add(
            "planks",
            box(plan.width + 0.2, plan.depth + 2 * jetty + 0.1, 0.3, "ewnsb").moved(z=ground - 0.15).tinted(TIMBER),
        )
        _beams(model, plan, ground, height, jetty)
        return
    model.add(skin, room(plan.width, plan.depth, height).tinted(tint))
    if plan.plain:
        return
    model.add("trim", box(plan.width + 0.2, plan.depth + 0.2, 0.2, "ewnstb").moved(z=ground - 0.1).tinted(FRAME))
    for x in (-1.0, 1.0):
        pillar = box(0.45, 0.3, height, "ews").moved(x * (plan.width / 2.0 - 0.18), -plan.depth / 2.0 + 0.08)
        model.add("trim", pillar.tinted((0.93, 0.88, 0.80)))


def _beams(model: Model, plan: HousePlan, ground: float, height: float, jetty: float) -> None:
    """Half-timber: posts, rails and braces on the front and the back."""
    front = plan.depth / 2.0 + jetty
    bays = max(int(plan.width // 2.3), 2)
    step = plan.width / bays
    upper = height - ground
    beams = [box(0.2, 0.14, upper, "ews").moved(k * step - plan.width / 2.0, 0.0, ground) for k in range(bays + 1)]
    for floor in range(1, plan.floors):
        z = ground + 2.9 * (floor - 1)
        beams += [box(plan.width + 0.2, 0.15, 0.18, "ewstb").moved(z=z + at) for at in (0.72, 2.62)]
        for bay in (0, bays - 1):
            lean = 0.9 if bay == 0 else -0.9
            brace = box(0.16, 0.12, 1.15, "ews").moved(z=-0.57).tilted("y", lean)
            beams.append(brace.moved((bay + 0.5) * step - plan.width / 2.0, 0.0, z + 0.36))
    brackets = [
        box(0.18, 0.4, 0.22, "ewsb").moved(k * step - plan.width / 2.0, 0.12, ground - 0.36) for k in range(bays + 1)
    ]
    for beam in beams + brackets:
        model.add("planks", beam.moved(y=-front - 0.03).tinted(TIMBER))
    for beam in beams:
        model.add("planks", beam.moved(y=-front - 0.03).turned(np.pi).tinted(TIMBER))


def _ground_floor(model: Model, rng: Rng, plan: HousePlan, columns: int, step: float, front: float) -> None:
    entrance = int(rng.integers(columns))
    for column in range(columns):
        x = (column + 0.5) * step - plan.width / 2.0
        if column == entrance:
            model.add_model(door(1.05, 2.15, plan.shutters, FRAME), x, front, 0.1)
            if not plan.plain:
                model.add_model(hanging_lamp(), x + 0.95, front, 2.35)
        elif plan.shop:
            lit = bool(rng.random() < 0.8)
            model.add_model(window(1.5, 1.5, plan.shutters, lit=lit), x, front, 0.75)
        else:
            _window(model, rng, plan, x, front, 0.95, flowers=False)
    if plan.shop:
        shade = awning(plan.width * 0.82, 1.35, CLOTHS[int(rng.integers(len(CLOTHS)))])
        model.add_model(shade, 0.0, front, 2.98)


def _window(model: Model, rng: Rng, plan: HousePlan, x: float, y: float, z: float, flowers: bool) -> None:
    bright = bool(rng.random() < 0.42)
    if plan.plain:
        model.add_model(plain_window(0.86, 1.35, FRAME, lit=bright), x, y, z)
        return
    shutters: Rgb | None = None if plan.style == "timber" else plan.shutters
    model.add_model(window(0.86, 1.35, FRAME, shutters, lit=bright), x, y, z)
    if flowers and rng.random() < 0.5:
        model.add_model(flower_box(1.1, rng, BLOSSOMS[int(rng.integers(len(BLOSSOMS)))]), x, y, z)


def _ends(model: Model, rng: Rng, plan: HousePlan, storey: float, ground: float) -> None:
    """A few windows on the narrow sides and at the back."""
    for side in (-1.0, 1.0):
        for floor in range(1, plan.floors):
            small = window(0.75, 1.15, FRAME, lit=bool(rng.random() < 0.35))
            out = plan.width / 2.0 + (0.05 if plan.style == "timber" else 0.0)
            y = float(rng.uniform(-0.22, 0.22)) * plan.depth
            model.add_model(small, side * out, y, ground + storey * (floor - 1) + 1.0, side * np.pi / 2.0)


def _roof(model: Model, rng: Rng, plan: HousePlan, height: float, jetty: float) -> None:
    roof = Model("roof")
    depth = plan.depth + 2 * jetty
    across, along = (plan.width, depth) if plan.gable_front else (depth, plan.width)
    rise = across * float(rng.uniform(0.40, 0.52))
    skin = "blocks" if plan.style == "stone" else "plaster"
    tint = (1.0, 0.97, 0.92) if plan.style == "stone" else plan.wall
    gable_roof(roof, along, across, height, rise, plan.tiles)
    for end in (np.pi / 2.0, -np.pi / 2.0):
        triangle = gable(across, rise).moved(y=-along / 2.0, z=height).tinted(tint)
        roof.add(skin, triangle.turned(end))
        if not plan.plain:
            attic = window(0.6, 0.8, FRAME, lit=bool(rng.random() < 0.4))
            attic_y, attic_x = -np.cos(end) * along / 2.0, np.sin(end) * along / 2.0
            roof.add_model(attic, attic_x, attic_y, height + rise * 0.22, end)
    chimney(roof, along * float(rng.uniform(-0.32, 0.32)), across * 0.17, height + rise * 0.45, rise * 0.55 + 0.6)
    model.add_model(roof, heading_rad=np.pi / 2.0 if plan.gable_front else 0.0)
    if not plan.gable_front and not plan.plain and rng.random() < 0.6:
        for x in (-0.25, 0.25) if plan.width > 7.5 else (0.0,):
            dormer(
                model,
                x * plan.width,
                -across * 0.34,
                height + rise * 0.32,
                plan.tiles,
                plan.wall,
                bool(rng.random() < 0.5),
            )
