"""DFT, STFT and windows, which Sentis knows since 2.4: some attributes are not read."""

from __future__ import annotations

from stylebridge.opcheck.site import Site

OPERATORS = ("DFT", "STFT", "HannWindow", "HammingWindow", "BlackmanWindow", "MelWeightMatrix")
_AXIS_AS_INPUT = 20  # the opset since which DFT takes its axis as an input


def sentis(site: Site) -> None:
    """Windows warn at every written number type; DFT reads its axis only from the input of opset 20."""
    if site.node.has("output_datatype"):
        site.warns("output_datatype is not read: the numbers are float32", attribute="output_datatype")
    rank = site.rank(0)
    if site.node.op == "DFT" and site.graph.opset < _AXIS_AS_INPUT and rank is not None and rank > 2:
        site.set(axis=rank - 2)
        reason = f"axis {site.node.attr('axis', 1)} is not read: the last but one is transformed"
        site.alters_if_different(reason, "transpose before and after", attribute="axis")
