"""A part of a source: motion that no longer fits is dropped, cameras are counted each, receipts are handed on."""

from __future__ import annotations

import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.sources import Options, Source
from stylebridge.sources.selection import select

from .games import Given, moment


def part_of(source: Source, **values: str) -> Source:
    return select(source, Options(values, "given:"))


def ids(frames: list[Frame]) -> list[int]:
    return [int(frame.color[0, 0, 0]) for frame in frames]


def test_motion_across_frames_that_were_passed_over_is_dropped_and_told_once() -> None:
    source = part_of(Given([moment(n) for n in range(6)]), every="2")
    frames = list(source)
    assert ids(frames) == [0, 2, 4]
    assert [(frame.motion, frame.occlusion) for frame in frames] == [(None, None)] * 3
    (problem,) = source.problems
    assert "every=2 passes over" in problem


def test_motion_stays_where_no_frame_is_passed_over() -> None:
    source = part_of(Given([moment(n) for n in range(6)]), start="2", stop="5")
    assert all(frame.motion is not None and frame.occlusion is not None for frame in source)
    assert source.problems == []


def test_a_source_that_draws_on_demand_keeps_its_motion() -> None:
    source = part_of(Given([moment(n) for n in range(6)], draws=True), every="3")
    assert [frame.motion is not None for frame in source] == [True, True]
    assert source.problems == []


def test_frames_without_motion_are_nothing_to_complain_about() -> None:
    source = part_of(Given([moment(n, motion=False) for n in range(4)]), every="2")
    assert len(list(source)) == 2
    assert source.problems == []


def test_motion_is_estimated_between_the_frames_that_were_chosen() -> None:
    source = part_of(Given([moment(n) for n in range(6)]), every="2", motion="dis-fast", size="40x36")
    frames = list(source)
    assert [frame.estimated for frame in frames] == [("motion", "occlusion")] * 3
    assert all(frame.motion is not None and frame.motion.shape == (36, 40, 2) for frame in frames)


def test_every_counts_the_frames_of_each_camera() -> None:
    frames = [moment(n, camera) for n in range(4) for camera in ("left", "right")]
    source = part_of(Given(frames, interleaves=True), every="2")
    assert [(frame.camera.name, int(frame.color[0, 0, 0])) for frame in source] == [
        ("left", 0), ("right", 0), ("left", 2), ("right", 2),
    ]  # fmt: skip


def test_cameras_that_take_turns_are_passed_over_by_rounds() -> None:
    frames = [moment(n, camera) for n in range(7) for camera in ("left", "right")]
    source = part_of(Given(frames, turns=2, draws=True), start="2", every="3")
    found = [(frame.camera.name, int(frame.color[0, 0, 0]), frame.motion is not None) for frame in source]
    assert found == [("left", 1, True), ("right", 1, True), ("left", 4, True), ("right", 4, True)]


def test_a_part_of_interleaved_frames_is_a_slice_of_the_whole() -> None:
    inner = Given([moment(n) for n in range(9)], interleaves=True)
    assert ids(list(part_of(inner, start="2", stop="8", every="3"))) == [2, 5]
    with pytest.raises(InputError, match="no frame at start=9"):
        list(part_of(Given([moment(n) for n in range(9)], interleaves=True), start="9"))


def test_what_is_passed_over_counts_as_safe_and_what_is_given_waits_for_its_receipt() -> None:
    inner = Given([moment(n) for n in range(4)], interleaves=True)
    source = part_of(inner, every="2")
    next(source)
    first = source.receipt()
    next(source)
    assert inner.safe == [2]
    first.done()
    assert inner.safe == [2, 1]
    assert (source.receipt().sequence, source.receipt().game) == (3, "given")


@pytest.mark.parametrize(("acknowledged", "wanted"), [(3, [6, 9]), (4, [6, 9]), (5, [6, 9])])
def test_after_a_restart_it_goes_on_counting_where_the_recording_ends(acknowledged: int, wanted: list[int]) -> None:
    """Every third of frames 0, 1, 2 … with frame 3, the fourth to be sent, as the last in the recording."""
    inner = Given([moment(n) for n in range(11)], interleaves=True)
    inner.skip(acknowledged + 1)  # the game sends nothing that it was told is safe
    source = part_of(inner, every="3")
    source.keep({moment(0).session: 4})
    assert ids(list(source)) == wanted


def test_skipping_passes_over_wanted_frames() -> None:
    source = part_of(Given([moment(n) for n in range(12)]), start="1", every="3")
    source.skip(2)
    frames = list(source)
    assert ids(frames) == [7, 10]
    assert [frame.clock.frame_id for frame in frames] == [2, 3]


@pytest.mark.parametrize("values", [{"every": "2"}, {"motion": "dis-fast"}, {"every": "2", "motion": "dis"}])
def test_what_is_not_about_frames_is_handed_on(values: dict[str, str]) -> None:
    inner = Given([moment(0)])
    source = part_of(inner, **values)
    source.keep({"ab": 7}, ("color", "depth"))
    source.interrupt()
    assert inner.kept == ({"ab": 7}, ("color", "depth"))
    assert inner.interrupted
    assert source.dropped == 3
