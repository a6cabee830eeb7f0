"""Checkpoint to ONNX for a target: written, simplified, checked against torch, and labelled with its contract."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
import onnx
import onnxruntime
import onnxsim
import torch
from torch import Tensor, nn

from stylebridge import __version__, card
from stylebridge.card import ModelCard
from stylebridge.contract import PixelContract
from stylebridge.engines import Engine, open_engine
from stylebridge.engines.base import first_line
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import read_image
from stylebridge.nets.arbitrary import ArbitraryStyleNet, StylePredictor
from stylebridge.nets.checkpoint import LoadedNetwork
from stylebridge.nets.pixels import Baked
from stylebridge.nets.registry import full_options, parameter_count
from stylebridge.onnxfile import ExportFailed, assert_opset, check_outputs, label, simplify, tensor_spec
from stylebridge.targets import Target

PARITY_LEVELS = 0.05  # how far torch and ONNX Runtime may part, on the 0–255 scale
BAKED_LEVELS = 1  # how far a picture may be from the one with the contract outside
DYNAMIC_TRACE = 64  # side of the picture that a dynamic export is traced with


@dataclass(frozen=True)
class Size:
    """Height and width of the input, or dynamic when both are None."""

    height: int | None = None
    width: int | None = None

    @classmethod
    def parse(cls, text: str) -> Size:
        """Read HxW or `dynamic`."""
        if text == "dynamic":
            return cls()
        height, _, width = text.lower().partition("x")
        if not (_is_side(height) and _is_side(width)):
            raise InputError(f"--size {text!r}", expected="HxW such as 540x960 (height first), or dynamic")
        return cls(int(height), int(width))


def _is_side(text: str) -> bool:
    return text.isdecimal() and len(text) <= 4 and 0 < int(text) <= 8192


def export(
    network: LoadedNetwork,
    pixels: PixelContract,
    out: Path,
    target: Target,
    *,
    size: Size = Size(),
    bake: bool = False,
    frames: Sequence[Frame] = (),
    force: bool = False,
) -> ModelCard:
    """Write `out` and its card beside it, or nothing at all."""
    check_outputs(out, force)
    _check_channels(network)
    _check_size(size, pixels)
    if bake:
        _check_bakeable(network, size, pixels, target)
    module: nn.Module = Baked(network.module, pixels, size.height).eval() if bake else network.module
    outer = _outside(pixels) if bake else pixels
    inputs = _trace_inputs(network.module, size, outer)
    model = simplify(_trace(module, inputs, size, target.opset))
    assert_opset(model, target)
    model_card = _describe(model, network, outer, target, out.stem, baked=bake)
    model_card = _verify(model, module, inputs, model_card, size, frames)
    if bake:
        model_card = _verify_baked(network.module, module, pixels, model_card, size, frames)
    label(model, model_card)
    card.write_model(out, model.SerializeToString(), model_card)
    return model_card


def freeze_style(network: LoadedNetwork, style: Path) -> LoadedNetwork:
    """An arbitrary-style network held at one style picture: a network with one input, as engines like it."""
    if not isinstance(network.module, ArbitraryStyleNet):
        raise InputError(f"--style with a {network.spec.family} network", expected="an arbitrary-style network")
    picture = torch.from_numpy(PixelContract.of("unit").to_tensor(Frame(color=read_image(style))))
    with torch.inference_mode():
        frozen = network.module.freeze(network.module.predict(picture))
    return replace(network, module=frozen, raw_meta=network.raw_meta | {"style": style.name})


def predictor_of(network: LoadedNetwork) -> LoadedNetwork:
    """The part of an arbitrary-style network that reads a style picture, once per style: a network of its own."""
    if not isinstance(network.module, ArbitraryStyleNet):
        raise InputError(f"--predictor of a {network.spec.family} network", expected="an arbitrary-style network")
    return replace(network, module=network.module.predictor)


def contract_of(network: LoadedNetwork, where: Path) -> PixelContract:
    """The contract that a checkpoint carries, or that its family follows."""
    _check_channels(network)
    if network.contract is None:
        raise InputError(
            "the checkpoint carries no pixel contract",
            expected="one, because this network takes more than a picture",
            do="choose one with --contract unit|byte|signed|imagenet|FILE",
            where=where,
        )
    return network.contract


def _trace(module: nn.Module, inputs: dict[str, Tensor], size: Size, opset: int) -> onnx.ModelProto:
    names, written = list(inputs), io.BytesIO()
    pictures = names[:1] if isinstance(module, StylePredictor) else [names[0], "output"]
    free = {} if size.height else {name: {2: "height", 3: "width"} for name in pictures}
    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module,
                tuple(inputs.values()),
                written,  # type: ignore[arg-type]  # the TorchScript exporter writes to any file
                dynamo=False,
                opset_version=opset,
                input_names=names,
                output_names=["output"],
                dynamic_axes=free,
                do_constant_folding=True,
            )
    except Exception as error:
        raise ExportFailed(f"the exporter failed at opset {opset}: {first_line(error)}") from error
    model: onnx.ModelProto = onnx.load_from_string(written.getvalue())
    return model


def _trace_inputs(module: nn.Module, size: Size, pixels: PixelContract) -> dict[str, Tensor]:
    """A picture of noise, and for networks that also take a style, that picture's own."""
    inputs = {"input": torch.from_numpy(pixels.to_tensor(_noise(size)))}
    if isinstance(module, ArbitraryStyleNet):
        with torch.inference_mode():
            inputs["style_params"] = module.predict(inputs["input"])
    return inputs


def _noise(size: Size) -> Frame:
    """A picture in which every level occurs, of the size that is exported."""
    shape = (size.height or DYNAMIC_TRACE, size.width or DYNAMIC_TRACE, 3)
    return Frame(color=np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))


def _describe(
    model: onnx.ModelProto, network: LoadedNetwork, pixels: PixelContract, target: Target, name: str, *, baked: bool
) -> ModelCard:
    return ModelCard(
        name=name,
        contract=pixels,
        family=network.spec.family,
        options=dict(network.spec.options)
        | ({"baked": True} if baked else {})
        | ({"part": "predictor"} if isinstance(network.module, StylePredictor) else {}),
        parameters=parameter_count(network.module),
        inputs=tuple(tensor_spec(value) for value in model.graph.input),
        outputs=tuple(tensor_spec(value) for value in model.graph.output),
        target=target.name,
        opset=target.opset,
        origin=network.raw_meta.get("origin", ""),
        licence=network.raw_meta.get("licence", ""),
        made_with={"stylebridge": __version__, "torch": str(torch.__version__), "onnx": onnx.__version__}
        | {"onnxsim": onnxsim.__version__, "onnxruntime": onnxruntime.__version__},
    )


def _verify(
    model: onnx.ModelProto,
    module: nn.Module,
    inputs: dict[str, Tensor],
    model_card: ModelCard,
    size: Size,
    frames: Sequence[Frame],
) -> ModelCard:
    """Run torch and ONNX Runtime on noise and on frames; the card gets the largest difference in levels."""
    onnx.checker.check_model(model)
    pixels = model_card.contract
    pictures = {"noise": [inputs["input"].numpy()]}
    if frames:
        pictures["frames"] = [pixels.to_tensor(_cropped(frame, size)) for frame in frames]
    figures: dict[str, float] = {}
    levels = 255.0 / pixels.output.numbers.peak * max(pixels.output.numbers.std)
    with _opened(model) as engine, torch.inference_mode():
        for kind, tensors in pictures.items():
            apart = 0.0
            for tensor in tensors:
                given = {name: value.numpy() for name, value in inputs.items()} | {"input": tensor}
                expected = module(*(torch.from_numpy(value) for value in given.values())).numpy()
                found = engine.run({info.name: given[info.name] for info in engine.inputs})["output"]
                if not np.isfinite(expected).all():
                    raise InputError(f"the network's output for {kind} holds NaN or infinite values")
                apart = max(apart, float(np.abs(found - expected).max()) * levels)
            figures[f"max_levels_from_torch_on_{kind}"] = round(apart, 6)
            if not apart <= PARITY_LEVELS:
                raise ExportFailed(
                    f"ONNX Runtime differs from torch by {apart:.4g} levels on {kind}",
                    expected=f"at most {PARITY_LEVELS}",
                    do="export for another target, or report the checkpoint",
                )
    return msgspec.structs.replace(model_card, figures=figures)


@contextmanager
def _opened(model: onnx.ModelProto) -> Iterator[Engine]:
    with TemporaryDirectory(prefix="stylebridge-") as folder:
        path = Path(folder, "model.onnx")
        onnx.save(model, str(path))
        with open_engine("onnxruntime", path, threads=1) as engine:
            yield engine


def _verify_baked(
    network: nn.Module,
    baked: nn.Module,
    pixels: PixelContract,
    model_card: ModelCard,
    size: Size,
    frames: Sequence[Frame],
) -> ModelCard:
    """The pictures with the contract inside are those with the contract outside, but for a level's edge."""
    apart = 0
    for frame in [_noise(size), *(_cropped(frame, size) for frame in frames)]:
        shown = []
        for module, rule in ((network, pixels), (baked, model_card.contract)):
            with torch.inference_mode():
                output = module(torch.from_numpy(rule.to_tensor(frame))).numpy()
            shown.append(rule.to_frame(output, frame).rgb.astype(np.int16))
        apart = max(apart, int(np.abs(shown[0] - shown[1]).max()))
    if apart > BAKED_LEVELS:
        raise ExportFailed(f"the baked graph shows pictures {apart} levels off", expected=f"at most {BAKED_LEVELS}")
    return msgspec.structs.replace(model_card, figures=model_card.figures | {"max_levels_baked_from_outside": apart})


def _cropped(frame: Frame, size: Size) -> Frame:
    """The frame at a fixed export size: its top left part, repeated where it is too small."""
    if size.height is None or size.width is None:
        return frame
    rows = np.arange(size.height) % frame.height
    columns = np.arange(size.width) % frame.width
    return Frame(color=frame.color[rows][:, columns])


def _check_channels(network: LoadedNetwork) -> None:
    channels = full_options(network.spec).get("input_channels", 3)
    if channels != 3:
        raise InputError(f"the network takes {channels} channels", expected="3: guide channels can't be exported yet")


def _check_size(size: Size, pixels: PixelContract) -> None:
    if size.height is None or size.width is None:
        return
    fitted = pixels.fitted_size(size.height, size.width)
    if fitted != (size.height, size.width):
        raise InputError(
            f"--size {size.height}x{size.width}",
            expected=f"sides that are multiples of {pixels.multiple}",
            do=f"use --size {fitted[0]}x{fitted[1]}, or dynamic",
        )


def _outside(pixels: PixelContract) -> PixelContract:
    """What is left to do outside a graph that the contract was baked into."""
    return PixelContract.of("unit", multiple=pixels.multiple, fit=pixels.fit, rounding=pixels.rounding)


def _check_bakeable(network: LoadedNetwork, size: Size, pixels: PixelContract, target: Target) -> None:
    if isinstance(network.module, (ArbitraryStyleNet, StylePredictor)):
        raise InputError("--bake of a network with a style input", do="freeze a style with --style PICTURE")
    if pixels.fit == "resize" and "linear" in (pixels.input.color, pixels.output.color):
        raise InputError(
            "--bake of a contract that resizes linear light",
            expected="padding, because outside the graph the picture would be resized as sRGB",
            do="leave out --bake, or train with fit: pad",
        )
    turns = "bottom" in (pixels.input.rows, pixels.output.rows)
    if turns and size.height is None and target.opset < 10:
        raise InputError(
            f"--bake of a contract with its bottom row first, at any size, for opset {target.opset}",
            expected="a fixed size, because this opset can't turn rows of unknown number",
            do="add --size HxW, or leave out --bake and let the engine's side turn the rows",
        )
