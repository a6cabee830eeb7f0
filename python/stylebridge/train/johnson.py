"""Johnson's method: one network per style, trained on any pictures to match a style's Gram matrices.

Read it from top to bottom: options, data, networks, loss, step, log, save.
"""

from __future__ import annotations

import io
import json
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.files import check_output, write_bytes
from stylebridge.frame import Frame
from stylebridge.imaging import read_image, write_image
from stylebridge.nets.checkpoint import load_network, read_checkpoint, save_network
from stylebridge.nets.perceptual import STYLE_TAPS, VggFeatures
from stylebridge.nets.registry import NetSpec, build, full_options
from stylebridge.train.losses import content_loss, luma_and_chroma, style_grams, style_loss, total_variation
from stylebridge.train.pictures import Crops
from stylebridge.train.weights import find_vgg, open_vgg

CONTRACT = PixelContract.of("signed", multiple=4)  # small numbers learn faster than 0–255
CONTENT_TAP = "relu2_2"


@dataclass(frozen=True)
class Options:
    """What a run is made of; a resumed run must have the same ones, `steps` aside."""

    content: Path
    style: Path
    out: Path
    vgg: Path | None = None
    widths: tuple[int, int, int] = (16, 32, 64)
    blocks: int = 5
    steps: int = 4000
    batch: int = 4
    size: int = 256
    style_size: int = 512
    learning_rate: float = 1e-3
    content_weight: float = 1.0
    style_weight: float = 4.0
    tv_weight: float = 0.3
    chroma_weight: float = 3.0
    init: Path | None = None
    seed: int = 0
    workers: int = 1
    save_every: int = 250

    def fixed(self) -> str:
        """The options that a resumed run must share, as text."""
        same = {k: str(v) for k, v in asdict(self).items() if k not in {"steps", "out", "workers", "save_every"}}
        return json.dumps(same, sort_keys=True)


Report = Callable[[int, dict[str, float]], None]


def train(options: Options, report: Report, *, force: bool = False) -> Path:
    """Train, or go on where an interrupted run stopped, and write the checkpoint `options.out`."""
    state_path, sample_path = options.out.with_suffix(".state.pt"), options.out.with_suffix(".sample.png")
    if options.size % CONTRACT.multiple:
        raise InputError(f"crops of {options.size} pixels", expected=f"a multiple of {CONTRACT.multiple}")
    check_output(options.out, force)
    check_output(sample_path, force or state_path.exists())
    torch.manual_seed(options.seed)
    vgg_path = find_vgg(options.vgg)
    vgg = open_vgg(vgg_path, tuple(dict.fromkeys((*STYLE_TAPS, CONTENT_TAP))))
    vgg_content = open_vgg(vgg_path, (CONTENT_TAP,))
    grams = _style_target(vgg, options)
    spec = NetSpec("transformer", {"widths": list(options.widths), "blocks": options.blocks})
    net = build(spec)
    if options.init:
        net.load_state_dict(_matching(options.init, spec))
    for module in (net, vgg, vgg_content):
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # several times faster on a CPU
    adam = torch.optim.Adam(net.parameters(), lr=options.learning_rate)
    done = _resume(state_path, options, net, adam)

    try:
        for content in _batches(options, done):
            content = content.to(memory_format=torch.channels_last)
            with torch.no_grad():
                kept = vgg_content(content * 0.5 + 0.5)
            figures = _step(net, vgg, grams, content, kept, options)
            torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
            for group in adam.param_groups:
                group["lr"] = _learning_rate(done + 1, options)
            with interrupts_held():
                adam.step()
                done += 1
            adam.zero_grad(set_to_none=True)
            report(done, figures)
            if done % options.save_every == 0 or done == options.steps:
                _save_state(state_path, options, net, adam, done)
                _save_sample(sample_path, net, content)
    except KeyboardInterrupt:
        if done:
            _save_state(state_path, options, net, adam, done)
        raise
    meta = {"contract": CONTRACT.to_json(), "origin": _origin(options, vgg_path), "steps": str(options.steps)}
    save_network(options.out, net, spec, meta, force=force)
    state_path.unlink(missing_ok=True)
    return options.out


def _matching(path: Path, spec: NetSpec) -> dict[str, Tensor]:
    """The weights to start from, of a network of the same shape."""
    given = load_network(path)
    if full_options(given.spec) != full_options(spec) or given.spec.family != spec.family:
        raise InputError(f"{given.spec.to_json()}", expected=f"the shape being trained, {spec.to_json()}", where=path)
    return given.module.state_dict()


def _step(
    net: torch.nn.Module,
    vgg: VggFeatures,
    grams: dict[str, Tensor],
    content: Tensor,
    targets: dict[str, Tensor],
    o: Options,
) -> dict[str, float]:
    """One forward and backward pass; gradients stay in the network."""
    styled = net(content) * 0.5 + 0.5
    features = vgg(styled.clamp(-0.2, 1.2))
    style = style_loss(features, grams)
    kept = content_loss(features, targets, CONTENT_TAP)
    luma, chroma = (total_variation(part) for part in luma_and_chroma(styled))
    outside = (styled - styled.clamp(0, 1)).square().mean()
    smooth = o.tv_weight * luma + o.chroma_weight * chroma  # unchecked, small networks hatch in rainbow colours
    loss = o.style_weight * style + o.content_weight * kept + smooth + 10.0 * outside
    loss.backward()
    return {
        "loss": loss.item(),
        "style": style.item(),
        "content": kept.item(),
        "tv": luma.item(),
        "chroma": chroma.item(),
    }


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


def _learning_rate(step: int, options: Options) -> float:
    """A short warm-up, then a cosine down to a fiftieth; a function of the step, so that resuming needs no memory."""
    warm_up = max(1, options.steps // 20)
    along = max(0, step - warm_up) / max(1, options.steps - warm_up)
    return options.learning_rate * min(1.0, step / warm_up) * (0.51 + 0.49 * math.cos(math.pi * along))


def _batches(options: Options, done: int) -> Iterator[Tensor]:
    crops = Crops(options.content, CONTRACT, size=options.size, count=options.steps * options.batch, seed=options.seed)
    rest = Subset(crops, range(done * options.batch, len(crops)))
    try:
        yield from DataLoader(rest, batch_size=options.batch, num_workers=options.workers)
    except InputError as error:  # what a worker raised comes back with its traceback in front
        raise InputError(str(error).rpartition("InputError: ")[2]) from error


def _style_target(vgg: VggFeatures, options: Options) -> dict[str, Tensor]:
    """The style's Gram matrices, from the picture shrunk so that its shorter side is `style_size`."""
    picture = torch.from_numpy(PixelContract.of("unit").to_tensor(Frame(color=read_image(options.style))))
    scale = min(1.0, options.style_size / min(picture.shape[2:]))
    if scale < 1:
        picture = torch.nn.functional.interpolate(picture, scale_factor=scale, mode="area")
    with torch.no_grad():
        return style_grams(vgg(picture), STYLE_TAPS, options.batch)


def _save_state(
    path: Path,
    options: Options,
    net: torch.nn.Module,
    adam: torch.optim.Optimizer,
    step: int,
) -> None:
    state = {
        "options": options.fixed(),
        "step": step,
        "net": net.state_dict(),
        "adam": adam.state_dict(),
    }
    packed = io.BytesIO()  # torch answers a full disk with an error that names no file
    torch.save(state, packed)
    write_bytes(path, packed.getvalue())


def _resume(path: Path, options: Options, net: torch.nn.Module, adam: torch.optim.Optimizer) -> int:
    if not path.is_file():
        return 0
    try:
        state = read_checkpoint(path)
    except InputError as error:
        raise InputError(error.found, do="delete this file to start anew", where=path) from error
    if int(state.get("step", 0)) > options.steps:
        raise InputError(
            f"an interrupted run has done {state['step']} steps already",
            expected=f"at most the {options.steps} asked for",
            do="ask for more steps, or delete this file to start anew",
            where=path,
        )
    if state.get("options") != options.fixed():
        raise InputError(
            "an interrupted run with other options left its state",
            do="repeat it with the same options to go on, or delete this file to start anew",
            where=path,
        )
    net.load_state_dict(state["net"])
    adam.load_state_dict(state["adam"])
    return int(state["step"])


def _save_sample(path: Path, net: torch.nn.Module, content: Tensor) -> None:
    """Content above, stylised below, for a look while it trains."""
    with torch.no_grad():
        pair = torch.cat([content, net(content)], dim=2)  # [N,3,2H,W]
    strip = torch.cat(list(pair), dim=2)[None].contiguous()  # [N,3,2H,W] -> [1,3,2H,N*W]
    blank = Frame(color=np.zeros((*strip.shape[2:], 3), np.uint8))
    write_image(path, CONTRACT.to_frame(strip.numpy(), blank).rgb, force=True)


def _origin(options: Options, vgg: Path) -> str:
    return (
        f"trained with train/johnson.py on {options.style.name}: {options.steps} steps of {options.batch} crops of"
        f" {options.size} px, {vgg.name}, weights style {options.style_weight:g} content {options.content_weight:g}"
        f" tv {options.tv_weight:g} chroma {options.chroma_weight:g}, {time.strftime('%Y-%m-%d')}"
    )
