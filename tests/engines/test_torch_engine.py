from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from conformance import EngineConformance  # noqa: E402
from stylebridge.contract import PixelContract  # noqa: E402
from stylebridge.engines import InferenceFailed, ModelRejected, open_engine  # noqa: E402
from stylebridge.errors import InputError  # noqa: E402
from stylebridge.nets.checkpoint import save_network  # noqa: E402
from stylebridge.nets.registry import NetSpec, build  # noqa: E402


def picture(height: int = 12, width: int = 16) -> np.ndarray:
    return np.random.default_rng(1).random((1, 3, height, width), dtype=np.float32)


def output(path: Path, array: np.ndarray, **options: Any) -> np.ndarray:
    with open_engine("torch", path, device="cpu", **options) as engine:
        return engine.run({"input": array})["output"]


class TestEagerCheckpoint(EngineConformance):
    @pytest.fixture
    def open_tiny(self, tiny_checkpoint: Path) -> Any:
        return lambda **options: open_engine("torch", tiny_checkpoint, **{"device": "cpu", **options})


class TestTracedCheckpoint(EngineConformance):
    @pytest.fixture
    def open_tiny(self, tiny_checkpoint: Path) -> Any:
        return lambda **options: open_engine(
            "torch", tiny_checkpoint, **{"device": "cpu", "mode": "torchscript", **options}
        )


class TestScriptArchive(EngineConformance):
    @pytest.fixture
    def open_tiny(self, tiny_script: Path) -> Any:
        return lambda **options: open_engine("torch", tiny_script, **{"device": "cpu", **options})


class TestFrozenScriptArchive(EngineConformance):
    @pytest.fixture
    def open_tiny(self, tiny_script: Path) -> Any:
        return lambda **options: open_engine(
            "torch", tiny_script, **{"device": "cpu", "mode": "torchscript", **options}
        )


def test_the_checkpoint_says_what_it_takes_and_is(tiny_checkpoint: Path) -> None:
    with open_engine("torch", tiny_checkpoint, device="cpu") as engine:
        assert [(i.name, i.shape) for i in engine.inputs] == [("input", (None, 3, None, None))]
        assert [(o.name, o.shape) for o in engine.outputs] == [("output", (None, 3, None, None))]
        assert engine.metadata["origin"] == "a test"
        assert PixelContract.from_json(engine.metadata["stylebridge.contract"]).input.range == "byte"
        assert NetSpec.from_json(engine.metadata["stylebridge.spec"]).family == "transformer"
        assert engine.device == "cpu"


def test_the_result_is_the_networks_own(tiny_network: Any, tiny_checkpoint: Path) -> None:
    with torch.inference_mode():
        wanted = tiny_network(torch.from_numpy(picture())).numpy()
    np.testing.assert_allclose(output(tiny_checkpoint, picture(), threads=1), wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("options", [{"mode": "torchscript"}, {"channels_last": True}, {"threads": 2}])
def test_other_ways_to_run_give_the_same(tiny_checkpoint: Path, options: dict[str, Any]) -> None:
    array = picture()
    apart = np.abs(output(tiny_checkpoint, array, **options) - output(tiny_checkpoint, array))
    assert apart.max() < 1e-4


@pytest.mark.parametrize(("precision", "limit"), [("bf16", 0.2), ("fp16", 0.02)])
def test_half_precisions_are_close_but_not_equal(tiny_checkpoint: Path, precision: str, limit: float) -> None:
    try:
        half = output(tiny_checkpoint, picture(), precision=precision)
    except InputError as error:
        pytest.skip(str(error))
    apart = np.abs(half - output(tiny_checkpoint, picture()))
    assert half.dtype == np.float32
    assert 0 < apart.max() < limit


def test_a_precision_that_the_device_lacks_names_those_it_has(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stylebridge.engines import torch as module

    monkeypatch.setattr(module, "_computes", lambda device, dtype: dtype != torch.float16)
    with pytest.raises(InputError, match="precision fp16 on cpu; expected one of fp32, bf16"):
        open_engine("torch", tiny_checkpoint, device="cpu", precision="fp16")


def test_traces_follow_the_size(tiny_checkpoint: Path) -> None:
    with open_engine("torch", tiny_checkpoint, device="cpu", mode="torchscript") as engine:
        for height, width in [(12, 16), (20, 8), (12, 16)]:
            assert engine.run({"input": picture(height, width)})["output"].shape == (1, 3, height, width)


def test_the_process_keeps_its_thread_count(tiny_checkpoint: Path) -> None:
    before = torch.get_num_threads()
    seen: list[int] = []
    with open_engine("torch", tiny_checkpoint, device="cpu", threads=before + 1) as engine:
        inner = engine._forward  # type: ignore[attr-defined]
        engine._forward = lambda x: (seen.append(torch.get_num_threads()), inner(x))[1]  # type: ignore[attr-defined]
        engine.run({"input": picture()})
        with pytest.raises(InputError):
            engine.run({"input": np.full((1, 3, 8, 8), np.nan, np.float32)})
    assert seen == [before + 1]
    assert torch.get_num_threads() == before


def test_a_network_with_two_inputs_names_them(tmp_path: Path) -> None:
    spec = NetSpec("arbitrary", {"light": True})
    network = build(spec)
    save_network(tmp_path / "any.pth", network, spec)
    params = np.ones((1, network.layout.style_size), np.float32)  # type: ignore[union-attr]
    with open_engine("torch", tmp_path / "any.pth", device="cpu") as engine:
        assert [info.name for info in engine.inputs] == ["input", "style_params"]
        made = engine.run({"style_params": params, "input": picture(16, 16)})["output"]
        assert made.shape == (1, 3, 16, 16)
        with pytest.raises(InferenceFailed, match="style_params") as caught:
            engine.run({"style_params": params[:, :5], "input": picture(16, 16)})
        assert caught.value.exit_code == 1
        assert len(str(caught.value).splitlines()) == 1


def test_the_archive_keeps_its_extra_files_and_channels(tiny_script: Path) -> None:
    with open_engine("torch", tiny_script, device="cpu") as engine:
        assert engine.metadata == {"stylebridge.note": "kept"}
        assert engine.inputs[0].shape == (None, 3, None, None)


class Pair(torch.nn.Module):
    def forward(self, a: Any, b: Any) -> Any:
        return a.relu_() + b, b


class Saver(torch.nn.Module):
    def forward(self, a: torch.Tensor) -> torch.Tensor:
        torch.save(a, "taken.pt")
        return a


class Lister(torch.nn.Module):
    def forward(self, a: torch.Tensor) -> list[torch.Tensor]:
        return [a]


def scripted(module: Any, path: Path, *example: Any) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = torch.jit.trace(module, example) if example else torch.jit.script(module)
        torch.jit.save(made, str(path))
    return path


def test_an_archive_may_have_more_inputs_and_outputs(tmp_path: Path) -> None:
    path = scripted(Pair(), tmp_path / "pair.pt", torch.ones(2), torch.ones(2))
    given = {"input": np.array([-1.0, 2.0], np.float32), "b": np.array([5.0, 5.0], np.float32)}
    with open_engine("torch", path, device="cpu") as engine:
        made = engine.run(given)
        assert {name: list(array) for name, array in made.items()} == {"output": [5, 7], "output_1": [5, 5]}
    assert list(given["input"]) == [-1, 2], "the network works in place; the caller's array must not change"


def test_an_archive_that_writes_files_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(ModelRejected, match="its code calls save"):
        open_engine("torch", scripted(Saver(), tmp_path / "saver.pt"))


def test_an_archive_that_gives_no_tensors_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ModelRejected, match=r"to List\[Tensor\]; expected tensors"):
        open_engine("torch", scripted(Lister(), tmp_path / "lister.pt"))


def test_a_frozen_archive_runs_but_keeps_its_precision(tmp_path: Path, tiny_script: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frozen = torch.jit.freeze(torch.jit.load(str(tiny_script)).eval())
        torch.jit.save(frozen, str(tmp_path / "frozen.pt"))
    for mode in ("eager", "torchscript"):
        made = output(tmp_path / "frozen.pt", picture(), mode=mode)
        np.testing.assert_allclose(made, output(tiny_script, picture()), atol=1e-4)
    with pytest.raises(InputError, match="frozen"):
        open_engine("torch", tmp_path / "frozen.pt", device="cpu", precision="bf16")


@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "noise", "half", "half script", "other zip"])
def test_what_is_no_model_gives_one_line_with_its_path(
    tmp_path: Path, tiny_checkpoint: Path, tiny_script: Path, kind: str
) -> None:
    path = tmp_path / "model.pt"
    whole = (tiny_script if "script" in kind else tiny_checkpoint).read_bytes()
    contents = {"empty": b"", "noise": b"no model at all", "half": whole[: len(whole) // 2]}
    contents["half script"] = contents["half"]
    if kind == "folder":
        path.mkdir()
    elif kind == "other zip":
        np.savez(tmp_path / "other.npz", a=np.zeros(3))
        (tmp_path / "other.npz").rename(path)
    elif kind != "missing":
        path.write_bytes(contents[kind])
    with pytest.raises(InputError) as caught:
        open_engine("torch", path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_an_archive_with_broken_code_is_rejected(tmp_path: Path, tiny_script: Path) -> None:
    with zipfile.ZipFile(tiny_script) as whole, zipfile.ZipFile(tmp_path / "bad.pt", "w") as broken:
        for entry in whole.infolist():
            broken.writestr(entry.filename, whole.read(entry).replace(b"def forward", b"def for ward"))
    with pytest.raises(ModelRejected, match=r"bad\.pt: torch can't open") as caught:
        open_engine("torch", tmp_path / "bad.pt")
    assert len(str(caught.value).splitlines()) == 1


def test_an_absent_device_lists_those_present(tiny_checkpoint: Path) -> None:
    with pytest.raises(InputError, match="device 'cuda:99' isn't here; expected one of cpu"):
        open_engine("torch", tiny_checkpoint, device="cuda:99")
    with pytest.raises(InputError, match="device 'gpu'; expected auto, cpu, cuda"):
        open_engine("torch", tiny_checkpoint, device="gpu")


def test_options_of_another_engine_are_refused(tiny_checkpoint: Path) -> None:
    with pytest.raises(
        InputError, match=r"takes no option 'provider'.*threads, device, precision, mode, channels_last"
    ):
        open_engine("torch", tiny_checkpoint, provider="cpu")
    open_engine("torch", tiny_checkpoint, device="cpu", provider=None, free_size=False).close()


def test_compiling_without_a_compiler_says_so(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match=r"no C\+\+ compiler"):
        open_engine("torch", tiny_checkpoint, device="cpu", mode="compile")


def test_a_script_archive_cannot_be_compiled(tiny_script: Path) -> None:
    with pytest.raises(InputError, match="'compile' on a TorchScript archive"):
        open_engine("torch", tiny_script, device="cpu", mode="compile")


def test_a_real_state_dict_runs(data_dir: Path) -> None:
    assert output(data_dir / "cjmills_e2e" / "final.pth", picture(32, 48) * 255).shape == (1, 3, 32, 48)


def test_without_torch_the_extra_is_named(tiny_checkpoint: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from stylebridge.engines import open_engine\n"
        "from stylebridge.errors import MissingExtra\n"
        f"try: open_engine('torch', {str(tiny_checkpoint)!r})\n"
        "except MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert "'torch' is not installed" in done.stdout, done.stderr
    assert "stylebridge[torch]" in done.stdout
