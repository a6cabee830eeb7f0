"""A whole comparison: frames through every column; what agrees, flickers, how fast it is and which engine takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylebridge.compare.agreement import Agreement, Pair
from stylebridge.compare.causing import Keeper, find_causes
from stylebridge.compare.columns import Column, open_columns
from stylebridge.compare.diagnosis.lanes import Lane
from stylebridge.compare.flickering import Flickering
from stylebridge.compare.moments import Watcher
from stylebridge.compare.page.album import Album
from stylebridge.compare.page.report import Page, Section, load_template, write_page
from stylebridge.compare.page.sidebyside import SideBySide
from stylebridge.compare.page.tables import (
    Table,
    agreement_table,
    check_tables,
    flicker_table,
    model_table,
    pace_table,
    speed_tables,
    trouble_table,
)
from stylebridge.compare.plans import Plan
from stylebridge.compare.running import Run, Stop, run_columns
from stylebridge.compare.speed.benchmark import (
    QUICK,
    SIZES,
    SMALL,
    STEADY,
    Pace,
    Size,
    Speed,
    Subject,
    is_timed,
    measure_speed,
)
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.targets import Target, find_target

if TYPE_CHECKING:
    from stylebridge.opcheck import Report

Progress = Callable[[str, int, int], None]
EMULATED = "An emulated engine has no speed of its own: the emulation runs on ONNX Runtime."


@dataclass(frozen=True)
class Wish:
    """What of a comparison is wanted beside the pictures."""

    frames: int = 60
    fps: float | None = None
    contract: str = ""
    targets: Sequence[str] = ()  # beside the engines that are emulated
    sizes: Sequence[Size] = SIZES
    pace: Pace = STEADY
    video: Path | None = None
    force: bool = False
    title: str = "Side by side"
    described: str = ""  # where the frames come from, for people

    @classmethod
    def quick(cls, **fields: Any) -> Wish:
        """With small pictures and few runs where speed is measured."""
        return cls(sizes=SMALL, pace=QUICK, **fields)


@dataclass
class Comparison:
    """What was found."""

    source: str
    frames: int
    size: Size
    columns: Sequence[Column]
    pairs: Sequence[Pair]
    flickering: Flickering
    speeds: Sequence[Speed]
    checks: Sequence[Report]
    causes: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    cut_short: str = ""  # by what, where fewer frames were compared than wished

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "source": self.source,
            "frames": self.frames,
            "size": f"{self.size[0]}x{self.size[1]}",
            "columns": [_column_as_json(column) for column in self.columns],
            "pairs": [pair.as_json() | {"cause": self.causes.get(pair.title)} for pair in self.pairs],
            "flicker": self.flickering.as_json(),
            "speed": [speed.as_json() for speed in self.speeds],
            "checks": [report.to_dict() for report in self.checks],
            "problems": self.problems,
            "cut_short": self.cut_short,
        }

    def tables(self) -> list[Table]:
        """The short ones, as a terminal shows them."""
        found = [trouble_table(self.columns), agreement_table(self.pairs, self.causes) if self.pairs else None]
        found += [flicker_table(self.flickering.results()) if not self.flickering.why_not() else None]
        found += [*speed_tables(self.speeds)[:1], pace_table(self.columns), *check_tables(self.checks)[:1]]
        return [table for table in found if table is not None and table.rows]


def compare(
    frames: Iterable[Frame],
    source: str,
    plans: Sequence[Plan],
    page: Path,
    wish: Wish,
    progress: Progress,
    problems: Sequence[str] = (),
    *,
    shown: dict[str, Lane] | None = None,
    stop: Stop | None = None,
    leave: Callable[[], None] = lambda: None,
) -> Comparison:
    """Compare the plans on the frames and write the page, and the video if one is wanted.

    `problems` are the source's, which may grow while it is read; `shown` are pictures that come along with the frames.
    Once `stop` is asked for, nothing new is begun, and what was compared until then is written. `leave` is called when
    no more frames are wanted, so that no game waits.
    """
    stop = stop or Stop()
    load_template()
    targets = _targets(plans, wish.targets)
    with ExitStack() as stack:
        columns = stack.enter_context(open_columns(plans, wish.contract, source, shown))
        keeper = Keeper(source)
        agreement = Agreement(columns, wish.frames)
        for pair in agreement.pairs:
            pair.same_model &= plans[pair.first].smoothing == plans[pair.second].smoothing
        album = Album(columns, agreement, wish.frames)
        flickering = Flickering(columns)
        watchers: list[Watcher] = [keeper, agreement, album, flickering]
        video = SideBySide(wish.video, columns, wish.fps, force=wish.force) if wish.video else None
        if video is not None:
            watchers.append(stack.enter_context(video))
        run = run_columns(
            frames, columns, watchers, wish.frames, lambda done: progress("comparing", done, wish.frames), stop
        )
        leave()
        if not any(column.shown for column in columns):
            raise InputError(columns[0].trouble)
        found = Comparison(
            source=wish.described or source,
            frames=run.frames,
            size=run.size,
            columns=columns,
            pairs=agreement.pairs,
            flickering=flickering,
            speeds=_speeds(plans, wish, keeper.frames, progress, stop),
            checks=_checks(plans, targets),
            cut_short=run.cut_short,
        )
        found.causes = find_causes(found.pairs, columns, keeper, wish.contract, progress, stop)
        found.problems += [*_cuts(run, wish, stop), *problems]
        if video is not None:
            found.problems += video.sink.problems
        write_page(page, _page(found, album, wish))
    return found


def _cuts(run: Run, wish: Wish, stop: Stop) -> list[str]:
    """What an early end left out."""
    if not run.cut_short:
        return ["Interrupted by Ctrl-C: not everything was timed, nor every cause looked for."] * stop.asked
    untimed = " Nothing was timed." if stop.asked and wish.sizes else ""
    return [f"Only {run.frames} of {wish.frames} frames were compared: {run.cut_short.rstrip('.')}.{untimed}"]


def _speeds(plans: Sequence[Plan], wish: Wish, frames: Sequence[Frame], progress: Progress, stop: Stop) -> list[Speed]:
    subjects = [
        Subject(plan.title, plan.file, plan.engine)
        for plan in plans
        if is_timed(plan.engine) and not plan.failure and plan.is_plain
    ]
    if not subjects or not wish.sizes or stop.asked:
        return []
    picture = frames[0].rgb
    return measure_speed(
        subjects, wish.sizes, pace=wish.pace, memory=False, picture=picture, progress=progress, stop=stop
    )


def _targets(plans: Sequence[Plan], names: Sequence[str]) -> list[Target]:
    """What is emulated or asked for, each once."""
    return list(dict.fromkeys(map(find_target, [*(plan.release for plan in plans if plan.release), *names])))


def _checks(plans: Sequence[Plan], targets: Sequence[Target]) -> list[Report]:
    """Every ONNX file on every target."""
    from stylebridge.opcheck import check
    from stylebridge.opcheck.graph import load_model

    files = {
        plan.file: plan for plan in plans if plan.file.suffix.lower() == ".onnx" and not plan.failure and not plan.shows
    }
    reports = []
    for file in files:
        try:
            model = load_model(file)
            reports += [check(model, target, name=str(file), folder=file.parent) for target in targets]
        except StylebridgeError:
            continue  # its column says that it can't be read
    return reports


def _page(found: Comparison, album: Album, wish: Wish) -> Page:
    reels = album.reels()
    for reel in reels:
        reel.trouble = next((c.trouble for c in found.columns if reel.kind == "column" and c.title == reel.title), "")
    notes = [album.shrunk[:1].upper() + album.shrunk[1:] + " here; the figures are of the full size."] * bool(
        album.shrunk
    )
    width, height = found.size
    return Page(
        title=wish.title,
        subtitle=f"{found.frames} frame{'s'[: found.frames > 1]} of {width}×{height} from {found.source}",
        size=found.size,
        reels=reels,
        pool=album.pool,
        sections=_sections(found),
        fps=min(30.0, wish.fps or 12.0),
        notes=[*notes, *found.problems],
    )


def _sections(found: Comparison) -> list[Section]:
    why_not = found.flickering.why_not()
    moving = Table("Does it flicker?", (), [], why_not) if why_not else flicker_table(found.flickering.results())
    trouble = trouble_table(found.columns)
    untimed = any(column.plan.release for column in found.columns)
    sections = [Section([trouble])] if trouble is not None else []
    sections += [Section([agreement_table(found.pairs, found.causes)])] if found.pairs else []
    sections += [Section([moving], found.flickering.curves() or None, "levels")]
    fast = [*speed_tables(found.speeds, EMULATED if untimed else ""), pace_table(found.columns)]
    sections += [Section(fast)]
    return [*sections, Section(check_tables(found.checks)), Section([model_table(found.columns)])]


def _column_as_json(column: Column) -> dict[str, Any]:
    plan = column.plan
    files = {"model": str(plan.model), "file": str(plan.file), "note": plan.note}
    size = plan.file.stat().st_size if plan.file.is_file() else None
    contract = column.contract.as_dict() if column.contract else None
    took = None if column.frame_ms is None else round(column.frame_ms, 3)
    state = {"shown": column.shown, "trouble": column.trouble, "ms_per_frame": took}
    return {"title": column.title, "engine": plan.engine, **files, "bytes": size, "contract": contract, **state}
