"""What a comparison found, as tables for a page or a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stylebridge.compare.agreement import Pair
from stylebridge.compare.columns import Column
from stylebridge.compare.page.facts import facts_of
from stylebridge.compare.speed.benchmark import Speed
from stylebridge.compare.temporal.flicker import Flicker

if TYPE_CHECKING:
    from stylebridge.compare.speed.latency import Budget
    from stylebridge.opcheck import Report

MAX_LINES = 12  # of a check's findings
SPREAD = (
    "Of so many runs after the first, which warms up and is slower; with fewer than a hundred runs, p99 lies between"
    " the two slowest."
)
WEIGHED = " Memory is that of a process that opens the model, runs it twice and does nothing else."
NOT_COUNTED = (
    "Not counted, because it can't be measured from here: buffers in a camera's driver, drawing the picture on the"
    " screen, and how long the panel takes to change its colour."
)


@dataclass(frozen=True)
class Table:
    """A table with a heading and a sentence about it."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    text: str = ""


def agreement_table(pairs: Sequence[Pair], causes: Mapping[str, str] = {}) -> Table:
    """How far apart the columns are that show the same model, and those that don't."""
    headings = ["pictures", "verdict", "max |d|", "mean |d|", "differ", "PSNR", "SSIM", "ΔE2000"]
    headings += ["likeliest cause"] if causes else []
    rows = []
    for pair in pairs:
        cells = [pair.title, pair.verdict]
        if pair.frames:
            psnr = "∞" if pair.psnr_db == float("inf") else f"{pair.psnr_db:.1f} dB"
            ssim = min((look.ssim for look in pair.looks), default=1.0)
            delta_e = max((look.delta_e for look in pair.looks), default=0.0)
            cells += [f"{pair.max_levels:.0f}", f"{pair.mean_levels:.4f}", f"{pair.changed / pair.frames:.2%}", psnr]
            cells += [f"{ssim:.5f}", f"{delta_e:.3f}"]
        else:
            cells += [""] * 6
        rows.append([*cells, causes.get(pair.title, "")] if causes else cells)
    text = (
        "Levels of 0 to 255, over all frames; PSNR of all frames together; SSIM the lowest and ΔE2000 the highest mean"
        " of some frames. “Differ” is the share of pixels that differ at all."
    )
    return Table("Do they agree?", headings, rows, text)


def flicker_table(results: Mapping[str, Flicker]) -> Table:
    """The temporal error of every column beside the game's own."""
    rows: list[list[str]] = []
    for title, result in results.items():
        if not rows:
            source = result.source_near
            rows.append(
                ["Game", _number(source.mean), _number(source.mean_compensated), _number(result.source_far.mean), "1"]
            )
        cells = [title, _number(result.mean), _number(result.near.mean_compensated), _number(result.long_range)]
        rows.append([*cells, "" if result.relative is None else f"{result.relative:.2f}"])
    span = next(iter(results.values())).span if results else 0
    headings = ["column", "mean |d|", "less brightness", f"over {span} frames", "× the game's own"]
    text = (
        "Each picture against the one before, carried to its place by the game's motion, where both show the same"
        " surface; in levels of 0 to 255."
    )
    return Table("Does it flicker?", headings, rows, text)


def speed_tables(speeds: Sequence[Speed], note: str = "") -> list[Table]:
    """Frames per second by resolution, and the spread behind it."""
    if not speeds:
        return [Table("How fast?", ("", ""), [], note)] if note else []
    sizes = list(dict.fromkeys(speed.size for speed in speeds))
    subjects = list(dict.fromkeys(speed.subject for speed in speeds))
    found = {(speed.subject, speed.size): speed for speed in speeds}
    rows = [[subject.name, *(_fps(found.get((subject, size))) for size in sizes)] for subject in subjects]
    headings = ["frames/s", *(f"{width}×{height}" for width, height in sizes)]
    text = f"The network alone, at the median, runs alternated, on this machine. {note}".strip()
    spread = [_spread(speed) for speed in speeds if speed.timing is not None]
    head = ["", "size", "median ms", "p90 ms", "p99 ms", "first ms", "runs", "peak memory", "without imports"]
    if not any(speed.peak_mb for speed in speeds):
        head, spread = head[:-2], [row[:-2] for row in spread]
    behind = SPREAD + WEIGHED if any(speed.peak_mb for speed in speeds) else SPREAD
    tables = [Table("How fast?", headings, rows, text), Table("The spread behind it", head, spread, behind)]
    left = [[s.subject.name, f"{s.size[0]}×{s.size[1]}", s.failure or s.skipped] for s in speeds]
    left = [row for row in left if row[-1]]
    return tables + ([Table("What wasn't timed", ("", "size", "why"), left)] if left else [])


def budget_tables(budgets: Sequence[Budget]) -> list[Table]:
    """How old a picture is when it is seen."""
    tables = []
    for one in budgets:
        rows = [[s.name, f"{s.median_ms:.1f}", f"{s.p90_ms:.1f}", s.basis] for s in one.stages]
        rows.append(["altogether", f"{one.median_ms:.1f}", f"{one.p90_ms:.1f}", ""])
        text = (
            f"{one.fps:.1f} frames/s when one stage follows the other, {one.pipelined_fps:.1f} when each has a thread."
        )
        text += f" {NOT_COUNTED}" if one is budgets[-1] else ""
        title = f"Latency: {one.title} at {one.size[0]}×{one.size[1]}"
        tables.append(Table(title, ("stage", "median ms", "p90 ms", "how it is known"), rows, text))
    return tables


def check_tables(reports: Sequence[Report]) -> list[Table]:
    """What engines will do with the models, and what they find fault with."""
    if not reports:
        return []
    from stylebridge.opcheck.report import unmeasured_words

    rows = [
        [Path(r.model).name, r.target.name, r.verdict, str(len(r.findings)) + unmeasured_words(r.target)]
        for r in reports
    ]
    tables = [Table("What will engines do with it?", ("model", "engine", "verdict", "findings"), rows)]
    lines = [row for report in reports for row in _findings(report)]
    return [*tables, Table("Findings", ("engine", "", "what it does"), lines)] if lines else tables


def _findings(report: Report) -> list[list[str]]:
    """What a check found, the worst first, and how many lines there would be more."""
    name, lines = report.target.name, report.lines()
    rows = [[name, line.word, f"{line.where}: {line.text}" if line.where else line.text] for line in lines[:MAX_LINES]]
    more = len(lines) - MAX_LINES
    return rows + [[name, "note", f"and {more} lines more: stylebridge check shows them"]] * (more > 0)


def model_table(columns: Sequence[Column]) -> Table:
    """Files, sizes, parameters, contracts."""
    rows = []
    facts: dict[Path, tuple[str, str]] = {}
    for column in columns:
        plan = column.plan
        if plan.smoothing is not None:
            continue  # the same file as the column it smooths
        if plan.shows:
            rows.append([column.title, plan.shows, "", "", "", "as the engine showed it"])
            continue
        where = f"{plan.file.name} ({plan.note})" if plan.note else plan.file.name
        size = f"{plan.file.stat().st_size / 1e6:.2f} MB" if plan.file.is_file() else "?"
        contract = str(column.contract) if column.contract else ""
        facts.setdefault(plan.file, facts_of(plan.file))
        rows.append([column.title, where, size, *facts[plan.file], contract])
    return Table("The models", ("column", "file", "size", "parameters", "opset", "pixel contract"), rows)


def pace_table(columns: Sequence[Column]) -> Table:
    """How long each column took in the comparison itself."""
    rows = []
    for column in columns:
        if column.frame_ms and not column.plan.shows:
            release = "says nothing of the real engine" if column.plan.release else ""
            rows.append([column.title, f"{column.frame_ms:.1f}", f"{1000 / column.frame_ms:.1f}", release])
    text = (
        "One frame after the other through all columns: the mean of all frames, the first one included, with everything"
        " that belongs to a frame: from picture to numbers, the network, back to a picture, and reprojection."
    )
    return Table("How long a frame took here", ("column", "ms a frame", "frames/s", ""), rows, text)


def trouble_table(columns: Iterable[Column]) -> Table | None:
    """What didn't show every frame."""
    rows = [[column.title, str(column.shown), column.trouble] for column in columns if column.trouble]
    text = "The other columns went on."
    return Table("What went wrong", ("column", "frames shown", "what it said"), rows, text) if rows else None


def _fps(speed: Speed | None) -> str:
    if speed is None or speed.skipped:
        return "skipped"
    return "failed" if speed.fps is None else f"{speed.fps:.1f}" if speed.fps < 100 else f"{speed.fps:.0f}"


def _spread(speed: Speed) -> list[str]:
    timing = speed.timing
    if timing is None:
        return []
    cells = [speed.subject.name, f"{speed.size[0]}×{speed.size[1]}"]
    cells += [f"{value:.1f}" for value in (timing.median_ms, timing.p90_ms, timing.p99_ms)]
    memory = ["?" if value is None else f"{value:.0f} MB" for value in (speed.peak_mb, speed.own_mb)]
    return [*cells, _number(speed.first_ms, 1), str(timing.runs), *memory]


def _number(value: float | None, digits: int = 3) -> str:
    return "" if value is None else f"{value:.{digits}f}"
