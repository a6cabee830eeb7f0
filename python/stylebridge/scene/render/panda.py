"""The only door to Panda3D: its module with our settings, and small conversions of matrices."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from stylebridge.errors import InputError, MissingExtra
from stylebridge.scene.snapshot import Matrix

# Read by Panda3D when its engine is made; nothing of it reaches a file.
_SETTINGS = """
audio-library-name null
window-type offscreen
gl-version 3 3
gl-coordinate-system default
textures-power-2 none
sync-video 0
threading-model
model-cache-dir
notify-level error
notify-level-display error
notify-level-glxdisplay fatal
default-directnotify-level error
"""
_state: dict[str, ModuleType] = {}


def panda() -> ModuleType:
    """The panda3d.core module, or one line that says why it can't be had and how to get it."""
    if "core" not in _state:
        try:
            core = importlib.import_module("panda3d.core")
        except ModuleNotFoundError as error:
            raise MissingExtra("panda3d", "scene") from error
        except ImportError as error:
            raise InputError(f"Panda3D can't be loaded: {error}", do="pip install --force-reinstall panda3d") from error
        core.load_prc_file_data("stylebridge", _SETTINGS)
        _state["core"] = core
    return _state["core"]


@contextmanager
def hushed() -> Iterator[None]:
    """Panda3D's own messages about displays are dropped meanwhile: ours say what matters."""
    core = panda()
    page = core.load_prc_file_data("stylebridge-hushed", "notify-level-display fatal\nnotify-level-x11display fatal")
    try:
        yield
    finally:
        core.unload_prc_file(page)


def panda_matrix(matrix: Matrix) -> Any:
    """Our column-vector matrix as Panda3D's row-vector one; in a shader it multiplies columns again."""
    return panda().LMatrix4f(*np.asarray(matrix, np.float64).T.ravel().tolist())


def vector(*parts: float) -> Any:
    """Two to four numbers as a vector that a shader can take."""
    core = panda()
    kinds = {2: core.LVecBase2f, 3: core.LVecBase3f, 4: core.LVecBase4f}
    return kinds[len(parts)](*(float(part) for part in parts))


def vector_array(rows: np.ndarray[Any, np.dtype[np.float32]]) -> Any:
    """[N,4] float32 as an array that a shader can take."""
    array = panda().PTA_LVecBase4f.empty_array(len(rows))
    array.set_data(np.ascontiguousarray(rows, np.float32).tobytes())
    return array
