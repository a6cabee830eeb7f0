"""The nodes of what stands still: for each look one near the eye, with bumps, and others further away, without."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.scene.render.clusters import Clusters, Triangles, clusters_of, joined
from stylebridge.scene.render.geometry import Look, geom_node, merged, set_triangles
from stylebridge.scene.snapshot import Matrix

SLICES_M = (0.0, 16.0, 48.0)  # where they begin; bumps end with the first
_STRONGEST_WIND = 4.0

Part = tuple[Look, NDArray[Any], Triangles]


class Standing:
    """Shows, for each picture, the clusters that may be seen in it; what is nearer is drawn earlier."""

    def __init__(self, root: Any, parts: Iterable[Part], dress: Callable[[Any, Look, int], None]) -> None:
        looks: dict[Look, list[tuple[NDArray[Any], Triangles]]] = {}
        for look, vertices, triangles in parts:
            looks.setdefault(look, []).append((vertices, triangles))
        self._nodes: list[Any] = []
        kept: list[Clusters] = []
        for look, members in looks.items():
            vertices, triangles = merged(members)
            reach = _STRONGEST_WIND * float(vertices["marks"][:, 3].max()) if look.sways else 0.0
            kept.append(clusters_of(vertices["vertex"], triangles, two_sided=look.two_sided, reach_m=reach))
            first = geom_node("still", vertices, kept[-1].triangles)
            for number in range(len(SLICES_M)):
                path = root.attach_new_node(first.make_copy())
                dress(path, look if number == 0 else replace(look, bumpy=False), number)
                self._nodes.append(path)
        self._clusters = joined(kept) if kept else None
        self._looks = np.repeat(np.arange(len(kept)), [len(part.counts) for part in kept])

    def show(self, eye: NDArray[np.float64], clip: Matrix) -> None:
        """Draw what this eye may see from now on; `clip` is world -> clip space."""
        if self._clusters is None:
            return
        chosen, distance = self._clusters.visible(eye, clip)
        slots = self._looks[chosen] * len(SLICES_M) + np.searchsorted(SLICES_M, distance, side="right") - 1
        order = np.argsort(slots, kind="stable")
        rows, counts = self._clusters.rows(chosen[order], distance[order], eye)
        ends = np.cumsum(np.bincount(slots[order], weights=counts, minlength=len(self._nodes)).astype(np.int64))
        for path, part in zip(self._nodes, np.split(self._clusters.triangles[rows], ends[:-1]), strict=True):
            if len(part):
                set_triangles(path.node(), part)
                path.show()
            else:
                path.hide()
