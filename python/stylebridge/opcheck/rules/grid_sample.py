"""GridSample: Sentis knows it since 1.6, with linear and nearest only."""

from __future__ import annotations

import onnx

from stylebridge.opcheck.site import Site

OPERATORS = ("GridSample",)
_LINEAR = ("linear", "bilinear")
_RENAMED_IN = 20  # the opset since which bilinear is called linear


def sentis(site: Site) -> None:
    """Other modes are computed as linear, without a word."""
    if site.draft.dtype(site.node.input(0)) == onnx.TensorProto.INT32:
        site.throws("whole numbers can't be sampled", "cast to float before it")
        return
    rank = site.rank(0)
    if rank is not None and rank not in (4, 5):
        site.throws(f"a tensor of rank {rank} can't be sampled", "give it rank 4 or 5")
        return
    mode = str(site.node.attr("mode", "linear"))
    linear = mode != "nearest"
    name = "linear" if site.draft.opset >= _RENAMED_IN else "bilinear"
    site.set(mode=name if linear else "nearest")
    if linear and mode not in _LINEAR:
        site.alters_if_different(f"mode {mode} is computed as linear", "use linear or nearest", attribute="mode")
