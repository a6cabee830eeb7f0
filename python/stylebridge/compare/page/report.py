"""The report: one self-contained page with every picture, curve and table of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylebridge.compare.page.album import Reel
from stylebridge.compare.page.heat import TICKS, css_gradient
from stylebridge.compare.page.tables import Table
from stylebridge.errors import MissingExtra
from stylebridge.files import write_bytes

BADGES = {
    "ok": "good",
    "equal to the bit": "good",
    "equal but for rounding": "good",
    "nearly the same": "fair",
    "altered": "fair",
    "warned": "fair",
    "another picture": "plain",
    "note": "plain",
    "not the same": "bad",
    "throws": "bad",
    "rejected": "bad",
    "failed": "bad",
}
STRIP = 6  # pictures of a column on paper
SIDES = ("left", "right")
SAME_LINE = 0.002  # of the highest point: less than the width of a line
Points = Sequence[float | None]

NUMERIC = tuple("0123456789∞?-")
LONG_NUMBER = 16  # characters; what is longer and begins with a digit is a sentence
NO_NUMBER = ("", "failed")  # which may stand in a column of numbers


@dataclass(frozen=True)
class Section:
    """Tables under one heading of the page; `curves` draws name -> a value per frame above them."""

    tables: Sequence[Table]
    curves: Mapping[str, Points] | None = None
    unit: str = ""


@dataclass(frozen=True)
class Page:
    """Everything that stands on the page."""

    title: str
    subtitle: str
    size: tuple[int, int]  # width and height that the pictures stand for
    reels: Sequence[Reel]
    pool: Sequence[str]  # data URLs
    sections: Sequence[Section]
    fps: float = 12.0
    notes: Sequence[str] = ()


def write_page(path: Path, page: Page) -> None:
    """Write the page; the first reel is on the left of the wipe, the second on its right."""
    count = len(page.reels[0].indices)
    openers = (page.reels[0], page.reels[min(1, len(page.reels) - 1)])
    text = load_template().render(
        page=page,
        width=page.size[0],
        height=page.size[1],
        count=count,
        reels=[{"title": r.title, "kind": r.kind, "frames": r.indices, "trouble": r.trouble} for r in page.reels],
        strip=strip_of(count),
        first={side: reel.indices[0] if count else -1 for side, reel in zip(SIDES, openers, strict=True)},
        curves=[[section.unit, one_for_equal(section.curves or {})] for section in page.sections],
        wordy=wordy_columns,
        badges=BADGES,
        ticks=TICKS,
        gradient=css_gradient(),
        has_heat=any(reel.kind == "heat" for reel in page.reels),
    )
    write_bytes(path, text.encode())


def load_template() -> Any:
    """The page without its contents; also a way to learn early whether it can be written at all."""
    try:
        from jinja2 import Environment
    except ImportError as error:
        raise MissingExtra("jinja2", "report") from error
    text = (Path(__file__).parent / "report.html").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)


def one_for_equal(curves: Mapping[str, Points]) -> list[tuple[str, Points]]:
    """The curves, in one line under all of their names where nobody could tell them apart."""
    found: list[tuple[list[str], Points]] = []
    for name, points in curves.items():
        same = next((names for names, other in found if _looks_equal(points, other)), None)
        if same is None:
            found.append(([name], points))
        else:
            same.append(name)
    return [(" = ".join(names), points) for names, points in found]


def _looks_equal(a: Points, b: Points) -> bool:
    if len(a) != len(b) or any((x is None) != (y is None) for x, y in zip(a, b, strict=True)):
        return False
    apart = [abs(x - y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    highest = max((x for x in a if x is not None), default=0.0)
    return bool(apart) and max(apart) <= SAME_LINE * highest


def wordy_columns(table: Table) -> list[bool]:
    """Which columns hold words, and so begin at the left."""
    columns = zip(*table.rows, strict=True) if table.rows else [()] * len(table.headings)
    return [any(map(_is_words, cells)) for cells in columns]


def _is_words(cell: str) -> bool:
    return cell not in NO_NUMBER and (len(cell) > LONG_NUMBER or not cell.startswith(NUMERIC))


def strip_of(count: int) -> list[int]:
    """Frames that stand for the clip on paper: first, last, and evenly between."""
    if count <= STRIP:
        return list(range(count))
    return [round(index * (count - 1) / (STRIP - 1)) for index in range(STRIP)]
