"""Estimated motion, held against motion that is known: shifts, turns, and a Sintel pair with its true flow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from stylebridge.errors import InputError
from stylebridge.frame import Clock, FloatPlane, Frame, MaskPlane
from stylebridge.imaging import opencv, read_image
from stylebridge.sources import open_source
from stylebridge.sources.opticalflow import WAYS, Estimated, FlowEstimator, estimated

from .conftest import MakeVideo
from .games import Given, moment

SIZE = (180, 240)
BORDER = 16


def texture(size: tuple[int, int] = SIZE, seed: int = 4) -> NDArray[np.uint8]:
    """Something to follow: noise at two scales, [H,W,3]."""
    cv2, random = opencv(), np.random.default_rng(seed)
    coarse = cv2.resize(random.uniform(0, 160, (size[0] // 8, size[1] // 8, 3)), size[::-1])
    fine = cv2.GaussianBlur(random.uniform(0, 255, (*size, 3)), (0, 0), 1.5)
    return np.asarray(np.clip(coarse + fine - 60, 0, 255), dtype=np.uint8)


def moved(before: NDArray[np.uint8], motion: FloatPlane) -> NDArray[np.uint8]:
    """The picture whose every pixel was at its place plus `motion` in the one before."""
    cv2 = opencv()
    rows, columns = np.mgrid[: before.shape[0], : before.shape[1]].astype(np.float32)
    where = columns + motion[:, :, 0], rows + motion[:, :, 1]
    return np.asarray(cv2.remap(before, *where, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), dtype=np.uint8)


def estimate(now: NDArray[np.uint8], before: NDArray[np.uint8], way: str = "dis") -> tuple[FloatPlane, MaskPlane]:
    estimator = FlowEstimator(way)
    return estimator.motion_from_greys(estimator.grey(now), estimator.grey(before))


def end_point_error(found: FloatPlane, true: FloatPlane, where: MaskPlane) -> float:
    return float(np.linalg.norm(found - true, axis=2)[where].mean())


def shift(x: float, y: float) -> FloatPlane:
    return np.full((*SIZE, 2), (x, y), np.float32)


def turn(degrees: float) -> FloatPlane:
    """Where each pixel was before the picture was turned about its middle."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    x, y, angle = columns - SIZE[1] / 2, rows - SIZE[0] / 2, np.deg2rad(degrees)
    back = x * np.cos(angle) - y * np.sin(angle) - x, x * np.sin(angle) + y * np.cos(angle) - y
    return np.stack(back, axis=2).astype(np.float32)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "true", [shift(3, 0), shift(0, -5.5), shift(-9, 4), turn(2)], ids=["right", "up", "far", "turn"]
)
def test_known_motion_is_found(true: FloatPlane, way: str) -> None:
    before = texture()
    motion, occlusion = estimate(moved(before, true), before, way)
    inside = np.zeros(SIZE, np.bool_)
    inside[BORDER:-BORDER, BORDER:-BORDER] = True
    assert end_point_error(motion, true, inside) < 0.15
    assert end_point_error(-motion, true, inside) > 2
    assert occlusion[inside].mean() < 0.02


def test_what_comes_into_the_picture_is_occluded() -> None:
    before = texture()
    _, occlusion = estimate(moved(before, shift(-20, 0)), before)  # all that is seen moves to the right
    assert occlusion[:, :18].mean() > 0.95
    assert occlusion[20:-20, 40:-20].mean() < 0.02


def test_what_a_moving_thing_uncovers_is_occluded() -> None:
    ground, thing = texture(seed=1), texture(seed=2)
    before, now = ground.copy(), ground.copy()
    before[40:140, 60:160] = thing[40:140, 60:160]
    now[40:140, 70:170] = thing[40:140, 60:160]
    motion, occlusion = estimate(now, before)
    assert np.abs(motion[60:120, 90:150] - (-10, 0)).mean() < 0.5
    assert occlusion[50:130, 61:69].mean() > 0.6
    assert occlusion[:30].mean() < 0.05


def test_the_number_of_threads_changes_nothing() -> None:
    cv2, before = opencv(), texture()
    now, threads, found = moved(before, turn(3)), cv2.getNumThreads(), []
    try:
        for count in (1, 2, 5):
            cv2.setNumThreads(count)
            found.append(estimate(now, before, "dis-fine"))
    finally:
        cv2.setNumThreads(threads)
    for motion, occlusion in found[1:]:
        assert np.array_equal(motion, found[0][0])
        assert np.array_equal(occlusion, found[0][1])


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (500, 3), (7, 9), (17, 400), (33, 47)])
@pytest.mark.parametrize("way", WAYS)
def test_pictures_of_any_size_have_motion(size: tuple[int, int], way: str) -> None:
    random = np.random.default_rng(3)
    before = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    motion, occlusion = estimate(np.roll(before, 1, axis=1), before, way)
    assert (motion.shape, occlusion.shape) == ((*size, 2), size)
    assert np.isfinite(motion).all()


class TestSintel:
    @pytest.fixture
    def pair(self, data_dir: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8], FloatPlane]:
        """(now, before, motion): the flow goes from the first picture to the second, so the first is `now`."""
        first, second = (read_image(data_dir / f"frames/mmflow_demo/frame_000{n}.png") for n in (1, 2))
        raw = (data_dir / "flow_gt/sintel_flowiz/frame_0001.flo").read_bytes()
        flow = np.frombuffer(raw, np.float32, offset=12).reshape(*first.shape[:2], 2)
        return first, second, flow

    @pytest.mark.parametrize(
        ("way", "most_px", "most_l1"), [("dis-fast", 0.5, 3), ("dis", 0.35, 2.6), ("dis-fine", 0.25, 2.2)]
    )
    def test_it_comes_close_to_the_true_flow(
        self, pair: tuple[NDArray[np.uint8], NDArray[np.uint8], FloatPlane], way: str, most_px: float, most_l1: float
    ) -> None:
        now, before, true = pair
        motion, occlusion = estimate(now, before, way)
        everywhere = np.ones(occlusion.shape, np.bool_)
        assert end_point_error(motion, true, everywhere) < most_px
        assert end_point_error(motion, true, ~occlusion) < end_point_error(motion, true, everywhere)
        unwarped = np.abs(now.astype(float) - before).mean()
        warped = np.abs(now.astype(float) - moved(before, motion)).mean()
        assert unwarped > 10
        assert warped < most_l1
        assert occlusion.mean() < 0.05


def test_the_first_frame_has_no_motion_and_the_others_are_marked(make_video: MakeVideo) -> None:
    with open_source(f"{make_video(noisy=True)}?motion=dis-fast") as source:
        frames = list(source)
        assert source.frame_count == len(frames) == 8
    assert {frame.estimated for frame in frames} == {("motion", "occlusion")}
    first = frames[0]
    assert first.motion is not None
    assert first.occlusion is not None
    assert not first.motion.any()
    assert first.occlusion.all()
    assert all(frame.motion is not None and frame.motion.any() for frame in frames[1:])


def test_another_size_begins_anew() -> None:
    frames = [moment(1, motion=False), moment(2, size=(8, 12), motion=False), moment(3, size=(8, 12), motion=False)]
    found = [frame.occlusion for frame in Estimated(Given(frames))]
    assert [bool(occlusion is not None and occlusion.all()) for occlusion in found] == [True, True, False]


def test_each_camera_has_its_own_frame_before() -> None:
    left, right = texture(seed=1), texture(seed=2)
    pictures = [left, right, moved(left, shift(3, 0)), moved(right, shift(-3, 0))]
    frames = [
        replace(moment(n, ("left", "right")[n % 2], SIZE, motion=False), color=picture, clock=Clock(n))
        for n, picture in enumerate(pictures)
    ]
    *_, third, fourth = Estimated(Given(frames))
    assert third.motion is not None
    assert fourth.motion is not None
    assert np.median(third.motion[:, :, 0]) == pytest.approx(3, abs=0.1)
    assert np.median(fourth.motion[:, :, 0]) == pytest.approx(-3, abs=0.1)


def test_auto_leaves_the_games_own_motion_alone() -> None:
    given = [moment(1), moment(2), moment(3, motion=False), moment(4, motion=False)]
    frames = list(estimated(Given(given), "auto"))
    assert [frame.estimated for frame in frames] == [(), (), *[("motion", "occlusion")] * 2]
    assert frames[1].motion is given[1].motion


def test_auto_goes_back_to_the_frame_before_even_if_that_one_has_motion_of_its_own() -> None:
    picture = texture()
    pictures = [picture, moved(picture, shift(20, 0)), moved(picture, shift(18, 0))]
    frames = [replace(moment(n, size=SIZE, motion=n == 1), color=p) for n, p in enumerate(pictures)]
    *_, last = estimated(Given(frames), "auto")
    assert last.motion is not None
    assert np.median(last.motion[:, :, 0]) == pytest.approx(-2, abs=0.1)


def test_a_named_way_replaces_the_games_own_motion() -> None:
    assert all(frame.estimated for frame in estimated(Given([moment(1), moment(2)]), "dis"))


def test_off_is_the_source_itself() -> None:
    source = Given([moment(1)])
    assert estimated(source, "off") is source


def test_after_a_skip_motion_goes_back_to_the_last_frame_that_was_passed_over() -> None:
    picture = texture()
    pictures = [picture, moved(picture, shift(20, 0)), moved(picture, shift(18, 0))]
    source = Estimated(Given([replace(moment(n, size=SIZE, motion=False), color=p) for n, p in enumerate(pictures)]))
    source.skip(2)
    frame = next(source)
    assert frame.motion is not None
    assert np.median(frame.motion[:, :, 0]) == pytest.approx(-2, abs=0.1)


def test_an_unknown_way_is_refused_with_the_known_ones(make_video: MakeVideo) -> None:
    with pytest.raises(InputError, match="motion=raft; expected off or auto or dis-fast or dis or dis-fine"):
        open_source(f"{make_video()}?motion=raft")
    with pytest.raises(InputError, match="motion 'raft'"):
        FlowEstimator("raft")


def test_frames_count_only_once_and_are_not_changed() -> None:
    frame = moment(5, motion=False)
    (found,) = Estimated(Given([frame]))
    assert isinstance(found, Frame)
    assert frame.motion is None
    assert found.color is frame.color
