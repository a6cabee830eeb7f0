"""The command line run in process, and the small files that its commands are given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.cli.main import main
from stylebridge.imaging import write_image

from .outcome import Done, Refused, Run, contents, refusal

SPEC = ("transformer", {"widths": [4, 6, 8], "blocks": 1})
FRAME_SIZE = (33, 47)  # height and width; neither is a multiple of 4


@pytest.fixture
def stylebridge(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command as a shell would; what native libraries print is caught as well."""

    def run(*words: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["stylebridge", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return Done(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def refused(stylebridge: Run, tmp_path: Path) -> Refused:
    """Run a command that must be refused; returns its one line, after looking for anything it left behind."""

    def run(*words: object, code: int = 2) -> str:
        before = contents(tmp_path)
        done = stylebridge(*words)
        assert contents(tmp_path) == before
        return refusal(done, code)

    return run


@pytest.fixture(scope="session")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pictures that differ, also to a network that normalises brightness and contrast away."""
    folder = tmp_path_factory.mktemp("frames")
    rows, columns = np.mgrid[0 : FRAME_SIZE[0], 0 : FRAME_SIZE[1]]
    for index in range(3):
        planes = [128 + 100 * np.sin(rows / f + columns / g + index) for f, g in ((3, 9), (8, 4), (5, 5))]
        write_image(folder / f"f{index}.png", np.stack(planes, axis=2).astype(np.uint8))
    return folder


@pytest.fixture(scope="session")
def save_net(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write an untrained network; its last convolution is made loud, so that a picture shows instead of black."""
    torch = pytest.importorskip("torch")
    from stylebridge.nets.checkpoint import save_network
    from stylebridge.nets.registry import NetSpec, build

    def save(family: str, options: dict[str, Any], edit: Callable[[Any], object] = lambda module: None) -> Path:
        torch.manual_seed(3)
        spec = NetSpec(family, options)
        module = build(spec).eval()
        with torch.no_grad():
            edit(module)
        path = tmp_path_factory.mktemp(family) / "net.pt"
        save_network(path, module, spec)
        return path

    return save


@pytest.fixture(scope="session")
def checkpoint(save_net: Callable[..., Path]) -> Path:
    """The smallest Johnson network, untrained."""

    def louder(module: Any) -> None:
        module.deconv3.conv2d.weight.mul_(40)
        module.deconv3.conv2d.bias.fill_(120)

    return save_net(*SPEC, louder)


@pytest.fixture(scope="session")
def arbitrary_checkpoint(save_net: Callable[..., Path]) -> Path:
    return save_net("arbitrary", {"light": True})


@pytest.fixture(scope="session")
def guided_checkpoint(save_net: Callable[..., Path]) -> Path:
    """A network that wants a fourth channel beside the colours."""
    return save_net("fewshot", {"blocks": 1, "filters": [4, 6, 8, 8, 8, 6], "input_channels": 4})


@pytest.fixture(scope="session")
def onnx_model(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint, exported at any size; its card lies beside it."""
    pytest.importorskip("onnx")
    from stylebridge.export import contract_of, export
    from stylebridge.nets.checkpoint import load_network
    from stylebridge.targets import find_target

    network = load_network(checkpoint)
    path = tmp_path_factory.mktemp("exported") / "net.onnx"
    export(network, contract_of(network, checkpoint), path, find_target("barracuda"))
    return path


@pytest.fixture
def reader() -> Iterator[Callable[..., Any]]:
    """Start a collector that takes this many frames."""
    pytest.importorskip("zmq")
    from stylebridge.wire import Delivery

    from .reader import Reader

    readers: list[Reader] = []

    def start(
        count: int, handle: Callable[[Delivery], object] = Delivery.done, planes: tuple[str, ...] = ("color",)
    ) -> Reader:
        readers.append(Reader(handle, count, planes))
        return readers[-1]

    yield start
    for each in readers:
        each.join()
