"""Resize and Upsample: Barracuda repeats or interpolates in one way each; Sentis knows all but cubic."""

from __future__ import annotations

from stylebridge.opcheck.account import Account
from stylebridge.opcheck.behaviour.resize_by_scales import by_scales
from stylebridge.opcheck.behaviour.resize_by_sizes import by_sizes
from stylebridge.opcheck.behaviour.resize_request import LINEAR_MODES, WHOLE, Request, note_options
from stylebridge.opcheck.behaviour.resize_sentis import resize_or_upsample as sentis
from stylebridge.opcheck.site import Site
from stylebridge.opcheck.trial import usual_shape

OPERATORS = ("Resize", "Upsample")


def barracuda(site: Site) -> None:
    """Resize and Upsample in every release."""
    account = Account()
    mode = str(site.node.attr("mode", "nearest"))
    if mode not in (*LINEAR_MODES, "nearest"):
        account.change(f"mode {mode} is computed as nearest", "mode", warned=True)
    shape = site.shape(0) or (None, None, None, None)
    request = Request(mode in LINEAR_MODES, len(shape), usual_shape(shape), None not in shape)
    if site.node.op == "Resize":
        note_options(site, account, request)
    elif request.linear:
        account.change("linear upsampling takes half-pixel centres, where ONNX says asymmetric", "mode")
    if site.node.op == "Resize" and len(site.node.inputs) > 3:
        by_sizes(site, account, request)
    else:
        by_scales(site, account, request)
    if site.findings:
        return
    account.settle(site, WHOLE)


__all__ = ["OPERATORS", "barracuda", "sentis"]
