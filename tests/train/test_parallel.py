"""Two processes with half a batch each learn what one learns from the whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from stylebridge.imaging import write_image

torch = pytest.importorskip("torch")

from stylebridge.errors import InputError  # noqa: E402
from stylebridge.nets.checkpoint import load_network  # noqa: E402
from stylebridge.train.folder import RunFolder  # noqa: E402
from stylebridge.train.methods.johnson import Johnson  # noqa: E402
from stylebridge.train.parallel import Peers  # noqa: E402
from stylebridge.train.settings import read_settings  # noqa: E402
from stylebridge.train.start import run as start  # noqa: E402

SETTINGS = """
steps = 3
batch = 4
size = 32
style_size = 64
widths = [4, 4, 8]
blocks = 1
workers = 0
learning_rate = 0.01
"""


@pytest.fixture
def config(small_vgg: Path, tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for index in range(4):
        write_image(tmp_path / "frames" / f"{index}.png", random.integers(0, 255, (48, 64, 3), dtype=np.uint8))
    paths = f'data = "{tmp_path}/frames"\nstyle = ["{tmp_path}/frames/0.png"]\nperceptual = "{small_vgg}"\n'
    (tmp_path / "run.toml").write_text(paths + SETTINGS)
    return tmp_path / "run.toml"


def train(config: Path, out: Path, *words: str) -> dict[str, float]:
    """Train in this process; the figures of the last step."""
    start("johnson", read_settings(Johnson, config, words, {}), RunFolder(out), lambda step, figures: None)
    return list(RunFolder(out).figures())[-1]


def train_in_two(config: Path, out: Path) -> dict[str, float]:
    """The same as torchrun does it."""
    starter = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
    words = ("-m", "stylebridge.cli.main", "train", "johnson", "--config", str(config), "-o", str(out))
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([*starter, *words], capture_output=True, text=True, env=environment, timeout=240)
    assert done.returncode == 0, done.stderr
    return list(RunFolder(out).figures())[-1]


def made(run: Path) -> torch.Tensor:
    """What the trained network makes of a picture."""
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(2)) * 2 - 1
    with torch.no_grad():
        styled: torch.Tensor = load_network(run / "model.pt").module(picture)
    return styled


def test_two_processes_learn_what_one_learns(config: Path, tmp_path: Path) -> None:
    alone, two, less = (tmp_path / name for name in ("alone", "two", "less"))
    figures = train(config, alone)
    train(config, less, "batch=2")
    assert train_in_two(config, two) == pytest.approx(figures, rel=1e-3, abs=1e-5)
    # not the weights: biases before a norm have no effect and no gradient but noise, which Adam makes steps of
    assert torch.allclose(made(alone), made(two), atol=2e-3)
    assert not torch.allclose(made(alone), made(less), atol=2e-3)


def test_a_batch_that_cant_be_shared_out_is_refused() -> None:
    with pytest.raises(InputError, match="batch 5 over 2 processes; expected a multiple of 2"):
        Peers(0, 2).check_batch(5)
