"""Order: nodes that come before what they need, and nodes that need what nobody makes."""

from __future__ import annotations

from stylebridge.opcheck.model_site import ModelSite

_REMEDY = "export it again, or run onnx.checker on it"


def barracuda(site: ModelSite) -> None:
    """Sorted from 1.3.3 on; earlier releases run the file's order."""
    if _missing(site) or site.since("1.3.3"):
        return
    known = _given(site)
    for proto in site.graph.proto.node:
        if not known.issuperset(proto.input):
            site.throws(proto.name or next(iter(proto.output), ""), "it comes before a node that it needs", _REMEDY)
            return
        known.update(proto.output)


def sentis(site: ModelSite) -> None:
    """Always sorted."""
    _missing(site)


def _given(site: ModelSite) -> set[str]:
    return {"", *site.graph.initializers, *(value.name for value in site.graph.inputs)}


def _missing(site: ModelSite) -> bool:
    """Whether a node can never run, in whatever order; the sorted graph has such nodes last."""
    known = _given(site)
    for node in site.graph.nodes:
        absent = [name for name in node.inputs if name not in known]
        if absent:
            site.rejects(node.label, f"nobody makes {absent[0]!r} before it", _REMEDY)
            site.gives_up = True
            return True
        known.update(node.outputs)
    return False
