"""Distil the small perceptual network that ships: python tools/distill_perceptual.py VGG PICTURES… -o perceptual.pt

VGG is a torchvision-named state dict to relu4_3 of any width that serves as the teacher; PICTURES are recordings or
folders. The student has the shape of a narrow VGG16 and is trained from random weights until its features, each mapped
by a 1x1 convolution that is thrown away, tell what the teacher's tell, and its Gram matrices change as the teacher's
do. Stored in half precision. Interrupt it freely: the same command goes on where it stopped.
"""

from __future__ import annotations

import argparse
import io
import math
import sys
from pathlib import Path

import numpy as np
import torch
from stylebridge.contract import PixelContract
from stylebridge.files import write_bytes
from stylebridge.nets.checkpoint import load_state_dict, read_checkpoint
from stylebridge.nets.perceptual import STYLE_TAPS, VggFeatures, features_from_state_dict
from stylebridge.train.data.crops import Cut, tensor_from_picture
from stylebridge.train.data.stills import open_stills
from stylebridge.train.losses import gram_of, relative_error
from torch import Tensor, nn

WIDTHS = (16, 16, 32, 32, 64, 64, 64, 128, 128, 128)
UNIT = PixelContract.of("unit")
GRAM_WEIGHT = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vgg", type=Path)
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--size", type=int, default=96)
    chosen = parser.parse_args()
    torch.manual_seed(0)
    teacher = features_from_state_dict(load_state_dict(chosen.vgg), STYLE_TAPS)
    distil(teacher, chosen)


def distil(teacher: VggFeatures, chosen: argparse.Namespace) -> None:
    student = VggFeatures(16, STYLE_TAPS, WIDTHS).requires_grad_(True)
    initialise(student)
    adapters = nn.ModuleDict({tap: nn.Conv2d(width_at(student, tap), width_at(teacher, tap), 1) for tap in STYLE_TAPS})
    learning = [*student.parameters(), *adapters.parameters()]
    adam = torch.optim.Adam(learning, lr=2e-3)
    state_path = chosen.out.with_suffix(".state.pt")
    done = resume(state_path, student, adapters, adam)
    sources = [open_stills(place) for place in chosen.pictures]
    mean = torch.zeros(len(STYLE_TAPS))
    for step in range(done, chosen.steps):
        for group in adam.param_groups:
            group["lr"] = 2e-3 * (0.01 + 0.99 * (1 + math.cos(math.pi * step / chosen.steps)) / 2)
        pictures = batch_at(sources, step, chosen.batch, chosen.size)
        with torch.no_grad():
            targets = teacher(pictures)
        seen = student(pictures)
        told = {tap: adapters[tap](seen[tap]) for tap in STYLE_TAPS}
        errors = torch.stack([relative_error(told[tap], targets[tap]) for tap in STYLE_TAPS])
        grams = torch.stack([relative_error(gram_of(told[tap]), gram_of(targets[tap])) for tap in STYLE_TAPS])
        loss = errors.sum() + GRAM_WEIGHT * grams.sum()
        adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(learning, 1.0)
        adam.step()
        mean = mean * 0.98 + errors.detach() * 0.02 if step > done else errors.detach()
        if (step + 1) % 100 == 0 or step + 1 == chosen.steps:
            shares = " ".join(f"{tap} {value:.3f}" for tap, value in zip(STYLE_TAPS, mean.tolist(), strict=True))
            print(f"step {step + 1}/{chosen.steps}: unexplained {shares}", file=sys.stderr, flush=True)
            save(state_path, step + 1, student, adapters, adam)
    write(chosen.out, student)


def batch_at(sources: list, step: int, count: int, size: int) -> Tensor:
    """Random squares of the sources, some of them with other colours, so that the network knows more than a game."""
    random = np.random.default_rng(step)
    made = []
    for _ in range(count):
        stills = sources[int(random.integers(len(sources)))]
        frame = stills.read(int(random.integers(len(stills))))
        picture = tensor_from_picture(Cut.at_random(random, frame, size).picture(frame.rgb), UNIT)
        if random.random() < 0.5:
            mix = torch.from_numpy(random.dirichlet((1.0, 1.0, 1.0), 3).astype(np.float32))
            picture = (mix @ picture.reshape(3, -1)).reshape_as(picture)
        made.append(1 - picture if random.random() < 0.15 else picture)
    return torch.stack(made)


def initialise(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)


def width_at(network: VggFeatures, tap: str) -> int:
    with torch.no_grad():
        return int(network(torch.zeros(1, 3, 32, 32))[tap].shape[1])


def save(path: Path, step: int, student: nn.Module, adapters: nn.Module, adam: torch.optim.Adam) -> None:
    packed = io.BytesIO()
    parts = {"student": student.state_dict(), "adapters": adapters.state_dict(), "adam": adam.state_dict()}
    torch.save({"step": step, **parts}, packed)
    write_bytes(path, packed.getvalue())


def resume(path: Path, student: nn.Module, adapters: nn.Module, adam: torch.optim.Adam) -> int:
    if not path.is_file():
        return 0
    state = read_checkpoint(path)
    student.load_state_dict(state["student"], strict=False)
    adapters.load_state_dict(state["adapters"])
    adam.load_state_dict(state["adam"])
    return int(state["step"])


def write(path: Path, student: VggFeatures) -> None:
    """The features in half precision, named as torchvision names them."""
    packed = io.BytesIO()
    torch.save({name: value.detach().half() for name, value in student.state_dict().items()}, packed)
    write_bytes(path, packed.getvalue())


if __name__ == "__main__":
    main()
