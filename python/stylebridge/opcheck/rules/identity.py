"""Identity and Dropout: both engines pass the numbers on, in training too."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.baking import bake
from stylebridge.opcheck.site import Site

OPERATORS = ("Identity", "Dropout")


def barracuda(site: Site) -> None:
    """The same in every release."""
    if not bake(site):
        _pass_on(site)


def sentis(site: Site) -> None:
    """The same in every release."""
    _pass_on(site)


def _pass_on(site: Site) -> None:
    outputs = site.node.outputs
    site.nodes = []
    site.op("Identity", [site.node.input(0)], outputs[:1])
    training, share = (site.value(index) if site.present(index) else None for index in (2, 1))
    drops = share is None or bool(share.any())
    if site.present(2) and drops and (training is None or training.any()):
        site.alters(
            "it drops numbers in training, which the engine never does",
            "export in evaluation mode: model.eval()",
            attribute="training_mode",
        )
    mask = outputs[1] if len(outputs) > 1 else ""
    if mask and _is_wanted(site, mask):
        _no_mask(site, mask)


def _is_wanted(site: Site, name: str) -> bool:
    return bool(site.graph.users.get(name)) or any(name == output.name for output in site.graph.outputs)


def _no_mask(site: Site, mask: str) -> None:
    remedy = "export in evaluation mode: model.eval()"
    if site.graph.users.get(mask):
        site.rejects(f"its mask {mask} is used, and never made", remedy)
        return
    if site.target.line == "barracuda":
        site.throws(f"its mask {mask} is an output, and never made", remedy)
        return
    site.loses(mask)
    site.alters(f"its mask {mask} is an output, and never made", remedy, warned=site.since("2.4.0"))
