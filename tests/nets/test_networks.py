"""Every family: its size, its shapes, and that it exports at opset 9 and computes the same outside torch."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.nets.arbitrary import LIGHT, REFERENCE, ArbitraryStyleNet
from stylebridge.nets.reconet import ReCoNet
from stylebridge.nets.registry import NetSpec, build, families, family_contract, full_options, parameter_count
from stylebridge.nets.transformer import TransformerNet
from torch import Tensor, nn

SMALL = {
    "transformer": NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 2}),
    "tutorial": NetSpec("transformer", {"widths": [4, 6, 8], "blocks": 2, "variant": "tutorial"}),
    "fewshot": NetSpec("fewshot", {"filters": [4, 6, 8, 8, 6, 4], "blocks": 2}),
    "fewshot-guided": NetSpec("fewshot", {"filters": [4, 6, 8, 8, 6, 4], "blocks": 1, "input_channels": 6}),
    "fewshot-plain": NetSpec("fewshot", {"filters": [4, 6, 8, 8, 6, 4], "blocks": 1, "smoothers": False}),
    "reconet": NetSpec("reconet", {"widths": [4, 6, 8], "blocks": 2}),
    "reconet-frn": NetSpec("reconet", {"widths": [4, 6, 8], "blocks": 2, "norm": "frn"}),
}


def lively(module: nn.Module) -> nn.Module:
    """The network with its norms away from 1 and 0, so that a scale or bias left out would show."""
    with torch.no_grad():
        for name, tensor in (*module.named_parameters(), *module.named_buffers()):
            if tensor.is_floating_point() and tensor.ndim != 4 and "eps" not in name:
                tensor.copy_(torch.rand_like(tensor) * 0.5 + 0.5)
    return module.eval()


def exported(module: nn.Module, *inputs: Tensor) -> onnx.ModelProto:
    buffer = BytesIO()
    names = [f"input{i}" for i in range(len(inputs))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, inputs, buffer, opset_version=9, dynamo=False, input_names=names)
    return onnx.load_from_string(buffer.getvalue())


def run_onnx(model: onnx.ModelProto, *inputs: Tensor) -> np.ndarray[Any, Any]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    feed = {f"input{i}": x.numpy() for i, x in enumerate(inputs)}
    return np.asarray(session.run(None, feed)[0])


def assert_exports(module: nn.Module, *inputs: Tensor) -> onnx.ModelProto:
    model = exported(module, *inputs)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 9)]
    with torch.no_grad():
        wanted = module(*inputs).numpy()
    assert wanted.std() > 1e-3
    np.testing.assert_allclose(run_onnx(model, *inputs), wanted, atol=2e-5 * max(1.0, float(np.abs(wanted).max())))
    return model


@pytest.mark.parametrize(
    ("spec", "count"),
    [
        (NetSpec("transformer"), 1_679_235),
        (NetSpec("transformer", {"widths": [8, 16, 32]}), 108_771),
        (NetSpec("transformer", {"widths": [8, 16, 32], "variant": "tutorial"}), 108_771),
        (NetSpec("fewshot"), 3_267_523),
        (NetSpec("reconet"), 3_098_307),
    ],
)
def test_parameter_counts_are_the_published_ones(spec: NetSpec, count: int) -> None:
    assert parameter_count(build(spec)) == count


def test_the_small_few_shot_net_is_0_62_megabytes() -> None:
    net = build(NetSpec("fewshot", {"blocks": 3, "filters": [16, 32, 32, 32, 32, 16]}))
    assert round(4 * sum(x.numel() for x in net.state_dict().values()) / 1e6, 2) == 0.62


@pytest.mark.parametrize("name", SMALL)
def test_every_family_exports_at_opset_9_and_agrees_with_onnxruntime(name: str) -> None:
    torch.manual_seed(3)
    spec = SMALL[name]
    channels = full_options(spec).get("input_channels", 3)
    peak = 255.0 if spec.family == "transformer" else 1.0
    assert_exports(lively(build(spec)), torch.rand(1, channels, 24, 32) * peak)


@pytest.mark.parametrize("light", [False, True])
def test_the_arbitrary_net_exports_without_a_runtime_norm_scale(light: bool) -> None:
    torch.manual_seed(4)
    net = ArbitraryStyleNet(light).eval()
    lively(net.trunk)
    content, style = torch.rand(1, 3, 24, 32), torch.rand(1, 3, 40, 40)
    params = net.predict(style).detach() + torch.rand(1, net.layout.style_size) * 0.5
    model = assert_exports(net, content, params)
    constants = {x.name for x in model.graph.initializer}
    constants |= {output for node in model.graph.node if node.op_type == "Constant" for output in node.output}
    norms = [node for node in model.graph.node if node.op_type == "InstanceNormalization"]
    assert len(norms) == len(net.layout.styled) + len(net.layout.encoder)
    assert all(name in constants for node in norms for name in node.input[1:])
    frozen = net.freeze(params)
    with torch.no_grad():
        torch.testing.assert_close(frozen(content), net(content, params), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(net.forward_style(content, style), net(content, net.predict(style)))
    ops = {node.op_type for node in assert_exports(frozen, content).graph.node}
    assert "Slice" not in ops


@pytest.mark.parametrize(("layout", "floats"), [(REFERENCE, 1062), (LIGHT, 678)])
def test_a_style_has_as_many_floats_as_in_unitys_sample(layout: Any, floats: int) -> None:
    assert layout.style_size == floats
    assert build(NetSpec("arbitrary", {"light": layout is LIGHT})).predict(torch.rand(2, 3, 33, 20)).shape == (
        2,
        floats,
    )


def test_styles_in_one_batch_do_not_mix() -> None:
    torch.manual_seed(5)
    net = ArbitraryStyleNet(light=True).eval()
    content, styles = torch.rand(2, 3, 16, 16), torch.rand(2, 678)
    with torch.no_grad():
        both = net(content, styles)
        torch.testing.assert_close(both[1:], net(content[1:], styles[1:]))
        assert float((both[1:] - net(content[1:], styles[:1])).abs().max()) > 1e-3


def test_freezing_the_wrong_number_of_parameters_is_refused() -> None:
    with pytest.raises(InputError, match=r"677 style parameters.*678"):
        ArbitraryStyleNet(light=True).freeze(torch.zeros(1, 677))


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize(("height", "width"), [(16, 16), (20, 36)])
def test_output_has_the_size_of_the_input(name: str, height: int, width: int) -> None:
    channels = full_options(SMALL[name]).get("input_channels", 3)
    out = build(SMALL[name]).eval()(torch.rand(2, channels, height, width))
    assert out.shape == (2, 3, height, width)
    if SMALL[name].family != "transformer":
        assert float(out.detach().abs().max()) <= 1.0


def test_the_two_transformer_variants_differ_with_the_same_weights() -> None:
    torch.manual_seed(6)
    plain, tutorial = TransformerNet((4, 6, 8), 1), TransformerNet((4, 6, 8), 1, "tutorial")
    tutorial.load_state_dict(plain.state_dict())
    x = torch.rand(1, 3, 16, 16) * 255
    with torch.no_grad():
        assert float((plain(x) - tutorial(x)).abs().max()) > 0.01


def test_reconet_features_are_what_the_decoder_reads() -> None:
    net = ReCoNet((4, 6, 8), 2).eval()
    x = torch.rand(1, 3, 16, 24)
    styled, features = net.forward_with_features(x)
    assert features.shape == (1, 8, 4, 6)
    assert torch.equal(net.decode(features), styled)
    assert torch.equal(net(x), styled)


def test_a_spec_survives_json() -> None:
    for spec in SMALL.values():
        assert NetSpec.from_json(spec.to_json()) == spec
    spec = NetSpec("transformer", {"widths": (8, 16, 32)})
    assert full_options(NetSpec.from_json(spec.to_json())) == full_options(spec)


def test_every_family_builds_with_its_defaults_and_names_its_contract() -> None:
    with torch.device("meta"):
        assert all(parameter_count(build(NetSpec(family))) > 100_000 for family in families())
    ranges = {"transformer": "byte", "fewshot": "signed", "reconet": "signed", "arbitrary": "unit"}
    for family, name in ranges.items():
        rounding = "floor" if family == "transformer" else "nearest"
        assert family_contract(NetSpec(family)) == PixelContract.of(name, multiple=4, rounding=rounding)
    assert family_contract(SMALL["fewshot-guided"]) is None


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (NetSpec("gan"), "transformer, fewshot, reconet, arbitrary"),
        (NetSpec("transformer", {"width": 8}), "unknown field `width`.*widths, blocks, variant"),
        (NetSpec("transformer", {"widths": [8, 16]}), "length 3"),
        (NetSpec("transformer", {"blocks": 10**6}), "<= 64"),
        (NetSpec("transformer", {"variant": "best"}), "variant"),
        (NetSpec("reconet", {"norm": "batch"}), "norm"),
        (NetSpec("fewshot", {"filters": [4, 4, 4, 8, 4, 4]}), "to be equal"),
    ],
)
def test_bad_specs_are_refused(spec: NetSpec, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(spec)


def test_a_spec_that_is_not_json_is_refused() -> None:
    with pytest.raises(InputError, match="network spec"):
        NetSpec.from_json("transformer")
