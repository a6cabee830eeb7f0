"""Waiting for a condition instead of sleeping for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
STEP_S = 0.002


def until(condition: Callable[[], T], seconds: float = 10.0, says: str = "") -> T:
    """What the condition gives as soon as it is true; fails when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {says or condition}")
        time.sleep(STEP_S)
    return value
