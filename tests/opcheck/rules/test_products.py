"""Gemm, MatMul and Einsum: what must be stored, what is ignored, and how axes get lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from stylebridge.opcheck.behaviour.einsum_terms import Terms, parse_terms

from .trying import NEWEST, Array, emulated, numbers, one_node, said

GEMM_TARGETS = ("barracuda-3.0.1", "barracuda-2.2.1", "sentis-1.4.0", NEWEST)
B = numbers(5, 3)


@pytest.mark.parametrize(
    ("stored", "attributes", "verdicts"),
    [
        ({"b": B, "c": numbers(3)}, {}, ("ok",) * 4),
        ({"b": B}, {}, ("rejected", "ok", "ok", "ok")),
        ({"b": B, "c": numbers(1, 3)}, {}, ("altered", "altered", "ok", "ok")),
        ({"b": B, "c": numbers(2, 3)}, {}, ("altered", "altered", "ok", "ok")),
        ({"b": B, "c": numbers(1)}, {}, ("throws", "throws", "ok", "ok")),
        ({"b": B, "c": numbers(3)}, {"alpha": 2.0}, ("altered-warned", "altered-warned", "altered-warned", "ok")),
        ({"b": B, "c": np.zeros(3, np.float32)}, {"beta": 2.0}, ("ok-warned", "ok-warned", "ok-warned", "ok")),
        ({"b": numbers(3, 5), "c": numbers(3)}, {"transB": 1}, ("ok",) * 4),
    ],
)
def test_gemm(stored: Mapping[str, Array], attributes: dict[str, float], verdicts: tuple[str, ...]) -> None:
    model = one_node("Gemm", {"a": (2, 5)}, stored, **attributes)
    assert tuple(said(model, target) for target in GEMM_TARGETS) == verdicts


def test_a_transposed_left_side_is_read_since_2_3_1() -> None:
    model = one_node("Gemm", {"a": (5, 2)}, {"b": B, "c": numbers(3)}, transA=1)
    targets = ("barracuda-1.0.4", "barracuda-2.2.1", "barracuda-2.3.1")
    assert [said(model, target) for target in targets] == ["rejected", "throws", "ok"]
    square = one_node("Gemm", {"a": (5, 5)}, {"b": B, "c": numbers(3)}, transA=1)
    assert said(square, "barracuda-2.2.1") == "altered-warned"


def test_c_is_forgotten_where_b_is_computed(tmp_path: Path) -> None:
    model = one_node("Gemm", {"a": (2, 5), "b": (5, 3)}, {"c": numbers(3)})
    assert [said(model, target) for target in ("barracuda-2.2.1", "barracuda-3.0.1")] == ["rejected", "altered"]
    a = numbers(2, 5, seed=1)
    assert np.allclose(emulated(model, "barracuda-3.0.1", tmp_path, a=a, b=B)["y"], a @ B, atol=1e-5)


@pytest.mark.parametrize(
    ("left", "right", "verdicts"),
    [
        ((3, 5), (5, 4), ("rejected", "ok", "ok")),
        ((2, 3, 5), (2, 5, 4), ("rejected", "ok", "ok")),
        ((2, 3, 5), (1, 5, 4), ("rejected", "throws", "ok")),
        ((2, 3, 5), (5, 4), ("rejected", "ok", "ok")),
        ((2, 2, 3, 5), (2, 5, 4), ("rejected", "ok", "ok")),
        ((2, 2, 3, 5), (1, 2, 5, 4), ("rejected", "throws", "ok")),
        ((5,), (5, 4), ("rejected", "throws", "throws")),
        ((2, 3, 5), (5,), ("rejected", "throws", "throws")),
        ((1, 1, 2, 3, 5), (5, 4), ("rejected", "throws", "throws")),
    ],
)
def test_matmul_of_two_fed_tensors(left: Sequence[int], right: Sequence[int], verdicts: tuple[str, ...]) -> None:
    model = one_node("MatMul", {"a": left, "b": right})
    targets = ("barracuda-1.0.4", "barracuda-2.0.0", "barracuda-3.0.1")
    assert tuple(said(model, target) for target in targets) == verdicts
    assert said(model, NEWEST) == "ok"


def test_the_first_importer_multiplies_matrices_only() -> None:
    stored = {"b": numbers(5, 4)}
    assert said(one_node("MatMul", {"a": (3, 5)}, stored), "barracuda-1.0.4") == "ok"
    assert said(one_node("MatMul", {"a": (2, 3, 5)}, stored), "barracuda-1.0.4") == "rejected"


@pytest.mark.parametrize(
    ("equation", "shapes", "newest", "first"),
    [
        ("bij,bjk->bik", ((2, 3, 4), (2, 4, 5)), "ok", "ok"),
        ("bij,bkj->bik", ((2, 3, 4), (2, 5, 4)), "ok", "throws"),
        ("bchw,oc->bohw", ((1, 4, 3, 5), (2, 4)), "altered", "throws"),
        ("bchw,oc->bohw", ((1, 4, "h", "w"), (2, 4)), "ok", "ok"),
        ("bchw,oc->bhwo", ((1, 4, 3, 5), (2, 4)), "ok", "throws"),
        ("ij,jk->ki", ((3, 4), (4, 5)), "ok", "throws"),
        ("ij,jk->ik", ((3, 4), (4, 5)), "ok", "ok"),
        ("bii->bi", ((2, 3, 3),), "ok", "ok"),
        ("ij,jk,kl->il", ((2, 3), (3, 4), (4, 5)), "ok", "ok"),
        ("...ij,...jk->...ik", ((2, 3, 4, 5), (2, 3, 5, 4)), "ok", "throws"),
    ],
)
def test_einsum(equation: str, shapes: Sequence[Sequence[int | str]], newest: str, first: str) -> None:
    model = one_node("Einsum", {f"x{i}": shape for i, shape in enumerate(shapes)}, equation=equation)
    assert [said(model, target) for target in (NEWEST, "sentis-1.2.0")] == [newest, first]


def test_misplaced_axes_of_an_einsum_are_those_of_the_inverse_permutation(tmp_path: Path) -> None:
    one, other = numbers(2, 3, 4), numbers(2, 4, 5, seed=1)
    model = one_node("Einsum", {"a": one.shape, "b": other.shape}, equation="bij,bjk->kbi")
    found = emulated(model, NEWEST, tmp_path, a=one, b=other)["y"]
    assert np.allclose(found, (one @ other).transpose(1, 2, 0), atol=1e-5)


@pytest.mark.parametrize(
    ("equation", "ranks", "operands", "output"),
    [
        ("ij, jk", (2, 2), ("ij", "jk"), "ik"),
        ("ba", (2,), ("ba",), "ab"),
        ("...i,i->...", (3, 1), ("abi", "i"), "ab"),
        ("...i,...i", (3, 2), ("abi", "bi"), "ab"),
    ],
)
def test_terms(equation: str, ranks: Sequence[int], operands: tuple[str, ...], output: str) -> None:
    assert parse_terms(equation, ranks) == Terms(operands, output)


@pytest.mark.parametrize(("equation", "ranks"), [("ij,jk->ik", (2,)), ("ij->i", (3,)), ("...ijk->i", (2,))])
def test_terms_that_do_not_fit_their_operands_are_not_parsed(equation: str, ranks: Sequence[int]) -> None:
    assert parse_terms(equation, ranks) is None
