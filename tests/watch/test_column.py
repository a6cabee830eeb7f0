"""Columns: newest first, faults kept at home, motion of what was passed over carried on."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.recording import Details, Writer
from stylebridge.watch.cache import Cache
from stylebridge.watch.choice import Choice, Opener, label_of, opener_for
from stylebridge.watch.column import KEPT
from stylebridge.watch.moment import Moment, Picture
from stylebridge.watch.passing import MAX_PASSED, spanning
from stylebridge.watch.styled import StyledColumn
from wire.patience import until

from .plans import SIZE, inverted, moment, opener

Make = Callable[..., StyledColumn]


@pytest.fixture
def column() -> Iterator[Make]:
    opened: list[StyledColumn] = []

    def make(open_it: Opener, choice: Choice | None = None, cache: Cache | None = None) -> StyledColumn:
        count = itertools.count(1)
        made = StyledColumn("a", "A", open_it, choice or Choice(), cache, lambda: next(count), lambda: None)
        opened.append(made)
        return made

    yield make
    for each in opened:
        each.close()


def offered(number: int, frame: Frame | None = None) -> Moment:
    return Moment(number, lambda: frame or moment(number))


def shown(column: StyledColumn, number: int) -> Picture:
    until(lambda: column.latest and column.latest.picture.number == number, says=f"frame {number}, {column.error}")
    assert column.latest is not None
    return column.latest.picture


def test_a_moment_is_shown_as_the_engine_makes_it(column: Make) -> None:
    picture = (a := column(opener(inverted))).offer(offered(3)) or shown(a, 3)
    assert (picture.rgb == 255 - moment(3).rgb).all()
    assert picture.jpeg().startswith(b"\xff\xd8")


def test_a_slow_engine_passes_over_all_but_the_newest(column: Make) -> None:
    go, seen = threading.Event(), []

    def slow(frame: Frame) -> Frame:
        seen.append(frame.clock.frame_id)
        assert go.wait(10)
        return frame

    a = column(opener(slow))
    a.offer(offered(0))
    until(lambda: seen == [0])
    for number in range(1, 6):
        a.offer(offered(number))  # comes back at once, although the engine is at work
    go.set()
    shown(a, 5)
    assert (seen, a.passed_over) == ([0, 5], 4)


def test_a_failing_frame_is_told_and_the_next_one_goes_on(column: Make) -> None:
    def moody(frame: Frame) -> Frame:
        if frame.clock.frame_id == 1:
            raise InputError("the network's output holds 3 NaN or infinite values of 9", expected="finite numbers")
        return frame

    a = column(opener(moody))
    a.offer(offered(0))
    shown(a, 0)
    a.offer(offered(1))
    until(lambda: a.status == "failing")
    assert "3 NaN" in a.state()["error"]
    a.offer(offered(2))
    shown(a, 2)
    assert (a.status, a.failures, a.error) == ("running", 1, "")


def test_an_engine_that_cannot_be_opened_says_so_once(column: Make) -> None:
    tries = []

    def refuse(choice: Choice) -> None:
        tries.append(choice)
        raise InputError("import refused: Einsum", where="a.onnx")

    a = column(refuse)  # type: ignore[arg-type]
    for number in range(3):
        a.offer(offered(number))
        until(lambda: a.idle)
    assert (a.status, a.error, len(tries)) == ("failing", "a.onnx: import refused: Einsum", 1)
    a.choose(Choice())  # somebody asks to try again
    a.offer(offered(4))
    until(lambda: len(tries) == 2)


def test_what_was_made_is_not_made_again(column: Make) -> None:
    calls = []

    def noted(frame: Frame) -> Frame:
        calls.append(frame.clock.frame_id)
        return frame

    a = column(opener(noted), cache=Cache(1 << 20))
    for number in (0, 1, 0, 1):
        a.offer(offered(number))
        shown(a, number)
    assert calls == [0, 1]
    a.choose(Choice(model=1))
    a.offer(offered(0))
    until(lambda: calls == [0, 1, 0])


def test_only_some_moments_stay_at_hand(column: Make) -> None:
    a = column(opener(inverted))
    for number in range(KEPT + 5):
        a.offer(offered(number))
        shown(a, number)
    assert a.numbers() == set(range(5, KEPT + 5))


def test_a_still_picture_has_no_flicker_and_a_flashing_one_has(column: Make) -> None:
    def flashing(frame: Frame) -> Frame:
        return frame.with_color(frame.rgb + np.uint8(10 * (frame.clock.frame_id % 2)))

    still = [replace(moment(7), clock=moment(number).clock) for number in range(3)]
    for paint, expected in ((lambda frame: frame, 0.0), (flashing, 10.0)):
        a = column(opener(paint))
        for number, frame in enumerate(still):
            a.offer(offered(number, frame))
            shown(a, number)
        state = a.state()
        assert (state["flicker"], state["flicker_game"]) == (pytest.approx(expected), 0.0)


@pytest.mark.parametrize(("mode", "late"), [("causal", 0), ("reproject", 2)])
def test_between_key_frames_the_engine_rests(column: Make, mode: str, late: int) -> None:
    worked = []

    def noted(frame: Frame) -> Frame:
        worked.append(1)
        return inverted(frame)

    a = column(opener(noted), Choice(0, mode, 2))  # type: ignore[arg-type]
    for number in range(9):
        a.offer(offered(number))
        until(lambda: a.idle)
    assert a.error == ""
    assert shown(a, 8 - late)
    assert len(worked) == 5


@pytest.mark.parametrize("mode", ["causal", "reproject"])
def test_without_motion_nothing_is_filled_and_the_way_to_get_it_is_told(column: Make, mode: str) -> None:
    a = column(opener(inverted), Choice(0, mode, 2))  # type: ignore[arg-type]
    for number in range(12):
        a.offer(offered(number, replace(moment(number), motion=None)))
        until(lambda: a.idle)
        assert number < 3 or (a.status == "failing" and "?motion=dis" in a.error)
    for number in range(12, 16):
        a.offer(offered(number))
        until(lambda: a.idle)
    assert (a.status, a.error) == ("running", "")


def test_flicker_that_is_not_measured_is_explained(column: Make) -> None:
    a = column(opener(inverted))
    for number in range(4):
        a.offer(offered(number, replace(moment(number), motion=None)))
        shown(a, number)
    assert "?motion=dis" in a.state()["note"]
    assert (a.state()["flicker"], a.status) == (None, "running")
    for number in range(4, 7):
        a.offer(offered(number))
        shown(a, number)
    assert (a.state()["note"], a.state()["flicker"]) == ("", 1.0)


def test_motion_over_passed_frames_leads_back_to_the_last_one_shown() -> None:
    def moving(number: int, shift: float) -> Frame:
        return replace(moment(number), motion=np.full((*SIZE, 2), shift, np.float32))

    frame = spanning([moving(0, 9), moving(1, -1), moving(2, -2), moving(3, 1.5)])
    assert frame is not None and frame.motion is not None and frame.occlusion is not None
    assert frame.motion[10, 20] == pytest.approx((-1.5, -1.5), abs=1e-5)
    assert not frame.occlusion[10, 20]
    assert frame.occlusion[0, 0]  # came from outside


def test_no_way_leads_over_a_cut_a_missing_motion_or_too_many_frames() -> None:
    cut = replace(moment(1), occlusion=np.ones(SIZE, np.bool_))
    assert spanning([moment(0), cut, moment(2)]) is None
    assert spanning([moment(0), replace(moment(1), motion=None), moment(2)]) is None
    assert spanning([moment(0), moment(1, camera="other")]) is None
    assert spanning([moment(number) for number in range(MAX_PASSED + 2)]) is not None
    assert spanning([moment(number) for number in range(MAX_PASSED + 3)]) is None


def test_a_column_can_show_what_an_engine_showed_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("zstandard")
    file = tmp_path / "unity.mcap"
    with Writer(file, Details("unity")) as writer:
        for number in range(3):
            writer.write(inverted(moment(number)), game="unity", sequence=number + 1)
    word = f"recording:{file}"
    with closing(opener_for(word, (tmp_path / "a.onnx",))(Choice(mode="causal"))) as opened:
        assert (label_of(word), opened.remembers) == (word, False)
        for number in (0, 2):
            assert (opened.paint(moment(number)).rgb == 255 - moment(number).rgb).all()
        with pytest.raises(InputError, match="frame 7 isn't there"):
            opened.paint(moment(7))


def test_columns_are_headed_by_proper_names() -> None:
    names = [label_of(word) for word in ("torch", "onnxruntime=b.onnx", "barracuda-3.0.1")]
    assert names == ["PyTorch", "ONNX Runtime", "barracuda-3.0.1 emulated"]


def test_a_full_cache_lets_go_of_settings_that_are_not_shown() -> None:
    picture = Picture(moment(0).rgb, 0)
    cache = Cache(picture.bytes * 2)
    for number in range(3):
        cache.put("a", "old", number, picture)
    assert [cache.get("a", "old", number) is not None for number in range(3)] == [True, True, False]
    cache.put("a", "new", 0, picture)
    assert cache.get("a", "new", 0) is picture
    assert cache.get("a", "old", 0) is None
    assert cache.bytes <= picture.bytes * 2
