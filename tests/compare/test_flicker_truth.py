"""The flicker figures against a slow computation written down from their definition, one pixel after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from moving import HEIGHT, WIDTH, clip, covered, inverted, noisy, pixels
from stylebridge.compare.temporal.flicker import LUMA, flicker
from stylebridge.compare.temporal.warping import Step, step_back
from stylebridge.frame import ColorPlane, Frame

Moves = tuple[tuple[float, float], tuple[float, float]]  # of the ground and of the square
MOVES: dict[str, Moves] = {"whole": ((1, 0), (2, 1)), "sub-pixel": ((0.4, 0.7), (1.5, -0.3))}


def between(plane: np.ndarray, x: float, y: float) -> np.ndarray:
    """The plane between its pixels; beyond the edge, what the edge shows."""
    x, y = min(max(x, 0.0), WIDTH - 1.0), min(max(y, 0.0), HEIGHT - 1.0)
    left, top = min(int(x), WIDTH - 2), min(int(y), HEIGHT - 2)
    a, b = x - left, y - top
    upper = (1 - a) * plane[top, left].astype(float) + a * plane[top, left + 1]
    lower = (1 - a) * plane[top + 1, left].astype(float) + a * plane[top + 1, left + 1]
    return (1 - b) * upper + b * lower


square_of = cache(covered)


def went_to(start: int, span: int, x: float, y: float, moves: Moves) -> tuple[float, float] | None:
    """Where what a pixel of frame `start` shows was `span` frames before; None where it wasn't seen all the way."""
    on_square = bool(square_of(start, moves[1])[round(y), round(x)])
    dx, dy = (-moves[1][0], -moves[1][1]) if on_square else moves[0]
    for number in range(start - 1, start - span - 1, -1):
        x, y = x + dx, y + dy
        row, column = round(y), round(x)
        if not (-0.5 <= x <= WIDTH - 0.5 and -0.5 <= y <= HEIGHT - 0.5):
            return None
        square = square_of(number, moves[1])
        if not on_square and square[min(max(row, 0), HEIGHT - 1), min(max(column, 0), WIDTH - 1)]:
            return None
    return x, y


def slow(frames: list[Frame], shown: list[ColorPlane], number: int, span: int, moves: Moves) -> tuple[float, float]:
    """The plain and the compensated error of one frame."""
    plain, compensated = [], []
    for y in range(HEIGHT):
        for x in range(WIDTH):
            place = went_to(number, span, float(x), float(y), moves)
            if place is None:
                continue
            change = shown[number][y, x] - between(shown[number - span], *place)
            game = frames[number].color[y, x] - between(frames[number - span].color, *place)
            plain.append(np.abs(change).mean())
            compensated.append(np.abs(change - float(LUMA[0] @ game)).mean())
    return float(np.mean(plain)), float(np.mean(compensated))


def lit(frames: list[Frame]) -> list[Frame]:
    """The same, ever brighter from left to right."""
    ramp = np.linspace(0, 12, WIDTH)[None, :, None]
    return [
        f.with_color(np.clip(f.color * 0.7 + ramp * n, 0, 255).round().astype(np.uint8)) for n, f in enumerate(frames)
    ]


@pytest.mark.parametrize(("name", "style"), [("whole", inverted), ("sub-pixel", noisy(9))])
def test_errors_are_those_of_the_definition(name: str, style: Callable[[ColorPlane], ColorPlane]) -> None:
    moves = MOVES[name]
    frames = lit(clip(5, *moves))
    shown = [style(frame.color) for frame in frames]
    measured = flicker(frames, shown, span=3)
    for curve, span in ((measured.near, 1), (measured.far, 3)):
        error = curve.errors[4]
        assert error is not None
        plain, compensated = slow(frames, shown, 4, span, moves)
        # Between pixels the outlines of the square are a matter of rounding.
        close = {"abs": 1e-4} if name == "whole" else {"rel": 0.02}
        assert error.plain == pytest.approx(plain, **close)
        assert error.compensated == pytest.approx(compensated, **close)
    own = measured.source_near.errors[4]
    assert own is not None
    assert own.plain == pytest.approx(slow(frames, [frame.color for frame in frames], 4, 1, moves)[0], **close)


def test_the_slow_computation_would_see_a_wrong_sign_and_a_forgotten_occlusion() -> None:
    frames = clip(3)
    shown = [frame.color for frame in frames]
    assert slow(frames, shown, 2, 1, MOVES["whole"]) == (0, 0)
    ahead = [replace(frame, motion=-frame.motion) for frame in frames]
    open_to_all = [replace(frame, occlusion=None, depth=None) for frame in frames]
    for wrong in (ahead, open_to_all):
        found = flicker(wrong, shown).per_frame[2]
        assert found is not None
        assert found > 0.5


@pytest.mark.parametrize("span", [2, 5, 8])
def test_a_path_over_several_frames_ends_where_things_really_were(span: int) -> None:
    scroll, speed = (0.4, 0.7), (1.5, -0.3)
    frames = clip(span + 1, scroll, speed)
    path: Step | None = None
    for number in range(1, span + 1):
        step = step_back(frames[number])
        path = step if path is None else step.after(path)
    assert path is not None
    near = covered(span, speed)
    away = np.where(near[:, :, None], np.multiply(speed, -span), np.multiply(scroll, span))
    truth = np.stack(pixels(), axis=2) + away
    astray = np.abs(path.positions - truth).max(axis=2) > 0.3
    assert astray[path.seen].mean() < 0.01
    assert astray[path.seen & near].mean() < 0.08  # a quarter where means are taken over its outline
    x, y = (np.rint(truth[:, :, axis]).astype(int) for axis in (0, 1))
    within = (x >= 0) & (y >= 0) & (x < WIDTH) & (y < HEIGHT)
    hidden = covered(0, speed)[np.clip(y, 0, HEIGHT - 1), np.clip(x, 0, WIDTH - 1)] & ~near
    assert path.seen.sum() > 0.85 * (within & ~hidden).sum()  # what was hidden in between isn't seen either
    assert (path.seen & hidden).sum() < 0.25 * hidden.sum()  # what the square left free isn't taken for seen
    assert hidden.sum() > 50
