"""Distillation: any teacher through its own contract, taught once per crop, and a student that comes near it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stylebridge.contract import PixelContract
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Clock, Frame
from stylebridge.imaging import read_image, write_image
from stylebridge.recording import Details, Writer

torch = pytest.importorskip("torch")

from stylebridge.nets.checkpoint import load_network, save_network  # noqa: E402
from stylebridge.nets.registry import NetSpec, build  # noqa: E402
from stylebridge.train.data.pool import Pool  # noqa: E402
from stylebridge.train.data.shelf import Shelf  # noqa: E402
from stylebridge.train.data.teacher import Teacher, open_teacher  # noqa: E402
from stylebridge.train.folder import RunFolder  # noqa: E402
from stylebridge.train.methods.distill import Distill, DistillMethod  # noqa: E402
from stylebridge.train.settings import settings_from_table, toml_from_settings  # noqa: E402
from stylebridge.train.start import run as train  # noqa: E402

CPU = torch.device("cpu")
FRAMES, SIZE = 10, (48, 66)  # the width is no multiple of 4


def frame(index: int, *, moving: bool = True) -> Frame:
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float32)
    waves = [np.sin((x - index) / 7 + y / 11), np.sin((x - index) / 13 - y / 5), np.cos((x - index) / 9)]
    motion = np.broadcast_to(np.float32((-1, 0)), (*SIZE, 2)).copy()
    color = (127 + 100 * np.stack(waves, axis=2)).astype(np.uint8)
    return Frame(color, motion=motion if moving else None, clock=Clock(index, index / 30))


def recorded(path: Path, *, moving: bool = True) -> Path:
    with Writer(path, Details("test")) as writer:
        for index in range(FRAMES):
            writer.write(frame(index, moving=moving))
    return path


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("play") / "play.mcap")


def saved(path: Path, family: str, contract: PixelContract | None = None, **options: Any) -> Path:
    """An untrained network, loud enough that its pictures are no plain grey."""
    torch.manual_seed(3)
    spec = NetSpec(family, options)
    module = build(spec).eval()
    if family == "transformer":
        with torch.no_grad():
            module.deconv3.conv2d.weight.mul_(40)
            module.deconv3.conv2d.bias.fill_(120)
    save_network(path, module, spec, {"contract": contract.to_json()} if contract else None)
    return path


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network on 0 to 255, other than the student's numbers."""
    return saved(tmp_path_factory.mktemp("teacher") / "net.pt", "transformer", widths=[4, 6, 8], blocks=1)


@pytest.fixture
def settings(play: Path, small_vgg: Path, teacher: Path) -> Callable[..., Distill]:
    def make(**fields: Any) -> Distill:
        given = {
            "data": str(play),
            "teacher": str(teacher),
            "perceptual": str(small_vgg),
            "steps": 4,
            "batch": 2,
            "size": 32,
        }
        small = {"options": {"widths": [4, 4, 8], "blocks": 1}, "workers": 0, "held_out": 0.2, "precision": "fp32"}
        return settings_from_table(Distill, given | small | fields, "test")

    return make


def learn(settings: Distill, out: Path, **more: Any) -> dict[str, float]:
    train("distill", settings, RunFolder(out), lambda step, figures: None, **more)
    return list(RunFolder(out).figures())[-1]


def test_a_student_comes_near_its_teacher(settings: Callable[..., Distill], tmp_path: Path) -> None:
    steps: list[float] = []
    chosen = settings(steps=40, learning_rate=1e-2)
    train("distill", chosen, RunFolder(tmp_path / "run"), lambda step, figures: steps.append(figures["pixel"]))
    assert np.mean(steps[-5:]) < 0.6 * np.mean(steps[:5])
    (last,) = RunFolder(tmp_path / "run").figures()
    assert {"features", "output_temporal", "held_out_psnr_db", "held_out_style", "held_out_flicker"} <= set(last)
    assert last["held_out_psnr_db"] > 12
    assert read_image(tmp_path / "run" / "pictures" / "0000040.jpg").shape == (3 * 32, 2 * 32, 3)
    network = load_network(tmp_path / "run" / "model.pt")
    assert network.spec == NetSpec("transformer", {"widths": [4, 4, 8], "blocks": 1})
    assert network.contract == DistillMethod.contract
    assert "train distill on net.pt" in network.raw_meta["origin"]


def test_the_judge_knows_what_should_have_come_out(settings: Callable[..., Distill], tmp_path: Path) -> None:
    """A student that is its teacher, to the last level; the same one spoilt is seen to be."""
    options = {"widths": [4, 4, 8], "blocks": 1}
    own = saved(tmp_path / "own.pt", "transformer", DistillMethod.contract, **options)
    kept = {"teacher": str(own), "init": str(own), "learning_rate": 0, "steps": 1}
    assert learn(settings(**kept), tmp_path / "same")["held_out_psnr_db"] == 100.0
    assert learn(settings(**kept | {"init": ""}), tmp_path / "other")["held_out_psnr_db"] < 40


@pytest.mark.parametrize("family", ["reconet", "fewshot"])
def test_a_student_of_another_family_learns_too(family: str, settings: Callable[..., Distill], tmp_path: Path) -> None:
    options = {"reconet": {"widths": [4, 4, 4], "blocks": 1, "norm": "frn"}, "fewshot": {"filters": [4] * 6}}[family]
    learn(settings(family=family, options=options, judge_every=0, steps=2), tmp_path / "run")
    network = load_network(tmp_path / "run" / "model.pt")
    assert network.spec.family == family
    assert network.spec.options["blocks"] == (1 if family == "reconet" else 3)  # the rest is the small one's


def test_without_motion_there_is_no_temporal_term(settings: Callable[..., Distill], tmp_path: Path) -> None:
    for index in range(3):
        write_image(tmp_path / "data" / f"{index}.png", frame(index).rgb)
    still = recorded(tmp_path / "still.mcap", moving=False)
    for name, data in (("folder", tmp_path / "data"), ("still", still)):
        found = learn(settings(data=str(data), judge_every=0, steps=2), tmp_path / name)
        assert {"pixel", "features"} <= found.keys()
        assert "output_temporal" not in found
    assert "output_temporal" in learn(settings(judge_every=0, steps=2), tmp_path / "moving")


def test_teachers_speak_through_their_own_contract(tmp_path: Path) -> None:
    """One network under two contracts, as a checkpoint and in ONNX: the pictures are the same."""
    from stylebridge.export import Size, export
    from stylebridge.targets import find_target

    shown = frame(3).rgb
    signed = PixelContract.of("signed", multiple=4)
    path = saved(tmp_path / "net.pt", "reconet", signed, widths=[4, 4, 4], blocks=1)
    expected = open_teacher(str(path), size=32, device=CPU).picture(shown)
    assert expected.shape == shown.shape
    assert expected.std() > 1
    for name, size in (("free", Size()), ("fixed", Size(24, 32))):
        file = tmp_path / f"{name}.onnx"
        export(load_network(path), signed, file, find_target("barracuda"), size=size)
        found = open_teacher(str(file), size=32, device=CPU).picture(shown)
        assert np.abs(found.astype(int) - expected).max() <= 1
    unit = PixelContract.of("unit", multiple=32)
    other = saved(tmp_path / "wide.pt", "reconet", unit, widths=[4, 4, 4], blocks=1)
    wide = open_teacher(str(other), size=32, device=CPU).picture(shown)
    assert wide.shape == shown.shape
    assert np.abs(wide.astype(int) - expected).mean() > 1
    renamed = open_teacher(str(path), size=32, device=CPU, contract="unit/32").picture(shown)
    assert np.array_equal(renamed, wide)


def test_a_teacher_of_one_size_teaches_at_that_size(settings: Callable[..., Distill], tmp_path: Path) -> None:
    """It turns the colours round, by way of a shape that holds at 32x32 only."""
    onnx = pytest.importorskip("onnx")
    make, value = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        make.make_node("Sub", ["one", "x"], ["turned"]),
        make.make_node("Reshape", ["turned", "flat"], ["row"]),
        make.make_node("Reshape", ["row", "square"], ["y"]),
    ]
    shapes = {"flat": [3, 32 * 32], "square": [1, 3, 32, 32]}
    constants = [onnx.numpy_helper.from_array(np.int64(shape), name) for name, shape in shapes.items()]
    constants.append(onnx.numpy_helper.from_array(np.float32([1]), "one"))
    ends = [make.make_tensor_value_info(name, value, [1, 3, 32, 32]) for name in ("x", "y")]
    graph = make.make_graph(nodes, "one size", ends[:1], ends[1:], constants)
    onnx.save(make.make_model(graph, opset_imports=[make.make_opsetid("", 9)], ir_version=6), tmp_path / "one.onnx")
    chosen = {"teacher": str(tmp_path / "one.onnx"), "teacher_contract": "unit", "steps": 1}
    found = learn(settings(**chosen), tmp_path / "run")
    assert "held_out_style" in found
    assert "held_out_psnr_db" not in found  # whole frames it can't make
    with pytest.raises(InputError, match=r"one\.onnx: a teacher that only works at 32x32 .* Pass --set size=32"):
        learn(settings(**chosen, size=48), tmp_path / "other")


def test_an_arbitrary_style_teacher_is_held_at_the_style(settings: Callable[..., Distill], tmp_path: Path) -> None:
    path = saved(tmp_path / "any.pt", "arbitrary", light=True)
    for index in (0, 1):
        write_image(tmp_path / f"style{index}.png", frame(0).rgb[:, :, ::-1] // (index + 1))
    styles = [(str(tmp_path / f"style{index}.png"),) for index in (0, 1)]
    pictures = [open_teacher(str(path), size=32, device=CPU, style=style).picture(frame(1).rgb) for style in styles]
    assert not np.array_equal(*pictures)
    with pytest.raises(InputError, match=r"an arbitrary-style teacher and 0 style pictures; .* Pass --style PICTURE"):
        learn(settings(teacher=str(path)), tmp_path / "run")
    learn(settings(teacher=str(path), style=[str(tmp_path / "style0.png")], steps=1), tmp_path / "run")


def nan_teacher(path: Path) -> Path:
    """A network of finite weights whose output overflows."""
    torch.manual_seed(0)
    spec = NetSpec("transformer", {"widths": [4, 4, 4], "blocks": 0})
    module = build(spec).eval()
    with torch.no_grad():
        module.deconv3.conv2d.weight.fill_(3e38)
    save_network(path, module, spec)
    return path


def test_teachers_that_cant_teach_are_refused_before_anything_is_written(
    settings: Callable[..., Distill], teacher: Path, tmp_path: Path
) -> None:
    guided = saved(tmp_path / "guided.pt", "fewshot", filters=[4] * 6, blocks=0, input_channels=4)
    (tmp_path / "noise.onnx").write_bytes(b"noise" * 99)
    (tmp_path / "noise.pt").write_bytes(b"noise" * 99)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"teacher": ""}, "no teacher. Pass --set teacher=MODEL"),
        ({"teacher": str(tmp_path / "none.pt")}, "none.pt: no such file"),
        ({"teacher": str(tmp_path / "none.onnx")}, "none.onnx: no such file"),
        ({"teacher": str(tmp_path / "noise.onnx")}, "noise.onnx: not a whole ONNX file"),
        ({"teacher": str(tmp_path / "noise.pt")}, "noise.pt: not a torch file"),
        ({"teacher": str(guided)}, "guided.pt: a teacher that takes 4 channels; expected one that takes a picture"),
        ({"teacher": str(nan_teacher(tmp_path / "nan.pt"))}, "nan.pt: the network's output holds"),
        ({"style": [str(tmp_path / "s.png")]}, "a style for a transformer teacher, which has its own"),
        ({"teacher_contract": "sined"}, "contract 'sined'; expected unit, byte, signed"),
        ({"options": {"width": [4, 4, 4]}}, "transformer options: "),
        ({"family": "fewshot", "options": {"filters": [4, 4, 4]}}, "fewshot options: "),
        ({"size": 30}, "crops of 30 pixels; expected a multiple of 4"),
    ]
    for change, words in cases:
        with pytest.raises(StylebridgeError, match=re.escape(words)) as caught:
            learn(settings(**change), tmp_path / "run")
        assert "\n" not in str(caught.value)
        assert not (tmp_path / "run").exists()


def test_what_a_teacher_made_is_kept_and_made_once(settings: Callable[..., Distill], tmp_path: Path) -> None:
    """A pool of 75 pairs in 1 MB: the teacher is asked for each once, and the weights are as if it were asked anew."""
    asked: list[int] = []
    plain = Teacher.picture

    def counted(self: Teacher, color: Any) -> Any:
        asked.append(color.shape[1])
        return plain(self, color)

    chosen = settings(size=48, steps=24, batch=4, cache_mb=1, judge_every=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Teacher, "picture", counted)
        learn(chosen, tmp_path / "kept")
    assert asked.count(48) == 2 * 75 < 2 * 24 * 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shelf, "get", lambda self, number: None)
        learn(chosen, tmp_path / "anew")
    kept, anew = (load_network(tmp_path / name / "model.pt").module.state_dict() for name in ("kept", "anew"))
    assert all(torch.equal(kept[name], anew[name]) for name in kept)


def test_an_interrupted_run_goes_on_to_the_same_weights(
    settings: Callable[..., Distill], stopped: Callable[..., None], tmp_path: Path
) -> None:
    chosen = settings(judge_every=0)
    stopped("distill", chosen, tmp_path / "broken", at_step=2)
    folder = RunFolder(tmp_path / "broken")
    assert folder.take_up("distill", Distill, {}) == chosen  # options are a table within the settings
    with pytest.raises(InputError, match=r"options\.blocks 2, but the run was begun with 1"):
        folder.take_up("distill", Distill, {"options": {"blocks": 2}})
    learn(chosen, tmp_path / "broken", resume=True)
    learn(chosen, tmp_path / "whole")
    whole, broken = (load_network(tmp_path / name / "model.pt").module.state_dict() for name in ("whole", "broken"))
    assert all(torch.equal(whole[name], broken[name]) for name in whole)


def test_options_are_written_as_toml_reads_them(settings: Callable[..., Distill]) -> None:
    assert 'options = {"widths" = [4,4,8], "blocks" = 1}' in toml_from_settings(settings())


def test_a_shelf_gives_back_what_was_put_there() -> None:
    shelf, pictures = (
        Shelf((2, 4, 4, 3), np.uint8),
        np.random.default_rng(0).integers(0, 256, (3, 2, 4, 4, 3), dtype=np.uint8),
    )
    for number in (5, 0, 2):
        shelf.put(number, pictures[number % 3])
    for number in (0, 2, 5):
        assert np.array_equal(shelf.get(number), pictures[number % 3])
    assert shelf.get(1) is None


def test_on_a_full_disk_the_shelf_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf, picture = Shelf((1, 2, 2, 3), np.uint8), np.ones((1, 2, 2, 3), np.uint8)
    shelf.put(0, picture)

    class Full:
        def __getattr__(self, name: str) -> Any:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shelf, "_file", Full())
        shelf.put(1, picture)
    assert shelf.full
    assert shelf.get(1) is None
    assert np.array_equal(shelf.get(0), picture)


def test_a_pool_comes_again_in_another_order() -> None:
    class Numbers(torch.utils.data.Dataset[dict[str, Any]]):
        def __getitem__(self, index: int) -> dict[str, Any]:
            return {"picture": torch.tensor(10 * index)}

    pool = Pool(Numbers(), 5, 15, seed=1)
    turns = [[int(pool[5 * turn + place]["number"]) for place in range(5)] for turn in range(3)]
    assert all(sorted(turn) == list(range(5)) for turn in turns)
    assert len({tuple(turn) for turn in turns}) > 1
    assert int(pool[7]["picture"]) == 10 * turns[1][2]
    assert [int(Pool(Numbers(), 0, 15, seed=1)[index]["number"]) for index in (0, 9)] == [0, 9]
