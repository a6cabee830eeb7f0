"""A matrix of models and targets: what `stylebridge check` prints where several were asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from stylebridge.opcheck import Report
    from stylebridge.targets import Target

STYLES = {"ok": "green", "altered": "yellow", "throws": "red", "rejected": "bold red"}
GAP = 2  # spaces between columns
Cells = Mapping[tuple[str, str], str]


def print_matrix(console: Console, reports: Sequence[Report]) -> None:
    """Verdicts in words; the longer list goes downwards, and what doesn't fit beside each other goes below."""
    models = list(dict.fromkeys(report.model for report in reports))
    labels = dict(zip(models, _short_names(models), strict=True))
    verdicts = {(report.model, report.target): report.verdict for report in reports}
    groups: dict[str, Target] = {}
    for run in target_runs(list(dict.fromkeys(report.target for report in reports))):
        for _, alike in groupby(run, key=lambda target: [verdicts.get((model, target)) for model in models]):
            found = list(alike)
            groups[_run_words(found)] = found[0]
    cells = {
        (labels[model], words): verdicts.get((model, one), "") for model in models for words, one in groups.items()
    }
    if len(models) >= len(groups):
        _print_blocks(console, "model", list(labels.values()), list(groups), cells)
    else:
        turned = {(words, label): verdict for (label, words), verdict in cells.items()}
        _print_blocks(console, "target", list(groups), list(labels.values()), turned)
    counted = Counter(report.verdict for report in reports)
    total = ", ".join(f"{counted[word]} {word}" for word in STYLES if counted[word])
    console.print(f"\n{_many(len(models), 'model')} on {_many(len(verdicts) // len(models), 'target')}: {total}")


def target_words(targets: Sequence[Target]) -> str:
    """Targets for people, neighbouring releases as a range: "barracuda-1.3.3 to 3.0.1, sentis-1.2.0"."""
    return ", ".join(map(_run_words, target_runs(targets)))


def target_runs(targets: Sequence[Target]) -> list[list[Target]]:
    """Neighbouring releases of one family and back end together; unmeasured ones between them are passed over."""
    from stylebridge.targets import TARGETS

    asked = {(one.family, one.version) for one in targets}
    order = [key for one in TARGETS if (key := (one.family, one.version)) in asked or one.measured]
    places = {key: place for place, key in enumerate(order)}
    runs: list[list[Target]] = []
    for target in sorted(targets, key=lambda one: (one.backend, places[one.family, one.version])):
        last = runs[-1][-1] if runs else target
        follows = places[last.family, last.version] + 1 == places[target.family, target.version]
        if follows and (last.family, last.backend) == (target.family, target.backend):
            runs[-1].append(target)
        else:
            runs.append([target])
    return runs


def _run_words(run: Sequence[Target]) -> str:
    first, last = run[0], run[-1]
    backend = f"+{last.backend}" if last.backend else ""
    return first.name if first == last else f"{first.family}-{first.version} to {last.version}{backend}"


def _print_blocks(console: Console, corner: str, rows: Sequence[str], columns: Sequence[str], cells: Cells) -> None:
    from rich.table import Table
    from rich.text import Text

    widest = min(max(map(len, [corner, *rows])), max(20, console.width // 2))
    for block in _blocks(columns, console.width - widest):
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, GAP, 0, 0))
        table.add_column(corner, overflow="fold", max_width=widest)
        for column in block:
            table.add_column(Text(column), overflow="fold", min_width=min(len("rejected"), len(column)))
        for row in rows:
            words = [cells[row, column] for column in block]
            table.add_row(Text(row), *(Text(word, style=STYLES.get(word, "")) for word in words))
        console.print()
        console.print(table)


def _blocks(columns: Sequence[str], room: int) -> list[list[str]]:
    """Columns that fit beside each other."""
    blocks: list[list[str]] = []
    left = 0
    for column in columns:
        width = max(len("rejected"), len(column)) + GAP
        if not blocks or width > left:
            blocks.append([])
            left = room
        blocks[-1].append(column)
        left -= width
    return blocks


def _short_names(models: Sequence[str]) -> list[str]:
    """File names where they tell the models apart, else paths."""
    from stylebridge.opcheck.report import plain

    names = [plain(PurePath(model).name) for model in models]
    return names if len(set(names)) == len(names) else [plain(model) for model in models]


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
