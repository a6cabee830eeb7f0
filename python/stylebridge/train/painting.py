"""Painting: pictures optimised one after the other, as `loop.py` trains networks; it can be stopped at every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stylebridge.compare.temporal.warping import Step, grid, step_back
from stylebridge.errors import InputError
from stylebridge.frame import ColorPlane, Frame
from stylebridge.imaging import resize_image, write_image
from stylebridge.train.data.keyframes import PAINTED
from stylebridge.train.data.stills import Folder, Recorded, Stills
from stylebridge.train.data.styles import names_of
from stylebridge.train.folder import RunFolder
from stylebridge.train.guard import check
from stylebridge.train.loop import Progress, Report, interrupts_held
from stylebridge.train.material import Material
from stylebridge.train.methods.gatys import UNIT, Carried, Gatys, GatysPainter, Goal, larger
from stylebridge.train.parallel import Peers
from stylebridge.train.settings import fixed_part

KEYFRAMES = "keyframes.json"  # beside what `stylebridge recording keyframes` wrote
PLANES = ("color", "depth", "motion", "occlusion")
FARTHEST = 30  # frames that a painting is carried over
LEAST_SEEN = 0.3  # of a frame; with less it is painted afresh
# What steers the training of networks; here there is none.
UNUSED = ("batch", "clip", "average", "init", "compile", "workers", "judge_every", "held_out", "patience")


@dataclass
class Place:
    """Where the work stands: the how-manieth picture, its stage, the stage's step, and what is on the easel."""

    index: int = 0
    stage: int = 0
    step: int = 0
    picture: Tensor | None = None
    memory: dict[str, Any] | None = None  # the optimiser's
    before: Tensor | None = None  # the picture painted last

    def finished(self) -> Tensor | None:
        """The picture as a mere picture."""
        return None if self.picture is None else self.picture.detach()


@dataclass(frozen=True)
class Plan:
    """How a picture is painted: its sizes from coarse to fine, the steps at each, and what it follows."""

    sizes: list[tuple[int, int]]
    steps: int
    carried: Carried | None


class Painting:
    """The pictures of a run, painted into `styled/` of its folder."""

    def __init__(self, painter: GatysPainter, settings: Gatys, stills: Stills, run: RunFolder) -> None:
        self.painter, self.settings, self.run, self.stills = painter, settings, run, stills
        self.numbers = chosen_numbers(stills, settings)
        self.names = file_names(stills, self.numbers)
        self.place, self._done = Place(), 0

    def paint(self, report: Report) -> Progress:
        """Go on until every picture is done."""
        figures: dict[str, float] = {}
        try:
            while self.place.index < len(self.numbers):
                number = self.numbers[self.place.index]
                frame = self.stills.read(number, PLANES)
                figures = self._paint_one(number, frame, report)
                with interrupts_held():
                    self._write(frame)
                    self.place = Place(self.place.index + 1, before=self.place.finished())
                    self._save()
        except KeyboardInterrupt:
            if self.place.picture is not None:
                self._write(self.stills.read(self.numbers[self.place.index]))
            self._save()
            raise
        return Progress(self._done, figures=figures)

    def resume(self) -> None:
        """Take the work up where the checkpoint left it."""
        state, device = self.run.load_state(), self.painter.device
        if state.get("settings") != fixed_part(self.settings):
            do = "begin another run in a new folder"
            raise InputError("a checkpoint of other settings", do=do, where=self.run.state)
        if state["index"] >= len(self.numbers):
            raise InputError("all is painted already", do="begin another run in a new folder", where=self.run.state)
        picture, before = (None if state[name] is None else state[name].to(device) for name in ("picture", "before"))
        self.place = Place(state["index"], state["stage"], state["step"], picture, state["memory"], before)
        self._done = int(state["done"])
        self.run.forget_after(self._done)

    def _paint_one(self, number: int, frame: Frame, report: Report) -> dict[str, float]:
        """One picture, size by size; the figures at its end."""
        place, figures = self.place, {}
        plan = self._plan(number, frame)
        while True:
            size = plan.sizes[place.stage]
            if place.picture is None:
                place.picture = _begun(plan.carried, self.painter, frame, size, number)
            elif tuple(place.picture.shape[2:]) != size:
                place.picture = larger(place.picture, size)
            goal = self.painter.goal(frame, size, plan.sizes[-1], plan.carried)
            figures = self._paint_stage(goal, plan, report)
            if place.stage + 1 == len(plan.sizes):
                return figures
            place.stage, place.step, place.memory = place.stage + 1, 0, None

    def _plan(self, number: int, frame: Frame) -> Plan:
        sizes = self.painter.sizes(frame)
        if carried := self._carried(number, frame, sizes[-1]):
            return Plan(sizes[-1:], self.settings.follow_steps, carried)
        return Plan(sizes, -(-self.settings.steps // len(sizes)), None)

    def _paint_stage(self, goal: Goal, plan: Plan, report: Report) -> dict[str, float]:
        place, figures = self.place, {}
        assert place.picture is not None  # noqa: S101  # put there just before
        picture = place.picture = place.picture.detach().clone().requires_grad_()
        optimizer = self.painter.optimizer(picture)
        if place.memory:
            optimizer.load_state_dict(place.memory)
        while place.step < plan.steps:
            with interrupts_held():
                steps = self.painter.at_once(plan.steps - place.step)
                figures = self.painter.improve(picture, goal, optimizer, steps)
                check(figures, place.step + steps, self.run.path)
                place.step, place.memory = place.step + steps, optimizer.state_dict()
                share = (place.stage * plan.steps + place.step) / (plan.steps * len(plan.sizes))
                self._done = round((place.index + share) * self.settings.steps)
                if place.step % self.settings.save_every < steps or place.step == plan.steps:
                    self.run.add_figures(self._done, figures | {"picture": place.index, "height": picture.shape[2]})
                    self._save()
            report(self._done, figures | {"steps_in_all": float(len(self.numbers) * self.settings.steps)})
        return figures

    def _carried(self, number: int, frame: Frame, size: tuple[int, int]) -> Carried | None:
        """The last painting as this frame sees it, where the recording says how to get there."""
        place = self.place
        if not self.settings.follow or place.before is None or tuple(place.before.shape[2:]) != size:
            return None
        earlier = self.numbers[place.index - 1]
        way = way_back(self.stills, number, earlier)
        if way is None or way.seen.mean() < LEAST_SEEN:
            return None
        motion = torch.from_numpy(way.positions - grid(frame.height, frame.width)).permute(2, 0, 1)[None]
        seen = torch.from_numpy(way.seen[None, None].astype(np.float32))
        return self.painter.carried(place.before, (self.stills.read(earlier), frame), motion, seen)

    def _write(self, frame: Frame) -> None:
        """The picture as it is, in the frame's own size."""
        assert self.place.picture is not None  # noqa: S101  # asked only when there is one
        painted = resize_image(color_from_unit(self.place.picture), (frame.width, frame.height))
        write_image(self.run.styled / self.names[self.place.index], painted, force=True)

    def _save(self) -> None:
        place = self.place
        kept = {"index": place.index, "stage": place.stage, "step": place.step, "memory": place.memory}
        pictures = {"picture": place.picture, "before": place.before}
        self.run.save_state(
            {"settings": fixed_part(self.settings), "done": self._done}
            | kept
            | {name: None if tensor is None else tensor.detach() for name, tensor in pictures.items()}
        )


def start_painting(
    settings: Gatys, material: Material, run: RunFolder, peers: Peers, report: Report, *, resume: bool
) -> Progress:
    """Paint all that the settings ask for, or go on with it."""
    refuse_unused(settings)
    if peers.count > 1:
        raise InputError(f"gatys in {peers.count} processes", expected="one: pictures follow each other")
    painting = Painting(GatysPainter(settings, material), settings, material.stills, run)
    if resume:
        painting.resume()
        run.write_settings("gatys", settings)
    else:
        run.begin("gatys", settings)
    return painting.paint(report)


def refuse_unused(settings: Gatys) -> None:
    """Nothing that was asked for is passed over in silence."""
    for name in UNUSED:
        if getattr(settings, name) != getattr(Gatys(), name):
            raise InputError(
                f"setting {name} for gatys", expected="no such thing: it optimises pictures, not a network"
            )


def chosen_numbers(stills: Stills, settings: Gatys) -> list[int]:
    """The frames to paint, in the order of the recording; of a folder of key frames, not their masks."""
    for number in settings.frames:
        if not 0 <= number < len(stills):
            raise InputError(f"frame {number}", expected=f"numbers from 0 to {len(stills) - 1}", where=stills.place)
    numbers = sorted(set(settings.frames)) or [number for run in stills.runs() for number in run[:: settings.every]]
    if isinstance(stills, Folder) and (stills.place / KEYFRAMES).is_file():
        numbers = [number for number in numbers if stills.paths[number].name.startswith(PAINTED)]
    return numbers


def file_names(stills: Stills, numbers: list[int]) -> list[str]:
    """What each painting is called: as its picture, or as `stylebridge recording keyframes` calls that frame."""
    if isinstance(stills, Folder):
        return [f"{name}.png" for name in names_of([stills.paths[number] for number in numbers])]
    return [f"{PAINTED}{number:06d}.png" for number in numbers]


def way_back(stills: Stills, number: int, earlier: int) -> Step | None:
    """From a frame to an earlier one over all between, or None where the recording doesn't say how."""
    if not isinstance(stills, Recorded):
        return None
    before = {second: first for first, second in stills.recording.pairs()}
    here, way = number, None
    for _ in range(FARTHEST):
        if here not in before or "motion" not in stills.recording.planes_of(here):
            return None
        step = step_back(stills.read(here, PLANES), stills.read(before[here], ("color", "depth")))
        way = step if way is None else way.after(step)
        here = before[here]
        if here == earlier:
            return way
    return None


def color_from_unit(picture: Tensor) -> ColorPlane:
    """[1,3,H,W] in [0,1] -> [H,W,3] bytes."""
    height, width = picture.shape[2:]
    blank = Frame(color=np.zeros((height, width, 3), np.uint8))
    return UNIT.to_frame(picture.detach().float().cpu().contiguous().numpy(), blank).rgb


def _begun(carried: Carried | None, painter: GatysPainter, frame: Frame, size: tuple[int, int], number: int) -> Tensor:
    """The last painting where it can be seen, else the frame; without a last one, what the settings say."""
    if carried is None:
        return painter.first(frame, size, number)
    return torch.where(carried.seen > 0, carried.picture, painter.picture(frame, size)).contiguous()
