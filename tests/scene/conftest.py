"""Whether this machine has OpenGL to draw with."""

from __future__ import annotations

import pytest
from stylebridge.errors import InputError
from stylebridge.scene.render.host import offscreen_host
from stylebridge.scene.render.stage import on_stage


@pytest.fixture(scope="session")
def opengl() -> str:
    """The driver's name, or a skip that says what is missing."""
    try:
        return on_stage(offscreen_host).driver
    except InputError as error:
        pytest.skip(str(error))
