"""The flicker of columns side by side: of what each showed, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from moving import clip, inverted, noisy
from stylebridge.compare.flickering import GAME, Flickering
from stylebridge.compare.moments import Moment
from stylebridge.compare.temporal.flicker import flicker
from stylebridge.frame import Camera, ColorPlane, Frame


def watched(frames: Sequence[Frame], **columns: Sequence[ColorPlane | None]) -> Flickering:
    titles: list[Any] = [SimpleNamespace(title=title) for title in columns]
    flickering = Flickering(titles)
    for number, (frame, *pictures) in enumerate(zip(frames, *columns.values(), strict=True)):
        flickering.look(Moment(number, frame, tuple(pictures)))
    return flickering


def test_each_column_has_its_figures_and_the_game_its_curve() -> None:
    frames = clip(6)
    noise = noisy(8)
    calm, restless = [inverted(frame.color) for frame in frames], [noise(frame.color) for frame in frames]
    found = watched(frames, calm=calm, restless=restless)
    assert found.results()["restless"] == flicker(frames, restless)
    assert list(found.curves()) == [GAME, "calm", "restless"]
    assert found.why_not() == ""


def test_a_column_that_failed_is_measured_up_to_there_and_so_is_the_game_beside_it() -> None:
    frames = [frame.with_color(noisy(2 if n < 4 else 30, seed=n)(frame.color)) for n, frame in enumerate(clip(8))]
    half = [inverted(frame.color) if n < 4 else None for n, frame in enumerate(frames)]
    result = watched(frames, half=half).results()["half"]
    assert result == flicker(frames[:4], [picture for picture in half if picture is not None])
    assert result.relative == pytest.approx(1)  # not a fraction because of what the game did later
    assert len(watched(frames, half=half).curves()[GAME]) == 8


def test_words_stand_where_nothing_can_be_measured() -> None:
    frames = clip(5)
    still = [replace(frame, motion=None, occlusion=None) for frame in frames]
    turns = [replace(frame, camera=Camera(f"camera {n % 2}")) for n, frame in enumerate(frames)]
    for given, words in ((still, "motion=dis"), (still[:2], "motion=dis"), (frames[:1], "only one"), (turns, "camera")):
        found = watched(given, same=[frame.color for frame in given])
        assert words in found.why_not()
        assert found.curves() == found.results() == {}
        assert found.as_json() == {"missing": found.why_not()}
