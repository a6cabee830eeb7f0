"""Reading a model that is to be fixed, and writing the result with its card."""

from __future__ import annotations

from pathlib import Path

import msgspec
import onnx

from stylebridge import card
from stylebridge.card import ModelCard, TensorSpec
from stylebridge.errors import InputError
from stylebridge.files import check_output, write_bytes
from stylebridge.opcheck.fix.outcome import Outcome
from stylebridge.opcheck.graph import MAX_BYTES


def check_place(source: Path, out: Path, force: bool) -> None:
    """Refuse a place where the result can't be written, before any work is done."""
    if out.suffix != ".onnx":
        raise InputError(f"output {out.name!r}", expected="a name that ends in .onnx", where=out)
    if out.exists() and source.exists() and out.samefile(source):
        raise InputError("the result would replace the model itself", do="choose another name", where=out)
    check_output(out, force)
    if card.card_path(source).is_file():
        check_output(card.card_path(out), force)


def read_card(source: Path, model: onnx.ModelProto) -> ModelCard | None:
    """The model's card, from beside the file or from inside."""
    beside = card.read_card(source)
    inside = next((p.value for p in model.metadata_props if p.key == card.METADATA_KEY), "")
    return beside or (ModelCard.from_json(inside, where=source) if inside else None)


def write(outcome: Outcome, source: Path, out: Path, former: ModelCard | None) -> None:
    """Write the model; where there was a card, one that fits the new file goes inside and beside it."""
    model = outcome.model
    if not outcome.changed:
        _copy(source, out)
        return
    if model.ByteSize() > MAX_BYTES:
        raise InputError(f"the result has {model.ByteSize()} bytes", expected=f"at most {MAX_BYTES}", where=out)
    if former is None:
        write_bytes(out, model.SerializeToString())
        return
    renewed = _renewed(former, outcome, out.stem)
    labelled = onnx.ModelProto()
    labelled.CopyFrom(model)
    kept = [(p.key, p.value) for p in labelled.metadata_props if p.key != card.METADATA_KEY]
    del labelled.metadata_props[:]
    for key, value in [*kept, (card.METADATA_KEY, renewed.to_json())]:
        labelled.metadata_props.add(key=key, value=value)
    card.write_model(out, labelled.SerializeToString(), renewed)


def _renewed(former: ModelCard, outcome: Outcome, name: str) -> ModelCard:
    """What is different about the new file."""
    stored = {tensor.name for tensor in outcome.model.graph.initializer}
    inputs = tuple(_spec(v) for v in outcome.model.graph.input if v.name not in stored)
    origin = f"{former.origin or former.name}; fixed for {outcome.before.target.name}"
    return msgspec.structs.replace(
        former,
        name=name,
        opset=outcome.opsets[1],
        target=outcome.before.target.name,
        inputs=inputs,
        outputs=tuple(_spec(v) for v in outcome.model.graph.output) if outcome.pinned else former.outputs,
        figures={} if any(fix.loose for fix in outcome.fixes) else former.figures,  # measured with other numbers
        origin=origin,
    )


def _copy(source: Path, out: Path) -> None:
    """The same bytes, and the same card where one lies beside."""
    content, beside = source.read_bytes(), card.read_card(source)
    if beside is None:
        write_bytes(out, content)
    else:
        card.write_model(out, content, beside)


def _spec(value: onnx.ValueInfoProto) -> TensorSpec:
    tensor = value.type.tensor_type
    shape = tuple(d.dim_param or int(d.dim_value) for d in tensor.shape.dim)
    return TensorSpec(value.name, shape, onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type).name)
