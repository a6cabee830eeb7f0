"""How the collector's process holds the memory of frames that come over TCP."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of mallopt's
KEPT_BYTES = 256 << 20
LARGEST_KEPT_BYTES = 32 << 20  # glibc takes no more


@cache
def keep_large_buffers() -> bool:
    """Let glibc keep freed buffers of frames, up to 256 MB, instead of giving them back to the system page by page.

    ZeroMQ takes new memory for every message. Without this, a good part of the time of a large frame goes into pages
    that are returned, asked for again and cleared.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    mallopt.argtypes, mallopt.restype = [ctypes.c_int, ctypes.c_int], ctypes.c_int
    return bool(mallopt(_MMAP_THRESHOLD, LARGEST_KEPT_BYTES) and mallopt(_TRIM_THRESHOLD, KEPT_BYTES))
