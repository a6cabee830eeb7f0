"""Pictures back from the driver: straight into our own memory where it can, which spares Panda3D's slow copy."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import StylebridgeError
from stylebridge.scene.render.host import Host

_RGBA, _UNSIGNED_BYTE, _FLOAT = 0x1908, 0x1401, 0x1406
_FINDERS = (("libEGL.so.1", "eglGetProcAddress"), ("libGL.so.1", "glXGetProcAddressARB"))
_Getter = Callable[[int, int, int, int, int, int], None]


class Reader:
    """Fetches [H,W,4] pictures, top row first; what it returns is overwritten by the next picture of the same name."""

    def __init__(self, host: Host, direct: bool = True) -> None:
        self._host = host
        self._get = _texture_getter() if direct and _has_direct_access(host) else None
        self._is_proven = False
        self._kept: dict[tuple[str, tuple[int, int]], NDArray[Any]] = {}

    def picture(self, name: str, texture: Any, size: tuple[int, int], dtype: type[np.generic]) -> NDArray[Any]:
        """RGBA of 8 bits, or of 32 also where the texture holds 16."""
        return self._fetched(name, texture, size, dtype, _UNSIGNED_BYTE if dtype is np.uint8 else _FLOAT)

    def _fetched(
        self, name: str, texture: Any, size: tuple[int, int], dtype: type[np.generic], kind: int
    ) -> NDArray[Any]:
        if self._get is None:
            return self._extracted(texture, size, dtype)
        picture = self._kept.get((name, size))
        if picture is None:
            self._kept = {key: kept for key, kept in self._kept.items() if key[1] == size}
            picture = self._kept.setdefault((name, size), np.empty((size[1], size[0], 4), dtype))
        context = texture.prepare_now(0, self._host.gsg.get_prepared_objects(), self._host.gsg)
        self._get(context.get_native_id(), 0, _RGBA, kind, picture.nbytes, picture.ctypes.data)
        if not self._is_proven:
            # Once, both ways: a loader can hand out the function of another driver.
            safe = self._extracted(texture, size, dtype)
            self._is_proven = True
            if safe.tobytes() != picture.tobytes():
                self._get = None
                return safe
        return picture

    def _extracted(self, texture: Any, size: tuple[int, int], dtype: type[np.generic]) -> NDArray[Any]:
        if not self._host.engine.extract_texture_data(texture, self._host.gsg):
            raise StylebridgeError("the driver gave no picture back", where=self._host.driver)
        picture = np.frombuffer(texture.get_ram_image(), dtype).reshape(size[1], size[0], 4)
        return np.ascontiguousarray(picture[:, :, [2, 1, 0, 3]])  # Panda3D keeps blue first


def _has_direct_access(host: Host) -> bool:
    gsg = host.gsg
    return sys.platform.startswith("linux") and (gsg.get_driver_version_major(), gsg.get_driver_version_minor()) >= (
        4,
        5,
    )


def _texture_getter() -> _Getter | None:
    """glGetTextureImage of the context that Panda3D leaves current, if the system's loader knows it."""
    for library, finder in _FINDERS:
        try:
            find = getattr(ctypes.CDLL(library), finder)
        except (OSError, AttributeError):
            continue
        find.restype = ctypes.c_void_p
        found = find(b"glGetTextureImage")
        if found:
            unsigned, signed = ctypes.c_uint, ctypes.c_int
            return ctypes.CFUNCTYPE(None, unsigned, signed, unsigned, unsigned, signed, ctypes.c_void_p)(found)
    return None
