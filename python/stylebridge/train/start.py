"""Starting a run or taking one up again: settings, material, method, loop, and what is left at the end."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from stylebridge.contract import PixelContract
from stylebridge.errors import InputError, MissingExtra
from stylebridge.nets.checkpoint import load_network, save_network
from stylebridge.nets.registry import NetSpec, full_options
from stylebridge.train import precision
from stylebridge.train.folder import RunFolder
from stylebridge.train.judge import Judge
from stylebridge.train.loop import Progress, Report, train
from stylebridge.train.material import Material, open_material
from stylebridge.train.method import Method
from stylebridge.train.methods import method_called
from stylebridge.train.methods.gatys import Gatys
from stylebridge.train.painting import start_painting
from stylebridge.train.parallel import join_peers, leave_peers
from stylebridge.train.report import write_report
from stylebridge.train.settings import Settings


def run(
    name: str,
    settings: Settings,
    folder: RunFolder,
    report: Report,
    *,
    resume: bool = False,
    device: str = "auto",
) -> Progress:
    """Train by the method called so; the network is `model.pt` in the folder."""
    here = precision.device_from_name(device)
    peers = join_peers(here)
    try:
        peers.check_batch(settings.batch)
        material = open_material(settings, here)
        if isinstance(settings, Gatys):  # pictures are painted, no network is trained
            return start_painting(settings, material, folder, peers, report, resume=resume)
        torch.manual_seed(settings.seed)
        method = make_method(name, settings, material)
        check_size(settings.size, method.contract)
        precision.chosen(settings.precision, here)
        judge = _judge(method, material, settings) if peers.leads else None
        if peers.leads:
            (folder.write_settings if resume else folder.begin)(name, settings)
        progress = train(method, settings, folder, judge, peers, report, resume=resume)
        if peers.leads:
            meta = _meta(name, method, settings, material, progress)
            save_network(folder.model, method.network, method.spec, meta, force=True)
            method.leave(folder, meta)
            with suppress(MissingExtra):  # the page is a help, the network is what was asked for
                write_report(folder, name, settings)
        return progress
    finally:
        leave_peers()


def check_size(size: int, contract: PixelContract) -> None:
    """Refuse crops that the network can't take as they are."""
    if size % contract.multiple:
        raise InputError(f"crops of {size} pixels", expected=f"a multiple of {contract.multiple}")


def make_method(name: str, settings: Settings, material: Material) -> Method:
    """The method, its networks built, its style looked at."""
    kind: Any = method_called(name)
    method: Method = kind(settings, material)
    if settings.init:
        method.network.load_state_dict(_matching(Path(settings.init), method.spec))
    return method


def _judge(method: Method, material: Material, settings: Settings) -> Judge | None:
    if not settings.judge_every or not material.kept:
        return None
    return Judge(material.stills, material.kept, method)


def _matching(path: Path, spec: NetSpec) -> dict[str, Any]:
    """The weights to start from, of a network of the same shape."""
    given = load_network(path)
    if full_options(given.spec) != full_options(spec) or given.spec.family != spec.family:
        raise InputError(f"{given.spec.to_json()}", expected=f"the shape being trained, {spec.to_json()}", where=path)
    return given.module.state_dict()


def _meta(name: str, method: Method, settings: Settings, material: Material, progress: Progress) -> dict[str, str]:
    origin = (
        f"stylebridge train {name} on {settings.pattern()}: {progress.step} steps of {settings.batch} crops"
        f" of {settings.size} px from {len(material.learnt)} frames, seen through {material.perceptual.name},"
        f" {time.strftime('%Y-%m-%d')}"
    )
    return {"contract": method.contract.to_json(), "origin": origin, "steps": str(progress.step)}
