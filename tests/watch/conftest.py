"""A studio that is closed whatever happens, and the patience that tests of threads need."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from stylebridge.watch.plan import Plan
from stylebridge.watch.studio import Studio


@pytest.fixture
def studio() -> Iterator[Callable[[Plan], Studio]]:
    opened: list[Studio] = []

    def run(plan: Plan) -> Studio:
        opened.append(Studio(plan))
        return opened[-1]

    yield run
    for each in opened:
        each.close()
