"""Shapes are closed and face outwards; textures repeat without a seam and normal maps point where heights say."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from stylebridge.scene.art import shapes
from stylebridge.scene.art.cards import both_sides
from stylebridge.scene.art.form import Form, cross, join
from stylebridge.scene.art.materials import MATERIALS, material_of, tile_m_of
from stylebridge.scene.art.model import Model
from stylebridge.scene.art.noise import courses, fractal, pebbles
from stylebridge.scene.art.surface import normals_from_height
from stylebridge.scene.art.walls import arch
from stylebridge.scene.levels.level import Box, Disc
from stylebridge.scene.levels.terrain import Platform, Terrain, nearest_gap

from .places import face_normals, outside, volume

# Drawn once over a card, a dial or a pane, not along a wall.
ONCE = {"blades", "clock", "lamp", "glass", "lit"}


@pytest.mark.parametrize(
    ("shape", "holds"),
    [
        (shapes.box(1.0, 2.0, 3.0, "ewnstb"), 6.0),
        (shapes.extrude([(0, 0), (1, 0), (1, 1), (0, 1)], 2.0), 2.0),
        (shapes.ball(1.0, 24, 48), 4.0 / 3.0 * np.pi),
        (join([shapes.cylinder(1.0, 2.0, 64), shapes.disc(1.0, 64).flipped()]), 2.0 * np.pi),
    ],
    ids=["box", "extrusion", "ball", "cylinder"],
)
def test_closed_shapes_hold_what_they_should(shape: Form, holds: float) -> None:
    assert volume(shape.mesh()) == pytest.approx(holds, rel=0.01)


def test_a_shape_turned_inside_out_would_be_seen() -> None:
    assert volume(shapes.box(1.0, 1.0, 1.0, "ewnstb").flipped().mesh()) == pytest.approx(-1.0)


def test_rocks_and_lumps_face_outwards_for_any_seed() -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        assert volume(shapes.boulder(rng, 1.0).mesh()) > 1.0
        assert volume(shapes.blob(rng, 1.0).mesh()) > 2.0


def test_arch_is_open_below_and_solid_above() -> None:
    mesh = arch(4.0, 5.0, 2.0, 2.0, 0.6).mesh()
    front = mesh.normals[:, 1] < -0.9
    heights = mesh.positions[front & (np.abs(mesh.positions[:, 0]) < 0.2), 2]
    assert heights.min() == pytest.approx(3.0, abs=0.05) and heights.max() == pytest.approx(5.0)


def test_turning_and_moving_keep_normals_with_their_faces() -> None:
    shape = shapes.box(1.0, 2.0, 0.5, "ewnstb").tilted("x", 0.7).turned(1.1).moved(3.0, -2.0, 1.0)
    faces = face_normals(shape.mesh())
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    assert np.allclose(faces, shape.normals[shape.triangles[:, 0]], atol=1e-5)


def test_stretched_shapes_keep_unit_normals_across_their_faces() -> None:
    ball = shapes.ball(1.0, 24, 48).scaled(3.0, 1.0, 0.5)
    faces = face_normals(ball.mesh())
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    assert ((faces * ball.normals[ball.triangles].mean(axis=1)).sum(axis=1)).min() > 0.9


def test_cards_have_one_normal_for_both_sides() -> None:
    corners = np.array([[[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]]], dtype=np.float64)
    card = both_sides(corners, np.array([0.0, 0.0, 2.0]))
    assert np.allclose(card.normals, (0.0, 0.0, 1.0))
    assert np.allclose(face_normals(card.mesh()).sum(axis=0), 0.0)  # two face each way


def test_cross_is_the_cross_product() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 9, 3))
    assert np.allclose(cross(a, b), np.cross(a, b))


def test_model_gives_one_piece_for_each_material_where_it_stands() -> None:
    model = Model("post")
    model.add("planks", shapes.box(1.0, 1.0, 1.0), shapes.box(1.0, 1.0, 1.0).moved(z=1.0))
    model.add("metal", shapes.ball(0.2))
    pieces = model.pieces(12, (5.0, 0.0, 1.0), np.pi / 2.0)
    assert [piece.name for piece in pieces] == ["post-12-planks", "post-12-metal"]
    assert {piece.id for piece in pieces} == {12}
    assert np.allclose(pieces[0].mesh.positions[:, 2].max(), 3.0)


def seam(albedo: NDArray[np.uint8]) -> tuple[float, float]:
    """How much the picture changes across its edges, beside how much it changes anywhere within."""
    plane = albedo.astype(np.float64)
    across = [np.abs(plane[0] - plane[-1]).mean(), np.abs(plane[:, 0] - plane[:, -1]).mean()]
    rows = np.abs(np.diff(plane, axis=0)).mean(axis=(1, 2)), np.abs(np.diff(plane, axis=1)).mean(axis=(0, 2))
    return max(across), max(np.quantile(part, 0.98) for part in rows)


@pytest.mark.parametrize("name", sorted(set(MATERIALS) - ONCE))
def test_textures_repeat_without_a_seam(name: str) -> None:
    edge, inner = seam(material_of(name).albedo)
    assert edge <= 1.35 * inner + 2.0


def test_a_seam_would_be_seen() -> None:
    ramp = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], 64, axis=0)
    edge, inner = seam(ramp)
    assert edge > 1.35 * inner + 2.0


@pytest.mark.parametrize("name", MATERIALS)
def test_materials_are_what_the_renderer_expects(name: str) -> None:
    material = material_of(name)
    assert material.name == name and tile_m_of(name) > 0.0
    assert material.albedo.dtype == np.uint8 and material.albedo.shape[2] in (3, 4)
    assert material is material_of(name)
    if material.normal_map is not None:
        assert material.normal_map.shape == (*material.albedo.shape[:2], 3)
        assert material.normal_map[..., 2].mean() > 150  # mostly straight out
    if material.albedo.shape[2] == 4:
        assert 0.15 < (material.albedo[..., 3] > 127).mean() < 0.95


def test_normal_map_leans_away_from_the_hill() -> None:
    y, x = np.mgrid[-32:32, -32:32].astype(np.float32)
    hill = 20.0 * np.exp(-(x * x + y * y) / 200.0)
    normals = normals_from_height(hill.astype(np.float32)).astype(int)
    assert normals[32, 44, 0] > 140 > 116 > normals[32, 20, 0]  # right of it to the right
    assert normals[20, 32, 1] > 140 > 116 > normals[44, 32, 1]  # above it upwards


def test_noise_repeats_itself_for_a_seed_and_not_for_another() -> None:
    one, two, other = (fractal(np.random.default_rng(seed), 64) for seed in (1, 1, 2))
    assert np.array_equal(one, two) and not np.allclose(one, other)
    assert one.min() == 0.0 and one.max() == 1.0


def test_cells_number_their_stones() -> None:
    rng = np.random.default_rng(4)
    for cells in (pebbles(rng, 96, 6), courses(rng, 96, 6, 5, 0.3)):
        assert len(np.unique(cells.number)) in (30, 36)
        assert cells.edge.min() >= 0.0 and np.abs(cells.across).max() <= 2.5


def test_terrain_is_the_surface_of_its_triangles_and_platforms_lie_on_top() -> None:
    heights = np.array([[0.0, 1.0], [2.0, 5.0]])
    terrain = Terrain(heights, 2.0, (Platform(Disc(10.0, 0.0, 1.0), 3.5),))
    assert terrain.half_side == 1.0
    assert terrain.at(0.5, -0.5) == pytest.approx(0.75 * 1.0 + 0.25 * 4.0)  # below the diagonal
    assert terrain.at(-0.5, 0.5) == pytest.approx(0.75 * 2.0 + 0.25 * 3.0)  # above it
    assert terrain.at(10.5, 0.0) == 3.5 and terrain.at(11.5, 0.0) == 3.0
    assert list(terrain.on_platform(np.array([[10.0, 0.0], [0.0, 0.0]]))) == [True, False]


def test_distances_to_footprints_agree_with_another_way() -> None:
    rng = np.random.default_rng(6)
    places = rng.uniform(-4.0, 4.0, (200, 2))
    for shape in (Box(0.5, -0.3, 1.2, 0.4, 0.8), Disc(-1.0, 0.6, 0.9)):
        assert np.allclose(np.maximum(nearest_gap([shape], places), 0.0), outside(shape, places))
    assert np.isinf(nearest_gap([], places)).all()
