"""Frames through columns: late ones in their place, failures, Ctrl-C, and sources that break off."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from acting import COUNT, Acting, Noting, changing, column, failing, frames, inverted, late
from stylebridge.compare.columns import Column
from stylebridge.compare.plans import Plan, Smoothing, with_smoothing
from stylebridge.compare.running import Stop, run_columns, stop_on_interrupt
from stylebridge.errors import Interrupted, StylebridgeError
from stylebridge.frame import ColorPlane, Frame


def test_a_column_that_shows_frames_late_is_compared_moment_by_moment() -> None:
    noting, columns = Noting(), [column("A", inverted), late("B", inverted)]
    result = run_columns(changing(5), columns, [noting], 9)
    assert (result.frames, result.cut_short) == (5, "")
    assert [moment.frame.color[0, 0, 0] for moment in noting.moments] == [0, 20, 40, 60, 80]
    assert noting.levels(0) == noting.levels(1) == [255, 235, 215, 195, 175]


def test_what_waited_for_a_frame_that_failed_is_missing_and_the_rest_is_in_its_place() -> None:
    noting, columns = Noting(), [column("A", inverted), late("B", failing(3))]
    run_columns(changing(7), columns, [noting], 9)
    assert noting.levels(0) == [255, 235, 215, 195, 175, 155, 135]
    assert noting.levels(1) == [255, None, None, None, 175, 155, 135]
    assert columns[1].trouble.startswith(
        "one frame failed, the first of them number 4 (2 that waited for it to be filled in are missing, too): the net"
    )


def test_a_column_that_needs_motion_is_given_up_where_there_is_none() -> None:
    smoothed = with_smoothing([Plan("A", Path("net"), "torch", Path("net"))], [Smoothing(every=4)])[1]
    assert smoothed.smoothing is not None
    columns = [column("A", inverted), Column(smoothed, smoothed.smoothing.around(Acting(inverted)))]
    run_columns(frames(12, motion=False), columns, [], 12)
    assert (columns[0].shown, columns[0].trouble) == (12, "")
    assert columns[1].given_up
    assert "was given up then" in columns[1].trouble
    assert "?motion=dis" in columns[1].trouble


def test_any_error_at_all_costs_only_its_column() -> None:
    def broken(picture: ColorPlane, number: int) -> ColorPlane:
        raise MemoryError("no room for [1,128,1080,1920]")

    columns = [column("A", inverted), column("B", broken)]
    run_columns(frames(), columns, [], COUNT)
    assert (columns[0].shown, columns[1].shown) == (COUNT, 0)
    assert columns[1].trouble == "MemoryError: no room for [1,128,1080,1920]"


def test_ctrl_c_ends_the_frames_and_shows_what_was_under_way() -> None:
    stop, noting = Stop(), Noting()

    def asking(picture: ColorPlane, number: int) -> ColorPlane:
        stop.asked |= number == 2
        return picture

    result = run_columns(changing(9), [column("A", asking), late("B", inverted)], [noting], 9, stop=stop)
    assert (result.frames, result.cut_short) == (3, "interrupted by Ctrl-C")
    assert noting.levels(1) == [255, 235, 215]


def test_ctrl_c_before_the_first_frame_writes_nothing() -> None:
    stop = Stop()
    stop.asked = True
    with pytest.raises(Interrupted, match="before a frame came"):
        run_columns(changing(3), [column("A", inverted)], [], 3, stop=stop)


def test_the_first_ctrl_c_asks_and_the_second_ends() -> None:
    woken: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt(lambda: woken.append(1)) as stop:
        signal.raise_signal(signal.SIGINT)
        assert (stop.asked, woken) == (True, [1])
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == before


def test_a_read_that_cant_be_woken_is_broken_off() -> None:
    def endless() -> Iterator[Frame]:
        yield from changing(2)
        signal.raise_signal(signal.SIGINT)  # pressed while the next frame is waited for
        raise AssertionError("it went on")

    with stop_on_interrupt() as stop:
        result = run_columns(endless(), [column("A", inverted)], [], 9, stop=stop)
    assert (result.frames, result.cut_short) == (2, "interrupted by Ctrl-C")


def test_a_source_that_breaks_off_is_compared_as_far_as_it_went() -> None:
    def torn() -> Iterator[Frame]:
        yield from changing(2)
        raise StylebridgeError("chunk 7 is damaged", where="play.mcap")

    result = run_columns(torn(), [column("A", inverted)], [], 9)
    assert (result.frames, result.cut_short) == (2, "the source broke off: play.mcap: chunk 7 is damaged")
