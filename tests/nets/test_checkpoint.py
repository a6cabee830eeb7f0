"""Saving and loading networks, and every way in which a file can be wrong."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from stylebridge.errors import InputError
from stylebridge.nets import checkpoint
from stylebridge.nets.checkpoint import load_network, load_state_dict, read_checkpoint, save_network
from stylebridge.nets.registry import NetSpec, build, family_contract
from torch import Tensor, nn

SPEC = NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 1})


def own(**changes: Any) -> dict[str, Any]:
    state = build(SPEC).state_dict()
    whole = {"format": "stylebridge-checkpoint", "version": 1, "spec": SPEC.to_json(), "state_dict": state, "meta": {}}
    return whole | changes


def state_with(name: str, tensor: Tensor | None) -> dict[str, Tensor]:
    state = dict(build(SPEC).state_dict())
    state.pop(name, None)
    return state if tensor is None else state | {name: tensor}


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_network(path)
    line = str(caught.value)
    assert line.startswith(str(path))
    assert "\n" not in line
    assert "weights_only" not in line
    return line.removeprefix(str(path))


@pytest.mark.parametrize(
    "spec",
    [
        SPEC,
        NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 0, "variant": "tutorial"}),
        NetSpec("fewshot", {"blocks": 1, "filters": [4, 6, 8, 8, 6, 4]}),
        NetSpec("reconet", {"widths": [4, 6, 8], "blocks": 1, "norm": "frn"}),
        NetSpec("arbitrary", {"light": True}),
    ],
)
def test_a_saved_network_comes_back_in_eval_mode(spec: NetSpec, tmp_path: Path) -> None:
    torch.manual_seed(9)
    module = build(spec)
    save_network(tmp_path / "net.pt", module, spec, {"origin": "a test"})
    found = load_network(tmp_path / "net.pt")
    assert (found.spec, found.raw_meta) == (spec, {"origin": "a test"})
    assert found.contract == family_contract(spec)
    assert not any(part.training for part in found.module.modules())
    assert all(p.requires_grad for p in found.module.parameters())
    wanted, state = module.state_dict(), found.module.state_dict()
    assert wanted.keys() == state.keys()
    assert all(torch.equal(wanted[key], state[key]) for key in wanted)
    assert [path.name for path in tmp_path.iterdir()] == ["net.pt"]


def test_half_precision_weights_are_upcast(tmp_path: Path) -> None:
    torch.save(own(state_dict={k: v.half() for k, v in build(SPEC).state_dict().items()}), tmp_path / "half.pt")
    assert {p.dtype for p in load_network(tmp_path / "half.pt").module.parameters()} == {torch.float32}


def test_an_existing_file_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    path.write_text("precious")
    with pytest.raises(InputError, match="already exists"):
        save_network(path, build(SPEC), SPEC)
    assert path.read_text() == "precious"
    save_network(path, build(SPEC), SPEC, force=True)
    assert load_network(path).spec == SPEC


def test_an_interrupted_save_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.pt"
    path.write_text("precious")

    def full_disk(self: Path, *_: object) -> None:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(InputError, match=r"net\.pt: can't be written: No space"):
        save_network(path, build(SPEC), SPEC, force=True)
    assert path.read_text() == "precious"
    assert [found.name for found in tmp_path.iterdir()] == ["net.pt"]


def test_saving_under_the_wrong_spec_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing, first blocks\.1\."):
        save_network(tmp_path / "net.pt", build(SPEC), NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 2}))
    assert not (tmp_path / "net.pt").exists()


@pytest.mark.parametrize(("name", "message"), [("", "is a folder"), ("net.pt/net.pt", "net.pt is a file")])
def test_saving_to_an_impossible_place_is_refused(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "net.pt").touch()
    with pytest.raises(InputError, match=message):
        save_network(tmp_path / name, build(SPEC), SPEC)


@pytest.mark.skipif(os.name == "nt", reason="no umask there")
def test_a_checkpoint_is_readable_by_all_and_its_folder_is_made(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        save_network(tmp_path / "new" / "net.pt", build(SPEC), SPEC)
    finally:
        os.umask(before)
    assert (tmp_path / "new" / "net.pt").stat().st_mode & 0o777 == 0o644


def test_missing_files_and_directories_are_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.pth")
    assert "is a directory" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"hello, network", "not a torch file"),
        (b"\x08\x04\x12\x07pytorch", "not a torch file"),  # how ONNX files begin
        (pickle.dumps({"weights": [1, 2]}), "not a torch file"),
        (b"PK\x03\x04garbage", "truncated or damaged"),
    ],
)
def test_files_of_other_kinds_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    path.write_bytes(content)
    assert message in refusal(path)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("kept", [0.01, 0.5, 0.99])
def test_truncated_files_are_refused(zipped: bool, kept: float, tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    torch.save(own(), path, _use_new_zipfile_serialization=zipped)
    assert load_network(path).spec == SPEC
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert "truncated or damaged" in refusal(path)


class Trap:
    """Pickles into a call that creates a file."""

    def __init__(self, call: Callable[..., object], *arguments: object) -> None:
        self.reduced = (call, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.reduced


@pytest.mark.parametrize("how", ["zip", "zip-nested", "legacy", "bare-pickle", "bare-pickle-2"])
def test_code_in_a_pickle_is_named_and_not_run(how: str, tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "net.pth"
    trap = Trap(os.system, f"touch {victim}")
    if how.startswith("bare"):
        path.write_bytes(pickle.dumps(trap, protocol=2 if how.endswith("2") else 4))
    else:
        content: object = own(meta={"a": trap}) if how.endswith("nested") else trap
        torch.save(content, path, _use_new_zipfile_serialization=how != "legacy")
    line = refusal(path)
    assert "contains code" in line
    assert f"{os.system.__module__}.system" in line
    assert not victim.exists()
    if how == "bare-pickle":  # the trap is real: the standard pickle falls into it
        pickle.loads(path.read_bytes())
        assert victim.exists()


@pytest.mark.parametrize("zipped", [True, False])
def test_a_whole_pickled_module_is_refused_with_the_way_out(zipped: bool, tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    torch.save(nn.Sequential(nn.Conv2d(3, 3, 1)), path, _use_new_zipfile_serialization=zipped)
    line = refusal(path)
    assert "torch.nn.modules.container.Sequential" in line
    assert "save network.state_dict()" in line
    assert "contains code" not in line


def test_a_torchscript_archive_is_refused(tmp_path: Path) -> None:
    torch.jit.save(torch.jit.trace(nn.ReLU(), torch.ones(1)), tmp_path / "net.pt")
    assert "TorchScript" in refusal(tmp_path / "net.pt")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "holds a list"),
        (torch.ones(2), "holds a Tensor"),
        ({}, "holds a dict"),
        ({"epoch": 3, "loss": 0.5}, "not only tensors; the first keys are epoch, loss"),
        (
            {"a.weight": torch.ones(1)},
            "unknown structure; its first keys are a.weight; expected one of: fast_neural_style",
        ),
        ({"a.weight": torch.ones(2).to_sparse()}, "(a.weight): not a plain tensor"),
        ({"a.weight": torch.ones(1).expand(10**6, 10**6)}, "too large"),
        (own(version=2), "checkpoint version 2; expected 1"),
        (own(version=torch.ones(2)), "checkpoint version"),
        (own(spec=None), "names no network"),
        (own(spec="{}"), "network spec"),
        (own(spec='{"family":"gan"}'), "network family 'gan'"),
        (own(spec='{"family":"transformer","options":{"widths":[9999,1,1]}}'), "<= 2048"),
        (own(meta={"size": 3}), "meta is not text"),
        (own(state_dict=state_with("in3.bias", None)), "1 tensors are missing, first in3.bias"),
        (own(state_dict=state_with("extra", torch.ones(1))), "1 tensors too many, first extra"),
        (own(state_dict=state_with("in3.bias", torch.ones(9))), "(in3.bias): shape [9]; expected [8]"),
        (own(state_dict=state_with("in3.bias", torch.ones(8, dtype=torch.int64))), "(in3.bias): numbers of type"),
        (own(state_dict=state_with("in3.bias", torch.full((8,), torch.nan))), "(in3.bias): holds NaN"),
        (own(state_dict=state_with("in3.bias", torch.full((8,), -torch.inf))), "(in3.bias): holds NaN or infinite"),
    ],
)
def test_wrong_contents_are_refused(content: object, message: str, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "net.pth")
    assert message in refusal(tmp_path / "net.pth")


def test_oversized_files_are_refused_before_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.pth"
    torch.save(own(), path)
    monkeypatch.setattr(checkpoint, "MAX_BYTES", 1000)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("the file was read"))
    assert "the file is too large" in refusal(path)


def test_a_state_dict_inside_a_training_wrapper_is_found(tmp_path: Path) -> None:
    state = build(SPEC).state_dict()
    theirs = {key.replace("blocks.0.", "res1."): tensor for key, tensor in state.items()}
    torch.save({"epoch": 3, "state_dict": theirs}, tmp_path / "net.pth")
    assert load_network(tmp_path / "net.pth").spec.options["blocks"] == 1


def test_any_tensors_and_any_dictionary_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "some.pth"
    torch.save({"x": torch.arange(3)}, path)
    assert torch.equal(load_state_dict(path)["x"], torch.arange(3))
    torch.save({"step": 7}, path)
    assert read_checkpoint(path) == {"step": 7}
    with pytest.raises(InputError, match="not only tensors"):
        load_state_dict(path)
    torch.save([1], path)
    with pytest.raises(InputError, match="holds a list; expected a dictionary"):
        read_checkpoint(path)
