"""How fast a training step is, beside the loop of pytorch/examples' fast_neural_style: python tools/bench_train.py

One JSON object per figure, after some minutes. Both train the same network (32, 64, 128 channels) from the same weights
on the same crops with the same losses through the same VGG16 of full width (random weights: the work is the same),
batch 4, 256 px; steps take turns, medians. Which part buys what is told by variants of our step; `--quick` takes fewer.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stylebridge.imaging import write_image
from stylebridge.nets.perceptual import STYLE_TAPS, VggFeatures, gram
from stylebridge.train import precision
from stylebridge.train.data.stills import open_stills
from stylebridge.train.guard import total
from stylebridge.train.material import Material
from stylebridge.train.methods.johnson import Johnson, JohnsonMethod, Weights
from torch import Tensor, nn

BATCH, SIZE = 4, 256
CPU = torch.device("cpu")
LIMITS = {"fp32": 1.3, "bf16": 2.4}
Step = Callable[[Tensor, Tensor], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few steps, nothing compiled")
    quick = parser.parse_args().quick
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        vgg = write_vgg(place / "vgg.pth")
        random = np.random.default_rng(0)
        write_image(place / "frames" / "0.png", random.integers(0, 255, (300, 300, 3), dtype=np.uint8))
        batches = crops(1 if quick else 2)
        style = place / "frames" / "0.png"
        start = our_method(place, vgg, style).network.state_dict()
        variants: dict[str, Step] = {"example": example_step(vgg, style, start)}
        variants["cut"] = our_step(our_method(place, vgg, style, pool=0), start, layout=False)
        variants["cut, channels last"] = our_step(our_method(place, vgg, style, pool=0), start)
        variants["cut, channels last, kept"] = our_step(our_method(place, vgg, style), start)
        if precision.computes_bf16(CPU):
            variants["bf16"] = our_step(our_method(place, vgg, style), start, chosen="bf16")
        else:  # it would be emulated, a hundred times slower
            print(json.dumps({"figure": "training step in bf16", "left_out": "this processor doesn't compute in it"}))
        if not quick:
            variants["compiled"] = our_step(our_method(place, vgg, style), start, compiled=True)
        report(variants, batches, rounds=2 if quick else 3)


def report(variants: dict[str, Step], batches: list[tuple[Tensor, Tensor]], rounds: int) -> None:
    """Warm up, then let the variants take turns on the same batches."""
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    losses: dict[str, list[float]] = {name: [] for name in variants}
    for turn in range(rounds + 1):
        for batch in batches:
            for name, step in variants.items():
                began = time.perf_counter()
                losses[name].append(step(*batch))
                if turn:  # the first pass compiles and fills what is kept
                    seconds[name].append(time.perf_counter() - began)
    example = seconds["example"]
    for name in variants:
        ratios = [theirs / ours for theirs, ours in zip(example, seconds[name], strict=True)]
        apart = max(abs(a - b) / abs(b) for a, b in zip(losses[name], losses["example"], strict=True))
        line: dict[str, Any] = {"figure": "training step, times as fast as the example's", "variant": name}
        line |= {"value": round(statistics.median(ratios), 2), "ms": round(1e3 * statistics.median(seconds[name]))}
        line |= {"loss_apart": float(f"{apart:.2g}"), "steps": len(losses[name])}
        print(json.dumps(line | limit_of(name)), flush=True)


def limit_of(name: str) -> dict[str, object]:
    if name == "bf16":
        return {"limit": LIMITS["bf16"], "in_hardware": precision.computes_bf16(CPU)}
    return {"limit": LIMITS["fp32"]} if name in ("compiled", "cut, channels last, kept") else {}


def our_method(place: Path, vgg: Path, style: Path, pool: int = 16) -> JohnsonMethod:
    weights = Weights(style=1, content=1, tv=0, chroma=0, outside=0)
    settings = Johnson(
        style=(str(style),),
        published=True,
        widths=(32, 64, 128),
        pool=pool,
        size=SIZE,
        style_size=SIZE,
        weights=weights,
    )
    material = Material(open_stills(str(place / "frames")), [0], [], vgg, CPU)
    return JohnsonMethod(settings, material)


def our_step(
    method: JohnsonMethod,
    start: dict[str, Tensor],
    *,
    layout: bool = True,
    chosen: precision.Chosen = "fp32",
    compiled: bool = False,
) -> Step:
    method.network.load_state_dict(start)
    if layout:
        precision.channels_last(method.network)
    else:
        method.network.to(memory_format=torch.contiguous_format)
        for network in method.sight._networks.values():
            network.to(memory_format=torch.contiguous_format)
    (player,) = method.players()
    net = torch.compile(method.network) if compiled else method.network
    adam = torch.optim.Adam(method.network.parameters(), lr=1e-3)

    def step(pictures: Tensor, numbers: Tensor) -> float:
        batch = {"picture": pictures, "number": numbers}
        batch = method.prepare(precision.to_device(batch, CPU) if layout else batch)
        adam.zero_grad(set_to_none=True)
        with precision.autocast(chosen, CPU):
            terms = player.terms(net, batch)
        loss = total(terms, player)
        loss.backward()
        adam.step()
        return float(loss.detach())

    return step


def example_step(vgg_path: Path, style: Path, start: dict[str, Tensor]) -> Step:
    """What the example's loop does in a step: all layers for the target too, plain layout, single precision."""
    method = our_method(style.parent.parent, vgg_path, style)  # for its network and its style's Gram matrices
    network = copy.deepcopy(method.network)
    network.load_state_dict(start)
    network.to(memory_format=torch.contiguous_format)
    vgg = VggFeatures(16, STYLE_TAPS)
    vgg.load_state_dict(torch.load(vgg_path, weights_only=True), strict=False)
    adam = torch.optim.Adam(network.parameters(), lr=1e-3)
    grams = {tap: matrix.expand(BATCH, -1, -1) for tap, matrix in method.grams.items()}
    mse = nn.MSELoss()

    def step(pictures: Tensor, numbers: Tensor) -> float:
        adam.zero_grad()
        styled = network(pictures)
        seen, target = vgg(styled / 255), vgg(pictures / 255)
        loss = 1e5 * mse(seen["relu2_2"], target["relu2_2"])
        style_loss = sum(mse(gram(seen[tap]), grams[tap]) for tap in STYLE_TAPS)
        loss = loss + 1e10 * style_loss
        loss.backward()
        adam.step()
        return float(loss.detach())

    return step


def crops(count: int) -> list[tuple[Tensor, Tensor]]:
    """Smooth random pictures in 0 to 255 and their numbers."""
    generator = torch.Generator().manual_seed(1)
    made = []
    for index in range(count):
        small = torch.rand(BATCH, 3, SIZE // 8, SIZE // 8, generator=generator) * 255
        pictures = nn.functional.interpolate(small, size=(SIZE, SIZE), mode="bilinear")
        made.append((pictures, torch.arange(index * BATCH, (index + 1) * BATCH)))
    return made


def write_vgg(path: Path) -> Path:
    """A VGG16 of full width whose random weights keep the size of what passes through."""
    network = VggFeatures(16, STYLE_TAPS)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)
    torch.save(network.state_dict(), path)
    return path


if __name__ == "__main__":
    main()
