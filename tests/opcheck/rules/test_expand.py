"""Expand and Tile: ranks, batches and shapes that come late."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import parser

from .trying import NEWEST, one_node, said


def expanded(shape: tuple[int, ...], *sizes: int) -> onnx.ModelProto:
    return one_node("Expand", {"x": shape}, {"s": np.array(sizes, np.int64)})


def test_the_same_rank_is_right() -> None:
    for target in ("barracuda-1.0.4", "barracuda-3.0.1", NEWEST):
        assert said(expanded((1, 1, 6, 8), 1, 4, 6, 8), target) == "ok"


def test_no_dimensions_are_added() -> None:
    model = expanded((6, 8), 1, 4, 6, 8)
    assert [said(model, t) for t in ("barracuda-1.0.4", "barracuda-3.0.1", NEWEST)] == ["throws", "rejected", "ok"]


def test_early_releases_do_not_expand_the_batch() -> None:
    model = expanded((1, 4, 6, 8), 3, 4, 6, 8)
    assert [said(model, f"barracuda-{r}") for r in ("1.0.4", "1.3.3")] == ["altered", "ok"]


def test_barracuda_remarks_on_sizes_that_come_late() -> None:
    for op in ("Expand", "Tile"):
        model = parser.parse_model(
            f"""<ir_version: 8, opset_import: ["" : 13]>
            g (float[1, 4, 1, 1] x, int64[4] s) => (float[a, b, c, d] y) {{ y = {op}(x, s) }}"""
        )
        assert said(model, "barracuda-3.0.1") == "ok-warned"
        assert said(model, NEWEST) == "ok"


def test_tile_is_right_where_it_is_known() -> None:
    model = one_node("Tile", {"x": (1, 4, 6, 8)}, {"s": np.array([1, 1, 2, 2], np.int64)})
    assert [said(model, t) for t in ("barracuda-1.0.4", "barracuda-1.3.3", NEWEST)] == ["rejected", "ok", "ok"]


def test_early_releases_do_not_know_the_sizes_of_another_tensor() -> None:
    model = parser.parse_model(
        """<ir_version: 8, opset_import: ["" : 13]>
        g (float[1, 4, 1, 1] x, float[1, 4, 6, 8] r) => (float[a, b, c, d] y) { s = Shape(r) y = Expand(x, s) }"""
    )
    assert [said(model, f"barracuda-{r}") for r in ("1.0.4", "1.3.3")] == ["throws", "ok"]
