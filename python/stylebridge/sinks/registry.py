"""The one function that opens a sink by its name."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from pathlib import Path

from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import IMAGE_EXTENSIONS
from stylebridge.sinks.base import Sink
from stylebridge.sinks.folder import Folder
from stylebridge.sinks.image import Image
from stylebridge.sinks.reply import Reply
from stylebridge.sinks.video import CODECS, Video
from stylebridge.sinks.window import Window

KINDS = {"images": "DIR or FILE", "video": "FILE", "window": "", "reply": ""}
DEFAULT_FPS = 30.0

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(.*)", re.DOTALL)  # two letters or more: `C:` is a Windows drive


def open_sink(
    target: str | Path,
    *,
    fps: float | None = None,
    force: bool = False,
    reply: Callable[[Frame], bool] | None = None,
) -> Sink:
    """Open `out.png`, `out.mp4`, a folder, `window:` or `reply:`; what can't work is refused now, not after the work.

    `reply` is the source's own, for frames that go back to where they came from.
    """
    fps = DEFAULT_FPS if fps is None else fps
    if not 0 < fps < math.inf:
        raise InputError(f"{fps} frames per second", expected="a number above 0", where=target)
    kind, place = _split(str(target))
    if kind == "window":
        return Window(place or "stylebridge")
    if kind == "reply":
        if reply is None:
            raise InputError("reply: has nobody to reply to", expected="frames from a game, as in zmq://127.0.0.1:5570")
        return Reply(reply)
    if not place.strip():
        raise InputError("an empty output name", expected="a picture, a video, a folder, window: or reply:")
    kind = kind or _guessed(place)
    if kind == "video":
        return Video(Path(place), fps, force)
    if Path(place).suffix.lower() in IMAGE_EXTENSIONS and not _is_folder(place):
        return Image(Path(place), force)
    return Folder(Path(place), force)


def _split(target: str) -> tuple[str, str]:
    """(kind, place); the kind is empty for a bare path."""
    found = _SCHEME.fullmatch(target)
    if not found:
        return "", target
    kind = found[1].lower()
    if kind not in KINDS:
        close = difflib.get_close_matches(kind, KINDS, n=1, cutoff=0.5)
        known = ", ".join(f"{name}:{takes}" for name, takes in KINDS.items())
        hint = f"did you mean {close[0]}:{found[2]}?" if close else ""
        raise InputError(f"unknown output {kind}:", expected=f"a path or {known}", do=hint)
    return kind, found[2]


def _guessed(place: str) -> str:
    suffix = Path(place).suffix.lower()
    if _is_folder(place) or not suffix or suffix in IMAGE_EXTENSIONS:
        return "images"
    if suffix in CODECS:
        return "video"
    raise InputError(
        f"unknown extension {suffix!r}",
        expected=", ".join((*IMAGE_EXTENSIONS, *CODECS)),
        do=f"for a folder, write it as {place}/",
        where=place,
    )


def _is_folder(place: str) -> bool:
    try:
        return place.endswith(("/", "\\")) or Path(place).is_dir()
    except OSError as error:
        raise InputError(f"can't be used: {error.strerror}", where=place) from error
