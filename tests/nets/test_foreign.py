"""State dicts of other projects: recognised, renamed, and computing what their own code computes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
import torch
from stylebridge.errors import InputError
from stylebridge.nets.checkpoint import load_network
from stylebridge.nets.foreign import translate
from stylebridge.nets.registry import NetSpec, build
from torch import Tensor

TUTORIAL = "cjmills_e2e/final.pth"
GOLDEN = ("candy_nc8", "candy_nc16", "mosaic_nc8", "mosaic_nc16", "rain-princess_nc16", "udnie_nc8")

Picture = npt.NDArray[np.uint8]


def rgb(path: Path) -> Picture:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.ascontiguousarray(picture[:, :, ::-1])


def psnr(a: Picture, b: Picture) -> float:
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return float(10 * np.log10(255**2 / error))


def as_jpeg(picture: Picture) -> Picture:
    """The published outputs are JPEGs of quality 75, which costs more than anything else that differs."""
    _, data = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 75])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded[:, :, ::-1]


def test_the_tutorial_net_computes_what_its_onnx_file_does(data_dir: Path) -> None:
    network = load_network(data_dir / TUTORIAL)
    assert network.spec == NetSpec("transformer", {"widths": [8, 16, 32], "blocks": 5, "variant": "tutorial"})
    model = onnx.load(data_dir / "cjmills_e2e" / "final_project.onnx")
    for value in (*model.graph.input, *model.graph.output):
        for axis in (2, 3):  # the file fixes 960x540, which nothing in its graph needs
            value.type.tensor_type.shape.dim[axis].dim_param = f"side{axis}"
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    torch.manual_seed(7)
    x = torch.rand(1, 3, 96, 128) * 255
    with torch.no_grad():
        found = network.module(x).numpy()
    wanted = np.asarray(session.run(None, {session.get_inputs()[0].name: x.numpy()})[0])
    assert np.abs(wanted).max() > 100
    np.testing.assert_allclose(found, wanted, atol=1e-2, rtol=0)


@pytest.mark.parametrize("name", GOLDEN)
def test_small_nets_paint_what_their_authors_published(data_dir: Path, name: str) -> None:
    (path,) = (data_dir / "fns_small").glob(f"{name}_*.model")
    network = load_network(path)
    channels = 8 if name.endswith("nc8") else 16
    assert network.spec.options == {"widths": [channels, 2 * channels, 4 * channels], "blocks": 5, "variant": "plain"}
    picture = rgb(data_dir / "images" / "pytorch_examples" / "content-images" / "amber.jpg")
    x = torch.from_numpy(picture).permute(2, 0, 1)[None].float()  # [H,W,3] -> [1,3,H,W]
    with torch.no_grad():
        styled = network.module(x).clamp(0, 255)[0].permute(1, 2, 0).byte().numpy()
    golden = rgb(data_dir / "golden" / "gnsmrky" / f"amber-{name}.jpg")
    assert psnr(as_jpeg(styled), golden) >= 28  # 28.5 to 42.4 dB; brush strokes as fine as mosaic's suffer most
    assert psnr(picture, golden) < 20


def as_fast_neural_style(state: dict[str, Tensor]) -> dict[str, Tensor]:
    out = {key: tensor for key, tensor in state.items() if not key.startswith("blocks.")}
    for key, tensor in state.items():
        if key.startswith("blocks."):
            _, number, rest = key.split(".", 2)
            out[f"res{int(number) + 1}.{rest}"] = tensor
    return out


def test_unused_statistics_of_old_releases_are_dropped() -> None:
    spec = NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 2, "variant": "plain"})
    state = as_fast_neural_style(build(spec).state_dict())
    old = dict(state)
    for key in state:
        if key.endswith(("in1.weight", "in2.weight", "in5.weight")):
            stem = key.removesuffix("weight")
            old |= {stem + "running_mean": torch.zeros(4), stem + "running_var": torch.ones(4)}
            old[stem + "num_batches_tracked"] = torch.tensor(3)
    assert len(old) > len(state)
    found = translate(old)
    assert found is not None
    assert found[0] == spec
    assert set(found[1]) == set(build(spec).state_dict())


def test_data_parallel_prefixes_are_stripped() -> None:
    spec = NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 1, "variant": "plain"})
    state = as_fast_neural_style(build(spec).state_dict())
    found = translate({f"module.{key}": tensor for key, tensor in state.items()})
    assert found is not None
    assert found[0] == spec


def test_a_plain_net_saved_under_our_names_is_not_taken_for_the_tutorials() -> None:
    assert translate(build(NetSpec("transformer", {"widths": [4, 6, 8]})).state_dict()) is None


FEWSHOT_NAMES = {
    "enter.0": "conv0.conv",
    "enter.1": "conv0.normalization",
    "down1.0": "conv1.conv",
    "down1.1": "conv1.normalization",
    "down2.0": "conv2.conv",
    "down2.1": "conv2.normalization",
    "blocks.0.conv1": "resnets.0.conv_0",
    "blocks.0.norm": "resnets.0.normalization",
    "blocks.0.conv2": "resnets.0.conv_1",
    "up2.0": "upconv2.1",
    "up2.1": "upconv2.2",
    "up1.0": "upconv1.1",
    "up1.1": "upconv1.2",
    "merge": "conv_11.0",
    "smooth.0": "conv_11_a.0",
    "smooth.2": "conv_11_a.2",
    "smooth.3": "conv_11_a.3",
    "leave": "conv_12.0",
}
RECONET_NAMES = {
    "enter.conv.conv2d": "encoder.layers.0.layers.0.layers.1",
    "enter.norm": "encoder.layers.0.layers.1",
    "enter.activation": "encoder.layers.0.layers.2",
    "down1.conv.conv2d": "encoder.layers.1.layers.0.layers.1",
    "down1.norm": "encoder.layers.1.layers.1",
    "down1.activation": "encoder.layers.1.layers.2",
    "down2.conv.conv2d": "encoder.layers.2.layers.0.layers.1",
    "down2.norm": "encoder.layers.2.layers.1",
    "down2.activation": "encoder.layers.2.layers.2",
    "blocks.0.first.conv.conv2d": "encoder.layers.3.branch.0.layers.0.layers.1",
    "blocks.0.first.norm": "encoder.layers.3.branch.0.layers.1",
    "blocks.0.first.activation": "encoder.layers.3.branch.0.layers.2",
    "blocks.0.second.conv.conv2d": "encoder.layers.3.branch.1.layers.0.layers.1",
    "blocks.0.second.norm": "encoder.layers.3.branch.1.layers.1",
    "blocks.0.activation": "encoder.layers.3.activation",
    "up1.conv.conv2d": "decoder.layers.1.layers.0.layers.1",
    "up1.norm": "decoder.layers.1.layers.1",
    "up1.activation": "decoder.layers.1.layers.2",
    "up2.conv.conv2d": "decoder.layers.3.layers.0.layers.1",
    "up2.norm": "decoder.layers.3.layers.1",
    "up2.activation": "decoder.layers.3.layers.2",
    "leave.conv2d": "decoder.layers.4.layers.0.layers.1",
}


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        (
            NetSpec("fewshot", {"blocks": 1, "filters": [4, 6, 8, 8, 5, 7], "input_channels": 6, "smoothers": True}),
            FEWSHOT_NAMES,
        ),
        (NetSpec("reconet", {"widths": [4, 6, 8], "blocks": 1, "norm": "instance"}), RECONET_NAMES),
        (NetSpec("reconet", {"widths": [4, 6, 8], "blocks": 1, "norm": "frn"}), RECONET_NAMES),
    ],
)
def test_the_original_tensor_names_are_understood(spec: NetSpec, names: dict[str, str], tmp_path: Path) -> None:
    torch.manual_seed(8)
    ours = build(spec).eval()
    theirs = {}
    for key, tensor in ours.state_dict().items():
        stem, _, kind = key.rpartition(".")
        theirs[f"{names[stem]}.{kind}"] = tensor
    torch.save(theirs, tmp_path / "original.pth")
    network = load_network(tmp_path / "original.pth")
    assert network.spec == spec
    x = torch.rand(1, 6 if spec.family == "fewshot" else 3, 16, 16)
    with torch.no_grad():
        assert torch.equal(network.module(x), ours(x))


@pytest.mark.parametrize(
    ("key", "shape", "message"),
    [
        ("conv1.conv2d.weight", (4, 4, 9, 9), "takes 4 channels.*3 .RGB."),
        ("deconv3.conv2d.weight", (1, 4, 9, 9), "gives 1 channels.*3 .RGB."),
        ("conv2.conv2d.weight", (6, 4), "four dimensions"),
    ],
)
def test_nets_for_other_than_rgb_are_refused(key: str, shape: tuple[int, ...], message: str) -> None:
    state = as_fast_neural_style(build(NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 1})).state_dict())
    with pytest.raises(InputError, match=message):
        translate(state | {key: torch.zeros(shape)})
