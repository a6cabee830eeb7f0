"""The page of a run: how its pictures and figures changed, and what it was made of."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from stylebridge.compare.page.album import Reel
from stylebridge.compare.page.report import Page, Section, write_page
from stylebridge.compare.page.tables import Table
from stylebridge.errors import InputError
from stylebridge.imaging import read_image
from stylebridge.train.folder import RunFolder
from stylebridge.train.settings import Settings, flat, table_of_changes

LOOKS = 48  # pictures on the page, evenly over the run
HELD_OUT = "held_out_"
PAGE = "report.html"


def write_report(folder: RunFolder, name: str, settings: Settings) -> Path:
    """Write the page into the run's folder; a run without a saved picture has none."""
    lines = [line for line in folder.figures() if folder.picture(int(line["step"])).is_file()]
    if not lines:
        raise InputError("no pictures yet", do="train until the first checkpoint", where=folder.path)
    lines = evenly(lines, LOOKS)
    pictures = [folder.picture(int(line["step"])) for line in lines]
    height, width = read_image(pictures[-1]).shape[:2]
    count = len(lines)
    reels = [
        Reel(f"Step {int(lines[0]['step'])}: frames above, what became of them below", "column", [0] * count),
        Reel("While it learns", "column", list(range(count))),
    ]
    sections = [_curves("What was wrong, by term", lines, held_out=False)]
    if any(key.startswith(HELD_OUT) for line in lines for key in line):
        sections.append(_curves("On frames it never learnt from", lines, held_out=True))
    sections.append(Section([Table("Settings", ("setting", "value"), _rows(folder))]))
    subtitle = f"{name}, step {int(lines[-1]['step'])} of {settings.steps}"
    page = Page(folder.path.name, subtitle, (width, height), reels, [_url(path) for path in pictures], sections, fps=4)
    path = folder.path / PAGE
    write_page(path, page)
    return path


def evenly(lines: Sequence[dict[str, float]], count: int) -> list[dict[str, float]]:
    """At most so many of them, the first and the last among them."""
    if len(lines) <= count:
        return list(lines)
    return [lines[round(index * (len(lines) - 1) / (count - 1))] for index in range(count)]


def _curves(title: str, lines: Sequence[Mapping[str, float]], *, held_out: bool) -> Section:
    """The figures of one kind, as curves over the looks and as the first, best and last of each."""
    names = [name for name in lines[-1] if name != "step" and name.startswith(HELD_OUT) == held_out]
    curves = {name.removeprefix(HELD_OUT): [line.get(name) for line in lines] for name in names}
    rows = []
    for name, values in curves.items():
        known = [value for value in values if value is not None]
        rows.append([name, *(f"{value:.4g}" for value in (known[0], min(known), known[-1]))])
    text = "Each in its own unit, as losses.py has them; lower is better."
    return Section([Table(title, ("figure", "first", "lowest", "last"), rows, text)], curves)


def _rows(folder: RunFolder) -> list[list[str]]:
    return [[name, str(value)] for name, value in flat(table_of_changes(folder.settings, [], {})).items()]


def _url(path: Path) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode()
