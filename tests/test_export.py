"""Export: the opset that was asked for, numbers as in torch, the contract inside, and nothing half-written."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import numpy as np
import pytest
from stylebridge import card as cards
from stylebridge import contract as contracts
from stylebridge.card import ModelCard, read_card
from stylebridge.contract import PixelContract, Side
from stylebridge.engines import open_engine
from stylebridge.engines.stylizer import open_stylizer
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.frame import Frame
from stylebridge.imaging import read_image, write_image
from stylebridge.targets import TARGETS, find_target

onnx = pytest.importorskip("onnx")
torch = pytest.importorskip("torch")

from stylebridge import export as exporter  # noqa: E402
from stylebridge.export import Size, contract_of, export, freeze_style, predictor_of  # noqa: E402
from stylebridge.nets.checkpoint import LoadedNetwork, load_network, save_network  # noqa: E402
from stylebridge.nets.registry import NetSpec, build, family_contract  # noqa: E402
from stylebridge.onnxfile import relabel  # noqa: E402

SPECS = {
    "johnson": NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 1}),
    "tutorial": NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 1, "variant": "tutorial"}),
    "few-shot": NetSpec("fewshot", {"blocks": 1, "filters": [4, 6, 8, 8, 8, 6]}),
    "reconet": NetSpec("reconet", {"widths": [4, 6, 8], "blocks": 1}),
    "reconet-frn": NetSpec("reconet", {"widths": [4, 6, 8], "blocks": 1, "norm": "frn"}),
}
JOHNSON = SPECS["johnson"]


def network(spec: NetSpec = JOHNSON, seed: int = 3) -> LoadedNetwork:
    torch.manual_seed(seed)
    return LoadedNetwork(build(spec).eval(), spec, family_contract(spec))


def clip(count: int = 2) -> list[Frame]:
    random = np.random.default_rng(8)
    return [Frame(color=random.integers(0, 256, (33, 47, 3), dtype=np.uint8)) for _ in range(count)]


class Mirror(torch.nn.Module):
    """Gives its input back, halved and doubled: what a contract does to it is all that is seen."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 0.5 * 2.0


@pytest.mark.parametrize("target", ["barracuda", "sentis", "inference-engine", "onnxruntime"])
@pytest.mark.parametrize("name", SPECS)
def test_every_family_reaches_every_kind_of_target(name: str, target: str, tmp_path: Path) -> None:
    out = tmp_path / "net.onnx"
    loaded, release = network(SPECS[name]), find_target(target)
    card = export(loaded, contract_of(loaded, out), out, release, frames=clip())
    model = onnx.load(str(out))
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", release.opset)]
    assert card.figures["max_levels_from_torch_on_frames"] < exporter.PARITY_LEVELS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.card.json", "net.onnx"]


def test_contract_and_card_travel_inside_and_beside(tmp_path: Path) -> None:
    out = tmp_path / "net.onnx"
    pixels = PixelContract.of("imagenet", channels="bgr", multiple=4)
    card = export(network(), pixels, out, find_target("barracuda"))
    props = {p.key: p.value for p in onnx.load(str(out)).metadata_props}
    assert PixelContract.from_json(props[contracts.METADATA_KEY]) == pixels
    assert ModelCard.from_json(props[cards.METADATA_KEY]) == card
    assert msgspec.structs.replace(read_card(out), sha256="") == card
    assert set(props) == {contracts.METADATA_KEY, cards.METADATA_KEY}


def test_a_dynamic_export_runs_at_any_size_and_a_fixed_one_only_at_its_own(tmp_path: Path) -> None:
    free, fixed = tmp_path / "free.onnx", tmp_path / "fixed.onnx"
    pixels = PixelContract.of("byte", multiple=4)
    export(network(), pixels, free, find_target("barracuda"))
    export(network(), pixels, fixed, find_target("barracuda"), size=Size(32, 48))
    frame = Frame(color=clip()[0].color[:30, :45])
    with open_stylizer(free) as one, open_stylizer(fixed) as two:
        assert np.array_equal(one(frame).color, two(frame).color)
        one(clip()[0])
        with pytest.raises(InputError, match=r"height|shape|size"):
            two(clip()[0])


BAKED_SIDES = [
    Side(range=numbers, channels=channels, layout=layout, rows=rows, color=color)
    for numbers, (channels, layout, rows, color) in itertools.product(
        ("byte", "signed", "imagenet"),
        [("bgr", "nchw", "top", "srgb"), ("rgb", "nhwc", "bottom", "srgb"), ("bgr", "nchw", "bottom", "linear")],
    )
]


@pytest.mark.parametrize("side", BAKED_SIDES, ids=str)
def test_a_baked_graph_shows_what_the_contract_shows(side: Side, tmp_path: Path) -> None:
    pixels = PixelContract(input=side, output=side, multiple=4)
    spec = msgspec.structs.replace(JOHNSON)
    loaded = LoadedNetwork(Mirror().eval(), spec, pixels)
    out = tmp_path / "baked.onnx"
    size = Size(36, 48)
    card = export(loaded, pixels, out, find_target("barracuda"), bake=True, size=size, frames=clip())
    assert card.contract == PixelContract.of("unit", multiple=4)
    frame = clip()[0]
    with open_stylizer(out) as stylizer:
        apart = np.abs(stylizer(frame).color.astype(int) - frame.color)
    assert apart.max() <= 1  # the identity, but for rounding at the edge of a level


def test_a_baked_model_still_cuts_bytes_where_the_contract_does(tmp_path: Path) -> None:
    pixels = PixelContract.of("byte", multiple=4, rounding="floor")
    card = export(network(), pixels, tmp_path / "n.onnx", find_target("barracuda"), bake=True, frames=clip())
    assert card.contract == PixelContract.of("unit", multiple=4, rounding="floor")
    assert card.figures["max_levels_baked_from_outside"] <= exporter.BAKED_LEVELS


def test_a_baked_graph_that_shows_something_else_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "_outside", lambda pixels: PixelContract.of("signed", multiple=4))
    pixels = PixelContract.of("byte", multiple=4)
    for frames in (clip(), []):  # noise is compared even where no frame is given
        with pytest.raises(exporter.ExportFailed, match="levels off"):
            export(network(), pixels, tmp_path / "n.onnx", find_target("barracuda"), bake=True, frames=frames)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_baked_is_refused(tmp_path: Path) -> None:
    spec = NetSpec("arbitrary", {"light": True})
    with pytest.raises(InputError, match="--style"):
        export(network(spec), PixelContract(multiple=4), tmp_path / "n.onnx", find_target("barracuda"), bake=True)
    side = Side(color="linear")
    pixels = PixelContract(input=side, output=side, multiple=4, fit="resize")
    with pytest.raises(InputError, match="resizes linear light"):
        export(network(), pixels, tmp_path / "n.onnx", find_target("barracuda"), bake=True)


def test_a_network_that_gives_nan_is_refused(tmp_path: Path) -> None:
    class Nothing(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.log(-x.abs() - 1)

    loaded = LoadedNetwork(Nothing(), JOHNSON, PixelContract())
    with pytest.raises(InputError, match="NaN"):
        export(loaded, PixelContract(), tmp_path / "n.onnx", find_target("barracuda"))
    assert list(tmp_path.iterdir()) == []


def test_a_baked_network_equals_the_outside_contract(tmp_path: Path) -> None:
    pixels = PixelContract.of("imagenet", channels="bgr", multiple=4)
    plain, baked = tmp_path / "plain.onnx", tmp_path / "baked.onnx"
    for out in (plain, baked):
        export(network(), pixels, out, find_target("barracuda"), bake=out == baked)
    frame = clip()[0]
    with open_stylizer(plain) as one, open_stylizer(baked) as two:
        first, second = one(frame).color.astype(int), two(frame).color.astype(int)
    assert np.abs(first - second).max() <= 1
    assert not np.array_equal(first, frame.color)


def test_baking_leaves_out_operators_that_old_engines_lack(tmp_path: Path) -> None:
    side = Side(range="imagenet", channels="bgr", rows="bottom", color="linear")
    out = tmp_path / "baked.onnx"
    pixels = PixelContract(input=side, output=side, multiple=4)
    export(network(), pixels, out, find_target("barracuda"), bake=True, size=Size(32, 32))
    used = {node.op_type for node in onnx.load(str(out)).graph.node}
    assert not used & {"Where", "Less", "Greater", "Cast", "Shape", "If", "NonZero"}


def test_turning_rows_needs_a_size_or_a_newer_opset(tmp_path: Path) -> None:
    side = Side(rows="bottom")
    pixels, out = PixelContract(input=side, output=side, multiple=4), tmp_path / "n.onnx"
    with pytest.raises(InputError, match="Add --size"):
        export(network(), pixels, out, find_target("barracuda"), bake=True)
    export(LoadedNetwork(Mirror(), JOHNSON, pixels), pixels, out, find_target("sentis"), bake=True)
    frame = clip()[0]
    with open_stylizer(out) as stylizer:
        assert np.array_equal(stylizer(frame).color, frame.color)


def test_a_frozen_style_has_one_input(tmp_path: Path) -> None:
    style = tmp_path / "style.png"
    write_image(style, np.random.default_rng(1).integers(0, 256, (40, 40, 3), dtype=np.uint8))
    spec = NetSpec("arbitrary", {"light": True})
    loaded = network(spec)
    free, frozen = tmp_path / "free.onnx", tmp_path / "frozen.onnx"
    export(loaded, contract_of(loaded, free), free, find_target("barracuda"))
    export(freeze_style(loaded, style), contract_of(loaded, frozen), frozen, find_target("barracuda"))
    with open_engine("onnxruntime", free) as two, open_engine("onnxruntime", frozen) as one:
        assert [tensor.name for tensor in two.inputs] == ["input", "style_params"]
        assert [tensor.name for tensor in one.inputs] == ["input"]
        picture = torch.from_numpy(read_image(style)).permute(2, 0, 1)[None].float() / 255
        params = loaded.module.predict(picture).detach().numpy()
        content = np.random.default_rng(2).random((1, 3, 32, 32), dtype=np.float32)
        free_result = two.run({"input": content, "style_params": params})["output"]
        assert np.abs(free_result - one.run({"input": content})["output"]).max() < 1e-4


@pytest.mark.parametrize("size", [Size(), Size(64, 64)])
def test_the_predictor_is_a_network_of_its_own(size: Size, tmp_path: Path) -> None:
    loaded, out = network(NetSpec("arbitrary", {"light": True})), tmp_path / "predictor.onnx"
    found = export(predictor_of(loaded), contract_of(loaded, out), out, find_target("barracuda"), size=size)
    assert found.options["part"] == "predictor"
    picture = np.random.default_rng(2).random((1, 3, 64, 64), dtype=np.float32)
    with open_engine("onnxruntime", out) as engine:
        params = engine.run({"input": picture})["output"]
    expected = loaded.module.predict(torch.from_numpy(picture)).detach().numpy()
    assert params.shape == (1, 678)
    assert np.abs(params - expected).max() < 1e-5
    assert np.abs(params - loaded.module.predict(torch.zeros(1, 3, 64, 64)).detach().numpy()).max() > 1e-4
    with pytest.raises(InputError, match="--predictor of a transformer network"):
        predictor_of(network())


def test_an_exporter_that_writes_another_opset_is_caught(tmp_path: Path) -> None:
    out = tmp_path / "net.onnx"
    export(network(), PixelContract(multiple=4), out, find_target("onnxruntime"))
    with pytest.raises(StylebridgeError, match=r"wrote opsets .*17.* expected 9"):
        exporter.assert_opset(onnx.load(str(out)), find_target("barracuda"))


def test_a_graph_that_parts_from_torch_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiled(model: onnx.ModelProto) -> onnx.ModelProto:
        weight = next(t for t in model.graph.initializer if len(t.dims) == 4)
        array = onnx.numpy_helper.to_array(weight) * 1.5
        weight.CopyFrom(onnx.numpy_helper.from_array(array, weight.name))
        return model

    spec = SPECS["reconet-frn"]
    monkeypatch.setattr(exporter, "simplify", spoiled)
    with pytest.raises(exporter.ExportFailed, match="differs from torch by"):
        export(network(spec), PixelContract.of("signed", multiple=4), tmp_path / "net.onnx", find_target("barracuda"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["net.onnx", "net.card.json"])
def test_existing_files_are_kept_without_force(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"mine")
    pixels, target = PixelContract(multiple=4), find_target("barracuda")
    with pytest.raises(InputError, match="--force"):
        export(network(), pixels, tmp_path / "net.onnx", target)
    assert (tmp_path / name).read_bytes() == b"mine"
    export(network(), pixels, tmp_path / "net.onnx", target, force=True)
    assert (tmp_path / name).read_bytes() != b"mine"


@pytest.mark.parametrize("text", ["", "640", "0x4", "4x99999", "axb", "-4x4", "²x4"])
def test_sizes_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="height first"):
        Size.parse(text)


def test_a_size_that_is_no_multiple_names_the_next_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Use --size 64x36"):
        export(network(), PixelContract(multiple=4), tmp_path / "n.onnx", find_target("barracuda"), size=Size(61, 33))


def test_relabelling_a_foreign_model(tmp_path: Path) -> None:
    plain, out = tmp_path / "plain.onnx", tmp_path / "labelled.onnx"
    export(network(), PixelContract.of("byte", multiple=4), plain, find_target("barracuda"))
    model = onnx.load(str(plain))
    del model.metadata_props[:]
    foreign = tmp_path / "foreign.onnx"
    onnx.save(model, str(foreign))
    with pytest.raises(InputError, match="contract find"):
        open_stylizer(foreign)
    relabel(foreign, PixelContract.of("signed", multiple=4), out)
    own = relabel(plain, PixelContract.of("unit"), tmp_path / "own.onnx")
    assert (own.family, own.figures) == ("transformer", {})
    with pytest.raises(InputError, match="replace the model itself"):
        relabel(plain, PixelContract.of("unit"), plain, force=True)
    with open_stylizer(out) as stylizer:
        assert stylizer.contract == PixelContract.of("signed", multiple=4)


def test_a_changed_model_parts_from_its_card(tmp_path: Path) -> None:
    out = tmp_path / "net.onnx"
    export(network(), PixelContract(multiple=4), out, find_target("barracuda"))
    out.write_bytes(out.read_bytes() + b"\x00")
    with pytest.raises(InputError, match="another file"):
        read_card(out)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("barracuda", "barracuda-3.0.1"),
        ("barracuda-1.3", "barracuda-1.3.3"),
        ("sentis-2.1", "sentis-2.1.3"),
        ("inference-engine", "inference-engine-2.4.0"),
        ("ONNXRuntime", "onnxruntime"),
    ],
)
def test_short_names_mean_the_newest_release(name: str, full: str) -> None:
    assert find_target(name).name == full


def test_full_names_find_themselves_and_unknown_ones_are_guessed() -> None:
    assert [find_target(target.name) for target in TARGETS] == list(TARGETS)
    with pytest.raises(InputError, match="did you mean barracuda"):
        find_target("baracuda")
    with pytest.raises(InputError, match="unknown target"):
        find_target("")


def test_the_tutorial_network_meets_its_authors_picture(data_dir: Path, tmp_path: Path) -> None:
    folder = data_dir / "cjmills_e2e"
    out = tmp_path / "final.onnx"
    loaded = load_network(folder / "final.pth")
    export(loaded, contract_of(loaded, out), out, find_target("barracuda"))
    frame = Frame(color=read_image(folder / "011.png"))
    reference = read_image(folder / "final.png").astype(np.float64)
    with (
        open_stylizer(out) as ours,
        open_engine("onnxruntime", folder / "final_project.onnx", free_size=True) as theirs,
    ):
        tensor = ours.contract.to_tensor(frame)
        numbers = ours.infer(tensor)
        assert np.abs(numbers - theirs.run({theirs.inputs[0].name: tensor})[theirs.outputs[0].name]).max() <= 1e-2
        float_error = np.mean((np.clip(numbers[0].transpose(1, 2, 0), 0, 255) - reference) ** 2)
        shown_error = np.mean((ours.contract.to_frame(numbers, frame).color - reference) ** 2)
    assert 10 * np.log10(255**2 / float_error) >= 53
    assert 10 * np.log10(255**2 / shown_error) >= 75


def test_checkpoints_keep_their_own_contract(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    own = PixelContract.of("unit", channels="bgr", multiple=8)
    save_network(path, network().module, JOHNSON, {"contract": own.to_json()})
    assert contract_of(load_network(path), path) == own
