"""Figures as lines of JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    quick: bool

    def of(self, full: float, quick: float) -> float:
        """One of two."""
        return quick if self.quick else full


def say(bench: str, **figure: Any) -> None:
    """Print one figure."""
    print(json.dumps({"bench": f"wire {bench}", **figure}), flush=True)


def say_limit(bench: str, what: str, value: float, limit: str, **more: Any) -> None:
    """Print a figure that has a limit such as '>= 4' or '< 16', and whether it keeps it."""
    sign, number = limit.split()
    tests: dict[str, Callable[[float, float], bool]] = {
        ">=": lambda a, b: a >= b,
        "<=": lambda a, b: a <= b,
        "<": lambda a, b: a < b,
        "==": lambda a, b: a == b,
    }
    say(bench, what=what, value=round(value, 3), limit=limit, within=tests[sign](value, float(number)), **more)


def median(values: Iterable[float], digits: int = 2) -> float:
    """The middle one, rounded."""
    return round(statistics.median(values), digits)


def percentile(values: list[float], percent: float) -> float:
    """The value that this share doesn't exceed."""
    return float(np.percentile(values, percent)) if values else float("nan")
