"""Finding the contract: the true one comes first, also in the traps that cost people weeks."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from stylebridge.assets import clip_frames
from stylebridge.compare.contract_search import Finding, search
from stylebridge.compare.pairs import Pair, find_pairs
from stylebridge.contract import PixelContract, Side
from stylebridge.engines import open_engine
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import encode_jpeg, read_image, write_image

torch = pytest.importorskip("torch")

from stylebridge.nets.checkpoint import save_network  # noqa: E402
from stylebridge.nets.fewshot import FewShotGenerator  # noqa: E402
from stylebridge.nets.registry import NetSpec, build  # noqa: E402

FEW_SHOT = NetSpec("fewshot", {"blocks": 1, "filters": [4, 6, 8, 8, 8, 6]})


def scene(seed: int = 4, size: tuple[int, int] = (48, 64)) -> Frame:
    """Not noise: shapes with unlike channels and unlike halves, so that every mistake shows."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]]
    planes = [128 + 100 * np.sin(rows / f + columns / g + p) for f, g, p in random.uniform(3, 9, (3, 3))]
    color = np.stack(planes, axis=2) * np.linspace(0.3, 1, size[0])[:, None, None]
    color += random.normal(0, 6, color.shape)
    return Frame(color=np.clip(color, 0, 255).astype(np.uint8))


def few_shot(folder: Path) -> Path:
    """A BatchNorm network: unlike one with instance norms, it notices a change of range."""
    torch.manual_seed(1)
    module = build(FEW_SHOT)
    assert isinstance(module, FewShotGenerator)
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(part.running_var, 0.5, 1.5)
    save_network(folder / "net.pt", module.eval(), FEW_SHOT)
    return folder / "net.pt"


def find(model: Path, truth: PixelContract, *, jpeg: bool = False, frames: int = 1) -> Finding:
    """What the search says about references made with the given contract."""
    with open_engine("torch", model, threads=1) as engine:
        pairs = []
        for index in range(frames):
            frame = scene(index)
            output = engine.run({"input": truth.to_tensor(frame)})["output"]
            pairs.append(Pair(str(index), frame, truth.to_frame(output, frame)))
        if jpeg:
            pairs = [Pair(p.name, p.frame, Frame(color=as_jpeg(p.reference.rgb))) for p in pairs]
        return search(engine, pairs)


def as_jpeg(picture: np.ndarray) -> np.ndarray:
    cv2 = pytest.importorskip("cv2")
    data = np.frombuffer(encode_jpeg(picture, quality=85), np.uint8)
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1])


def both(**fields: object) -> PixelContract:
    side = Side(**fields)  # type: ignore[arg-type]
    return PixelContract(input=side, output=side, multiple=4)


@pytest.mark.parametrize(
    "truth",
    [
        both(range="signed"),
        both(range="unit"),
        both(range="byte"),
        both(range="imagenet"),
        both(range="signed", channels="bgr"),
        both(range="imagenet", channels="bgr"),
        both(range="signed", rows="bottom"),
        both(range="signed", color="linear"),
        PixelContract(input=Side(range="imagenet"), output=Side(range="unit"), multiple=4),
        PixelContract(input=Side(range="signed", channels="bgr"), output=Side(range="signed"), multiple=4),
        PixelContract(input=Side(range="unit"), output=Side(range="signed"), multiple=4, rounding="floor"),
    ],
    ids=str,
)
def test_the_true_contract_is_found(truth: PixelContract, tmp_path: Path) -> None:
    finding = find(few_shot(tmp_path), truth)
    assert finding.best.contract == truth
    assert finding.best.difference.max_levels == 0
    assert finding.verdict == "fits"


def test_bgr_is_found_through_jpeg_references(tmp_path: Path) -> None:
    truth = both(range="signed", channels="bgr")
    finding = find(few_shot(tmp_path), truth, jpeg=True, frames=2)
    assert msgspec.structs.replace(finding.best.contract, rounding="nearest") == truth
    assert finding.verdict == "fits"
    assert 25 < finding.best.difference.psnr_db < 60


def test_other_weights_fit_no_contract(tmp_path: Path) -> None:
    frame = scene()
    wrong = Frame(color=np.random.default_rng(3).integers(0, 256, frame.color.shape, dtype=np.uint8))
    with open_engine("torch", few_shot(tmp_path), threads=1) as engine:
        assert search(engine, [Pair("0", frame, wrong)]).verdict == "none fits"


def test_an_instance_norm_network_reports_what_it_cannot_tell_apart(tmp_path: Path) -> None:
    spec = NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 1})
    torch.manual_seed(2)
    module = build(spec)
    module.deconv3.conv2d.weight.data *= 60  # so that the outputs fill 0-255
    module.deconv3.conv2d.bias.data += 128
    save_network(tmp_path / "net.pt", module.eval(), spec)
    finding = find(tmp_path / "net.pt", both(range="byte"))
    assert finding.best.contract == both(range="byte")
    assert {twin.contract.input.range for twin in finding.twins} >= {"signed"}
    assert finding.verdict == "fits"
    assert finding.runner_up is not None
    assert not finding.runner_up.twin


@pytest.mark.parametrize("size", [(45, 62), (48, 64)])
def test_the_size_multiple_is_found_too(size: tuple[int, int], tmp_path: Path) -> None:
    truth = PixelContract.of("signed", multiple=4)
    frame = scene(size=size)
    with open_engine("torch", few_shot(tmp_path), threads=1) as engine:
        output = engine.run({"input": truth.to_tensor(frame)})["output"]
        finding = search(engine, [Pair("0", frame, truth.to_frame(output, frame))])
    assert finding.best.contract == truth


def test_pairs_match_by_name_then_by_prefix(tmp_path: Path) -> None:
    for name in ("frames/001.png", "frames/002.png", "ref/001.png", "ref/002-candy.png"):
        write_image(tmp_path / name, scene(size=(8, 8)).color)
    pairs = find_pairs(str(tmp_path / "frames"), str(tmp_path / "ref"))
    assert [pair.name for pair in pairs] == ["001.png", "002.png"]


def test_one_frame_and_one_reference_need_no_common_name(tmp_path: Path) -> None:
    for name in ("a/in.png", "b/out.png"):
        write_image(tmp_path / name, scene(size=(8, 8)).color)
    assert len(find_pairs(str(tmp_path / "a"), str(tmp_path / "b/out.png"))) == 1


def test_references_of_other_names_or_sizes_are_refused(tmp_path: Path) -> None:
    for name in ("a/1.png", "a/2.png", "b/x.png", "b/y.png"):
        write_image(tmp_path / name, scene(size=(8, 8)).color)
    with pytest.raises(InputError, match="none of 2 frames has a reference"):
        find_pairs(str(tmp_path / "a"), str(tmp_path / "b"))
    write_image(tmp_path / "c/1.png", scene(size=(8, 9)).color)
    with pytest.raises(InputError, match="9x8; expected 8x8"):
        find_pairs(str(tmp_path / "a/1.png"), str(tmp_path / "c"))


def test_the_tutorial_model_is_rgb_0_to_255_truncated(data_dir: Path) -> None:
    folder = data_dir / "cjmills_e2e"
    pairs = find_pairs(str(folder / "011.png"), str(folder / "final.png"))
    with open_engine("onnxruntime", folder / "final_project.onnx", free_size=True) as engine:
        finding = search(engine, pairs)
    assert finding.best.contract == PixelContract.of("byte", multiple=4, rounding="floor")
    assert finding.verdict == "fits"
    assert finding.best.difference.psnr_db > 75
    assert finding.margin_db > 30


@pytest.mark.parametrize("name", ["candy_nc8", "mosaic_nc16"])
def test_float_noise_between_engines_decides_nothing(name: str, data_dir: Path, tmp_path: Path) -> None:
    """References by torch, the model as ONNX: one pixel's luck made another range "equal in every pixel"."""
    from stylebridge.export import contract_of, export
    from stylebridge.nets.checkpoint import load_network
    from stylebridge.targets import find_target

    checkpoint = data_dir / f"fns_small/{name}_b1_e2_1e05_1e10.model"
    loaded = load_network(checkpoint)
    truth = contract_of(loaded, checkpoint)
    export(loaded, truth, tmp_path / "net.onnx", find_target("barracuda"))
    frame = Frame(color=read_image(clip_frames()[0])[::4, ::4].copy())
    with open_engine("torch", checkpoint) as engine:
        output = engine.run({"input": truth.to_tensor(frame)})["output"]
    with open_engine("onnxruntime", tmp_path / "net.onnx") as engine:
        finding = search(engine, [Pair("0", frame, truth.to_frame(output, frame))])
    assert finding.best.contract == truth
    assert finding.verdict == "fits"
    assert finding.twins
