"""The loop that every method is trained by. It reads from top to bottom: resume, batch, terms, step, look, save."""

from __future__ import annotations

import math
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import write_image
from stylebridge.train import precision
from stylebridge.train.averaging import Average
from stylebridge.train.board import Board
from stylebridge.train.data.feed import batches
from stylebridge.train.folder import RunFolder
from stylebridge.train.guard import check, total
from stylebridge.train.judge import Judge
from stylebridge.train.method import Batch, Method, Player
from stylebridge.train.parallel import Peers
from stylebridge.train.settings import Settings, fixed_part

Report = Callable[[int, Mapping[str, float]], None]
WARM_UP = 20  # a part of the steps, in which the learning rate rises
LEAST_RATE = 0.02  # of the learning rate, at the end


@dataclass
class Learner:
    """A player with what its turns need."""

    player: Player
    net: Callable[..., Tensor]
    adam: torch.optim.Adam
    scaler: torch.amp.GradScaler


@dataclass
class Progress:
    """How far a run is, and how well it did."""

    step: int = 0
    best: float = math.inf
    worse: int = 0  # looks since the best one
    figures: dict[str, float] = field(default_factory=dict)
    best_weights: dict[str, Tensor] = field(default_factory=dict)  # where training may end early


def train(
    method: Method,
    settings: Settings,
    run: RunFolder,
    judge: Judge | None,
    peers: Peers,
    report: Report,
    *,
    resume: bool,
) -> Progress:
    """Train until the steps are done or the judge sees no more progress; checkpoints and pictures go into the run."""
    chosen = precision.chosen(settings.precision, peers.device)
    learners = [_learner(player, settings, chosen, peers) for player in method.players()]
    average = Average(method.network, settings.average)
    progress = _resumed(run, learners, average, settings) if resume else Progress()
    board = Board(run.board, progress.step) if peers.leads else None

    try:
        for batch in batches(method.frames, settings, progress.step, peers):
            batch = method.prepare(precision.to_device(batch, peers.device))
            figures: dict[str, float] = {}
            for learner in learners:
                figures |= _turn(learner, learners, batch, chosen, progress.step + 1, settings, run, peers)
            with interrupts_held():
                progress.step += 1
                for learner in learners:
                    _improve(learner, progress.step, settings)
                average.follow(method.network, progress.step)
                method.stepped()
                progress.figures = figures
            report(progress.step, figures)
            if _due(progress.step, settings.judge_every, settings) and judge:
                figures = figures | _look(judge, method, average, progress, settings)
                report(progress.step, figures)
            if board:
                board.add(progress.step, figures)
            is_last = _is_enough(progress, settings, peers)
            if (is_last or _due(progress.step, settings.save_every, settings)) and peers.leads:
                run.add_figures(progress.step, figures)
                _save_picture(run, method, average.network, batch, progress.step)
                _save(run, learners, average, settings, progress)
            if is_last:
                break
    except KeyboardInterrupt:
        if progress.step and peers.leads:
            _save(run, learners, average, settings, progress)
        raise
    finally:
        if board:
            board.close()
    method.network.load_state_dict(progress.best_weights or average.network.state_dict())
    return progress


def _learner(player: Player, settings: Settings, chosen: precision.Chosen, peers: Peers) -> Learner:
    module = precision.channels_last(player.module.to(peers.device)).train()
    net = peers.wrapped(module)
    adam = torch.optim.Adam(module.parameters(), lr=player.learning_rate, betas=player.betas)
    scaler = torch.amp.GradScaler(peers.device.type, enabled=chosen == "fp16")
    return Learner(player, torch.compile(net) if settings.compile else net, adam, scaler)


def _turn(
    learner: Learner,
    learners: list[Learner],
    batch: Batch,
    chosen: precision.Chosen,
    step: int,
    settings: Settings,
    run: RunFolder,
    peers: Peers,
) -> dict[str, float]:
    """One player's forward and backward pass; the others hold still."""
    player = learner.player
    for other in learners:
        other.player.module.requires_grad_(other is learner)
    learner.adam.zero_grad(set_to_none=True)
    with precision.autocast(chosen, peers.device):
        terms = player.terms(learner.net, batch)
    loss = total(terms, player)
    figures = {name: peers.agreed(float(value.detach())) for name, value in terms.items()}
    check(figures, step, run.path)
    name = "loss" if len(learners) == 1 else f"{player.name}_loss"
    figures[name] = peers.agreed(float(loss.detach()))
    learner.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
    if settings.clip:
        learner.scaler.unscale_(learner.adam)
        nn.utils.clip_grad_norm_(player.module.parameters(), settings.clip)
    return figures


def _improve(learner: Learner, step: int, settings: Settings) -> None:
    for group in learner.adam.param_groups:
        group["lr"] = learner.player.learning_rate * rate(step, settings.steps)
    learner.scaler.step(learner.adam)
    learner.scaler.update()


def rate(step: int, steps: int) -> float:
    """A short warm-up, then a cosine down to a fiftieth; a function of the step, so that resuming needs no memory."""
    warm_up = max(1, steps // WARM_UP)
    along = max(0, step - warm_up) / max(1, steps - warm_up)
    middle = (1 + LEAST_RATE) / 2
    return min(1.0, step / warm_up) * (middle + (1 - middle) * math.cos(math.pi * along))


def _due(step: int, every: int, settings: Settings) -> bool:
    return bool(every) and (step % every == 0 or step == settings.steps)


def _is_enough(progress: Progress, settings: Settings, peers: Peers) -> bool:
    """Whether the judge saw no progress for long; only the first process judges, and all must stop together."""
    if not settings.patience or not _due(progress.step, settings.judge_every, settings):
        return False
    return peers.agreed(float(progress.worse >= settings.patience)) > 0


def _look(judge: Judge, method: Method, average: Average, progress: Progress, settings: Settings) -> dict[str, float]:
    """Judge the kept network on frames it never learnt from; where training may end early, remember the best."""
    network = average.network
    was_training = network.training
    judgement = judge.look(lambda pictures: method.stylize(network.eval(), pictures))
    network.train(was_training)
    if judgement.score < progress.best:
        progress.best, progress.worse = judgement.score, 0
        if settings.patience:
            progress.best_weights = {name: value.clone() for name, value in network.state_dict().items()}
    else:
        progress.worse += 1
    return judgement.as_figures()


def _save(run: RunFolder, learners: list[Learner], average: Average, settings: Settings, progress: Progress) -> None:
    """Everything that going on needs, in one file."""
    run.save_state(
        {
            "settings": fixed_part(settings),
            "step": progress.step,
            "best": progress.best,
            "worse": progress.worse,
            "best_weights": progress.best_weights,
            "average": average.network.state_dict(),
            "players": {
                learner.player.name: {
                    "module": learner.player.module.state_dict(),
                    "adam": learner.adam.state_dict(),
                    "scaler": learner.scaler.state_dict(),
                }
                for learner in learners
            },
            "random": torch.get_rng_state(),
        }
    )


def _resumed(run: RunFolder, learners: list[Learner], average: Average, settings: Settings) -> Progress:
    state = run.load_state()
    if state.get("settings") != fixed_part(settings):
        raise InputError("a checkpoint of other settings", do="begin another run in a new folder", where=run.state)
    if int(state["step"]) >= settings.steps:
        raise InputError(
            f"the run has done {state['step']} steps already",
            expected=f"fewer than the {settings.steps} asked for",
            do="resume with --set steps=MORE",
            where=run.state,
        )
    for learner in learners:
        stored: dict[str, Any] = state["players"][learner.player.name]
        learner.player.module.load_state_dict(stored["module"])
        learner.adam.load_state_dict(stored["adam"])
        learner.scaler.load_state_dict(stored["scaler"])
    if average.share:
        average.network.load_state_dict(state["average"])
    torch.set_rng_state(state["random"])
    run.forget_after(int(state["step"]))
    best = state["best_weights"]
    return Progress(int(state["step"]), float(state["best"]), int(state["worse"]), best_weights=best)


def _save_picture(run: RunFolder, method: Method, network: nn.Module, batch: Batch, step: int) -> None:
    """The samples of the last batch side by side, for a look while it trains."""
    was_training = network.training
    rows = method.example(network.eval(), batch)
    network.train(was_training)
    write_image(run.picture(step), picture_from_rows(rows, method.contract), force=True)


def picture_from_rows(rows: Tensor, contract: PixelContract) -> Any:
    """[N,3,H,W] as the contract says -> one picture of N columns."""
    strip = torch.cat(list(rows.float().cpu()), dim=2)[None].contiguous()  # [N,3,H,W] -> [1,3,H,N*W]
    height, width = strip.shape[2:]
    blank = torch.zeros((height, width, 3), dtype=torch.uint8).numpy()
    return contract.to_frame(strip.numpy(), Frame(color=blank)).rgb


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the block, so that a saved state is never half a step."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
