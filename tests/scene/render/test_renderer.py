"""How the renderer behaves: the same twice, at any size, with any planes, after cuts, and when it is asked nonsense."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import PLANES, Frame
from stylebridge.scene.levels.level import Level
from stylebridge.scene.render import Renderer, open_renderer, quality, readback
from stylebridge.scene.snapshot import Snapshot, Weather

from .testlevel import body, cart_at, small_level, snapshot

ALL = tuple(PLANES)
SIZE = (160, 90)
Open = Callable[..., Renderer]


@pytest.fixture
def opened(opengl: str) -> Iterator[Open]:
    made: list[Renderer] = []

    def open_one(**options: object) -> Renderer:
        made.append(open_renderer(small_level(), (body(),), **{"size": SIZE, "mode": "offscreen"} | options))  # type: ignore[arg-type]
        return made[-1]

    yield open_one
    for renderer in made:
        renderer.close()


def same(a: Frame, b: Frame, planes: tuple[str, ...] = ALL) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in planes)


def test_the_same_snapshots_give_the_same_bytes(opened: Open) -> None:
    first = [opened().draw(snapshot(0), ALL)]
    one, two = opened(), opened()
    frames = [(one.draw(snapshot(i), ALL), two.draw(snapshot(i), ALL)) for i in range(4)]
    assert all(same(a, b) for a, b in frames)
    assert same(frames[0][0], first[0])
    assert not same(frames[2][0], frames[3][0], ("color",))


def test_pictures_are_the_same_by_the_slow_way_back(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    direct = [opened().draw(snapshot(i), ALL) for i in (3,)]
    monkeypatch.setattr(readback, "_texture_getter", lambda: None)
    assert same(direct[0], opened().draw(snapshot(3), ALL))


def test_an_empty_level_is_all_sky(opened: Open) -> None:
    renderer = open_renderer(Level("nothing", ()), (), SIZE, mode="offscreen")
    moment = replace(snapshot(0), movers={}, skins={})
    frame = renderer.draw(moment, ALL)
    renderer.close()
    assert not frame.ids.any() and (frame.depth == moment.eye.far_m).all()  # type: ignore[union-attr]
    assert frame.color.std() > 1


def test_any_thread_may_draw(opened: Open) -> None:
    here, there = opened(), opened()
    found: list[Frame] = []
    thread = threading.Thread(target=lambda: found.append(there.draw(snapshot(5), ALL)))
    thread.start()
    thread.join()
    assert same(found[0], here.draw(snapshot(5), ALL))


def test_a_subset_of_planes_is_what_it_would_be_among_all(opened: Open) -> None:
    whole, part = opened(), opened()
    for i in range(3):
        full = whole.draw(snapshot(i), ALL)
        some = part.draw(snapshot(i), ("motion", "ids") if i == 2 else ("color",))
        assert same(full, some, ("color", "motion", "ids") if i == 2 else ("color",))
        assert some.depth is None and some.normals is None
    assert np.abs(some.motion).max() > 0.1  # type: ignore[arg-type]


def test_the_first_frame_has_no_motion_and_nothing_was_seen_before(opened: Open) -> None:
    frame = opened().draw(snapshot(7), ALL)
    assert frame.occlusion is not None and frame.occlusion.all()
    assert frame.motion is not None and not frame.motion.any()


def test_what_is_begun_ahead_is_the_same_picture(opened: Open) -> None:
    ahead, plain = opened(), opened()
    shots = [snapshot(i) for i in range(5)]
    for shot, after in zip(shots, [*shots[1:], None], strict=True):
        assert same(ahead.draw(shot, ALL, after), plain.draw(shot, ALL))


@pytest.mark.parametrize("wrong", [snapshot(9), snapshot(9, cut=True), replace(snapshot(9), skins={})])
def test_what_was_begun_in_vain_leaves_no_trace(opened: Open, wrong: Snapshot) -> None:
    ahead, plain = opened(), opened()
    for i in range(3):
        assert same(ahead.draw(snapshot(i), ALL, wrong), plain.draw(snapshot(i), ALL))


def test_a_following_that_cannot_be_drawn_is_named_and_forgotten(opened: Open) -> None:
    ahead, plain = opened(), opened()
    with pytest.raises(InputError, match="sun direction"):
        ahead.draw(snapshot(0), ALL, replace(snapshot(1), weather=Weather(sun_direction=(0, 0, 0))))
    plain.draw(snapshot(0), ALL)
    assert same(ahead.draw(snapshot(1), ALL), plain.draw(snapshot(1), ALL))


@pytest.mark.parametrize("how", ["cut", "resize", "other eye"])
def test_after_a_break_there_is_no_motion(opened: Open, how: str) -> None:
    renderer = opened()
    renderer.draw(snapshot(0), ALL)
    assert not renderer.draw(snapshot(1), ALL).occlusion.all()  # type: ignore[union-attr]
    if how == "resize":
        renderer.resize((100, 60))
    name = "other" if how == "other eye" else "main"
    frame = renderer.draw(snapshot(2, cut=how == "cut", name=name), ALL)
    assert frame.occlusion is not None and frame.occlusion.all()
    assert frame.motion is not None and not frame.motion.any()
    assert renderer.draw(snapshot(3, name=name), ALL).motion.any()  # type: ignore[union-attr]


def test_eyes_remember_apart(opened: Open) -> None:
    renderer, alone = opened(), opened()
    for i in range(3):
        left = renderer.draw(snapshot(i, name="left"), ALL)
        renderer.draw(snapshot(20 - i, name="right"), ALL)
        assert same(left, alone.draw(snapshot(i, name="left"), ALL))


def test_more_eyes_than_are_remembered_still_draw(opened: Open) -> None:
    renderer = opened(size=(32, 18))
    for i in range(20):
        assert renderer.draw(snapshot(i, name=str(i)), ALL).occlusion.all()  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (641, 359), (97, 203)])
def test_odd_sizes_are_drawn(opened: Open, size: tuple[int, int]) -> None:
    renderer = opened(size=size)
    renderer.draw(snapshot(0), ALL)
    frame = renderer.draw(snapshot(1), ALL)
    assert frame.color.shape == (size[1], size[0], 3)
    assert frame.motion is not None and np.isfinite(frame.motion).all()


def test_a_picture_at_another_size_shows_the_same(opened: Open) -> None:
    renderer = opened(size=(320, 180))
    large = renderer.draw(snapshot(0), ("ids",))
    renderer.resize(SIZE)
    small = renderer.draw(snapshot(0), ("ids",))
    assert large.ids is not None and small.ids is not None
    assert (large.ids[::2, ::2] == small.ids).mean() > 0.95
    assert (large.ids[::-2, ::2] == small.ids).mean() < 0.9


def test_a_still_eye_sees_nothing_move_but_what_moves(opened: Open) -> None:
    renderer = opened()
    first = snapshot(10)
    renderer.draw(first, ALL)
    frame = renderer.draw(replace(first, frame_id=11, movers={"cart": cart_at(0.7)}), ALL)
    assert frame.motion is not None and frame.ids is not None
    assert np.abs(frame.motion[frame.ids == 1000]).max() > 1
    assert np.abs(frame.motion[frame.ids != 1000]).max() < 1e-3


def test_a_body_without_a_skin_is_not_there(opened: Open) -> None:
    frame = opened().draw(replace(snapshot(0), skins={}), ALL)
    assert 2000 not in frame.ids  # type: ignore[operator]
    assert 2000 in opened().draw(snapshot(0), ALL).ids  # type: ignore[operator]


def test_weather_changes_the_light_and_nothing_else(opened: Open) -> None:
    clear, night, wet = opened(), opened(), opened()
    day = clear.draw(snapshot(0), ALL)
    dark = Weather(sun_color=(0.1, 0.1, 0.2), zenith=(0.0, 0.0, 0.01), horizon=(0.01, 0.01, 0.02), lamps=1.0)
    lamps = night.draw(snapshot(0, weather=dark), ALL)
    off = clear.draw(snapshot(0, weather=replace(dark, lamps=0.0), name="off"), ALL)
    rain = wet.draw(snapshot(0, weather=Weather(wet=1.0)), ALL)
    assert day.color.mean() > 2 * lamps.color.mean() > 2 * off.color.mean() > 0
    assert not same(day, rain, ("color",))
    assert same(day, lamps, ("depth", "ids", "normals")) and same(day, rain, ("depth", "ids", "normals"))


def test_things_cast_shadows(opened: Open) -> None:
    renderer = opened(size=(320, 180))
    lit = renderer.draw(snapshot(0, weather=Weather(sun_direction=(0.7, -0.1, 0.5))), ALL)
    moved = renderer.draw(snapshot(0, weather=Weather(sun_direction=(-0.7, -0.1, 0.5)), name="b"), ALL)
    ground = lit.ids == 1
    change = np.abs(lit.color.astype(int) - moved.color).mean(axis=2)[ground]
    assert (change > 25).mean() > 0.01


def test_frames_carry_camera_and_clock(opened: Open) -> None:
    moment = snapshot(12, name="side")
    frame = opened().draw(moment, ("color",))
    assert (frame.camera.name, frame.clock.frame_id, frame.clock.simulation_s) == ("side", 12, moment.simulation_s)
    assert np.allclose(frame.camera.view, moment.eye.view) and frame.clock.wall_ns > 0  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(0, 90), (-1, 5), (20000, 90), (160, 99999)])
def test_impossible_sizes_are_refused(opened: Open, size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="pixels a side"):
        opened(size=size)
    renderer = opened()
    with pytest.raises(InputError, match="pixels a side"):
        renderer.resize(size)
    assert renderer.draw(snapshot(0)).width == SIZE[0]


def test_a_closed_renderer_says_so(opened: Open) -> None:
    renderer = opened()
    renderer.close()
    renderer.close()
    with pytest.raises(StylebridgeError, match="closed"):
        renderer.draw(snapshot(0))
    with pytest.raises(StylebridgeError, match="closed"):
        renderer.resize((10, 10))


def test_what_a_snapshot_gets_wrong_is_named(opened: Open) -> None:
    renderer, good = opened(), snapshot(0)
    flat = np.zeros((4, 4))
    cases = [
        (replace(good, eye=replace(good.eye, view=flat)), "view of eye 'main'"),
        (replace(good, eye=replace(good.eye, fov_y_deg=0.0)), "degrees"),
        (replace(good, eye=replace(good.eye, far_m=0.01)), "near < far"),
        (replace(good, movers={"cart": flat}), "place of 'cart'"),
        (replace(good, skins={"nobody": good.skins["pillar"]}), "nobody"),
        (replace(good, skins={"pillar": good.skins["pillar"][:1]}), "2 to 32 joints"),
        (replace(good, skins={"pillar": good.skins["pillar"] * np.float32(np.nan)}), "finite"),
        (replace(good, weather=Weather(sun_direction=(0, 0, 0))), "sun direction"),
    ]
    for broken, message in cases:
        with pytest.raises(InputError, match=message):
            renderer.draw(broken, ALL)
    assert same(renderer.draw(good, ALL), opened().draw(good, ALL))


def test_unknown_planes_and_modes_are_refused(opened: Open) -> None:
    with pytest.raises(InputError, match="albedo"):
        opened().draw(snapshot(0), ("albedo",))
    with pytest.raises(InputError, match="auto, offscreen, window, software"):
        opened(mode="vulkan")
    with pytest.raises(InputError, match="auto, fine, plain"):
        opened(quality="gaudy")


def test_a_driver_that_cannot_be_plain_says_so_and_auto_is_fine(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "_FETCH", "GL_NOT_THERE")
    with pytest.raises(InputError, match="hoose quality=fine"):
        opened(quality="plain")
    frames = [opened(quality=word).draw(snapshot(0), ALL) for word in ("auto", "fine")]
    assert same(*frames)


def test_both_qualities_show_the_same_things_in_the_same_places(opened: Open) -> None:
    try:
        plain = opened(quality="plain")
    except InputError as error:
        pytest.skip(str(error))
    fine = opened(quality="fine")
    for i in range(2):
        a, b = plain.draw(snapshot(i), ALL), fine.draw(snapshot(i), ALL)
    assert same(a, b, ("ids", "depth"))
    assert np.abs(a.motion - b.motion).max() < 0.01  # type: ignore[operator]
    assert (a.occlusion != b.occlusion).mean() < 0.002  # type: ignore[union-attr]
    assert not same(a, b, ("color",))
    assert np.abs(a.color.astype(int) - b.color).mean() < 12


def test_levels_that_cannot_be_drawn_are_refused(opengl: str) -> None:
    level = small_level()
    piece = level.pieces[0]
    many = tuple(replace(piece, material=replace(piece.material, name=str(i))) for i in range(129))
    odd = replace(piece, material=replace(piece.material, albedo=np.zeros((4, 4), np.uint8)))
    rigid = replace(body(), mesh=piece.mesh)
    for broken, bodies, message in (
        (Level("many", many), (), "129 materials"),
        (Level("odd", (odd,)), (), "material 'ground'"),
        (level, (rigid,), "without joints"),
        (level, (body(), body()), "two moving pieces named 'pillar'"),
    ):
        with pytest.raises(InputError, match=message):
            open_renderer(broken, bodies, SIZE, mode="offscreen")


def test_without_a_display_there_is_no_window(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(InputError, match="no display"):
        opened(mode="window")
