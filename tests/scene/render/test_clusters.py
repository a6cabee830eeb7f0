"""What is left out of a picture is never seen in it, and much is left out."""

from __future__ import annotations

import numpy as np
import pytest
from stylebridge.scene.render.clusters import CLUSTER, Clusters, clusters_of, joined
from stylebridge.scene.render.optics import projection_of

from .testlevel import box_mesh, snapshot

EYES = [snapshot(frame).eye for frame in (0, 40, 90)]
SIZE = (160, 90)


def many_boxes(**options: object) -> Clusters:
    rng = np.random.default_rng(3)
    parts = []
    for low in rng.uniform(-30, 30, (80, 3)):
        mesh = box_mesh(tuple(low), tuple(low + rng.uniform(0.2, 4, 3)))
        parts.append((mesh.positions, mesh.triangles))
    places = np.concatenate([positions for positions, _ in parts])
    triangles = np.concatenate([part + np.uint32(24 * i) for i, (_, part) in enumerate(parts)])
    many_boxes.places = places  # type: ignore[attr-defined]
    return clusters_of(places, triangles, **{"two_sided": False} | options)  # type: ignore[arg-type]


def shown(clusters: Clusters, eye_index: int) -> tuple[set[int], set[int]]:
    """Rows that are drawn, and rows that have to be."""
    eye = EYES[eye_index]
    clip = projection_of(eye, SIZE) @ eye.view
    place = np.linalg.inv(eye.view)[:3, 3]
    chosen, distance = clusters.visible(place, clip)
    assert (np.diff(distance) >= 0).all()
    rows, counts = clusters.rows(chosen, distance, place)
    assert counts.sum() == len(rows) and len(counts) == len(chosen)
    corners = many_boxes.places[clusters.triangles].astype(np.float64)  # type: ignore[attr-defined]
    at = np.concatenate([corners, np.ones((*corners.shape[:2], 1))], axis=2) @ clip.T
    apart = np.stack([at[..., k] * sign > at[..., 3] for k in range(3) for sign in (1, -1)])
    inside = ~apart.all(axis=2).any(axis=0)
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    front = ((place - corners[:, 0]) * faces).sum(axis=1) > 1e-4
    return set(rows.tolist()), set(np.flatnonzero(inside & front).tolist())


@pytest.mark.parametrize("eye", range(len(EYES)))
def test_all_that_can_be_seen_is_drawn_and_little_else(eye: int) -> None:
    clusters = many_boxes()
    drawn, needed = shown(clusters, eye)
    assert needed and needed <= drawn
    assert len(drawn) < 0.6 * len(clusters.triangles)


def test_both_sides_and_what_sways_are_left_out_more_carefully() -> None:
    solid, _ = shown(many_boxes(), 0)
    cloth, _ = shown(many_boxes(two_sided=True), 0)
    leaves, _ = shown(many_boxes(reach_m=0.5), 0)
    assert len(solid) < len(leaves) < len(cloth)


def test_every_triangle_is_in_one_small_cluster() -> None:
    clusters = many_boxes()
    assert clusters.counts.max() <= CLUSTER and clusters.counts.sum() == 960
    assert len(np.unique(np.sort(clusters.triangles, axis=1), axis=0)) == 960
    assert len(joined([clusters, clusters]).triangles) == 1920
