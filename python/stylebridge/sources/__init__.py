"""Where frames come from: one file per kind, each an iterator of Frame, opened by a URL-like name."""

from __future__ import annotations

from stylebridge.sources import camera, images, video
from stylebridge.sources.address import Options
from stylebridge.sources.base import Source
from stylebridge.sources.registry import known_schemes, open_source, register


def _open_games(where: str, options: Options) -> Source:
    from stylebridge.sources.zmq import open_games  # pyzmq is an extra

    return open_games(where, options)


def _open_scene(where: str, options: Options) -> Source:
    from stylebridge.sources.scene import open_scene  # panda3d is an extra

    return open_scene(where, options)


def _open_mlagents(where: str, options: Options) -> Source:
    from stylebridge.sources.mlagents.source import open_mlagents  # mlagents-envs is an extra

    return open_mlagents(where, options)


def _open_recording(where: str, options: Options) -> Source:
    from stylebridge.sources.recording import open_recording  # zstandard is an extra

    return open_recording(where, options)


register("images", images.open_images, takes="DIR, FILE or GLOB", options=("fps",), suffixes=images.SUFFIXES)
register("video", video.open_video, takes="FILE", suffixes=video.SUFFIXES)
register("camera", camera.open_camera, takes="NUMBER or URL")
register(
    "scene",
    _open_scene,
    takes="LEVEL",
    options=("seed", "size", "planes", "fps", "weather", "hour", "day", "camera", "characters", "mode", "quality"),
)
register(
    "mlagents",
    _open_mlagents,
    takes="PLAYER or editor",
    options=(
        *("port", "worker", "wait", "timeout", "seed", "behavior", "camera", "agent", "actions", "graphics"),
        *("fps", "depth", "depth_m", "width", "height", "quality", "time_scale", "target_fps", "capture_fps"),
    ),
)
register("recording", _open_recording, takes="FILE", options=("game", "camera", "planes"), suffixes=(".mcap",))
register("zmq", _open_games, takes="//HOST:PORT", options=("wait", "game", "planes", "key", "allow"))

__all__ = ["Options", "Source", "known_schemes", "open_source", "register"]
