"""BatchNormalization: both lines know only the inference formula; Barracuda wants its parameters stored."""

from __future__ import annotations

from stylebridge.opcheck.behaviour.channels import believed_channels
from stylebridge.opcheck.behaviour.kinds import needs_float
from stylebridge.opcheck.behaviour.stored import (
    FOLD,
    feed_stored,
    makes_only_the_first_output,
    stored_vector,
    vector_or,
)
from stylebridge.opcheck.site import Site

OPERATORS = ("BatchNormalization",)
_DEFAULTS = ((1, "scale", 1.0), (2, "B", 0.0), (3, "mean", 0.0))


def barracuda(site: Site) -> None:
    """The variance must be stored; what else is computed gives way to a default without a word."""
    variance = stored_vector(site, 4)
    if variance is None:
        site.rejects("its variance is computed, not stored", FOLD, attribute="var")
        return
    feed_stored(site, 4, variance)
    if not site.since("1.3.3"):
        _cut(site, variance.size)
    _inference_only(site)
    for index, name, default in _DEFAULTS:
        if vector_or(site, index, variance.size, default):
            site.alters_if_different(f"its {name} is computed, not stored: {default:g} is used", FOLD, attribute=name)


def _cut(site: Site, size: int) -> None:
    """The first importer warns where it believes in another number of channels, and keeps no more parameters."""
    believed = believed_channels(site, site.node.input(0))
    reason = f"{size} parameters for what the importer takes for {believed} channels"
    if 0 < believed < size:
        site.throws(reason, "put a 1x1 convolution before it", attribute="scale")
    elif believed > size:
        site.warns(reason, attribute="scale")


def sentis(site: Site) -> None:
    """Parameters may be computed."""
    if needs_float(site, 0, 1, 2, 3, 4):
        _inference_only(site)


def _inference_only(site: Site) -> None:
    """Statistics of the batch are never taken, and nothing but the normalised tensor is made."""
    training = bool(site.node.attr("training_mode", 0))
    site.set(training_mode=None)
    makes_only_the_first_output(site)
    if training:
        site.alters(
            "it normalises with the stored mean and variance, not with those of the batch",
            "export the model in evaluation mode",
            attribute="training_mode",
        )
