"""A tiny picture network, as a checkpoint, a TorchScript archive and an ONNX file, made once."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from stylebridge.nets.checkpoint import save_network  # noqa: E402
from stylebridge.nets.registry import NetSpec, build  # noqa: E402
from tiny_onnx_files import export_onnx  # noqa: E402

SPEC = NetSpec("transformer", {"widths": [4, 4, 4], "blocks": 1})


@pytest.fixture(scope="session")
def tiny_network() -> Any:
    torch.manual_seed(11)
    return build(SPEC).eval()


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_network: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoint") / "tiny.pth"
    save_network(path, tiny_network, SPEC, {"origin": "a test"})
    return path


@pytest.fixture(scope="session")
def tiny_script(tiny_network: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("script") / "tiny.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(tiny_network, torch.rand(1, 3, 16, 16))
        torch.jit.save(traced, str(path), _extra_files={"stylebridge.note": "kept"})
    return path


@pytest.fixture(scope="session")
def tiny_onnx(tiny_network: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    onnx = pytest.importorskip("onnx")
    path = tmp_path_factory.mktemp("onnx") / "tiny.onnx"
    export_onnx(tiny_network, path, free=True)
    model = onnx.load(str(path))
    model.metadata_props.add(key="stylebridge.note", value="kept")
    onnx.save(model, str(path))
    return path
