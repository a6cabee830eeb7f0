from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from stylebridge import engines
from stylebridge.engines import EngineOptions, engine_for, engine_names, open_engine, register_engine
from stylebridge.errors import InputError


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(engines, "_ENTRIES", dict(engines._ENTRIES))
    yield


def opener(name: str, path: str, options: EngineOptions) -> tuple[str, str, EngineOptions]:
    return name, path, options


def test_both_engines_are_known() -> None:
    assert engine_names()[:2] == ("torch", "onnxruntime")


def test_an_unknown_engine_names_the_close_match() -> None:
    with pytest.raises(InputError, match=r"unknown engine 'onxruntime'; expected one of torch.* mean 'onnxruntime'"):
        open_engine("onxruntime", "model.onnx")


def test_a_later_engine_is_opened_by_its_name_with_its_options(registry: None) -> None:
    register_engine("barracuda-3.0.1", f"{__name__}:opener", options=["threads"])
    made = open_engine("barracuda-3.0.1", "a.onnx", threads=2)
    assert made == ("barracuda-3.0.1", "a.onnx", EngineOptions(threads=2))
    with pytest.raises(InputError, match="takes no option 'precision'"):
        open_engine("barracuda-3.0.1", "a.onnx", precision="fp16")
    with pytest.raises(InputError, match="registered already"):
        register_engine("barracuda-3.0.1", "x:y")


def test_a_file_names_its_engine() -> None:
    assert engine_for("a.onnx") == engine_for(Path("A.ONNX")) == "onnxruntime"
    assert engine_for("a.pth") == engine_for("a.pt") == engine_for("a.model") == "torch"


@pytest.mark.parametrize("wrong", [{"mode": "fast"}, {"precision": "int8"}, {"device": "tpu"}, {"channels_last": 1}])
def test_wrong_values_are_refused_before_a_backend_is_imported(wrong: dict[str, object]) -> None:
    (name,) = wrong
    with pytest.raises(InputError, match=f"{name} .*expected"):
        open_engine("torch", "missing.pth", **wrong)


def test_importing_engines_and_the_command_imports_no_backend() -> None:
    code = (
        "import sys, stylebridge.engines, stylebridge.engines.timing, stylebridge.cli.run\n"
        "print([m for m in ('torch', 'onnx', 'onnxruntime') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
