"""Where frames come from: one file per kind, each an iterator of Frame, opened by a URL-like name."""

from __future__ import annotations

from stylebridge.sources import camera, images, video
from stylebridge.sources.address import Options
from stylebridge.sources.base import Source
from stylebridge.sources.registry import known_schemes, open_source, register


def _open_games(where: str, options: Options) -> Source:
    from stylebridge.sources.zmq import open_games  # pyzmq is an extra

    return open_games(where, options)


register("images", images.open_images, takes="DIR, FILE or GLOB", options=("fps",), suffixes=images.SUFFIXES)
register("video", video.open_video, takes="FILE", suffixes=video.SUFFIXES)
register("camera", camera.open_camera, takes="NUMBER or URL")
register("zmq", _open_games, takes="//HOST:PORT", options=("wait", "game", "planes", "key", "allow"))

__all__ = ["Options", "Source", "known_schemes", "open_source", "register"]
