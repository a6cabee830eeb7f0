"""ONNX files of ours: tidied, of the opset that was asked for, and labelled with contract and card."""

from __future__ import annotations

from pathlib import Path

import msgspec
import onnx
import onnxsim

from stylebridge import card, contract
from stylebridge.card import ModelCard, TensorSpec
from stylebridge.contract import PixelContract
from stylebridge.engines import open_engine
from stylebridge.engines.base import first_line
from stylebridge.engines.stylizer import check_channels
from stylebridge.errors import InputError, StylebridgeError
from stylebridge.files import check_output
from stylebridge.targets import Target


class ExportFailed(StylebridgeError):
    """The exporter or the check of its result failed; nothing was written."""


def check_outputs(out: Path, force: bool) -> None:
    """Refuse a model or a card that can't be written here, before any work is done."""
    if out.suffix != ".onnx":
        raise InputError(f"output {out.name!r}", expected="a name that ends in .onnx", where=out)
    for path in (out, card.card_path(out)):
        check_output(path, force)


def simplify(model: onnx.ModelProto) -> onnx.ModelProto:
    """Fold and tidy the graph; the IR version stays what the exporter wrote, which old importers know."""
    try:
        simple: onnx.ModelProto
        simple, proven = onnxsim.simplify(model)
    except Exception as error:
        raise ExportFailed(f"onnxsim failed: {first_line(error)}", do="report the checkpoint") from error
    if not proven:
        raise ExportFailed("onnxsim changed what the graph computes", do="report the checkpoint")
    simple.ir_version = model.ir_version
    return simple


def assert_opset(model: onnx.ModelProto, target: Target) -> None:
    """The exporter's word isn't enough: read what it wrote."""
    written = {entry.domain or "ai.onnx": entry.version for entry in model.opset_import}
    if written != {"ai.onnx": target.opset}:
        raise ExportFailed(f"the exporter wrote opsets {written}", expected=f"{target.opset} alone for {target.name}")


def label(model: onnx.ModelProto, model_card: ModelCard) -> None:
    """Put the contract and the card into the model's metadata, once each."""
    stale = ("onnxsim.", contract.METADATA_KEY, card.METADATA_KEY)
    kept = [(p.key, p.value) for p in model.metadata_props if not p.key.startswith(stale)]
    del model.metadata_props[:]
    entries = [
        *kept,
        (contract.METADATA_KEY, model_card.contract.to_json()),
        (card.METADATA_KEY, model_card.to_json()),
    ]
    for key, value in entries:
        model.metadata_props.add(key=key, value=value)


def relabel(model: Path, pixels: PixelContract, out: Path, *, force: bool = False) -> ModelCard:
    """Copy a model from anywhere with a contract inside, and write its card."""
    check_outputs(out, force)
    if out.exists() and out.samefile(model):
        raise InputError("the copy would replace the model itself", do="choose another name", where=out)
    with open_engine("onnxruntime", model) as engine:  # refuses what isn't a model
        check_channels(engine, pixels, model)
        names = {tensor.name for tensor in engine.inputs}
    proto = onnx.load(str(model))
    opset = max((entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx")), default=0)
    known = [p.value for p in proto.metadata_props if p.key == card.METADATA_KEY]
    former = (
        ModelCard.from_json(known[0], where=model) if known else ModelCard(name="", contract=pixels, family="unknown")
    )
    model_card = msgspec.structs.replace(
        former,
        name=out.stem,
        contract=pixels,
        inputs=tuple(tensor_spec(value) for value in proto.graph.input if value.name in names),
        outputs=tuple(tensor_spec(value) for value in proto.graph.output),
        opset=opset,
        figures={},  # they were measured under the former contract
        origin=f"{former.origin or model.name}; contract set by hand",
    )
    label(proto, model_card)
    card.write_model(out, proto.SerializeToString(), model_card)
    return model_card


def tensor_spec(value: onnx.ValueInfoProto) -> TensorSpec:
    """An input or output as the card writes it down."""
    tensor = value.type.tensor_type
    shape = tuple(d.dim_param or int(d.dim_value) for d in tensor.shape.dim)
    dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type).name
    return TensorSpec(value.name, shape, dtype)
