"""A viewer's task: it ends when it is told to, whatever happens at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from stylebridge.watch.plan import Plan
from stylebridge.watch.studio import Studio

from .plans import Stream, plan

pytest.importorskip("starlette")
from stylebridge.watch.viewer import Viewer


@pytest.mark.parametrize("turns", range(6))
def test_a_viewer_that_is_ended_while_something_new_comes_ends(studio: Callable[[Plan], Studio], turns: int) -> None:
    running = studio(plan(Stream))

    async def send(data: bytes | str) -> None:
        del data

    async def main() -> None:
        viewer = Viewer(running, send)
        task = asyncio.create_task(viewer.run())
        while viewer._state_due == 0.0:  # it has told how things are, and waits
            await asyncio.sleep(0)
        viewer._wake.set()
        for _ in range(turns):  # of the loop, on the way from what has come to the task
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=5)
        assert task.cancelled()

    asyncio.run(main())
