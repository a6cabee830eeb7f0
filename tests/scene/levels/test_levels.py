"""Every level is a valid place: sound meshes, ids, walkable ground, free routes, cameras that hit nothing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from stylebridge.errors import InputError
from stylebridge.scene.levels import LEVELS, build_level
from stylebridge.scene.levels.level import Disc, Level, Shot
from stylebridge.scene.levels.site import FIRST_MOVER_ID, LAST_OBJECT_ID
from stylebridge.scene.mesh import Piece
from stylebridge.scene.viewing import look_at, shot_points, shot_seconds

from .places import EVERY, NAMES, all_pieces, face_normals, level_of, loop, outside

BODY_M = 0.45  # nobody's shoulders are wider than twice this
HIGHEST_STEP_M = 0.35
PLANNED_SHOTS = {"tour", "orbit", "street", "still"}


@pytest.fixture(params=EVERY, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def level(request: pytest.FixtureRequest) -> Level:
    return level_of(*request.param)


def test_meshes_are_finite_with_unit_normals(level: Level) -> None:
    for piece in all_pieces(level):
        mesh = piece.mesh
        assert mesh.positions.dtype == np.float32 and mesh.triangles.dtype == np.uint32, piece.name
        for array in (mesh.positions, mesh.normals, mesh.uvs):
            assert np.isfinite(array).all(), piece.name
        assert np.abs(np.linalg.norm(mesh.normals, axis=1) - 1.0).max() < 1e-4, piece.name
        assert mesh.colors is not None and mesh.colors.dtype == np.uint8, piece.name


def test_no_triangle_has_lost_its_area(level: Level) -> None:
    for piece in all_pieces(level):
        assert np.linalg.norm(face_normals(piece.mesh), axis=1).min() > 1e-9, piece.name


def test_triangles_are_wound_towards_their_normals(level: Level) -> None:
    for piece in all_pieces(level):
        if piece.material.two_sided or piece.material.albedo.shape[2] == 4:
            continue  # cards of leaves have the same normal on both sides
        faces = face_normals(piece.mesh)
        normals = piece.mesh.normals[piece.mesh.triangles].mean(axis=1)
        against = ((faces * normals).sum(axis=1) < 0.0).mean()
        assert against < 0.02, f"{piece.name}: {against:.1%} of the triangles"


def test_pieces_are_named_apart_and_one_per_object_and_material(level: Level) -> None:
    pieces = all_pieces(level)
    assert len({piece.name for piece in pieces}) == len(pieces)
    assert len({(piece.id, piece.material.name) for piece in pieces}) == len(pieces)


def test_ids_tell_objects_from_movers_and_from_characters(level: Level) -> None:
    assert {piece.id for piece in level.pieces} <= set(range(1, LAST_OBJECT_ID + 1))
    movers = {mover.piece.id for mover in level.movers}
    assert movers and movers <= set(range(FIRST_MOVER_ID, FIRST_MOVER_ID + 100))


def test_level_stays_within_its_budget(level: Level) -> None:
    pieces = all_pieces(level)
    assert 30_000 < sum(len(piece.mesh.triangles) for piece in pieces) < 64_000
    materials = {piece.material.name: piece.material for piece in pieces}
    assert len(materials) <= 27
    assert all(max(material.albedo.shape[:2]) <= 512 for material in materials.values())


def test_routes_and_start_are_free(level: Level) -> None:
    assert len(level.routes) >= 4
    walks = np.concatenate([*(loop(route) for route in level.routes), np.array([level.start[:2]])])
    assert np.abs(walks).max() < level.half_side - BODY_M
    for shape in level.obstacles:
        assert outside(shape, walks).min() >= BODY_M, shape


def test_a_blocked_route_would_be_seen() -> None:
    route = level_of("plaza", 7).routes[0]
    assert outside(Disc(*route[0], 0.3), loop(route)).min() < BODY_M


def test_ground_has_no_cliff_on_the_routes(level: Level) -> None:
    for route in level.routes:
        height = level.ground(loop(route, 0.02))
        assert np.isfinite(height).all()
        assert np.abs(np.diff(height)).max() <= HIGHEST_STEP_M


def test_ground_is_where_the_triangles_are(level: Level) -> None:
    names = ("ground-", "meadow-", "temple floor-", "bridge-", "pier-")
    floor = [piece for piece in level.pieces if piece.name.startswith(names)]
    walks = np.concatenate([loop(route, 0.8) for route in level.routes])
    places = walks + np.random.default_rng(3).uniform(-0.3, 0.3, walks.shape)
    ground = level.ground(places)
    seen = highest_below(floor, places, ground + 0.3)
    # A step's edge is a cliff, a round podium has corners, planks have gaps: a few places may land beside them.
    assert (np.abs(seen - ground) < 0.002).mean() > 0.97


def test_a_floor_elsewhere_would_be_seen() -> None:
    level = level_of("plaza", 7)
    floor = [piece for piece in level.pieces if piece.name.startswith("ground-")]
    places = level.routes[0]
    assert (np.abs(highest_below(floor, places, np.full(len(places), 9.0)) - level.ground(places) - 0.05) > 0.002).all()


def highest_below(pieces: list[Piece], places: NDArray[np.float64], limit: NDArray[np.float64]) -> NDArray[np.float64]:
    """The floor at [N,2] places: the highest triangle there that isn't above the limit."""
    best = np.full(len(places), -np.inf)
    for piece in pieces:
        corners = piece.mesh.positions[piece.mesh.triangles].astype(np.float64)
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        up = area > 1e-9
        a, b, c, area = a[up], b[up], c[up], area[up]
        for k, (x, y) in enumerate(places):
            u = ((x - a[:, 0]) * (c[:, 1] - a[:, 1]) - (y - a[:, 1]) * (c[:, 0] - a[:, 0])) / area
            v = ((b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (b[:, 1] - a[:, 1]) * (x - a[:, 0])) / area
            hit = (u >= 0.0) & (v >= 0.0) & (u + v <= 1.0)
            if hit.any():
                z = a[:, 2] + u * (b[:, 2] - a[:, 2]) + v * (c[:, 2] - a[:, 2])
                best[k] = max(best[k], float(z[hit & (z <= limit[k])].max(initial=-np.inf)))
    return best


def test_shots_are_smooth_and_hit_nothing(level: Level) -> None:
    assert set(level.shots) == PLANNED_SHOTS
    solid = [p for p in level.pieces if not p.name.startswith(("land", "meadow", "ground", "tufts", "flowers", "sea"))]
    points = np.concatenate([p.mesh.positions[p.mesh.triangles].mean(axis=1) for p in solid]).astype(np.float64)
    for name, shot in level.shots.items():
        moments = np.arange(0.0, shot_seconds(shot), 0.25)
        eyes = np.array([shot_points(shot, float(at))[0] for at in moments])
        above = eyes[:, 2] - level.ground(eyes[:, :2])
        assert above.min() > 1.2, f"{name} dives to {above.min():.2f} m"
        nearest = [float(np.linalg.norm(points - eye, axis=1).min()) for eye in eyes]
        assert min(nearest) > 0.4, f"{name} at {moments[int(np.argmin(nearest))]} s"
        assert np.linalg.norm(np.diff(eyes, axis=0), axis=1).max() < 2.5, f"{name} jumps"


def test_tour_lasts_as_long_as_one_likes_to_watch(level: Level) -> None:
    assert 20.0 <= shot_seconds(level.shots["tour"]) <= 42.0


def test_movers_move_purely_and_stay_in_sight(level: Level) -> None:
    moved = 0
    for mover in level.movers:
        first, again, later = (mover.matrix_at(at) for at in (3.0, 3.0, 5.0))
        assert np.array_equal(first, again)
        moved += not np.allclose(first, later)
        for at in np.linspace(0.0, 90.0, 40):
            matrix = mover.matrix_at(float(at))
            assert matrix.shape == (4, 4) and np.isfinite(matrix).all()
            assert np.linalg.det(matrix[:3, :3]) > 0.01  # never turned inside out
            assert np.abs(matrix[:2, 3]).max() < 120.0
    assert moved == len(level.movers)


def test_lamps_hang_above_the_ground(level: Level) -> None:
    assert level.lamps.shape[1] == 3 and len(level.lamps) >= 5
    above = level.lamps[:, 2] - level.ground(level.lamps[:, :2])
    assert above.min() > 0.5 and above.max() < 5.0


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_gives_the_same_bytes(name: str) -> None:
    one, two = level_of(name, 7), build_level(name, 7)
    assert [piece.name for piece in all_pieces(one)] == [piece.name for piece in all_pieces(two)]
    for a, b in zip(all_pieces(one), all_pieces(two), strict=True):
        for array in ("positions", "normals", "uvs", "triangles", "colors"):
            assert np.array_equal(getattr(a.mesh, array), getattr(b.mesh, array)), f"{a.name} {array}"
        assert np.array_equal(a.material.albedo, b.material.albedo)
    assert one.obstacles == two.obstacles


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_gives_another_level(name: str) -> None:
    one, two = level_of(name, 7), level_of(name, 1)
    assert one.obstacles != two.obstacles
    assert [piece.name for piece in one.pieces] != [piece.name for piece in two.pieces]


def test_unknown_level_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="unknown level 'plazza'") as caught:
        build_level("plazza", 7)
    assert all(name in str(caught.value) for name in LEVELS)


def test_negative_seed_is_refused() -> None:
    with pytest.raises(InputError, match="seed of -1"):
        build_level("plaza", -1)


def test_look_at_puts_its_target_in_the_middle() -> None:
    view = look_at((3.0, -4.0, 2.0), (1.0, 1.0, 1.0))
    seen = view @ (1.0, 1.0, 1.0, 1.0)
    assert np.allclose(seen[:2], 0.0) and seen[2] == pytest.approx(-np.sqrt(30.0))
    assert np.allclose(view[:3, :3] @ view[:3, :3].T, np.eye(3)) and np.linalg.det(view[:3, :3]) > 0.0
    assert (view @ (1.0, 1.0, 2.0, 1.0))[1] > 0.0  # up is up


def test_look_at_straight_down_keeps_north_up() -> None:
    view = look_at((0.0, 0.0, 9.0), (0.0, 0.0, 0.0))
    assert np.isfinite(view).all() and (view @ (0.0, 1.0, 0.0, 1.0))[1] == pytest.approx(1.0)


def test_look_at_itself_is_refused() -> None:
    with pytest.raises(InputError, match="looks at itself"):
        look_at((1.0, 1.0, 1.0), (1.0, 1.0, 1.0))


def test_shot_goes_through_its_keys_and_starts_over() -> None:
    eyes = np.array([[0.0, 0.0, 1.0], [2.0, 1.0, 1.0], [4.0, 0.0, 2.0], [0.0, 0.0, 1.0]])
    shot = Shot(np.array([0.0, 1.0, 2.5, 4.0]), eyes, eyes + np.array([0.0, 5.0, 0.0]))
    for at, eye in zip(shot.times_s[:-1], eyes[:-1], strict=True):
        assert np.allclose(shot_points(shot, float(at))[0], eye)
    assert np.allclose(shot_points(shot, 5.0)[0], shot_points(shot, 1.0)[0])
    before, after = shot_points(shot, 4.0 - 1e-4)[0], shot_points(shot, 1e-4)[0]
    speed_in, speed_out = eyes[0] - before, after - eyes[0]
    assert np.allclose(speed_in, speed_out, atol=1e-6)  # no jerk at the seam
