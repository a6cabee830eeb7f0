"""Every plane against rays cast at the same triangles in numpy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import opencv
from stylebridge.scene.render import Renderer, open_renderer

from .testlevel import body, small_level, snapshot
from .truth import Truth, truth_at

ALL = ("color", "depth", "motion", "normals", "ids", "occlusion")
SIZE = (320, 180)
LEVEL, BODIES = small_level(), (body(),)
PLANT, CART, PILLAR = 5, 1000, 2000


@pytest.fixture(scope="module", params=["fine", "plain"])
def renderer(opengl: str, request: pytest.FixtureRequest) -> Iterator[Renderer]:
    try:
        made = open_renderer(LEVEL, BODIES, SIZE, "offscreen", request.param)
    except InputError as error:
        pytest.skip(str(error))
    yield made
    made.close()


@pytest.fixture(scope="module")
def seen(renderer: Renderer) -> tuple[Frame, Truth, NDArray[np.int64]]:
    """The second of two frames, and the truth at every third pixel of it."""
    before, now = snapshot(40, name="truth"), snapshot(42, name="truth")
    renderer.draw(before, ALL)
    frame = renderer.draw(now, ALL)
    y, x = np.mgrid[1 : SIZE[1] : 3, 1 : SIZE[0] : 3]
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    truth = truth_at(places + 0.5, LEVEL, BODIES, now, before, SIZE)
    return frame, truth, places


def at(plane: NDArray[np.generic] | None, places: NDArray[np.int64]) -> NDArray[np.float64]:
    assert plane is not None
    return np.asarray(plane[places[:, 1], places[:, 0]], np.float64)


def agreeing(seen: tuple[Frame, Truth, NDArray[np.int64]]) -> NDArray[np.bool_]:
    """Where picture and truth show the same thing; leaves have holes that the rays don't know."""
    frame, truth, places = seen
    return np.asarray(at(frame.ids, places) == truth.ids)


def test_ids_are_those_of_the_nearest_triangle(seen: tuple[Frame, Truth, NDArray[np.int64]]) -> None:
    _, truth, _ = seen
    solid = truth.ids != PLANT
    assert agreeing(seen)[solid].mean() > 0.995
    assert {0, 1, 2, 3, 4, PLANT, CART, PILLAR} <= set(truth.ids[agreeing(seen)].tolist())


def test_depth_is_metres_along_the_view_axis(seen: tuple[Frame, Truth, NDArray[np.int64]]) -> None:
    frame, truth, places = seen
    same = agreeing(seen)
    error = np.abs(at(frame.depth, places) / truth.depth - 1)[same]
    assert np.quantile(error, 0.999) < 1e-4
    assert np.quantile(error, 0.5) < 1e-5


@pytest.mark.parametrize(
    ("ids", "limit_px"),
    [((1, 2, 3, 4), 0.01), ((CART,), 0.01), ((PILLAR,), 0.02), ((PLANT,), 0.02), ((0,), 0.01)],
    ids=["static", "mover", "jointed", "swaying", "sky"],
)
def test_motion_is_exact(seen: tuple[Frame, Truth, NDArray[np.int64]], ids: tuple[int, ...], limit_px: float) -> None:
    frame, truth, places = seen
    chosen = agreeing(seen) & np.isin(truth.ids, ids)
    assert chosen.sum() > 20
    error = np.linalg.norm(at(frame.motion, places) - truth.motion, axis=1)[chosen]
    assert np.quantile(error, 0.99) < limit_px
    assert np.linalg.norm(truth.motion[chosen], axis=1).max() > 9 * limit_px


def test_motion_against_the_wrong_moment_would_be_seen(seen: tuple[Frame, Truth, NDArray[np.int64]]) -> None:
    frame, _, places = seen
    wrong = truth_at(places + 0.5, LEVEL, BODIES, snapshot(42), snapshot(41), SIZE)
    for ids in ((1, 2, 3, 4), (CART,), (PILLAR,)):
        chosen = agreeing(seen) & np.isin(wrong.ids, ids)
        error = np.linalg.norm(at(frame.motion, places) - wrong.motion, axis=1)[chosen]
        assert np.median(error) > 0.05  # more than any limit above


def test_every_static_pixel_agrees_with_its_own_depth_reprojected(renderer: Renderer) -> None:
    first = renderer.draw(snapshot(60, name="walk"), ALL)
    frame = renderer.draw(snapshot(61, name="walk"), ALL)
    assert frame.depth is not None and frame.motion is not None and frame.ids is not None
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] + 0.5
    projection, view = (np.asarray(matrix, np.float64) for matrix in (frame.camera.projection, snapshot(61).eye.view))
    depth = frame.depth.astype(np.float64)
    slope_x, slope_y = (2 * x / SIZE[0] - 1) / projection[0, 0], (1 - 2 * y / SIZE[1]) / projection[1, 1]
    seen = np.stack([slope_x * depth, slope_y * depth, -depth, np.ones_like(depth)], axis=-1)
    world = seen @ np.linalg.inv(view).T
    clip = world @ (np.asarray(first.camera.projection, np.float64) @ snapshot(60).eye.view).T
    was = np.stack([clip[..., 0] / clip[..., 3] + 1, 1 - clip[..., 1] / clip[..., 3]], axis=-1) * np.array(SIZE) / 2
    error = np.linalg.norm(frame.motion - (was - np.stack([x, y], axis=-1)), axis=-1)
    static = (frame.ids > 0) & (frame.ids < PLANT)
    assert static.mean() > 0.3
    assert error[static].max() < 0.01


def test_normals_are_unit_and_point_away_from_the_surface(seen: tuple[Frame, Truth, NDArray[np.int64]]) -> None:
    frame, truth, places = seen
    normals = at(frame.normals, places)
    assert np.abs(np.linalg.norm(normals, axis=1) - 1).max() < 2e-3
    flat = agreeing(seen) & np.isin(truth.ids, (2, 3, 4, CART))
    assert (normals * truth.normals).sum(axis=1)[flat].min() > 0.999
    bumpy = agreeing(seen) & (truth.ids == 1)
    assert (normals * truth.normals).sum(axis=1)[bumpy].mean() > 0.9
    assert (normals * truth.normals).sum(axis=1)[bumpy].min() < 0.999


def test_occlusion_is_where_the_previous_frame_showed_something_else(
    seen: tuple[Frame, Truth, NDArray[np.int64]],
) -> None:
    frame, truth, places = seen
    solid = agreeing(seen) & (truth.ids != PLANT)
    hidden = at(frame.occlusion, places) > 0
    assert truth.hidden[solid].sum() > 30
    assert (hidden != truth.hidden)[solid].mean() < 0.01
    assert hidden[solid & truth.hidden].mean() > 0.8


def test_slopes_do_not_speckle(renderer: Renderer) -> None:
    renderer.draw(snapshot(80, name="slope"), ALL)
    frame = renderer.draw(snapshot(81, name="slope"), ALL)
    assert frame.occlusion is not None and frame.ids is not None
    inner = opencv().erode((frame.ids == 1).astype(np.uint8), np.ones((5, 5), np.uint8))[6:-6, 6:-6] > 0
    assert frame.occlusion[6:-6, 6:-6][inner].mean() < 0.005


def test_warping_the_previous_picture_leaves_a_fifth_of_the_difference(renderer: Renderer) -> None:
    cv2 = opencv()
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)
    last, left, whole = renderer.draw(snapshot(40, name="warp", fps=12), ALL), 0.0, 0.0
    for number in range(41, 61):
        frame = renderer.draw(snapshot(number, name="warp", fps=12), ALL)
        assert frame.motion is not None and frame.occlusion is not None
        warped = cv2.remap(last.color, x + frame.motion[..., 0], y + frame.motion[..., 1], cv2.INTER_LINEAR)
        shown = ~frame.occlusion
        left += float(np.abs(frame.color.astype(np.float64) - warped)[shown].mean())
        whole += float(np.abs(frame.color.astype(np.float64) - last.color)[shown].mean())
        last = frame
    assert left < whole / 5
