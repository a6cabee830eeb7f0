"""Layout: models that Barracuda takes for channels last, wholly or in part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import shape_inference

from stylebridge.opcheck.behaviour.layout import WRITTEN, Order, orders
from stylebridge.opcheck.graph import shape_of
from stylebridge.opcheck.model_site import ModelSite

_EXPECTED_FROM = ("tf2onnx", "keras2onnx")


def barracuda(site: ModelSite) -> None:
    """Says so unless the exporter is known for it; which nodes suffer is for the rules to say."""
    if not site.since("1.3.3"):
        return
    shapes = _shapes(site)
    found = orders(site.graph, shapes.get, native_wins=site.since("2.3.1"))
    last = {name for name, order in found.items() if order == Order.LAST}
    if not last:
        return
    producer = site.graph.model.producer_name
    if not any(known in producer for known in _EXPECTED_FROM):
        site.warns("model", "it is taken for channels last, because of its transposes")
    for value in site.graph.inputs:
        if value.name not in found:
            site.rejects(value.name, "in a model taken for channels last every input must lead to a convolution")
    site.draft.channels_last = frozenset(last)


def _shapes(site: ModelSite) -> dict[str, Sequence[int | None]]:
    if not any(node.op in ("Reshape", "Squeeze") for node in site.graph.nodes):
        return {}
    try:
        known = shape_inference.infer_shapes(site.graph.model, data_prop=True).graph
    except Exception:  # what ONNX can't infer the engine doesn't know either
        return {}
    values = (*known.value_info, *known.input, *known.output)
    found: dict[str, Sequence[int | None]] = {
        v.name: shape_of(v) for v in values if v.type.tensor_type.HasField("shape")
    }
    return found | _written(site)


def _written(site: ModelSite) -> dict[str, Sequence[int | None]]:
    """The stored shapes of reshapes."""
    found: dict[str, Sequence[int | None]] = {}
    for node in site.graph.nodes:
        if node.op != "Reshape":
            continue
        producer = site.graph.producers.get(node.input(1))
        numbers = site.draft.value(node.input(1)) if producer is None else producer.attr("value")
        if numbers is not None:
            found[WRITTEN + node.outputs[0]] = tuple(int(n) for n in np.asarray(numbers).ravel())
    return found
