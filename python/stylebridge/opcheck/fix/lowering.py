"""Opsets: a model written in another one, parameters as that opset spells them, operators that mean the same there."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import defs, helper, version_converter

from stylebridge.opcheck.fix.job import Job
from stylebridge.opcheck.fix.preparations.storage import written_plainly
from stylebridge.opcheck.fix.spelling import PARAMETERS, Cannot, read_parameters, require
from stylebridge.opcheck.fix.workshop import Workshop
from stylebridge.opcheck.graph import DEFAULT_DOMAINS

_FLATTENING = ("Softmax", "LogSoftmax", "Hardmax")
OLDEST = 7  # below, the arithmetic operators spell their broadcasting


def candidates(opset: int, line: str) -> tuple[int, ...]:
    """The opsets that are worth a try when something is left at the model's own."""
    if line == "barracuda":
        newer = (11,) if opset < 11 else ()  # where slices may step, and much else can be said
        return newer + tuple(k for k in (12, 11, 10, 9) if k < opset)
    return (15,) if opset < 13 else ()


def lowered(shop: Workshop, opset: int) -> onnx.ModelProto:
    """The same model at another opset; Cannot where an operator has no equal there."""
    if opset > shop.opset and (opset > 12 or shop.opset < OLDEST):
        return _converted(shop, opset)
    made: list[onnx.NodeProto] = []
    other = shop.copy()
    written_plainly(other)
    for node in other.graph.nodes:
        job = Job(node, other)
        if node.proto.domain not in DEFAULT_DOMAINS:
            made.append(node.proto)
            continue
        job.opset = opset
        results = _lower(job, shop.opset)
        if results is None:
            made.append(node.proto)
        else:
            nodes = job.finished(results, "lowered")
            if len(nodes) == 1:
                nodes[0].name = node.label
            for one in nodes:
                other.origins[one.name] = other.origins.get(node.label, node.label)
            made.extend(nodes)
            for name, numbers in job.stored.items():
                other.model.graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(numbers, order="C"), name))
    other.set_nodes(made)
    for entry in other.model.opset_import:
        if entry.domain in DEFAULT_DOMAINS:
            entry.version = opset
    other.sweep()
    return other.model


def _converted(shop: Workshop, opset: int) -> onnx.ModelProto:
    try:
        return version_converter.convert_version(shop.model, opset)
    except Exception as error:
        raise Cannot(f"ONNX's converter does not bring it to opset {opset}") from error


def _lower(job: Job, opset: int) -> list[str] | None:
    """The results at the job's opset; None where the node stays as it is."""
    op = job.node.op
    if op in _FLATTENING:
        return _softmax(job, opset)
    if op in ("Resize", "Upsample") and min(opset, job.opset) < 11:
        return _resize(job, opset)
    if op == "Dropout":
        return [job.input(0)] if not job.used(1) else None
    if any(attribute.HasField("t") or attribute.HasField("g") for attribute in job.node.proto.attribute):
        require(op, job.opset)
        return None
    attributes, inputs = read_parameters(job.node, job.workshop.constant)
    if op == "Split" and job.opset < 13:
        attributes.pop("num_outputs", None)
    kept = _known_there(op, attributes, job.opset, opset)
    _axes_from_the_front(job, kept)
    require(op, job.opset)
    names = job.op(op, *inputs, outputs=max(1, len(job.node.outputs)), **kept)
    return [names] if isinstance(names, str) else list(names)


def _axes_from_the_front(job: Job, kept: dict[str, Any]) -> None:
    """Older opsets count axes from the front only."""
    if job.opset >= 11:
        return
    rank = job.rank(0) if any(_negative(kept.get(name)) for name in ("axis", "axes")) else 0
    if job.node.op == "Unsqueeze" and rank:
        rank += len(kept["axes"])
    if _negative(kept.get("axis")):
        kept["axis"] = int(kept["axis"]) % rank
    if _negative(kept.get("axes")):
        kept["axes"] = [int(a) % rank for a in kept["axes"]]


def _negative(value: object) -> bool:
    return any(v < 0 for v in value) if isinstance(value, list) else isinstance(value, int) and value < 0


def _known_there(op: str, attributes: dict[str, Any], there: int, here: int) -> dict[str, Any]:
    """Without attributes that the older opset lacks, where they say what it does anyway."""
    try:
        names, defaults = defs.get_schema(op, there).attributes, defs.get_schema(op, here).attributes
    except defs.SchemaError:
        return attributes
    inputs = {parameter.name for parameter in PARAMETERS.get(op, ())}
    kept = {}
    for name, value in attributes.items():
        if name in names or name in inputs:
            kept[name] = value
            continue
        default = defaults[name].default_value if name in defaults else None
        plain = helper.get_attribute_value(default) if default is not None and default.type else None
        plain = plain.decode() if isinstance(plain, bytes) else plain
        if plain is not None and plain != value:
            raise Cannot(f"opset {there} knows no {name} of {op}")
    return kept


def _softmax(job: Job, opset: int) -> list[str] | None:
    """From opset 13 on one axis, before it everything from the axis on: the last axis means the same in both."""
    if not (job.opset < 13 <= opset):
        return None
    axis, rank = job.axis(int(job.attr("axis", -1))), job.rank(0)
    if axis == rank - 1:
        return [str(job.op(job.node.op, job.input(0), axis=axis))]
    order = [a for a in range(rank) if a != axis] + [axis]
    soft = job.op(job.node.op, job.op("Transpose", job.input(0), perm=order), axis=rank - 1)
    return [str(job.op("Transpose", soft, perm=np.argsort(order).tolist()))]


def _resize(job: Job, opset: int) -> list[str] | None:
    """Resize by scales; that it means the same, asymmetric, must be proven by whoever asks."""
    if opset == job.opset:
        return None
    index = 2 if opset >= 11 else 1
    scales = job.maybe_constant(index) if job.input(index) else None
    if scales is None or not scales.size:
        sizes = job.maybe_constant(3) if job.input(3) else None
        if sizes is None:
            raise Cannot("its scales are worked out at run time")
        scales = np.array([new / old for new, old in zip(sizes, job.full_shape(0), strict=True)])
    if scales.size != job.rank(0):
        raise Cannot("it names its axes")
    name = job.const(scales, np.float32)
    mode = job.attr("mode", "nearest")
    if job.opset >= 11:
        return [_asymmetric(job, scales.tolist(), mode)]
    op = "Resize" if job.opset == 10 else "Upsample"
    return [str(job.op(op, job.input(0), name, mode=mode))]


def _asymmetric(job: Job, scales: list[float], mode: str) -> str:
    """What an Upsample means, as a Resize."""
    return str(
        job.op(
            "Resize",
            job.input(0),
            job.const([], np.float32),
            scales=scales,
            mode=mode,
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
    )
