"""Estimated motion against the true flow of a Sintel pair."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import numpy as np
from stylebridge.imaging import opencv, read_image
from stylebridge.sources.opticalflow import WAYS, FlowEstimator

from capturebench.game import say

DATA = Path(os.environ.get("STYLEBRIDGE_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


def measure_flow(rounds: int) -> None:
    """Estimated motion against the true flow of a Sintel pair."""
    folder = DATA / "frames/mmflow_demo"
    if not folder.is_dir():
        say("flow", skipped=f"no {folder}: set STYLEBRIDGE_TEST_DATA")
        return
    now, before = (read_image(folder / f"frame_000{number}.png") for number in (1, 2))
    raw = (DATA / "flow_gt/sintel_flowiz/frame_0001.flo").read_bytes()
    true = np.frombuffer(raw, np.float32, offset=12).reshape(*now.shape[:2], 2)
    errors = {"unwarped": warp_error(now, before, np.zeros_like(true)), "true": warp_error(now, before, true)}
    say(
        "flow", way="the true one", size=f"{now.shape[1]}x{now.shape[0]}", **{k: round(v, 2) for k, v in errors.items()}
    )
    for way in WAYS:
        estimator, spans = FlowEstimator(way), []
        for _ in range(rounds):
            start = time.perf_counter()
            motion, occlusion = estimator.motion_from_greys(estimator.grey(now), estimator.grey(before))
            spans.append(time.perf_counter() - start)
        off = np.linalg.norm(motion - true, axis=2)
        say(
            "flow", way=way, epe_px=round(float(off.mean()), 3), epe_seen_px=round(float(off[~occlusion].mean()), 3),
            warped_l1=round(warp_error(now, before, motion), 2), occluded=round(float(occlusion.mean()), 4),
            ms=round(1e3 * statistics.median(spans), 1),
        )  # fmt: skip


def warp_error(now: np.ndarray, before: np.ndarray, motion: np.ndarray) -> float:
    cv2 = opencv()
    rows, columns = np.mgrid[: now.shape[0], : now.shape[1]].astype(np.float32)
    where = columns + motion[:, :, 0], rows + motion[:, :, 1]
    warped = cv2.remap(before, *where, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return float(np.abs(now.astype(np.float32) - warped).mean())
