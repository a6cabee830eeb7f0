"""Rewrites: one file per operator, or per handful that are rewritten alike. Each lists its rewrites by operator,

    REWRITES: Rewrites = {"HardSwish": (hard_swish,)}

the one to try first in front. A rewrite takes a `Job`, builds nodes there, and returns the names of the tensors that
stand for the node's outputs; its docstring's first line says how, for the report. It raises `Cannot` where it doesn't
apply. Whether the result is equal, and whether the target takes it, is found out by others.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache

from stylebridge.opcheck.fix.job import Job

Rewrite = Callable[[Job], "str | Sequence[str]"]
Rewrites = dict[str, tuple[Rewrite, ...]]


@cache
def _table() -> dict[str, tuple[Rewrite, ...]]:
    found: dict[str, tuple[Rewrite, ...]] = {}
    for entry in sorted(pkgutil.iter_modules(__path__), key=lambda e: e.name):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        for op, rewrites in module.REWRITES.items():
            found[op] = (*found.get(op, ()), *rewrites)
    return found


def rewrites_for(op: str) -> tuple[Rewrite, ...]:
    """All known rewrites of an operator, best first."""
    return _table().get(op, ())


def rewritten_operators() -> tuple[str, ...]:
    """The operators for which there are rewrites."""
    return tuple(sorted(_table()))


def how(rewrite: Rewrite) -> str:
    """What a rewrite does, in words."""
    return (rewrite.__doc__ or rewrite.__name__).strip().splitlines()[0].rstrip(".")
