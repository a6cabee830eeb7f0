"""Bodies: sound meshes within their budget, bound to the skeleton, and different from one another."""

from __future__ import annotations

import numpy as np
import pytest
from stylebridge.scene.characters.looks.body import body_of
from stylebridge.scene.characters.looks.cloth import body_material, tile_uvs
from stylebridge.scene.characters.looks.look import COATS, HAIR_STYLES, HATS, look_of
from stylebridge.scene.characters.looks.rig import Rig
from stylebridge.scene.characters.looks.shapes import Builder, Ring, Skin, X, Y, rigid
from stylebridge.scene.characters.skeleton import INDEX, JOINTS
from stylebridge.scene.mesh import Mesh

MOST_TRIANGLES = 2800


def outward_share(mesh: Mesh) -> float:
    """The share of triangles whose winding and normals agree."""
    corners = mesh.positions[mesh.triangles].astype(np.float64)
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = mesh.normals[mesh.triangles].mean(axis=1)
    return float(np.mean(np.sum(faces * normals, axis=-1) > 0.0))


@pytest.mark.parametrize("index", range(12))
def test_a_body_is_sound(index: int) -> None:
    look = look_of(9, index)
    piece = body_of(look, f"character-{index}", 2000 + index)
    mesh = piece.mesh
    assert mesh.colors is not None
    assert mesh.joints is not None
    assert mesh.weights is not None
    assert 1000 < len(mesh.triangles) < MOST_TRIANGLES
    for array in (mesh.positions, mesh.normals, mesh.uvs, mesh.weights):
        assert np.isfinite(array).all()
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-4)
    np.testing.assert_allclose(mesh.weights.sum(axis=1), 1.0, atol=1e-5)
    assert mesh.weights.min() >= 0.0
    assert mesh.joints.max() < len(JOINTS)
    assert (mesh.uvs >= 0.0).all()
    assert (mesh.uvs <= 1.0).all()
    assert (mesh.colors[:, 3] == 0).all()
    assert outward_share(mesh) > 0.99
    assert -0.001 < mesh.positions[:, 2].min() < 0.01
    assert 1.2 < mesh.positions[:, 2].max() < 2.1


def test_a_body_inside_out_would_be_seen() -> None:
    mesh = body_of(look_of(9, 0), "character-0", 2000).mesh
    turned = Mesh(mesh.positions, mesh.normals, mesh.uvs, np.ascontiguousarray(mesh.triangles[:, ::-1]))
    assert outward_share(turned) < 0.01


def test_every_joint_moves_something() -> None:
    mesh = body_of(look_of(9, 0), "character-0", 2000).mesh
    assert mesh.joints is not None
    assert mesh.weights is not None
    used = {int(joint) for joint in np.unique(mesh.joints[mesh.weights > 0.05])}
    assert used == set(range(len(JOINTS)))


def test_skin_follows_the_bone_it_lies_on() -> None:
    look = look_of(9, 0)
    rig = Rig(look.proportions)
    for name, weigh in (("left_shin", rig.leg("left")), ("right_forearm", rig.arm("right")), ("ribs", rig.trunk())):
        joint = INDEX[name]
        middle = 0.5 * (rig.places[joint] + rig.places[joint + 1])
        shares = weigh(middle[None])
        assert np.isclose(sum(float(np.sum(share)) for share in shares.values()), 1.0)
        assert float(np.sum(shares[joint])) > 0.6


def test_looks_come_from_the_seed() -> None:
    assert look_of(3, 1) == look_of(3, 1)
    assert len({look_of(seed, 1) for seed in range(20)}) == 20
    assert len({look_of(3, index) for index in range(20)}) == 20
    crowd = [look_of(seed, index) for seed in range(12) for index in range(8)]
    assert {look.hat for look in crowd} == set(HATS)
    assert {look.coat for look in crowd} == set(COATS)
    assert {look.hair_style for look in crowd} == set(HAIR_STYLES)
    assert np.ptp([look.proportions.legs for look in crowd]) > 0.2


def test_neighbours_wear_different_colours() -> None:
    for seed in range(10):
        tops = np.array([look_of(seed, index).top for index in range(6)], float)
        apart = np.abs(tops[:, None] - tops).max(axis=-1) + 255.0 * np.eye(6)
        assert apart.min() > 20.0


def test_bodies_share_one_material() -> None:
    first, second = (body_of(look_of(9, index), "c", 1).material for index in (0, 1))
    assert first is second is body_material()
    assert first.albedo.dtype == np.uint8
    assert first.albedo.mean() > 225  # nearly white: the vertices bring the colour


def test_a_tile_keeps_away_from_its_neighbours() -> None:
    corners = np.array([0.0, 1.0])
    for tile in ("skin", "weave", "hair", "knit"):
        uvs = tile_uvs(tile, corners, corners)
        assert (np.floor(uvs[0] * 2.0) == np.floor(uvs[1] * 2.0)).all()


def test_a_closed_tube_points_outward_and_closes_its_poles() -> None:
    builder = Builder()
    rings = [Ring((0.0, 0.0, z), r, r) for z, r in ((0.0, 0.0), (0.1, 0.2), (0.5, 0.2), (0.6, 0.0))]
    builder.tube(rings, (X, Y), 8, Skin((10, 20, 30), rigid(0)))
    mesh = builder.mesh()
    assert outward_share(mesh) == 1.0
    np.testing.assert_allclose(mesh.normals[0], [0.0, 0.0, -1.0], atol=1e-6)
    np.testing.assert_allclose(mesh.normals[-1], [0.0, 0.0, 1.0], atol=1e-6)
    around = mesh.positions[mesh.positions[:, 2] == np.float32(0.5)]
    np.testing.assert_allclose(np.linalg.norm(around[:, :2], axis=1), 0.2, atol=1e-6)
