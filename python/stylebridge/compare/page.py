"""One self-contained HTML page: a before/after wipe over a clip, and tables."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stylebridge.errors import MissingExtra
from stylebridge.files import write_bytes
from stylebridge.frame import ColorPlane
from stylebridge.imaging import encode_jpeg


@dataclass(frozen=True)
class View:
    """One column of pictures: the game's, or one engine's."""

    name: str
    pictures: Sequence[ColorPlane]


@dataclass(frozen=True)
class Table:
    """A table with a heading and a sentence about it."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[object]]
    text: str = ""


def write_page(path: Path, title: str, subtitle: str, views: Sequence[View], tables: Sequence[Table]) -> None:
    """Write the page; the first view is the one on the left of the wipe."""
    try:
        from jinja2 import Environment
    except ImportError as error:
        raise MissingExtra("jinja2", "report") from error
    template = Environment(autoescape=True).from_string((Path(__file__).parent / "page.html").read_text("utf-8"))
    height, width = views[0].pictures[0].shape[:2]
    text = template.render(
        title=title,
        subtitle=subtitle,
        width=width,
        height=height,
        views=views,
        frame_count=len(views[0].pictures),
        pictures=[[_data_url(picture) for picture in view.pictures] for view in views],
        tables=tables,
    )
    write_bytes(path, text.encode())


def _data_url(picture: ColorPlane) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(picture, quality=88)).decode()
