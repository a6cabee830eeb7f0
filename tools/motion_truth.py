"""How true the embedded game's motion is, by arithmetic that shares nothing with the renderer.

python tools/motion_truth.py plaza --frames 300

Prints one JSON object per figure: what warping the previous picture leaves of the difference, how far static surfaces
are from where depth and the two cameras put them, and how far the characters' skin is from where their bones are.
"""

from __future__ import annotations

import argparse
import json

import cv2
import numpy as np
from numpy.typing import NDArray
from stylebridge.frame import Frame
from stylebridge.scene.game import Setup
from stylebridge.scene.mesh import Piece
from stylebridge.scene.stage import Stage

MOVERS_FROM, CHARACTERS_FROM = 1000, 2000
PLANES = ("color", "depth", "motion", "ids", "occlusion")
Array = NDArray[np.float64]
Rng = np.random.Generator
POINTS = 200_000  # tried on each character
ON_SURFACE_M = 0.0002  # cloth lies millimetres above skin, and swings in its own way


def warp_left_over(before: Frame, now: Frame) -> tuple[float, float]:
    """Mean |now - before| where both show the same surface: as it is, and with `before` moved along the motion."""
    height, width = now.color.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    at = np.stack([columns, rows], axis=2) + now.motion
    warped = cv2.remap(before.rgb, at[..., 0], at[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    seen = ~now.occlusion
    plain, moved = (np.abs(now.rgb.astype(np.float64) - other)[seen].mean() for other in (before.rgb, warped))
    return float(plain), float(moved)


def static_error(before: Frame, now: Frame, sway_ids: NDArray[np.uint32]) -> Array:
    """Pixels between the motion plane and the reprojection by depth and matrices, for all that stands still."""
    height, width = now.color.shape[:2]
    rows, columns = np.nonzero((now.ids > 0) & (now.ids < MOVERS_FROM) & ~np.isin(now.ids, sway_ids))
    view, projection = (np.asarray(m, np.float64) for m in (now.camera.view, now.camera.projection))
    depth = now.depth[rows, columns].astype(np.float64)
    x = ((columns + 0.5) / width * 2 - 1) / projection[0, 0] * depth
    y = (1 - (rows + 0.5) / height * 2) / projection[1, 1] * depth
    world = np.linalg.inv(view) @ np.stack([x, y, -depth, np.ones_like(x)])
    was = screen(world.T, before)
    return np.hypot(*(was - np.stack([columns + 0.5, rows + 0.5], axis=1) - now.motion[rows, columns]).T)


def character_error(before: Frame, now: Frame, body: Piece, then: Array, skin: Array, rng: Rng) -> Array:
    """The same where a character's skin lies behind pixels' middles, carried by its bones on the processor."""
    triangles = body.mesh.triangles[rng.integers(len(body.mesh.triangles), size=POINTS)]
    shares = rng.dirichlet((1, 1, 1), POINTS)
    corners, corners_before = (skinned(body, bones)[triangles] for bones in (skin, then))  # [P,3,4]
    pixels = np.floor(screen(np.einsum("pc,pcj->pj", shares, corners), now)).astype(int)
    shares, distance = behind_middles(pixels, corners, now)
    inside = (pixels >= 0).all(axis=1) & (pixels < (now.width, now.height)).all(axis=1) & (distance > 0)
    index = np.flatnonzero(inside & (shares > 0).all(axis=1))
    columns, rows = pixels[index].T
    off = np.abs(now.depth[rows, columns] - distance[index])
    nearest = np.argsort(off)
    nearest = nearest[np.unique(rows[nearest] * now.width + columns[nearest], return_index=True)[1]]
    seen = nearest[(now.ids[rows, columns] == body.id)[nearest] & (off[nearest] < ON_SURFACE_M)]
    index, columns, rows = index[seen], columns[seen], rows[seen]
    there = np.einsum("pc,pcj->pj", shares[index], corners_before[index])
    moved = screen(there, before) - pixels[index] - 0.5
    return np.hypot(*(moved - now.motion[rows, columns]).T)


def behind_middles(pixels: NDArray[np.int64], corners: Array, frame: Frame) -> tuple[Array, Array]:
    """Where the ray through each pixel's middle meets the triangle: the corners' shares, and how deep."""
    view, projection = (np.asarray(m, np.float64) for m in (frame.camera.view, frame.camera.projection))
    eye = (corners @ view.T)[..., :3]
    x = ((pixels[:, 0] + 0.5) / frame.width * 2 - 1) / projection[0, 0]
    y = (1 - (pixels[:, 1] + 0.5) / frame.height * 2) / projection[1, 1]
    rays = np.stack([x, y, -np.ones_like(x)], axis=1)
    # Each share is the volume between the ray and the opposite edge.
    volumes = np.stack([(np.cross(eye[:, i - 2], eye[:, i - 1]) * rays).sum(axis=1) for i in range(3)], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = volumes / volumes.sum(axis=1, keepdims=True)
    return shares, -np.einsum("pc,pc->p", shares, eye[..., 2])


def skinned(body: Piece, bones: Array) -> Array:
    """The vertices in the world, [V,4]."""
    mesh = body.mesh
    bind = np.concatenate([mesh.positions, np.ones((len(mesh.positions), 1))], axis=1).astype(np.float64)
    blended = np.einsum("vk,vkij->vij", mesh.weights, np.asarray(bones, np.float64)[mesh.joints])
    return np.einsum("vij,vj->vi", blended, bind)


def screen(world: Array, frame: Frame) -> Array:
    """World points [N,4] as pixels [N,2]; a pixel's middle is at .5."""
    view, projection = (np.asarray(m, np.float64) for m in (frame.camera.view, frame.camera.projection))
    clip = world @ (projection @ view).T
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = clip[:, 0] / clip[:, 3], clip[:, 1] / clip[:, 3]
    return np.stack([(x + 1) / 2 * frame.width, (1 - y) / 2 * frame.height], axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("level", nargs="?", default="plaza")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--camera", default="follow")
    parser.add_argument("--quality", default="auto", help="fine, plain, or auto: plain where the processor draws")
    args = parser.parse_args()
    setup = Setup(args.level, args.seed, cameras=(args.camera,), quality=args.quality)
    stage = Stage(setup, planes=PLANES, mode="offscreen")
    sway = np.array([piece.id for piece in stage.game.level.pieces if piece.material.sway], np.uint32)
    left_over, static, people = [], [], []
    before, bones_before, rng = None, None, np.random.default_rng(7)
    for number in range(args.frames):
        bones = stage.game.skins()
        frame = stage.draw()[0]
        if before is not None:
            left_over.append(warp_left_over(before, frame))
            static.append(static_error(before, frame, sway))
            if number % 10 == 0:
                people += [
                    character_error(before, frame, body, bones_before[body.name], bones[body.name], rng)
                    for body in stage.game.bodies
                ]
        before, bones_before = frame, bones
        stage.ahead(1)
    stage.close()
    plain, moved = np.array(left_over).T
    where = {"level": args.level, "camera": args.camera, "frames": args.frames}
    report(where, "warped / unwarped L1", moved.sum() / plain.sum(), limit=0.2, unwarped=plain.mean())
    report(where, "static surfaces, px", *spread(np.concatenate(static)), limit=0.01)
    report(where, "characters, px", *spread(np.concatenate(people)), limit=0.6)


def spread(errors: Array) -> tuple[float, float, int]:
    return float(np.quantile(errors, 0.999)), float(errors.max()), len(errors)


def report(where: dict[str, object], what: str, value: float, most: float | None = None, count: int = 0, *,
           limit: float, **more: float) -> None:  # fmt: skip
    line: dict[str, object] = {**where, "figure": what, "limit": limit}
    line |= {"value": round(value, 5)} if most is None else {"p99.9": round(value, 5), "max": round(most, 5)}
    line |= {"points": count} if count else {}
    print(json.dumps(line | {name: round(number, 3) for name, number in more.items()}), flush=True)


if __name__ == "__main__":
    main()
