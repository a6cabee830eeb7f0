"""Arbitrary style: many styles in one network, each kept apart, and what is left of a run can be exported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stylebridge.contract import PixelContract
from stylebridge.engines import open_engine
from stylebridge.errors import InputError
from stylebridge.imaging import read_image, write_image

torch = pytest.importorskip("torch")

from stylebridge.export import contract_of, export, predictor_of  # noqa: E402
from stylebridge.nets.checkpoint import load_network  # noqa: E402
from stylebridge.nets.registry import NetSpec, build  # noqa: E402
from stylebridge.targets import find_target  # noqa: E402
from stylebridge.train.data.crops import Crops  # noqa: E402
from stylebridge.train.data.stills import open_stills  # noqa: E402
from stylebridge.train.data.styles import WithStyles, names_of, style_paths, whole_style  # noqa: E402
from stylebridge.train.folder import RunFolder  # noqa: E402
from stylebridge.train.material import open_material  # noqa: E402
from stylebridge.train.methods.arbitrary import Arbitrary, ArbitraryMethod  # noqa: E402
from stylebridge.train.start import run as train  # noqa: E402

UNIT = PixelContract.of("unit", multiple=4)
Chosen = Callable[..., Arbitrary]


@pytest.fixture
def chosen(moving: Path, styles: Path, small_vgg: Path) -> Chosen:
    def make(**fields: Any) -> Arbitrary:
        given = {"data": str(moving), "style": (str(styles),), "perceptual": str(small_vgg), "workers": 0}
        small = {"steps": 4, "batch": 2, "size": 32, "style_size": 48, "save_every": 2, "held_out": 0.4}
        return Arbitrary(**given | small | fields)

    return make


def weights(path: Path) -> dict[str, Any]:
    return dict(load_network(path).module.state_dict())


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_run_leaves_the_network_and_one_for_each_style(chosen: Chosen, styles: Path, tmp_path: Path) -> None:
    out, target = tmp_path / "run", find_target("barracuda")
    figures: dict[str, float] = {}
    train("arbitrary", chosen(), RunFolder(out), lambda step, found: figures.update(found))
    assert {"style", "content", "tv", "chroma", "held_out_style", "held_out_flicker"} <= figures.keys()
    assert sorted(path.name for path in (out / "styles").iterdir()) == ["blue.pt", "grey.pt", "red.pt"]
    assert read_image(out / "pictures" / "0000004.jpg").shape == (96, 64, 3)  # frame, style, made
    whole, blue = load_network(out / "model.pt"), load_network(out / "styles" / "blue.pt")
    assert (blue.spec.family, blue.raw_meta["style"], blue.contract) == ("frozen", "blue.png", UNIT)
    for network, name in ((whole, "network"), (predictor_of(whole), "predictor"), (blue, "blue")):
        export(network, contract_of(network, out), out / f"{name}.onnx", target)
    picture = torch.rand(1, 3, 32, 40, generator=torch.Generator().manual_seed(2)).numpy()
    style = whole_style(styles / "blue.png", 32, UNIT).numpy()
    with (
        open_engine("onnxruntime", out / "predictor.onnx") as predictor,
        open_engine("onnxruntime", out / "network.onnx") as network,
        open_engine("onnxruntime", out / "blue.onnx") as frozen,
    ):
        params = predictor.run({"input": style})["output"]
        two = network.run({"input": picture, "style_params": params})["output"]
        one = frozen.run({"input": picture})["output"]
    assert two == pytest.approx(one, abs=1e-4)


def test_a_stopped_run_goes_on_to_the_same_weights(
    chosen: Chosen, stopped: Callable[..., None], tmp_path: Path
) -> None:
    settings = chosen(average=0.9, judge_every=0)
    train("arbitrary", settings, RunFolder(tmp_path / "whole"), lambda step, figures: None)
    stopped("arbitrary", settings, tmp_path / "broken", 3)
    train("arbitrary", settings, RunFolder(tmp_path / "broken"), lambda step, figures: None, resume=True)
    for name in ("model.pt", "styles/red.pt"):
        assert alike(weights(tmp_path / "whole" / name), weights(tmp_path / "broken" / name))
    train("arbitrary", chosen(seed=1, judge_every=0), RunFolder(tmp_path / "other"), lambda step, figures: None)
    assert not alike(weights(tmp_path / "whole" / "model.pt"), weights(tmp_path / "other" / "model.pt"))


def test_the_styles_are_learnt_apart(chosen: Chosen, styles: Path, tmp_path: Path) -> None:
    settings = chosen(steps=50, batch=4, learning_rate=1e-3, held_out=0, save_every=100, judge_every=0)
    losses: list[float] = []
    train("arbitrary", settings, RunFolder(tmp_path / "run"), lambda step, figures: losses.append(figures["loss"]))
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    learnt = load_network(tmp_path / "run" / "model.pt").module
    untrained = build(NetSpec("arbitrary", {"light": True}))
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    red, blue = (whole_style(styles / f"{name}.png", 32, UNIT) for name in ("red", "blue"))
    with torch.no_grad():
        apart, before = (
            (net.forward_style(picture, red) - net.forward_style(picture, blue)).abs().mean()  # type: ignore[operator]
            for net in (learnt, untrained)
        )
    assert apart > 5 * before


def test_each_sample_is_measured_by_its_own_style(chosen: Chosen) -> None:
    settings = chosen()
    method = ArbitraryMethod(settings, open_material(settings, torch.device("cpu")))
    batch = torch.utils.data.default_collate([method.frames[index] for index in range(6)])
    assert len(set(batch["style_number"].tolist())) > 1

    def styles_perfect(pictures: Any, style_pictures: Any) -> Any:
        return style_pictures

    terms = method._terms(styles_perfect, method.prepare(batch))
    turned = batch | {"style_number": (batch["style_number"] + 1) % 3}
    assert terms["style"] < 0.5 * method._terms(styles_perfect, method.prepare(turned))["style"]


def test_a_style_crop_depends_on_the_seed_and_its_number_alone(moving: Path, styles: Path) -> None:
    frames = Crops(open_stills(str(moving)), range(6), UNIT, size=32, count=8, seed=1)
    paths = style_paths([str(styles)])
    one, same, other = (WithStyles(frames, paths, UNIT, size=32, shown=48, seed=s) for s in (1, 1, 2))
    pictures = {index: one[index]["style_picture"] for index in (5, 0, 7)}
    assert all(torch.equal(same[index]["style_picture"], pictures[index]) for index in (0, 5, 7))
    assert not torch.equal(other[5]["style_picture"], pictures[5])
    assert torch.equal(one[5]["picture"], frames[5]["picture"])
    assert len({int(one[index]["style_number"]) for index in range(8)}) > 1


def test_styles_are_found_in_folders_and_named_apart(styles: Path, tmp_path: Path) -> None:
    write_image(tmp_path / "red.jpg", read_image(styles / "red.png"))
    paths = style_paths([str(tmp_path / "red.jpg"), str(styles)])
    assert [path.name for path in paths] == ["red.jpg", "blue.png", "grey.png", "red.png"]
    assert names_of(paths) == ["red", "blue", "grey", "red_2"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: no pictures; expected style pictures"):
        style_paths([str(tmp_path / "empty")])


@pytest.mark.parametrize("spoil", ["noise", "tiny", "missing"])
def test_a_bad_style_is_refused_before_anything_is_written(
    spoil: str, chosen: Chosen, styles: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    if spoil == "noise":
        bad.write_bytes(b"noise" * 99)
    elif spoil == "tiny":
        write_image(bad, read_image(styles / "red.png")[:16, :16])
    with pytest.raises(InputError, match=r"bad\.png"):
        settings = chosen(style=(str(styles / "red.png"), str(bad)))
        train("arbitrary", settings, RunFolder(tmp_path / "run"), lambda step, figures: None)
    assert not (tmp_path / "run").exists()
