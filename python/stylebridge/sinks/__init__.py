"""Where frames go: a picture, a folder of pictures, a video or a window; nothing is left half-written."""

from __future__ import annotations

from stylebridge.sinks.base import Sink
from stylebridge.sinks.registry import open_sink

__all__ = ["Sink", "open_sink"]
