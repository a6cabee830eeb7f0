"""Parity: one model in several engines, what went in compared first, then what came out, and the likeliest cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np

from stylebridge.compare.diagnosis.causes import Diagnosis, diagnose
from stylebridge.compare.diagnosis.dumps import DumpLane
from stylebridge.compare.diagnosis.inputs import InputCheck, check_input
from stylebridge.compare.diagnosis.lanes import Answer, EngineLane, GameIds, Lane, has_ids, without_camera
from stylebridge.compare.diagnosis.live import Game, GameLane, GamePairs, is_live, shared_game
from stylebridge.compare.diagnosis.opening import check_word, open_lane
from stylebridge.compare.diagnosis.rows import Parity, Row, pooled, status_of
from stylebridge.compare.diagnosis.variants import Variants
from stylebridge.compare.diagnosis.weights import compare_weights
from stylebridge.compare.measures import Measures, measure
from stylebridge.contract import PixelContract
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.sources import open_source

CAUSE_FRAMES = 4  # that a cause is looked for in
FRAMES = 4

Progress = Callable[[str, int, int], None]


@dataclass
class _Entry:
    """A lane under way: what it answered so far, and what stopped it."""

    word: str
    lane: Lane | None = None
    answers: list[Answer] = field(default_factory=list)
    problem: str = ""

    @property
    def shown(self) -> list[ColorPlane]:
        return [answer.shown for answer in self.answers if answer.shown is not None]


class Feed:
    """The first frames of a source under the ids that their game gave them; opened when they are asked for."""

    def __init__(self, text: str, limit: int = FRAMES) -> None:
        self.text, self.limit = text, limit

    @property
    def by_id(self) -> bool:
        """Whether the ids say which picture of a recording belongs to which frame."""
        return has_ids(self.text)

    def __iter__(self) -> Iterator[Frame]:
        ids = GameIds(self.text)
        address, camera = without_camera(self.text)
        with open_source(address) as source:
            wanted = (frame for frame in source if camera in ("", frame.camera.name))
            yield from (ids.applied(frame) for frame in islice(wanted, self.limit))


def parity(
    model: Path,
    engines: Sequence[str],
    frames: Iterable[Frame],
    *,
    contract: str = "",
    suspects: Sequence[Path] = (),
    by_id: bool | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Parity:
    """Compare engines on frames. Each is a name, NAME=FILE, a source of what an engine showed, or an .npz dump.

    Ctrl-C ends the frames; those that were shown until then are compared.
    """
    if len(engines) < 2:
        raise InputError(f"{len(engines)} engine to compare", expected="two or more, with commas between")
    for word in engines:
        check_word(word)
    by_id = isinstance(frames, Feed) and frames.by_id if by_id is None else by_id
    game = shared_game(engines, frames.text) if isinstance(frames, Feed) else None
    entries: list[_Entry] = []
    try:
        entries += _opened(model, engines, contract, by_id, game)
        # Only now are the frames asked for: a live engine sends its pictures while the game sends its frames.
        kept, is_whole = _shown(entries, _paired(entries, frames, game), progress)
        if not kept:
            raise InputError("no frames", expected="at least one")
        reference = _reference(entries)
        if reference is None:
            problems = "; ".join(f"{entry.word}: {entry.problem}" for entry in entries)
            raise StylebridgeError(f"nothing to compare: {problems}")
        rows = _rows(entries, reference, kept, suspects, progress)
        return Parity(str(model), len(kept), reference.word, rows, interrupted=not is_whole)
    finally:
        for entry in entries:
            if entry.lane is not None:
                entry.lane.close()
        if game is not None:
            game.close()


def _paired(entries: Sequence[_Entry], frames: Iterable[Frame], game: Game | None) -> Iterable[Frame]:
    """The frames; of a game that shows its engine's pictures too, those that come with them."""
    lanes = [entry.lane for entry in entries if isinstance(entry.lane, GameLane)]
    return GamePairs(frames.text, game, lanes, frames.limit) if game and isinstance(frames, Feed) else frames


def _shown(entries: Sequence[_Entry], frames: Iterable[Frame], progress: Progress) -> tuple[list[Frame], bool]:
    """Ask every lane for every frame; false where Ctrl-C came before the last one."""
    limit = getattr(frames, "limit", 0) or (len(frames) if isinstance(frames, Sequence) else 0)
    for address in _listening(entries, frames):
        progress(f"waiting for a game at {address}", 0, limit)
    kept: list[Frame] = []
    try:
        for position, frame in enumerate(frames):
            progress("running", position, limit)
            _ask(entries, frame, position)
            kept.append(frame)
    except KeyboardInterrupt:
        if not kept:
            raise
        return kept, False
    return kept, True


def _listening(entries: Sequence[_Entry], frames: Iterable[Frame]) -> list[str]:
    """Where games are waited for."""
    found = [getattr(entry.lane, "listens_at", "") for entry in entries]
    found += [frames.game.listens_at] if isinstance(frames, GamePairs) else []
    found += [frames.text] if isinstance(frames, Feed) and is_live(frames.text) else []
    return [address for address in found if address]


def _opened(model: Path, engines: Sequence[str], contract: str, by_id: bool, game: Game | None) -> Iterator[_Entry]:
    borrowed: PixelContract | None = None
    for word in engines:
        entry = _Entry(word)
        try:
            entry.lane = open_lane(word, model, contract, borrowed, by_id=by_id, game=game)
        except (StylebridgeError, ModuleNotFoundError) as error:
            entry.problem = str(error)
        if borrowed is None and isinstance(entry.lane, EngineLane):
            borrowed = entry.lane.contract
        yield entry


def _ask(entries: Sequence[_Entry], frame: Frame, position: int) -> None:
    for entry in entries:
        if entry.lane is None or entry.problem:
            continue
        try:
            entry.answers.append(entry.lane.answer(frame, position))
        except Exception as error:  # one engine's failure is its own row's business
            said = str(error) if isinstance(error, StylebridgeError) else f"{type(error).__name__}: {error}"
            entry.problem = f"at frame {frame.clock.frame_id}: {said}"


def _reference(entries: Sequence[_Entry]) -> _Entry | None:
    """The first engine that can be run again; the first that showed anything where there is none."""
    answering = [entry for entry in entries if entry.shown]
    return next((entry for entry in answering if isinstance(entry.lane, EngineLane)), next(iter(answering), None))


def _rows(
    entries: Sequence[_Entry],
    reference: _Entry,
    frames: Sequence[Frame],
    suspects: Sequence[Path],
    progress: Progress,
) -> tuple[Row, ...]:
    lane = reference.lane
    if not isinstance(lane, EngineLane):
        return tuple(_row(entry, reference, frames, None, progress) for entry in entries)
    with Variants(lane, suspects) as variants:
        return tuple(_row(entry, reference, frames, variants, progress) for entry in entries)


def _row(
    entry: _Entry, reference: _Entry, frames: Sequence[Frame], variants: Variants | None, progress: Progress
) -> Row:
    lane = entry.lane
    notes = (lane.note,) if lane is not None and lane.note else ()
    if entry is reference:
        return Row(
            entry.word,
            "failed" if entry.problem else "reference",
            len(entry.answers),
            problem=entry.problem,
            notes=notes,
        )
    if lane is None or not entry.answers:
        return Row(entry.word, "failed", problem=entry.problem, notes=notes + _said_by_check(entry, reference, frames))
    inputs = _compare_inputs(entry, reference, frames[0])
    raw_max, raw_mean = _compare_raw(entry, reference)
    common = min(len(entry.shown), len(reference.shown))
    if not common:
        return Row(entry.word, "failed", 1, inputs, problem="it shows no picture: nothing but its input is compared")
    row = Row(entry.word, "failed", common, inputs, raw_max, raw_mean, problem=entry.problem, notes=notes)
    return _compared(row, entry, reference, frames[:common], variants, progress)


def _compared(
    row: Row,
    entry: _Entry,
    reference: _Entry,
    frames: Sequence[Frame],
    variants: Variants | None,
    progress: Progress,
) -> Row:
    """The row with what the pictures say."""
    pairs = list(zip(reference.shown, entry.shown, strict=False))[: len(frames)]
    sizes = next(((a.shape, b.shape) for a, b in pairs if a.shape != b.shape), None)
    if sizes is not None:
        (wanted_height, wanted_width, _), (height, width, _) = sizes
        problem = f"it shows {width}x{height}, {reference.word} {wanted_width}x{wanted_height}"
        return replace(row, status="other size", problem=problem)
    every = [measure(a, b) for a, b in pairs]
    measures, at = pooled(every, [a.shape[:2] for a, _ in pairs])
    status = status_of(measures)
    diagnosis = None
    if status == "differs" and variants is not None:
        try:
            diagnosis = _diagnosed(entry, frames, every, variants, progress)
        except KeyboardInterrupt:  # the figures stand without a cause
            row = replace(row, notes=(*row.notes, "Ctrl-C ended the search for the cause"))
    return replace(
        row,
        status="failed" if entry.problem else status,
        measures=measures,
        worst_frame=frames[at].clock.frame_id,
        diagnosis=diagnosis,
    )


def _compare_inputs(entry: _Entry, reference: _Entry, frame: Frame) -> InputCheck:
    meant = reference.lane.contract if isinstance(reference.lane, EngineLane) else None
    declared = entry.lane.contract if isinstance(entry.lane, (EngineLane, DumpLane)) else None
    return check_input(frame, reference.answers[0].given, meant, entry.answers[0].given, declared)


def _compare_raw(entry: _Entry, reference: _Entry) -> tuple[float | None, float | None]:
    """The networks' own numbers, where both are known and follow one contract."""
    lanes = (entry.lane, reference.lane)
    sides = [lane.contract.output for lane in lanes if isinstance(lane, (EngineLane, DumpLane)) and lane.contract]
    if len(sides) != 2 or sides[0] != sides[1]:
        return None, None
    pairs = [(a.made, b.made) for a, b in zip(entry.answers, reference.answers, strict=False)]
    apart = [np.abs(a - b) for a, b in pairs if a is not None and b is not None and a.shape == b.shape]
    if not apart:
        return None, None
    return max(float(each.max()) for each in apart), float(np.mean([each.mean(dtype=np.float64) for each in apart]))


def _diagnosed(
    entry: _Entry,
    frames: Sequence[Frame],
    measures: Sequence[Measures],
    variants: Variants,
    progress: Progress,
) -> Diagnosis:
    """Look for the cause in the frames that differ most."""
    base, lane = variants.reference, entry.lane
    worst = sorted(range(len(frames)), key=lambda index: measures[index].psnr_db)[:CAUSE_FRAMES]
    same_size = [index for index in worst if frames[index].color.shape == frames[worst[0]].color.shape]
    weights = compare_weights(base.path, lane.path) if isinstance(lane, EngineLane) else ""
    return diagnose(
        base.stylizer.infer,
        base.contract,
        [frames[index] for index in same_size],
        [entry.shown[index] for index in same_size],
        variants.for_lane(lane, frames[worst[0]]) if lane is not None else [],
        weights,
        lambda done, total: progress(f"looking for the cause in {entry.word}", done, total),
    )


def _said_by_check(entry: _Entry, reference: _Entry, frames: Sequence[Frame]) -> tuple[str, ...]:
    """What the operator check says of a release that gave no picture at all."""
    if not isinstance(entry.lane, EngineLane) or not entry.lane.release:
        return ()
    from stylebridge.engines.layers import troubles_of

    given = entry.lane.contract.to_tensor(frames[0])
    name = entry.lane.stylizer.engine.inputs[0].name
    found = troubles_of(entry.lane.path, entry.lane.release, {name: given.shape})
    return tuple(f"the check says: {each.op} {each.node}: {each.reason}" for each in found[:3])
