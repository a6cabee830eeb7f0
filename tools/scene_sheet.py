"""Draw frames of a level with all their planes as a labelled contact sheet, to look at.

python tools/scene_sheet.py plaza --out sheet.png --shot tour --weather clear --hour 10 --seed 7 --frames 4
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame
from stylebridge.imaging import opencv, resize_image, write_image
from stylebridge.scene.characters import Cast, Wish
from stylebridge.scene.levels import build_level
from stylebridge.scene.render import open_renderer
from stylebridge.scene.snapshot import Eye, Snapshot
from stylebridge.scene.viewing import shot_view
from stylebridge.scene.weather import weather_at

Picture = NDArray[np.uint8]
Plane = NDArray[Any]
FPS = 30


def colored(values: Plane) -> Picture:
    """0 to 1 in colours that keep their order when they are seen as grey."""
    cv2 = opencv()
    grey = np.clip(values * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(cv2.applyColorMap(grey, cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB))


def depth_picture(depth: Plane) -> Picture:
    return colored(1.0 - np.log(np.maximum(depth, 0.5) / 0.5) / np.log(800))


def motion_picture(motion: Plane) -> Picture:
    """Direction as hue, length as brightness."""
    cv2 = opencv()
    x, y = motion[..., 0], motion[..., 1]
    length = np.hypot(x, y)
    hue = (np.arctan2(y, x) + np.pi) / (2 * np.pi) * 179
    value = np.clip(length / max(float(np.quantile(length, 0.99)), 0.5), 0, 1) * 255
    hsv = np.stack([hue, np.full_like(hue, 220), value], axis=2).astype(np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))


def normals_picture(normals: Plane) -> Picture:
    return np.clip((normals + 1) * 127.5, 0, 255).astype(np.uint8)


def ids_picture(ids: Plane) -> Picture:
    mixed = (ids.astype(np.uint64) * 2654435761) & 0xFFFFFF
    channels = np.stack([mixed & 255, (mixed >> 8) & 255, (mixed >> 16) & 255], axis=2)
    return np.where((ids == 0)[:, :, None], 0, 64 + channels // 4 * 3).astype(np.uint8)


def occlusion_picture(occlusion: Plane) -> Picture:
    return np.where(occlusion[:, :, None], (255, 80, 60), (30, 34, 40)).astype(np.uint8)


PICTURES: dict[str, Callable[[Plane], Picture]] = {
    "color": lambda color: color[:, :, :3],
    "depth": depth_picture,
    "motion": motion_picture,
    "normals": normals_picture,
    "ids": ids_picture,
    "occlusion": occlusion_picture,
}


def labelled(picture: Picture, text: str) -> Picture:
    cv2 = opencv()
    made = np.ascontiguousarray(picture)
    for color, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(made, text, (8, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.45, color, thickness, cv2.LINE_AA)
    return made


def frames_of(options: argparse.Namespace) -> list[Frame]:
    """Frames spread over the shot, each drawn after the one before it in time, so that it has motion."""
    level = build_level(options.level, options.seed)
    if options.shot not in level.shots:
        raise InputError(f"unknown shot {options.shot!r}", expected=", ".join(level.shots))
    shot, weather = level.shots[options.shot], weather_at(options.weather, options.hour, options.seed)
    cast = Cast(level, count=options.people, seed=options.seed)
    width, height = (int(side) for side in options.size.split("x"))
    renderer = open_renderer(level, cast.pieces, (width, height), options.mode, options.quality)
    length = int(float(shot.times_s[-1]) * FPS)
    wanted = {round((i + 0.5) * length / options.frames) for i in range(options.frames)}
    drawn, made = {n - back for n in wanted for back in range(6)}, []
    for number in range(max(wanted) + 1):
        cast.advance(1 / FPS, Wish((1.4, 0.0)))
        if number in drawn:
            view, fov = shot_view(shot, number / FPS)
            places = {mover.piece.name: mover.matrix_at(number / FPS) for mover in level.movers}
            moment = Snapshot(number, number / FPS, Eye("main", view, fov), weather, places, cast.skins())
            frame = renderer.draw(moment, renderer.planes)
            made += [frame] if number in wanted else []
    renderer.close()
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("level")
    parser.add_argument("--out", type=Path, default=Path("sheet.png"))
    parser.add_argument("--shot", default="tour")
    parser.add_argument("--weather", default="clear")
    parser.add_argument("--hour", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--frames", type=int, default=4)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--cell", type=int, default=400, help="width of one picture of the sheet")
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--quality", default="auto", help="fine, plain, or auto: plain where the processor draws")
    options = parser.parse_args()
    try:
        rows = []
        for frame in frames_of(options):
            row = []
            for name in PLANES:
                if name == "color" or getattr(frame, name) is not None:
                    cell = (options.cell, round(options.cell * frame.height / frame.width))
                    text = f"{name} {frame.clock.simulation_s:.1f} s"
                    row.append(labelled(resize_image(PICTURES[name](getattr(frame, name)), cell), text))
            rows.append(np.concatenate(row, axis=1))
        write_image(options.out, np.concatenate(rows), force=True)
    except InputError as error:
        raise SystemExit(str(error)) from error
    print(options.out)


if __name__ == "__main__":
    main()
