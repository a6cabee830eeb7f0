"""The embedded game as a source."""

from __future__ import annotations

import re

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import PLANES, Frame
from stylebridge.sources import Options, Source, open_source, registry

from .conformance import SourceConformance, frames_of

pytest.importorskip("panda3d")
from stylebridge.scene.game import Setup
from stylebridge.scene.stage import Stage
from stylebridge.sources.scene import Scene

SMALL = "size=96x54&characters=2"


def opened(options: str) -> Scene:
    source = open_source(f"scene:plaza?{SMALL}&{options}")
    inner = source if isinstance(source, Scene) else source._inner  # a selection around it
    assert isinstance(inner, Scene)
    return inner


@pytest.fixture(scope="module")
def exact() -> None:
    """Only where OpenGL can be had."""
    with opened("planes=color") as source:
        if source.problems:
            pytest.skip(source.problems[0])


def equal(one: Frame, two: Frame) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(two, name)) for name in PLANES if name in given(one))


def given(frame: Frame) -> list[str]:
    return [name for name in PLANES if getattr(frame, name) is not None]


class Short(Scene):
    """The embedded game, over after six frames: what is true of every source can only be asked of one that ends.

    In software, because OpenGL's colours are steadied by the frame drawn before, so that a part isn't a slice.
    """

    _left = 6

    def read(self) -> Frame | None:
        self._left -= 1
        return super().read() if self._left >= 0 else None

    def skip(self, count: int) -> None:
        super().skip(min(count, self._left))
        self._left -= count


def open_short(where: str, options: Options) -> Source:
    stage = Stage(Setup(where, characters=2), size=(96, 54), planes=("color",), mode="software")
    return Short(f"short:{where}", stage, (96, 54))


class TestScene(SourceConformance):
    @pytest.fixture
    def address(self, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setattr(registry, "_SCHEMES", dict(registry._SCHEMES))
        registry.register("short", open_short, takes="LEVEL")
        return "short:plaza"

    @pytest.fixture
    def count(self) -> int:
        return 6


def test_every_plane_comes_unless_fewer_are_asked_for(exact: None) -> None:
    (frame,) = frames_of(f"scene:plaza?{SMALL}&stop=1")
    assert given(frame) == list(PLANES)
    (frame,) = frames_of(f"scene:plaza?{SMALL}&stop=1&planes=motion+depth")
    assert given(frame) == ["color", "depth", "motion"]


def test_one_seed_gives_the_same_bytes_and_another_doesnt(exact: None) -> None:
    one, two, other = (frames_of(f"scene:plaza?{SMALL}&stop=3&seed={seed}") for seed in (7, 7, 8))
    assert all(equal(a, b) for a, b in zip(one, two, strict=True))
    assert not equal(one[2], other[2])


def test_skipped_moments_pass_and_motion_spans_them(exact: None) -> None:
    every, third = (frames_of(f"scene:plaza?{SMALL}&stop=7&{more}") for more in ("every=1", "every=3"))
    assert [frame.clock.simulation_s for frame in third] == [every[i].clock.simulation_s for i in (0, 3, 6)]
    assert np.array_equal(third[2].depth, every[6].depth)
    spans = [np.abs(frames[-1].motion).mean() for frames in (every, third)]
    assert spans[1] > 2 * spans[0]


def test_the_first_motion_is_nothing_and_all_is_new(exact: None) -> None:
    first, second = frames_of(f"scene:plaza?{SMALL}&stop=2&camera=tour")
    assert not first.motion.any()
    assert first.occlusion.all()
    assert second.motion.any()
    assert not second.occlusion.all()


def test_cameras_come_in_turn(exact: None) -> None:
    frames = frames_of(f"scene:plaza?{SMALL}&stop=6&camera=follow+tour&planes=color")
    assert [frame.camera.name for frame in frames] == ["follow", "tour"] * 3
    assert frames[2].clock.simulation_s == frames[3].clock.simulation_s


def test_without_opengl_there_is_colour() -> None:
    with opened("mode=software") as source:
        frame = next(source)
        assert given(frame) == ["color"]
        assert frame.color.std() > 10
        assert "colour only" in source.problems[0] or "color" in source.problems[0]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("scene:moon", "plaza"),
        ("scene:plaza?hour=noon", "hour=noon"),
        ("scene:plaza?hour=nan", "0 to 24"),
        ("scene:plaza?mode=vulkan", "auto"),
        ("scene:plaza?planes=color+smell", "'smell'"),
        ("scene:plaza?fps=1000", "1 to 240"),
        ("scene:plaza?characters=99", "1 to 24"),
        ("scene:plaza?camera=nowhere", "follow"),
        ("scene:plaza?size=0x9", "size=0x9"),
        ("scene:plaza?sed=7", "'sed'"),
    ],
)
def test_what_cant_be_is_refused(address: str, says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        open_source(address)
