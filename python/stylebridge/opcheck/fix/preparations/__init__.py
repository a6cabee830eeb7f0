"""Preparations: what concerns a model as a whole, done before single nodes are rewritten; one file per matter.

Each takes a workshop, changes the model there, and says what it did; an empty word means that it found nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import onnx

from stylebridge.opcheck.fix.workshop import Workshop


@dataclass(frozen=True)
class Prepared:
    """What was done, and how far the numbers may part because of it, as a share of the largest output."""

    how: str = ""
    slack: float = 0.0
    note: str = ""
    proof: onnx.ModelProto | None = None  # what is compared with the original instead, where less can be expected


Preparation = Callable[[Workshop], Prepared]


def preparations() -> tuple[Preparation, ...]:
    """All of them, in the order in which they help each other."""
    from stylebridge.opcheck.fix.preparations import casts, floats, folding, inlining, quantised, storage

    return (
        inlining.local_functions,
        storage.written_plainly,
        inlining.dead_nodes,
        inlining.constant_branches,
        quantised.to_float,  # before its weights are folded: ONNX Runtime takes them for part of whole-number kernels
        folding.constants,
        quantised.to_float,
        floats.to_float32,
        casts.by_arithmetic,
        folding.constants,
    )
