"""Small untrained networks that notice every fault, and a picture with unlike channels, rows and columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stylebridge.frame import Clock, Frame

torch = pytest.importorskip("torch")

from stylebridge.nets.checkpoint import save_network  # noqa: E402
from stylebridge.nets.registry import NetSpec, build  # noqa: E402

FEW_SHOT = NetSpec("fewshot", {"blocks": 1, "filters": [4, 6, 8, 8, 8, 6]})
JOHNSON = NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 1})


def few_shot(path: Path, seed: int = 1) -> Path:
    """Speaks [-1,1] and, with its batch norms, notices a change of range."""
    torch.manual_seed(seed)
    module = build(FEW_SHOT)
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(part.running_var, 0.2, 0.6)
    with torch.no_grad():
        module.leave.weight.mul_(20)  # type: ignore[union-attr,operator]
    save_network(path, module.eval(), FEW_SHOT)
    return path


def johnson(path: Path, seed: int = 3) -> Path:
    """Speaks bytes; its last convolution is made loud, so that a picture shows instead of black."""
    torch.manual_seed(seed)
    module = build(JOHNSON).eval()
    with torch.no_grad():
        module.deconv3.conv2d.weight.mul_(40)  # type: ignore[union-attr,operator]
        module.deconv3.conv2d.bias.fill_(120)  # type: ignore[union-attr,operator]
    save_network(path, module, JOHNSON)
    return path


def picture(seed: int = 4, size: tuple[int, int] = (46, 66), frame_id: int = 0) -> Frame:
    """Shapes with unlike channels and unlike halves; neither side a multiple of 4."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]]
    planes = [128 + 100 * np.sin(rows / f + columns / g + p) for f, g, p in random.uniform(3, 9, (3, 3))]
    color = np.stack(planes, axis=2) * np.linspace(0.3, 1, size[0])[:, None, None]
    color *= np.linspace(0.6, 1, size[1])[None, :, None]
    color += random.normal(0, 6, color.shape)
    return Frame(color=np.clip(color, 0, 255).astype(np.uint8), clock=Clock(frame_id=frame_id))
