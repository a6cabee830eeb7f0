"""DepthToSpace and SpaceToDepth: both orders, rank 4 only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from .trying import NEWEST, emulated, numbers, one_node, said

TARGETS = (NEWEST, "sentis-1.3.0", "barracuda-3.0.1", "barracuda-1.0.4")


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
def test_both_orders(mode: str) -> None:
    model = one_node("DepthToSpace", {"x": (1, 8, 3, 5)}, blocksize=2, mode=mode)
    assert [said(model, target) for target in TARGETS] == ["ok"] * 4


def test_space_to_depth() -> None:
    model = one_node("SpaceToDepth", {"x": (2, 3, 6, 8)}, blocksize=2)
    assert [said(model, target) for target in TARGETS] == ["ok"] * 4


@pytest.mark.parametrize("target", ["barracuda-3.0.1", NEWEST])
def test_the_order_is_kept(target: str, tmp_path: Path) -> None:
    x = numbers(1, 8, 3, 5)
    crd = x.reshape(1, 2, 2, 2, 3, 5).transpose(0, 1, 4, 2, 5, 3).reshape(1, 2, 6, 10)
    found = {
        mode: emulated(one_node("DepthToSpace", {"x": x.shape}, blocksize=2, mode=mode), target, tmp_path, x=x)["y"]
        for mode in ("DCR", "CRD")
    }
    assert np.array_equal(found["CRD"], crd)
    assert not np.array_equal(found["DCR"], crd)
